"""What an order's parts bear, read from its rows; pure.

A line has its own rate, and shipping shares the rates of the goods. Orders from before that have one rate:
lines without a rate bear it, and so does shipping without rows of its own.
"""

from collections.abc import Iterator

import msgspec

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


def shipping_parts(order: Row) -> tuple[tuple[Rate | None, LineSums], ...]:
    """Return what shipping came to, a part for each rate, the highest first; the rate None is none at all."""
    if order.shipping_taxes is None:
        whole = LineSums(order.shipping_minor, 0, order.shipping_tax_minor, order.tax_inclusive)
        return ((_old_shipping_rate(order), whole),)
    rows = msgspec.json.decode(order.shipping_taxes, type=tuple[TaxSum, ...])
    parts = [((row.name, row.rate_ppm), _part(row, inclusive=order.tax_inclusive)) for row in rows]
    untaxed_minor = order.shipping_minor - sum(part.amount_minor for _, part in parts)
    untaxed = LineSums(untaxed_minor, inclusive=order.tax_inclusive)
    return (*parts, (None, untaxed)) if untaxed_minor else tuple(parts)


def shipping_taxes(order: Row) -> tuple[TaxSum, ...]:
    """Return a row for each rate that shipping bears, the highest first."""
    return tax_sums((rate, part) for rate, part in shipping_parts(order) if rate is not None)


def _part(row: TaxSum, *, inclusive: bool) -> LineSums:
    return LineSums(
        row.net_minor + row.tax_minor if inclusive else row.net_minor, 0, row.tax_minor, inclusive
    )


def _old_shipping_rate(order: Row) -> Rate | None:
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
    for rate, part in shipping_parts(order):
        if rate is not None:
            yield rate, part
