"""What an order's parts bear, read from its rows; pure.

A line has its own rate. Lines from before that have none and bear their order's, which is the shipping's
today: the rate that most of the goods bear.
"""

from collections.abc import Iterator

from commerce.orders.orders_sql import Record, Row
from commerce.sums import LineSums
from commerce.terms.quote import tax_sums
from commerce.terms.structs import TaxSum

Rate = tuple[str, int]
"""A tax's name and its rate in parts in a million."""


def line_rate(order: Row, line: Row) -> tuple[str | None, int]:
    """Return name and rate of a line's tax; the name is None where none was taken."""
    if line.tax_rate_ppm is None:
        return order.tax_name, order.tax_rate_ppm
    return line.tax_name, line.tax_rate_ppm


def line_part(order: Row, line: Row) -> LineSums:
    """Return what a line came to."""
    amount_minor = line.quantity * line.price_minor
    return LineSums(amount_minor, line.discount_minor, line.tax_minor, order.tax_inclusive)


def shipping_part(order: Row) -> LineSums:
    """Return what shipping came to."""
    return LineSums(order.shipping_minor, 0, order.shipping_tax_minor, order.tax_inclusive)


def shipping_rate(order: Row) -> Rate | None:
    """Return what shipping bore; None for none at all."""
    if order.tax_name is None or (order.tax_rate_ppm and not order.shipping_tax_minor):
        return None
    return order.tax_name, order.tax_rate_ppm


def order_taxes(record: Record) -> tuple[TaxSum, ...]:
    """Return a row for each rate of an order, the highest first; together they are all of its tax."""
    return tax_sums(_taxed(record))


def _taxed(record: Record) -> Iterator[tuple[Rate, LineSums]]:
    order = record.order
    for line in record.lines:
        name, rate_ppm = line_rate(order, line)
        if name is not None:
            yield (name, rate_ppm), line_part(order, line)
    shipping = shipping_rate(order)
    if shipping is not None:
        yield shipping, shipping_part(order)
