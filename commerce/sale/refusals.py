"""What the sale refuses: stable codes, and the error class each one is raised as.

Every refusal is decided by a Function before its first write, so after one nothing has changed.

CommerceError
├── Conflict
│   ├── AllHeld            409 all_held {pool, available, held}: one may come free
│   ├── SoldOut            409 sold_out {pool, available, held}
│   ├── LimitReached       409 limit_reached {sale, limit, count}
│   ├── PriceChanged       409 price_changed {variant, price_minor, price_version}
│   ├── SaleNotOpen        409 sale_not_open {starts_at_ms}
│   ├── SaleEnded          409 sale_ended
│   ├── AlreadyHeld        409 already_held {line, pool, reservation}
│   ├── ReservationEnded   409 reservation_ended {reservation, state}
│   ├── AlreadyPaying      409 already_paying {order}: being paid, so it can be neither changed nor dropped
│   ├── ItemsChanged       409 items_changed {items_minor}: what is held comes to another sum than was shown
│   ├── PayFirst           409 pay_first {sale}: first paid, first served: check out with the lines
│   ├── UnitsFree          409 units_free {pool, available}: nobody need wait, reserve them
│   └── WaitlistFull       409 waitlist_full {pool, waiting}
├── Missing
│   ├── NoSuchReservation  404 no_such_reservation
│   └── NoSuchSale         404 no_such_sale
├── Forbidden · TooMany: see `commerce.errors`
├── Invalid
│   └── BadRequest         422 bad_request {field}: an id, key, price or time that cannot be right
└── Busy                   503 busy: Redis refused the call; nothing was changed
    ├── Frozen             503 frozen {reason}: stock was lost and is not rebuilt yet
    ├── Queued             503 queued {position, estimate_ms}: in line; the same key again keeps the place
    └── AnswerLost         503 busy {lost: true}: the answer was lost, executed or not; repeat it as it was
        └── CopiesMissing  503 busy {lost: true, replicas}: done, but too few replicas have it yet; repeat it
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from commerce import errors


class AllHeld(errors.Conflict):
    """All units are held by others; one may come free."""

    code = "all_held"
    sentence = "All units are held by others; one may come free."


class SoldOut(errors.Conflict):
    """Sold out."""

    code = "sold_out"
    sentence = "Sold out."


class LimitReached(errors.Conflict):
    """The limit per buyer is reached."""

    code = "limit_reached"
    sentence = "The limit per buyer is reached."


class PriceChanged(errors.Conflict):
    """The price has changed."""

    code = "price_changed"
    sentence = "The price has changed."


class SaleNotOpen(errors.Conflict):
    """The sale has not started yet."""

    code = "sale_not_open"
    sentence = "The sale has not started yet."


class SaleEnded(errors.Conflict):
    """The sale has ended."""

    code = "sale_ended"
    sentence = "The sale has ended."


class AlreadyHeld(errors.Conflict):
    """One of the lines is held already."""

    code = "already_held"
    sentence = "One of the lines is held already."


class ReservationEnded(errors.Conflict):
    """The hold has ended."""

    code = "reservation_ended"
    sentence = "The hold has ended."


class NoSuchReservation(errors.Missing):
    """There is no such reservation."""

    code = "no_such_reservation"
    sentence = "There is no such reservation."


class NoSuchSale(errors.Missing):
    """There is no such sale."""

    code = "no_such_sale"
    sentence = "There is no such sale."


class Frozen(errors.Busy):
    """The stock of this pool is being rebuilt."""

    code = "frozen"
    sentence = "The stock of this pool is being rebuilt."


class AlreadyPaying(errors.Conflict):
    """The hold is being paid."""

    code = "already_paying"
    sentence = "This hold is being paid already."


class ItemsChanged(errors.Conflict):
    """What is held changed meanwhile."""

    code = "items_changed"
    sentence = "What is held changed meanwhile."


class PayFirst(errors.Conflict):
    """In this sale nothing is held before payment begins."""

    code = "pay_first"
    sentence = "First paid, first served: units are held when payment begins."


class UnitsFree(errors.Conflict):
    """Nobody has to wait for these units."""

    code = "units_free"
    sentence = "Units are free; nobody has to wait for them."


class WaitlistFull(errors.Conflict):
    """The line has as many places as it may have, or the person waits in too many."""

    code = "waitlist_full"
    sentence = "The waitlist is full."


class BadRequest(errors.Invalid):
    """A field is not valid."""

    status = 422
    code = "bad_request"
    sentence = "A field of the request is not valid."


class AnswerLost(errors.Busy):
    """Redis went away before it answered; the same call with the same key is safe and answers."""

    sentence = "The answer was lost on the way; repeat the request with the same key."


class CopiesMissing(AnswerLost):
    """The primary has it and too few replicas do: if the primary is lost now, so is this."""

    sentence = "The copies of this write are late; repeat the request with the same key."


class Queued(errors.Busy):
    """In line, and not yet judged; `position` is None before the draw."""

    code = "queued"
    sentence = "You are in line; ask again with the same key."


class RefusalCode(StrEnum):
    """Every code a Function answers with; the same over HTTP and websocket."""

    ALL_HELD = "all_held"
    SOLD_OUT = "sold_out"
    LIMIT_REACHED = "limit_reached"
    PRICE_CHANGED = "price_changed"
    SALE_NOT_OPEN = "sale_not_open"
    SALE_ENDED = "sale_ended"
    BANNED = "banned"
    ALREADY_HELD = "already_held"
    ALREADY_PAYING = "already_paying"
    ITEMS_CHANGED = "items_changed"
    NO_SUCH_VARIANT = "no_such_variant"
    NO_SUCH_SALE = "no_such_sale"
    NO_SUCH_POOL = "no_such_pool"
    NO_SUCH_RESERVATION = "no_such_reservation"
    NOT_YOURS = "not_yours"
    BAD_QUANTITY = "bad_quantity"
    BAD_REQUEST = "bad_request"
    NOT_ENOUGH_STOCK = "not_enough_stock"
    RESERVATION_ENDED = "reservation_ended"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    TOO_MANY_OPERATIONS = "too_many_operations"
    FROZEN = "frozen"
    PAY_FIRST = "pay_first"
    UNITS_FREE = "units_free"
    WAITLIST_FULL = "waitlist_full"


ERRORS: Mapping[RefusalCode, type[errors.CommerceError]] = {
    RefusalCode.ALL_HELD: AllHeld,
    RefusalCode.SOLD_OUT: SoldOut,
    RefusalCode.LIMIT_REACHED: LimitReached,
    RefusalCode.PRICE_CHANGED: PriceChanged,
    RefusalCode.SALE_NOT_OPEN: SaleNotOpen,
    RefusalCode.SALE_ENDED: SaleEnded,
    RefusalCode.BANNED: errors.Banned,
    RefusalCode.ALREADY_HELD: AlreadyHeld,
    RefusalCode.ALREADY_PAYING: AlreadyPaying,
    RefusalCode.ITEMS_CHANGED: ItemsChanged,
    RefusalCode.NO_SUCH_VARIANT: errors.NoSuchVariant,
    RefusalCode.NO_SUCH_SALE: NoSuchSale,
    RefusalCode.NO_SUCH_POOL: errors.NoSuchPool,
    RefusalCode.NO_SUCH_RESERVATION: NoSuchReservation,
    RefusalCode.NOT_YOURS: errors.NotYours,
    RefusalCode.BAD_QUANTITY: errors.BadQuantity,
    RefusalCode.BAD_REQUEST: BadRequest,
    RefusalCode.NOT_ENOUGH_STOCK: errors.NotEnoughStock,
    RefusalCode.RESERVATION_ENDED: ReservationEnded,
    RefusalCode.IDEMPOTENCY_CONFLICT: errors.IdempotencyConflict,
    RefusalCode.TOO_MANY_OPERATIONS: errors.TooManyOperations,
    RefusalCode.FROZEN: Frozen,
    RefusalCode.PAY_FIRST: PayFirst,
    RefusalCode.UNITS_FREE: UnitsFree,
    RefusalCode.WAITLIST_FULL: WaitlistFull,
}


def refusal(code: str, facts: Mapping[str, Any]) -> errors.CommerceError:
    """Answer the error for a code and its facts; ValueError for a code that is not in the list."""
    return ERRORS[RefusalCode(code)](**facts)
