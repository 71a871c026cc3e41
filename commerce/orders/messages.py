"""What clients send and read about orders."""

import msgspec

from commerce.catalogue.structs import Picture
from commerce.orders.states import OrderState
from commerce.payments.states import PaymentState
from commerce.sale.messages import ReserveLine
from commerce.terms.structs import TaxSum


class Contact(msgspec.Struct, forbid_unknown_fields=True):
    """Who buys. What is left out is named by the refusal `invalid {field}`."""

    email: str = ""
    name: str = ""
    phone: str | None = None


class Address(msgspec.Struct, forbid_unknown_fields=True):
    """Where it goes. `country` is an ISO 3166-1 code of two letters."""

    line1: str = ""
    city: str = ""
    country: str = ""
    postcode: str = ""
    line2: str | None = None
    region: str | None = None


class QuoteRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Ask what these reservations, or lines that nobody holds yet, would cost there.

    `shipping` None takes the first way that is offered.
    """

    country: str
    reservations: list[str] = []
    lines: list[ReserveLine] = []
    region: str | None = None
    shipping: str | None = None


class Checkout(msgspec.Struct, forbid_unknown_fields=True):
    """Pay for reservations of one shop together, or for lines that are held in the same step, all or none.

    Exactly one of `reservations` and `lines` is given. `show` is where the lines were seen.

    `return_url` is the page of ours the provider sends the browser back to: a path, or an address of
    this server; `order=<id>` is added to its query. `announce` False keeps "Mei just bought" quiet.
    `shipping` is a method's id, None the first that delivers there; a pick-up needs no address.
    `total_minor` is the total that was shown: another one is refused. None takes what it comes to.
    `means` is a remembered means of payment to charge without the provider's page. `save` remembers
    contact, address and shipping for next time, and the means of payment where the provider keeps it.
    `via` is the code of the share link that the buyer came by, None for nobody's; one that is not for this
    shop, and the buyer's own, count for nobody.
    """

    contact: Contact
    method: str
    return_url: str
    address: Address = msgspec.field(default_factory=Address)
    reservations: list[str] = []
    lines: list[ReserveLine] = []
    show: str | None = None
    announce: bool = True
    shipping: str | None = None
    total_minor: int | None = None
    means: str | None = None
    save: bool = False
    via: str | None = None


class Seller(msgspec.Struct):
    """Who sells, as it was when the order was made."""

    id: str
    slug: str
    name: str
    legal_name: str
    legal_address: str
    contact_email: str


class OrderLine(msgspec.Struct):
    """One line, at the price that was stamped when it was held.

    `tax_minor` is contained in the line or comes on top of it, as the order's `tax_inclusive` says;
    `tax_name` is None where none was taken of it. `discount_minor` went off. `show_at_ms` is when it was
    held, counted from the moment the show went live; None outside a live show.
    """

    product: str
    variant: str
    sale: str | None
    title: str
    variant_title: str
    quantity: int
    price_minor: int
    line_total_minor: int
    discount_minor: int
    tax_minor: int
    tax_class: str
    tax_name: str | None
    tax_rate_ppm: int
    show_at_ms: int | None
    picture: Picture | None


class OrderShipping(msgspec.Struct):
    """How an order is sent, as it was agreed; `kind` is "delivery" or "pickup"."""

    id: str
    name: str
    kind: str
    note: str
    min_days: int | None
    max_days: int | None


class PaymentView(msgspec.Struct):
    """The latest payment attempt. `pay_url` is where to pay while it is open.

    `instructions` is how the shop wants to be paid by hand, as it said at checkout; None otherwise.
    """

    id: str
    method: str
    state: PaymentState
    pay_url: str | None
    instructions: str | None = None


class Order(msgspec.Struct):
    """An order. `contact`, `address` and `token` are None for anyone but its owner and the shop's host.

    `deadline_ms` is until when a pending order can be paid, None in every other state. `address` is None
    as well where the buyer fetches the goods. `tax_minor` holds all tax, the shipping's too: contained in
    `total_minor` when `tax_inclusive`, added to it otherwise. `taxes` has a row for each rate, the highest
    first, `shipping_taxes` one for each that shipping shares; `tax_name` and `tax_rate_ppm` are of the rate
    that most of the goods' money bears, None where that is none.
    """

    id: str
    number: str
    shop: Seller
    show: str | None
    person: str
    state: OrderState
    created_at_ms: int
    deadline_ms: int | None
    lines: list[OrderLine]
    items_minor: int
    discount_minor: int
    shipping_minor: int
    shipping_tax_minor: int
    tax_minor: int
    tax_name: str | None
    tax_rate_ppm: int
    tax_inclusive: bool
    taxes: tuple[TaxSum, ...]
    shipping_taxes: tuple[TaxSum, ...]
    total_minor: int
    currency: str
    shipping: OrderShipping | None
    contact: Contact | None
    address: Address | None
    payment: PaymentView | None
    token: str | None


class OrderToPay(msgspec.Struct):
    """An order and where to pay it; `pay_url` None when there is nothing to pay any more."""

    order: Order
    pay_url: str | None


class OrderList(msgspec.Struct):
    """Orders, newest first. `next` is the cursor of the following page, None on the last.

    `unread` is how many messages about an order the reader's side has not read, by order; others have none.
    """

    orders: list[Order]
    next: str | None = None
    unread: dict[str, int] = {}
