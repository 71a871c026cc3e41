"""What shops can be told: one Struct for each kind of event, in one table, and the body that travels.

Source: standard-webhooks/spec/standard-webhooks.md, "Payload structure": `type`, `timestamp`, `data`, and
ours beside them is `shop`. A body stays below 20 kB. None holds a name, an address or an e-mail: what is
sent to the world cannot be forgotten again when a person asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

MAX_BODY_BYTES = 20_000
MAX_LINES = 20
TITLE_CHARS = 80
VARIANT_CHARS = 60
TAX_CHARS = 16
"""An order has up to 21 rates (`commerce.terms.checks.MAX_CLASSES`, and 0%); they must fit in, too."""


class EventType(StrEnum):
    """Every kind of event, as it stands in a body's `type`."""

    ORDER_PAID = "order.paid"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REFUNDED = "order.refunded"
    ORDER_FULFILLED = "order.fulfilled"
    ORDER_CAPTURE_FAILED = "order.capture_failed"
    STOCK_SOLD_OUT = "stock.sold_out"
    SHOW_LIVE = "show.live"
    SHOW_ENDED = "show.ended"
    TEST = "webhook.test"


class LineData(msgspec.Struct, frozen=True):
    """One line of an order, at the price that was stamped when it was held."""

    product: str
    variant: str
    sale: str | None
    title: str
    variant_title: str
    quantity: int
    price_minor: int


class TaxData(msgspec.Struct, frozen=True):
    """What of an order bears one rate: `net_minor` is without the tax; 19% is a `rate_ppm` of 190,000."""

    name: str
    rate_ppm: int
    net_minor: int
    tax_minor: int


class OrderData(msgspec.Struct, frozen=True):
    """An order as it stands after the event. `lines` are the first 20 of `lines_total`.

    `taxes` has a row for each rate, shipping's share with it, the highest first; together they are
    `tax_minor`. With `tax_inclusive` the items' prices contain it; otherwise it was added to them.
    """

    id: str
    number: str
    state: str
    show: str | None
    currency: str
    items_minor: int
    shipping_minor: int
    tax_minor: int
    tax_inclusive: bool
    taxes: tuple[TaxData, ...]
    total_minor: int
    created_at_ms: int
    lines_total: int
    lines: tuple[LineData, ...]


class StockData(msgspec.Struct, frozen=True):
    """A pool whose last unit was sold, with nothing held that could come back.

    `sale` is the flash sale whose pool it is, None for the variant's ordinary stock.
    """

    product: str | None
    variant: str
    sale: str | None
    show: str | None
    pool: str
    sold: int


class ShowData(msgspec.Struct, frozen=True):
    """A show as it stands after the event; a show that ended without `started_at_ms` was called off."""

    id: str
    title: str
    state: str
    starts_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None


class TrialData(msgspec.Struct, frozen=True):
    """Nothing happened: the host pressed the button that sends a test."""

    message: str


EventData = OrderData | StockData | ShowData | TrialData


@dataclass(frozen=True, slots=True)
class EventKind:
    """One row of the table: the type, what its `data` is, and when it is sent."""

    event: EventType
    data: type[EventData]
    summary: str


KINDS: tuple[EventKind, ...] = (
    EventKind(EventType.ORDER_PAID, OrderData, "An order is paid: the money was taken."),
    EventKind(EventType.ORDER_CANCELLED, OrderData, "An order was cancelled."),
    EventKind(EventType.ORDER_REFUNDED, OrderData, "Money of an order was given back."),
    EventKind(EventType.ORDER_FULFILLED, OrderData, "An order is on its way or was handed over."),
    EventKind(
        EventType.ORDER_CAPTURE_FAILED, OrderData, "The authorised money of a sold order could not be taken."
    ),
    EventKind(EventType.STOCK_SOLD_OUT, StockData, "The last unit was sold and nothing is held."),
    EventKind(EventType.SHOW_LIVE, ShowData, "A show went live."),
    EventKind(EventType.SHOW_ENDED, ShowData, "A show ended for good."),
    EventKind(EventType.TEST, TrialData, "Sent by hand, to see whether it arrives."),
)
"""What can be sent."""

DATA_OF: Mapping[EventType, type[EventData]] = {kind.event: kind.data for kind in KINDS}
CHOICES: tuple[EventType, ...] = tuple(kind.event for kind in KINDS if kind.event is not EventType.TEST)
"""What an endpoint can ask for; a test comes to every one."""


class EventBody(msgspec.Struct, frozen=True):
    """The JSON that travels. `timestamp` is when it happened, ISO 8601 in UTC."""

    type: EventType
    timestamp: str
    shop: str
    data: EventData


def encode_body(kind: EventType, shop: str, data: EventData, at_ms: int) -> bytes:
    """Return the body of an event; TypeError for data of another kind, ValueError when it is too long."""
    if not isinstance(data, DATA_OF[kind]):
        raise TypeError(f"{kind} carries {DATA_OF[kind].__name__}, not {type(data).__name__}")
    at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    body = msgspec.json.encode(EventBody(kind, at.replace("+00:00", "Z"), shop, data))
    if len(body) >= MAX_BODY_BYTES:
        raise ValueError(f"the body of {kind} has {len(body)} bytes")
    return body


def shortened(text: str, max_chars: int) -> str:
    """Return the text, cut with an ellipsis where it is longer than `max_chars`."""
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"
