"""An order as clients read it."""

import msgspec

from commerce.catalogue.structs import Picture
from commerce.orders.messages import Address, Contact, Order, OrderLine, OrderShipping, PaymentView, Seller
from commerce.orders.order_taxes import line_rate, order_taxes, shipping_taxes
from commerce.orders.orders_sql import Record, Row
from commerce.orders.states import OrderState
from commerce.payments.states import OPEN, PaymentState


def order_view(record: Record, *, private: bool, token: bool = False) -> Order:
    """Return the order. `private` adds contact and address, `token` the right of the guest's link."""
    row = record.order
    state = OrderState(row.state)
    return Order(
        id=row.id,
        number=row.number,
        shop=msgspec.json.decode(row.seller, type=Seller),
        show=row.show,
        person=row.person,
        state=state,
        created_at_ms=row.created_at_ms,
        deadline_ms=row.deadline_ms if state is OrderState.PENDING else None,
        lines=[_line(row, line) for line in record.lines],
        items_minor=row.items_minor,
        discount_minor=row.discount_minor,
        shipping_minor=row.shipping_minor,
        shipping_tax_minor=row.shipping_tax_minor,
        tax_minor=row.tax_minor,
        tax_name=row.tax_name,
        tax_rate_ppm=row.tax_rate_ppm,
        tax_inclusive=row.tax_inclusive,
        taxes=order_taxes(record),
        shipping_taxes=shipping_taxes(record.order),
        total_minor=row.total_minor,
        currency=row.currency,
        shipping=None if row.shipping is None else msgspec.json.decode(row.shipping, type=OrderShipping),
        contact=_contact(row) if private else None,
        address=_address(row) if private and row.address_country else None,
        payment=_payment(record),
        token=row.token if token else None,
    )


def pay_url(record: Record) -> str | None:
    """Return where the order can be paid now, None when nowhere."""
    view = _payment(record)
    return None if view is None or record.order.state != OrderState.PENDING else view.pay_url


def _line(order: Row, line: Row) -> OrderLine:
    tax_name, tax_rate_ppm = line_rate(order, line)
    return OrderLine(
        product=line.product,
        variant=line.variant,
        sale=line.sale,
        title=line.title,
        variant_title=line.variant_title,
        quantity=line.quantity,
        price_minor=line.price_minor,
        line_total_minor=line.price_minor * line.quantity,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_class=line.tax_class,
        tax_name=tax_name,
        tax_rate_ppm=tax_rate_ppm,
        show_at_ms=line.show_at_ms,
        picture=None if line.picture is None else msgspec.json.decode(line.picture, type=Picture),
    )


def _contact(row: Row) -> Contact:
    return Contact(email=row.contact_email or "", name=row.contact_name or "", phone=row.contact_phone)


def _address(row: Row) -> Address:
    return Address(
        line1=row.address_line1 or "",
        line2=row.address_line2,
        city=row.address_city or "",
        region=row.address_region,
        postcode=row.address_postcode or "",
        country=row.address_country or "",
    )


def _payment(record: Record) -> PaymentView | None:
    """Return the attempt that pays the order, else the latest one."""
    if not record.attempts:
        return None
    winner = record.order.winner
    one = record.attempts[-1] if winner is None else record.attempt(winner)
    state = PaymentState(one.state)
    return PaymentView(
        id=one.id,
        method=one.method,
        state=state,
        pay_url=one.pay_url if state in OPEN else None,
        instructions=one.instructions,
    )
