"""What clients send and read about what follows a sale."""

from typing import Literal

import msgspec

from commerce.orders.messages import Order
from commerce.orders.states import Fulfilment
from commerce.orders.units import LineUnits
from commerce.returns.states import Cause, RefundState, ReturnKind, ReturnState

WithdrawalScope = Literal["eu", "all"]


class RefundRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give money back: for units, for shipping, an amount, or everything that is left.

    `amount_minor` None is what the units (and the shipping) cost; a number stands for all of them together.
    `restock` puts the units back on sale. `return_id` is the return that this refund closes.
    """

    lines: tuple[LineUnits, ...] = ()
    amount_minor: int | None = None
    shipping: bool = False
    everything: bool = False
    restock: bool = False
    reason: str = ""
    return_id: str | None = None


class CancelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Call a whole order off; `reason` goes to the buyer."""

    reason: str = ""


class ReturnRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer wants to give back, and why."""

    lines: tuple[LineUnits, ...]
    reason: str = ""


class WithdrawalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Withdraw from the contract, for these units; no lines are all of them.

    `confirm` must be true: it is the second of the two steps the law asks for. `name` is who withdraws,
    `email` where the receipt goes; both default to the order's.
    """

    confirm: bool
    lines: tuple[LineUnits, ...] = ()
    name: str = ""
    email: str = ""
    reason: str = ""


class AnswerRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the host does about a return: the goods are there, it is closed without a refund, or declined."""

    action: Literal["received", "close", "decline"]
    answer: str = ""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a shop lays down: where the withdrawal function is offered, and the days that count.

    `delivery_days` is how long after sending goods count as delivered unless it was marked;
    `return_days` after delivery a buyer may return by choice, 0 takes nothing back but withdrawals.
    """

    withdrawal: WithdrawalScope = "eu"
    delivery_days: int = 5
    return_days: int = 14


class ParcelView(msgspec.Struct):
    """A parcel. `sent_at_ms` None: packed. `tracking_url` is a page of the carrier's."""

    id: str
    state: str
    carrier: str
    tracking: str
    tracking_url: str | None
    lines: list[LineUnits]
    packed_at_ms: int
    sent_at_ms: int | None
    delivered_at_ms: int | None


class RefundView(msgspec.Struct):
    """A refund. `refusal` is the provider's word when it said no."""

    id: str
    state: RefundState
    cause: Cause
    amount_minor: int
    currency: str
    restock: bool
    reason: str
    refusal: str | None
    lines: list[LineUnits]
    created_at_ms: int
    done_at_ms: int | None


class ReturnView(msgspec.Struct):
    """A return, a withdrawal or an asked-for cancellation. `refund_minor` is what its units cost."""

    id: str
    kind: ReturnKind
    state: ReturnState
    reason: str
    answer: str
    lines: list[LineUnits]
    refund_minor: int
    created_at_ms: int
    received_at_ms: int | None
    closed_at_ms: int | None


class LineView(msgspec.Struct):
    """Where a line's units are; `paid_minor` is what all of them cost, discount off and tax with it."""

    position: int
    quantity: int
    to_send: int
    packed: int
    sent: int
    dropped: int
    returned: int
    returnable: int
    refundable: int
    paid_minor: int


class Documents(msgspec.Struct):
    """An invoice or credit note that can be had."""

    kind: str
    number: str
    subject: str
    issued_at_ms: int


class AfterSale(msgspec.Struct):
    """An order with all that followed, for its buyer or the shop's host.

    `may` names what the reader can do now: cancel, ask_cancel, return, withdraw, refund, pack.
    `withdraw_until_ms` and `return_until_ms` are None while the goods are not sent.
    """

    order: Order
    fulfilment: Fulfilment
    lines: list[LineView]
    parcels: list[ParcelView]
    refunds: list[RefundView]
    returns: list[ReturnView]
    documents: list[Documents]
    captured_minor: int
    refunded_minor: int
    left_minor: int
    shipping_minor: int
    withdraw_until_ms: int | None
    return_until_ms: int | None
    may: list[str]
