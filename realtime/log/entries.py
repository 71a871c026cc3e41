"""Entries of the room's log, as they are read from its stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from realtime.shapes import Position


class Kind(StrEnum):
    """Who an entry is for and how it may be treated."""

    FACT = "f"
    TALK = "t"
    STAFF = "m"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place, its random tag, its JSON as it will travel, and the same decoded."""

    offset: int
    kind: Kind
    body: bytes
    tag: str
    data: Mapping[str, Any]

    def position(self, epoch: str) -> Position:
        """Return the position after this entry."""
        return Position(epoch, self.offset, self.tag)


STAFF_BOARD = "staff:"


def is_for_staff(name: str) -> bool:
    """Whether what is pinned up under this name is for moderators and the host only."""
    return name.startswith(STAFF_BOARD)


class BrokenEntryError(ValueError):
    """A stream entry that no release of liveshop wrote."""


def parse(stream_id: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    """Read one entry of the log stream. Raises `BrokenEntryError`."""
    try:
        body = fields[b"d"]
        return Entry(
            offset=int(stream_id.split(b"-")[0]),
            kind=Kind(fields[b"c"].decode()),
            body=body,
            tag=fields[b"g"].decode(),
            data=msgspec.json.decode(body, type=dict[str, Any]),
        )
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise BrokenEntryError(f"log entry {stream_id!r} cannot be read: {error}") from error


def encode(kind: str, **values: Any) -> bytes:
    """Return a fact's JSON without time and place, which the log adds."""
    return msgspec.json.encode({"kind": kind, **values})


class Removals:
    """Which comments later entries of a run took away.

    Built from the whole run before anything of it is sent, so that a deleted comment never travels.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._deleted_at: dict[str, int] = {}
        self._removed_at: dict[str, int] = {}
        for entry in entries:
            if entry.kind is not Kind.FACT:
                continue
            kind = entry.data.get("kind")
            if kind == "comment_deleted":
                self._deleted_at[str(entry.data.get("comment"))] = entry.offset
            elif kind == "comments_removed":
                self._removed_at[str(entry.data.get("person"))] = entry.offset

    def hide(self, entry: Entry) -> bool:
        """Whether this comment was taken away by an entry of the run."""
        deleted_at = self._deleted_at.get(str(entry.data.get("id")), 0)
        removed_at = self._removed_at.get(str(entry.data.get("person")), 0)
        return max(deleted_at, removed_at) > entry.offset
