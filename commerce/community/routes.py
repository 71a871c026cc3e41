"""The doors of following a shop."""

from typing import Protocol

from commerce.accounts.structs import LinkRequest
from commerce.community.assembly import Community
from commerce.community.refusals import AddressNeeded, TooManyFollows
from commerce.community.structs import Confirmed, FollowChange, Following, FollowList, MailRequest
from commerce.errors import BadToken, Busy, InvalidField, NoSuchShop, TooManyAttempts
from commerce.language import preferred_language
from commerce.routing import Call, Route
from commerce.sale.routes import caller


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def community(self) -> Community:
        """The community."""


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


_FOLLOW = "/shops/{shop}/follow"

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
)  # fmt: skip
