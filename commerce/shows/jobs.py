"""What a worker does for shows; each job is idempotent."""

from commerce.services import CommerceServices
from commerce.shows import sales_sql

LOOK_BACK_MS = 3600 * 1000


async def close_ended_sales(services: CommerceServices) -> int:
    """Let Redis return what is left of sales that ended within the last hour; answers how many shops.

    The expiry sweep does the same at once; this finds what it missed, from SQL's own record.
    """
    now_ms = services.now_ms()
    async with services.database.read() as sql:
        shops = await sales_sql.shops_with_sales_ended(sql, now_ms - LOOK_BACK_MS, now_ms)
    for shop in shops:
        while (await services.engine.expire_due(shop)).more:
            pass
    return len(shops)
