"""The doors of following a shop."""

from typing import Protocol

from commerce.accounts.structs import LinkRequest
from commerce.community.assembly import Community
from commerce.community.refusals import AddressNeeded, BadPushAddress, TooManyFollows
from commerce.community.structs import (
    Confirmed,
    FollowChange,
    Following,
    FollowList,
    MailRequest,
    PushGone,
    PushKey,
    PushRequest,
    Reminder,
    ReminderList,
)
from commerce.errors import BadToken, Busy, InvalidField, NoSuchShop, NoSuchShow, TooManyAttempts, WrongState
from commerce.language import preferred_language
from commerce.routing import Call, Route
from commerce.sale.routes import caller
from commerce.shows.screens import Screens


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def community(self) -> Community:
        """The community."""

    @property
    def screens(self) -> Screens:
        """What screens show of a show."""


async def standing(services: Services, call: Call) -> Following:
    """Show how the caller stands to a shop."""
    person = call.identity.person if call.identity else None
    return await services.community.follows.standing(call.path["shop"], person)


async def follow(services: Services, call: Call) -> Following:
    """Follow a shop."""
    language = preferred_language(call.headers.get("accept-language", ""))
    return await services.community.follows.follow(call.path["shop"], caller(call).person, language)


async def unfollow(services: Services, call: Call) -> Following:
    """Follow a shop no more."""
    return await services.community.follows.unfollow(call.path["shop"], caller(call).person)


async def follow_by_mail(services: Services, call: Call) -> None:
    """Mail a link that follows when it is opened."""
    body: MailRequest = call.body
    language = preferred_language(call.headers.get("accept-language", ""))
    await services.community.follows.ask_by_mail(
        call.path["shop"], caller(call).person, body.email, call.client_address, language
    )


async def confirm_follow(services: Services, call: Call) -> Confirmed:
    """Follow by a mailed link."""
    body: LinkRequest = call.body
    return await services.community.follows.confirm(body.token)


async def mine(services: Services, call: Call) -> FollowList:
    """List what the caller follows."""
    return await services.community.follows.mine(caller(call).person)


async def change(services: Services, call: Call) -> FollowList:
    """Say whether mails are wanted."""
    body: FollowChange = call.body
    return await services.community.follows.change(
        call.path["shop"], caller(call).person, by_mail=body.by_mail
    )


async def reminder(services: Services, call: Call) -> Reminder:
    """Show whether the caller is told of a show."""
    person = call.identity.person if call.identity else None
    return await services.community.notices.standing(call.path["show"], person)


async def remind(services: Services, call: Call) -> Reminder:
    """Tell the caller of a show."""
    language = preferred_language(call.headers.get("accept-language", ""))
    return await services.community.notices.remind(call.path["show"], caller(call).person, language)


async def do_not_remind(services: Services, call: Call) -> Reminder:
    """Tell the caller of a show no more."""
    return await services.community.notices.forget(call.path["show"], caller(call).person)


async def remind_by_mail(services: Services, call: Call) -> None:
    """Mail a link that reminds when it is opened."""
    body: MailRequest = call.body
    language = preferred_language(call.headers.get("accept-language", ""))
    show = await services.screens.show(call.path["show"])
    await services.community.follows.ask_by_mail(
        show.shop.id, caller(call).person, body.email, call.client_address, language, show.id
    )


async def reminders(services: Services, call: Call) -> ReminderList:
    """List of which shows the caller is told."""
    return await services.community.notices.mine(caller(call).person)


async def unsubscribe(services: Services, call: Call) -> Confirmed:
    """End the mails about a shop, as mail programs do (RFC 8058) and the page of the mail's link."""
    return await services.community.notices.unsubscribe(call.path["token"])


async def push_key(services: Services, _call: Call) -> PushKey:
    """Show what a browser subscribes with."""
    return PushKey(services.community.pushes.key)


async def subscribe(services: Services, call: Call) -> None:
    """Push to this browser."""
    await services.community.pushes.subscribe(caller(call).person, call.body)


async def end_push(services: Services, call: Call) -> None:
    """Push to this browser no more."""
    body: PushGone = call.body
    await services.community.pushes.unsubscribe(caller(call).person, body.endpoint)


_FOLLOW = "/shops/{shop}/follow"
_REMINDER = "/shows/{show}/reminder"

ROUTES: tuple[Route, ...] = (
    Route("GET", _FOLLOW, standing, None, Following, (NoSuchShop,),
          summary="Whether the caller follows a shop, and how many do"),
    Route("PUT", _FOLLOW, follow, None, Following, (NoSuchShop, AddressNeeded, TooManyFollows), "person",
          summary="Follow a shop; a guest leaves an address first"),
    Route("DELETE", _FOLLOW, unfollow, None, Following, (NoSuchShop,), "person",
          summary="Follow a shop no more"),
    Route("POST", _FOLLOW + "/by-mail", follow_by_mail, MailRequest, None,
          (NoSuchShop, InvalidField, TooManyAttempts, Busy), "person", 204,
          "Mail a guest the link that follows", max_body_bytes=1024),
    Route("POST", "/follows/confirm", confirm_follow, LinkRequest, Confirmed, (BadToken, TooManyFollows),
          summary="Follow by a mailed link", max_body_bytes=1024),
    Route("GET", "/me/follows", mine, None, FollowList, (), "person", summary="What the caller follows"),
    Route("PATCH", "/me/follows/{shop}", change, FollowChange, FollowList, (NoSuchShop,), "person",
          summary="Say whether mails of a shop are wanted", max_body_bytes=1024),
    Route("GET", _REMINDER, reminder, None, Reminder, (NoSuchShow,),
          summary="Whether the caller is told of a show"),
    Route("PUT", _REMINDER, remind, None, Reminder, (NoSuchShow, WrongState, AddressNeeded), "person",
          summary="Be told before a show begins and when it is live"),
    Route("DELETE", _REMINDER, do_not_remind, None, Reminder, (NoSuchShow,), "person",
          summary="Be told of a show no more"),
    Route("POST", _REMINDER + "/by-mail", remind_by_mail, MailRequest, None,
          (NoSuchShow, NoSuchShop, InvalidField, TooManyAttempts, Busy), "person", 204,
          "Mail a guest the link that reminds", max_body_bytes=1024),
    Route("GET", "/me/reminders", reminders, None, ReminderList, (), "person",
          summary="Of which shows to come the caller is told"),
    Route("POST", "/unsubscribe/{token}", unsubscribe, None, Confirmed, (BadToken,),
          summary="End the mails about a shop: one click, also by a mail program (RFC 8058)"),
    Route("GET", "/push-key", push_key, None, PushKey, (), summary="The server's VAPID key"),
    Route("PUT", "/me/push", subscribe, PushRequest, None, (BadPushAddress,), "person", 204,
          "Push to this browser", max_body_bytes=4096),
    Route("DELETE", "/me/push", end_push, PushGone, None, (), "person", 204, "Push to this browser no more",
          max_body_bytes=4096),
)  # fmt: skip
