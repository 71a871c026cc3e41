"""What a show brought, counted from its orders."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.orders.tables_sql import order_lines, orders

PAID = ("authorised", "paid", "fulfilled", "partly_refunded")


async def figures(sql: AsyncConnection, show: str) -> tuple[int, int, int]:
    """Answer (orders, units, money in minor units) of a show's orders that are paid or being captured."""
    where = (orders.c.show == show, orders.c.state.in_(PAID))
    money = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(orders.c.total_minor), 0)).where(*where)
    units = (
        sa.select(sa.func.coalesce(sa.func.sum(order_lines.c.quantity), 0))
        .join(orders, orders.c.id == order_lines.c.order)
        .where(*where)
    )
    count, total = (await sql.execute(money)).one()
    return int(count), int((await sql.execute(units)).scalar_one()), int(total)
