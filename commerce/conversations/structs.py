"""What clients send and read of conversations about orders."""

from typing import Literal

import msgspec

Side = Literal["buyer", "shop"]
MessageKind = Literal["said", "closed", "reopened"]
AttachmentKind = Literal["picture", "voice"]

TEXT_CHARS = 2_000
PICTURES_MOST = 4


class MessageRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say something: a text, up to four pictures, a voice note, or several of them.

    `attachments` are ids of what was uploaded for this order before, in the order in which it is shown.
    """

    text: str = ""
    attachments: tuple[str, ...] = ()


class ReadRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything up to this message has been read."""

    number: int


class StateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the shop takes no more of the buyer's messages about this order."""

    closed: bool


class Attachment(msgspec.Struct):
    """A picture or a voice note. Both addresses work for an hour or two, for whoever was given them.

    `thumbnail_url`, `width` and `height` are a picture's, `duration_ms` is a voice note's; None otherwise.
    """

    id: str
    kind: AttachmentKind
    url: str
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


class Message(msgspec.Struct):
    """One message. `author` is the name of who wrote it for the shop, or the buyer's; "" once forgotten.

    `kind` "closed" and "reopened" are what the shop did to the conversation, without a text.
    """

    number: int
    kind: MessageKind
    side: Side
    author: str
    text: str
    at_ms: int
    attachments: list[Attachment]


class Conversation(msgspec.Struct):
    """A page of what was said about an order, oldest first; the newest page unless `before` was asked for.

    `before` is the cursor of the page before, None on the first. `unread` counts what the reader's side has
    not read. `seen` is the number up to which the other side has read. `closed`: the buyer may not write.
    """

    order: str
    messages: list[Message]
    before: int | None
    unread: int
    seen: int
    closed: bool


class Unread(msgspec.Struct):
    """How many of a shop's orders have messages that nobody of the shop has read."""

    orders: int
