"""The shop's ledger: every change of stock and every fact the rooms must hear from commerce, in order.

Types only. An entry lies in the Redis stream `{shop:ID}:ledger` as two fields: `kind`, and `data`, a JSON
object with the other fields that are set. It is written by the Function that makes the change, in the same
call, with the pool's counters as they are **after** it. Wake-ups are published on `{shop:ID}:ledger:wake`.
"""

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

import msgspec


class Kind(StrEnum):
    """What an entry tells. The first group moves units of `pool`; the second moves none."""

    RESERVE = "reserve"
    CHANGE = "change"  # quantity is signed: below zero when units are given back
    RELEASE = "release"
    EXPIRE = "expire"
    COMMIT = "commit"
    RETURN_SOLD = "return_sold"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    FOLD_OUT = "fold_out"  # a purged sale's sold units join the main pool's, so that sums stay
    FOLD_IN = "fold_in"
    RESTOCK = "restock"
    WITHDRAW = "withdraw"

    PAY_BEGIN = "pay_begin"
    EXTEND = "extend"
    SALE = "sale"  # body: the sale's record
    SALE_ENDED = "sale_ended"
    PRICE = "price"
    PERSON_MERGE = "person_merge"  # person: the account; body: {"guest": id}
    NOTE = "note"  # note: its name; body: its facts
    CLOCK_STEPPED = "clock_stepped"  # body: {"from_ms", "to_ms"}


EFFECTS: Mapping[Kind, tuple[int, int, int, int, int]] = {
    Kind.RESERVE: (-1, 1, 0, 0, 0),
    Kind.CHANGE: (-1, 1, 0, 0, 0),
    Kind.RELEASE: (1, -1, 0, 0, 0),
    Kind.EXPIRE: (1, -1, 0, 0, 0),
    Kind.COMMIT: (0, -1, 1, 0, 0),
    Kind.RETURN_SOLD: (1, 0, -1, 0, 0),
    Kind.TRANSFER_OUT: (-1, 0, 0, 0, -1),
    Kind.TRANSFER_IN: (1, 0, 0, 0, 1),
    Kind.FOLD_OUT: (0, 0, -1, 0, -1),
    Kind.FOLD_IN: (0, 0, 1, 0, 1),
    Kind.RESTOCK: (1, 0, 0, 0, 1),
    Kind.WITHDRAW: (-1, 0, 0, 1, 0),
}
"""What one unit of an entry does to (available, held, sold, withdrawn, total) of its pool."""


class Counters(msgspec.Struct, frozen=True):
    """A pool's units after an entry: `total = available + held + sold + withdrawn`.

    `waiting` counts the people in its waitlist.
    """

    available: int
    held: int
    sold: int
    withdrawn: int
    total: int
    waiting: int = 0


class Entry(msgspec.Struct, frozen=True):
    """One entry of a shop's ledger. What does not apply is None; `announce` only matters on a commit.

    `id` is the stream id. `operation` is the idempotency key or outbox row that caused it, None for what the
    clock caused. `at_ms` is by the shop's clock. `price_minor` is the stamped price on `reserve` and
    `commit`, the new price on `price`. `ends` is True on the last entry of a reservation's life. `offered`:
    the waitlist made this `reserve`.
    """

    id: str
    kind: Kind
    at_ms: int
    operation: str | None = None
    person: str | None = None
    show: str | None = None
    product: str | None = None
    variant: str | None = None
    sale: str | None = None
    pool: str | None = None
    quantity: int = 0
    price_minor: int | None = None
    price_version: int | None = None
    counters: Counters | None = None
    reservation: str | None = None
    order: str | None = None
    deadline_ms: int | None = None
    announce: bool = False
    ends: bool = False
    offered: bool = False
    note: str | None = None
    body: dict[str, Any] = msgspec.field(default_factory=dict)


class _Data(msgspec.Struct, frozen=True):
    """The JSON of one entry as it lies in the stream; `body` is JSON in a string (Lua cannot keep `[]`)."""

    at_ms: int
    operation: str | None = None
    person: str | None = None
    show: str | None = None
    product: str | None = None
    variant: str | None = None
    sale: str | None = None
    pool: str | None = None
    quantity: int = 0
    price_minor: int | None = None
    price_version: int | None = None
    counters: Counters | None = None
    reservation: str | None = None
    order: str | None = None
    deadline_ms: int | None = None
    announce: bool = False
    ends: bool = False
    offered: bool = False
    note: str | None = None
    body: str = "{}"


_decoder = msgspec.json.Decoder(_Data)
_KINDS: Final = {str(kind): kind for kind in Kind}
_NO_BODY: Final = "{}"
_SHARED: Final = tuple(name for name in _Data.__struct_fields__ if name != "body")
_values_of: Final = attrgetter(*_SHARED)
assert Entry.__struct_fields__ == ("id", "kind", *_SHARED, "body")  # they are handed on by place


def ledger_key(shop: str) -> str:
    """Answer the Redis key of a shop's ledger stream."""
    return f"{{shop:{shop}}}:ledger"


def wake_channel(shop: str) -> str:
    """Answer the pub/sub channel on which a shop's ledger wakes its readers."""
    return f"{{shop:{shop}}}:ledger:wake"


def parse(entry_id: str | bytes, fields: Mapping[bytes, bytes] | Mapping[str, str]) -> Entry | None:
    """Read one stream entry, with text or bytes; None for a kind that a newer release writes.

    Raises `msgspec.ValidationError` or KeyError for an entry that no release of liveshop wrote.
    """
    texts = {_text(name): value for name, value in fields.items()}
    kind = _KINDS.get(_text(texts["kind"]))
    if kind is None:
        return None
    data = _decoder.decode(texts["data"])
    body = {} if data.body == _NO_BODY else msgspec.json.decode(data.body)
    return Entry(_text(entry_id), kind, *(*_values_of(data), body))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
