"""What clients send and read about orders."""

import msgspec

from commerce.catalogue.structs import Picture
from commerce.orders.states import OrderState
from commerce.payments.states import PaymentState


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


class Checkout(msgspec.Struct, forbid_unknown_fields=True):
    """Pay for reservations of one shop together.

    `return_url` is the page of ours the provider sends the browser back to: a path, or an address of
    this server; `order=<id>` is added to its query. `announce` False keeps "Mei just bought" quiet.
    """

    reservations: list[str]
    contact: Contact
    address: Address
    method: str
    return_url: str
    announce: bool = True


class Seller(msgspec.Struct):
    """Who sells, as it was when the order was made."""

    id: str
    slug: str
    name: str
    legal_name: str
    legal_address: str
    contact_email: str


class OrderLine(msgspec.Struct):
    """One line, at the price that was stamped when it was held."""

    product: str
    variant: str
    sale: str | None
    title: str
    variant_title: str
    quantity: int
    price_minor: int
    line_total_minor: int
    picture: Picture | None


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

    `deadline_ms` is until when a pending order can be paid, None in every other state.
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
    shipping_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    contact: Contact | None
    address: Address | None
    payment: PaymentView | None
    token: str | None


class OrderToPay(msgspec.Struct):
    """An order and where to pay it; `pay_url` None when there is nothing to pay any more."""

    order: Order
    pay_url: str | None


class OrderList(msgspec.Struct):
    """Orders, newest first. `next` is the cursor of the following page, None on the last."""

    orders: list[Order]
    next: str | None = None
