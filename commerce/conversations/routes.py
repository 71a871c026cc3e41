"""The HTTP doors of conversations about orders.

A page that shows a conversation asks for it again and again with `If-None-Match`: nothing new is a 304 that
costs two short reads. A buyer's doors take no sign-in: who has the link of the order's mail may write.
"""

from typing import Protocol

from commerce import errors
from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.conversations.assembly import ConversationParts
from commerce.conversations.conversations import UPLOADING
from commerce.conversations.ranges import wanted_range
from commerce.conversations.readers import Reader, buyer_of, staff_of
from commerce.conversations.refusals import (
    AttachmentType,
    BadVoice,
    ConversationClosed,
    NoSuchAttachment,
    TooManyMessages,
    TooManyWaiting,
    VoiceTooLarge,
    VoiceTooLong,
)
from commerce.conversations.structs import (
    Attachment,
    Conversation,
    Message,
    MessageRequest,
    ReadRequest,
    StateRequest,
    Unread,
)
from commerce.database_sql import Database
from commerce.language import preferred_language
from commerce.routing import Call, Reply, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.routes import caller


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def database(self) -> Database:
        """The database."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""

    @property
    def conversations(self) -> ConversationParts:
        """Conversations."""


async def _buyer(services: Services, call: Call, token: str | None) -> Reader:
    async with services.database.read() as sql:
        return await buyer_of(sql, call.identity, token, call.path["order"])


async def _staff(services: Services, call: Call) -> Reader:
    shop = await services.door.shop_id(call.path["shop"])
    language = preferred_language(call.headers.get("accept-language", ""))
    async with services.database.read() as sql:
        return await staff_of(sql, caller(call).person, shop, call.path["order"], language)


async def read(services: Services, call: Call) -> Reply:
    """Show the buyer a page of a conversation."""
    reader = await _buyer(services, call, call.query.get("token"))
    return await _page(services, call, reader, call.query.get("before"))


async def read_as_staff(services: Services, call: Call) -> Reply:
    """Show the shop's staff a page of a conversation."""
    reader = await _staff(services, call)
    return await _page(services, call, reader, call.query.get("before"))


async def _page(services: Services, call: Call, reader: Reader, before: str | None) -> Reply:
    """Answer a page, or 304 to who has it."""
    number = _number(before)
    async with services.database.read() as sql:
        etag = f'"{await services.conversations.desk.mark(sql, reader.order)}"'
        headers = (("etag", etag), ("cache-control", "private, no-cache"))
        if etag in call.headers.get("if-none-match", ""):
            return Reply(None, 304, headers)
        return Reply(await services.conversations.desk.read(sql, reader, number), headers=headers)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise errors.InvalidField("The cursor is not one of ours.", field="before")
    return int(text)


async def say(services: Services, call: Call) -> Message:
    """Write a buyer's message."""
    reader = await _buyer(services, call, call.query.get("token"))
    return await services.conversations.desk.say(reader, call.body, call.operation_key)


async def say_as_staff(services: Services, call: Call) -> Message:
    """Write a message of the shop's."""
    return await services.conversations.desk.say(await _staff(services, call), call.body, call.operation_key)


async def mark_read(services: Services, call: Call) -> None:
    """Note what the buyer has read."""
    reader, body = await _buyer(services, call, call.query.get("token")), call.body
    await services.conversations.desk.mark_read(reader, body.number)


async def mark_read_as_staff(services: Services, call: Call) -> None:
    """Note what the shop has read."""
    reader, body = await _staff(services, call), call.body
    await services.conversations.desk.mark_read(reader, body.number)


async def upload(services: Services, call: Call) -> Attachment:
    """Take in a buyer's picture or voice note."""
    return await _upload(services, call, await _buyer(services, call, call.query.get("token")))


async def upload_as_staff(services: Services, call: Call) -> Attachment:
    """Take in a picture or a voice note of the shop's."""
    return await _upload(services, call, await _staff(services, call))


async def _upload(services: Services, call: Call, reader: Reader) -> Attachment:
    await services.conversations.desk.slow_down(UPLOADING, reader)
    return await services.conversations.attachments.take(reader, call.body)


async def put_state(services: Services, call: Call) -> Conversation:
    """Close a conversation, or open it again."""
    reader, body = await _staff(services, call), call.body
    await services.conversations.desk.put_state(reader, closed=body.closed)
    async with services.database.read() as sql:
        return await services.conversations.desk.read(sql, reader)


async def unread(services: Services, call: Call) -> Unread:
    """Count a shop's orders with unread messages."""
    shop = await services.door.shop_id(call.path["shop"])
    return await services.conversations.desk.unread_of_shop(shop)


async def serve(services: Services, call: Call) -> Reply:
    """Serve an attachment, or the part of it that a player asks for."""
    until, signature = call.query.get("until", ""), call.query.get("signature", "")
    content, kind = await services.conversations.attachments.read(
        call.path["attachment"], call.path["name"], until, signature
    )
    headers = (
        ("cache-control", "private, max-age=3600"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
    )
    try:
        wanted = wanted_range(call.headers.get("range"), len(content))
    except ValueError:
        return Reply(b"", 416, (*headers, ("content-range", f"bytes */{len(content)}")), kind)
    if wanted is None:
        return Reply(content, headers=headers, content_type=kind)
    first, last = wanted
    place = ("content-range", f"bytes {first}-{last}/{len(content)}")
    return Reply(content[first : last + 1], 206, (*headers, place), kind)


_ORDER = "/orders/{order}"
_SHOP = "/shops/{shop}"
_OWN = (errors.NoSuchOrder, errors.NotYours)
_OF_SHOP = (errors.NoSuchShop, errors.NoSuchOrder)
_SAY = (errors.KeyMissing, errors.IdempotencyConflict, errors.InvalidField, NoSuchAttachment,
        ConversationClosed, TooManyMessages)  # fmt: skip
_UPLOAD = (errors.PictureTooLarge, errors.BadPicture, AttachmentType, VoiceTooLarge,
           VoiceTooLong, BadVoice, ConversationClosed, TooManyWaiting, TooManyMessages,
           errors.Busy)  # fmt: skip
_TOKEN = ("token", "of the link in the order's mail")
_BEFORE = ("before", "messages below this number: the `before` of the answer that was read last")
_SAY_BYTES = 16_384

ROUTES: tuple[Route, ...] = (
    Route("GET", _ORDER + "/messages", read, None, Conversation, (*_OWN, errors.InvalidField),
          query=(_TOKEN, _BEFORE),
          summary="What buyer and shop said about an order, for its owner or its link; an ETag, so 304"),
    Route("POST", _ORDER + "/messages", say, MessageRequest, Message, (*_OWN, *_SAY), status=201,
          query=(_TOKEN,), max_body_bytes=_SAY_BYTES,
          summary="Write to the shop about an order; needs an Idempotency-Key"),
    Route("POST", _ORDER + "/messages/read", mark_read, ReadRequest, None, _OWN, status=204,
          query=(_TOKEN,), max_body_bytes=1024, summary="Note up to which message the buyer has read"),
    Route("POST", _ORDER + "/attachments", upload, bytes, Attachment, (*_OWN, *_UPLOAD), status=201,
          query=(_TOKEN,), max_body_bytes=MAX_UPLOAD_BYTES,
          summary="Upload a picture or a voice note for a message; gone after a day unless it is sent"),
    Route("GET", _SHOP + _ORDER + "/messages", read_as_staff, None, Conversation,
          (*_OF_SHOP, errors.InvalidField), role="money", query=(_BEFORE,),
          summary="What buyer and shop said about an order, for the shop's staff; an ETag, so 304"),
    Route("POST", _SHOP + _ORDER + "/messages", say_as_staff, MessageRequest, Message, (*_OF_SHOP, *_SAY),
          role="money", status=201, max_body_bytes=_SAY_BYTES,
          summary="Write to a buyer about an order; needs an Idempotency-Key"),
    Route("POST", _SHOP + _ORDER + "/messages/read", mark_read_as_staff, ReadRequest, None, _OF_SHOP,
          role="money", status=204, max_body_bytes=1024,
          summary="Note up to which message the shop has read"),
    Route("PUT", _SHOP + _ORDER + "/messages/state", put_state, StateRequest, Conversation, _OF_SHOP,
          role="host", max_body_bytes=1024,
          summary="Take no more of a buyer's messages about an order, or take them again"),
    Route("POST", _SHOP + _ORDER + "/attachments", upload_as_staff, bytes, Attachment, (*_OF_SHOP, *_UPLOAD),
          role="money", status=201, max_body_bytes=MAX_UPLOAD_BYTES,
          summary="Upload a picture or a voice note for a message; gone after a day unless it is sent"),
    Route("GET", _SHOP + "/unread-messages", unread, None, Unread, (errors.NoSuchShop,), role="money",
          summary="How many of the shop's orders have messages nobody of it has read"),
    Route("GET", "/attachments/{attachment}/{name}", serve, None, bytes, (NoSuchAttachment,),
          query=(("until", "of the address"), ("signature", "of the address")),
          summary="A picture or a voice note by the signed address that its conversation tells; takes Range"),
)  # fmt: skip
