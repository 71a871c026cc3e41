"""Buying during the show; the till answers as over HTTP."""

from typing import Annotated

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, FromClient, Message
from realtime.shapes import Id, Json, Key, Quantity, ReserveLine

BUYING_ERRORS = (
    "all_held",
    "sold_out",
    "limit_reached",
    "price_changed",
    "sale_not_open",
    "sale_ended",
    "banned",
    "already_held",
    "no_such_variant",
    "no_such_pool",
    "no_such_reservation",
    "not_yours",
    "bad_quantity",
    "reservation_ended",
    "idempotency_conflict",
    "too_many_operations",
    "pay_first",
    "queued",
    "busy",
)
WAITING_ERRORS = (
    "units_free",
    "waitlist_full",
    "limit_reached",
    "sale_not_open",
    "sale_ended",
    "banned",
    "already_held",
    "no_such_variant",
    "no_such_pool",
    "bad_quantity",
    "pay_first",
    "idempotency_conflict",
    "too_many_operations",
    "busy",
    "frozen",
)


class Reserve(FromClient, frozen=True, tag="reserve"):
    """Take units at the prices shown, until a deadline."""

    lines: Annotated[list[ReserveLine], Meta(min_length=1, max_length=20)]
    key: Key


class Change(FromClient, frozen=True, tag="change"):
    """Set the quantity of one hold of an open reservation; 0 drops it."""

    reservation: Id
    pool: Id
    quantity: Quantity
    key: Key


class Release(FromClient, frozen=True, tag="release"):
    """Give a reservation back."""

    reservation: Id
    key: Key


class Wait(FromClient, frozen=True, tag="wait"):
    """Take the last place in the line for units that are held or sold.

    What comes free is offered in order, as a reservation with `offered` true (`you`, event `reservation`).
    """

    variant: Id
    key: Key
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    sale: Id | None = None


class Leave(FromClient, frozen=True, tag="leave"):
    """Give up the place in the line for this pool; repeating it is harmless."""

    pool: Id


class ReservationResult(Struct, frozen=True):
    """Beside `ok` of `reserve`, `change` and `release`."""

    reservation: Json


class PlaceResult(Struct, frozen=True):
    """Beside `ok` of `wait`: the place; `position` 1 is the next to be offered units."""

    place: Json


class LeftResult(Struct, frozen=True):
    """Beside `ok` of `leave`: whether there was a place."""

    left: bool


ROWS: tuple[Message, ...] = (
    Message(
        "reserve",
        "client",
        Reserve,
        ReservationResult,
        BUYING_ERRORS,
        example={
            "id": 4,
            "type": "reserve",
            "lines": [{"variant": "va_1", "sale": "fs_1", "quantity": 1, "price_version": 1}],
            "key": EXAMPLE_KEY,
        },
        limit="buy",
    ),
    Message(
        "change",
        "client",
        Change,
        ReservationResult,
        BUYING_ERRORS,
        example={
            "id": 5,
            "type": "change",
            "reservation": "rs_1",
            "pool": "po_fs_1",
            "quantity": 2,
            "key": EXAMPLE_KEY,
        },
        limit="buy",
    ),
    Message(
        "release",
        "client",
        Release,
        ReservationResult,
        BUYING_ERRORS,
        example={"id": 6, "type": "release", "reservation": "rs_1", "key": EXAMPLE_KEY},
        limit="buy",
    ),
    Message(
        "wait",
        "client",
        Wait,
        PlaceResult,
        WAITING_ERRORS,
        example={
            "id": 14,
            "type": "wait",
            "variant": "va_1",
            "sale": "fs_1",
            "quantity": 1,
            "key": EXAMPLE_KEY,
        },
        limit="buy",
    ),
    Message(
        "leave",
        "client",
        Leave,
        LeftResult,
        ("bad_request", "busy"),
        example={"id": 15, "type": "leave", "pool": "po_fs_1"},
        limit="buy",
    ),
)
