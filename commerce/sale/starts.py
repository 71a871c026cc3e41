"""When flash sales began, by this process's own monotonic clock; asked of Redis once a sale."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from commerce.sale.engine_redis import SaleEngine

MAX_KEPT: Final = 1_000
KEEP_S: Final = 60.0
"""A sale's start may be changed; it is looked up anew after this."""


class SaleStarts:
    """Looks up and remembers; who asks for what is being looked up waits for that answer."""

    def __init__(self, engine: SaleEngine, now_s: Callable[[], float]) -> None:
        self._engine = engine
        self._now_s = now_s
        self._kept: OrderedDict[str, tuple[float, asyncio.Future[float | None]]] = OrderedDict()

    async def began_s(self, shop: str, sale: str) -> float | None:
        """Return when a sale begins or began, None when Redis has none of that id. Raises what Redis does."""
        now_s = self._now_s()
        kept = self._kept.get(sale)
        if kept is None or kept[0] < now_s or (kept[1].done() and _failed(kept[1])):
            kept = (now_s + KEEP_S, asyncio.ensure_future(self._look_up(shop, sale)))
            self._kept[sale] = kept
            self._kept.move_to_end(sale)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return kept[1].result() if kept[1].done() else await asyncio.shield(kept[1])

    async def _look_up(self, shop: str, sale: str) -> float | None:
        record = (await self._engine.sales(shop, [sale])).get(sale)
        if record is None:
            return None
        return self._now_s() + (record.starts_at_ms - await self._engine.shop_time_ms(shop)) / 1000


def _failed(answer: asyncio.Future[float | None]) -> bool:
    return answer.cancelled() or answer.exception() is not None
