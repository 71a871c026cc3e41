"""What units of an order cost their buyer, exact to the minor unit; pure.

A line's share of the order's total is what it was charged: price times quantity, less its discount, and
its tax where prices are without tax. `units_minor` splits it over the line's units so that refunds of
parts, in whatever steps and order, come to exactly the line.
"""

from commerce.orders.orders_sql import Record


def tax_on_top(record: Record) -> bool:
    """Tell whether tax was added to the prices (False: the prices contain it, or there is none)."""
    return bool(record.order.tax_minor and not record.order.tax_inclusive)


def line_paid_minor(record: Record, position: int) -> int:
    """Return what a whole line was charged, discount off and tax with it."""
    line = next(one for one in record.lines if one.position == position)
    bare_minor = int(line.quantity * line.price_minor) - int(line.discount_minor)
    return bare_minor + (int(line.tax_minor) if tax_on_top(record) else 0)


def shipping_paid_minor(record: Record) -> int:
    """Return what is left of the total beside the lines: shipping, and the tax on it."""
    lines_minor = sum(line_paid_minor(record, line.position) for line in record.lines)
    return max(0, int(record.order.total_minor) - lines_minor)


def units_minor(paid_minor: int, of_quantity: int, before: int, quantity: int) -> int:
    """Return what `quantity` units of a line cost when `before` of its units were counted already.

    The parts of any sequence of steps sum up to `paid_minor`:
    >>> [units_minor(100, 3, before, 1) for before in range(3)]
    [33, 33, 34]
    """
    return paid_minor * (before + quantity) // of_quantity - paid_minor * before // of_quantity
