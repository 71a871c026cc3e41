"""The shop's clock, and where its ledger stands; the process's own clock while Redis is away."""

from typing import Any

from redis.exceptions import RedisError

from commerce.errors import Busy, CommerceError
from commerce.ports import Clock


async def shop_time_ms(engine: Any, shop: str, now_ms: Clock) -> int:
    """Answer the time by which the shop's sales open and close."""
    try:
        return int(await engine.shop_time_ms(shop))
    except (RedisError, OSError, CommerceError):
        return now_ms()


async def ledger_position(engine: Any, shop: str) -> str:
    """Answer the id of the shop's newest ledger entry; raises Busy while Redis is away."""
    try:
        return str(await engine.ledger_tail(shop))
    except (RedisError, OSError) as error:
        raise Busy(retry_after_s=1.0) from error
