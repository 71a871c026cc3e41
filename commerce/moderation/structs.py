"""What the doors of a shop's moderation take and answer. Times are milliseconds since 1970."""

from typing import Annotated, Any

import msgspec

from commerce.shops.structs import Ban

NOTE_CHARS = 1_000
REPLY_CHARS = 400
TITLE_CHARS = 40
REPLIES = 50


class Action(msgspec.Struct, frozen=True):
    """One thing done in a room by its staff.

    `actor` is who did it, "" for the server itself; `target` a person, a comment or none; `person` whom it
    concerns, None when nobody or nobody known. `undone_by` names the action that took it back.
    """

    show: str
    action_id: str | None
    action: str
    actor: str
    actor_name: str
    target: str | None
    person: str | None
    person_name: str
    reason: str
    seconds: int | None
    expires_at_ms: int | None
    undo_of: str | None
    undone_by: str | None
    detail: dict[str, Any]
    at_ms: int


class ActionList(msgspec.Struct, frozen=True):
    """A page of actions, newest first; `next` is the cursor of the page after, None at the end."""

    actions: tuple[Action, ...]
    next: str | None


class Note(msgspec.Struct, frozen=True):
    """What a moderator wrote down about a person for the others."""

    id: str
    person: str
    author: str
    author_name: str
    text: str
    at_ms: int


class NoteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note to write."""

    text: Annotated[str, msgspec.Meta(max_length=4 * NOTE_CHARS)]


class PersonFile(msgspec.Struct, frozen=True):
    """What a shop's staff knows of a person: no money, no address, no e-mail.

    `kind` is "account" or "guest"; `bought` tells whether they ever paid an order here. `actions` are the
    newest in any of the shop's shows, `notes` the newest too.
    """

    person: str
    name: str
    kind: str
    created_at_ms: int
    bought: bool
    role: str | None
    ban: Ban | None
    actions: tuple[Action, ...]
    notes: tuple[Note, ...]


class SavedReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer ready to be said."""

    title: Annotated[str, msgspec.Meta(max_length=4 * TITLE_CHARS)]
    text: Annotated[str, msgspec.Meta(max_length=4 * REPLY_CHARS)]


class SavedReplies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop's ready answers in their order."""

    replies: Annotated[tuple[SavedReply, ...], msgspec.Meta(max_length=REPLIES)]


class RoomPolicy(msgspec.Struct, frozen=True):
    """The rules of a shop's rooms; `version` 0 and no rules of its own until somebody sets some."""

    version: int
    policy: dict[str, Any]
    actor_name: str
    at_ms: int | None


class PolicyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New rules; `version` is that of the rules they were made from."""

    version: int
    policy: dict[str, Any]
