"""An order as a shop's webhooks tell of it: figures and goods, nobody's name or address; pure."""

from commerce.orders.order_taxes import order_taxes
from commerce.orders.orders_sql import Record
from commerce.orders.states import OrderState
from commerce.webhooks.events import (
    MAX_LINES,
    TAX_CHARS,
    TITLE_CHARS,
    VARIANT_CHARS,
    LineData,
    OrderData,
    TaxData,
    shortened,
)


def order_data(record: Record, state: OrderState) -> OrderData:
    """Return an order in the state that the caller's change gives it."""
    row = record.order
    lines = tuple(
        LineData(
            product=line.product,
            variant=line.variant,
            sale=line.sale,
            title=shortened(line.title, TITLE_CHARS),
            variant_title=shortened(line.variant_title, VARIANT_CHARS),
            quantity=line.quantity,
            price_minor=line.price_minor,
        )
        for line in record.lines[:MAX_LINES]
    )
    return OrderData(
        id=row.id,
        number=row.number,
        state=state.value,
        show=row.show,
        currency=row.currency,
        items_minor=row.items_minor,
        shipping_minor=row.shipping_minor,
        tax_minor=row.tax_minor,
        tax_inclusive=row.tax_inclusive,
        taxes=tuple(
            TaxData(shortened(tax.name, TAX_CHARS), tax.rate_ppm, tax.net_minor, tax.tax_minor)
            for tax in order_taxes(record)
        ),
        total_minor=row.total_minor,
        created_at_ms=row.created_at_ms,
        lines_total=len(record.lines),
        lines=lines,
    )
