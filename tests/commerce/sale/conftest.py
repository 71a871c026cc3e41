"""A shop with stock on a real Redis, open in every test of the sale."""

from collections.abc import AsyncIterator, Callable

import pytest

from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from tests.commerce.sale.a_shop import CAP, MUG, SHOP, Shop

MakeEngine = Callable[[str], SaleEngine]


@pytest.fixture
async def make_engine() -> AsyncIterator[MakeEngine]:
    """Make engines with connections of their own; closed after the test."""
    engines: list[SaleEngine] = []

    def make(url: str) -> SaleEngine:
        engines.append(SaleEngine(write_client(url)))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.redis.aclose()


@pytest.fixture
async def shop(redis_url: str, make_engine: MakeEngine) -> AsyncIterator[Shop]:
    """Open a shop with 10 mugs and 5 caps; whatever a test did, its books agree afterwards."""
    engine = make_engine(redis_url)
    await engine.load()
    shop = Shop(engine)
    await shop.stock(MUG, 10)
    await shop.stock(CAP, 5, price_minor=2500)
    yield shop
    audit = await engine.audit(SHOP)
    assert audit.sound, audit
