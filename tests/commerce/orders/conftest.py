"""A market on real parts for every test of orders; whatever a test did, the books agree afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from commerce.buyers.routes import ROUTES as BUYER_ROUTES
from commerce.conversations.routes import ROUTES as CONVERSATION_ROUTES
from commerce.fulfilment.routes import ROUTES as PACKING_ROUTES
from commerce.invoices.routes import ROUTES as INVOICE_ROUTES
from commerce.orders.routes import ROUTES as ORDER_ROUTES
from commerce.payments.routes import ROUTES as PAYMENT_ROUTES
from commerce.returns.routes import ROUTES as RETURN_ROUTES
from commerce.sale.calls_redis import write_client
from commerce.sale.routes import ROUTES as SALE_ROUTES
from commerce.services import open_commerce
from commerce.settings import CommerceSettings
from commerce.terms.routes import ROUTES as TERMS_ROUTES
from tests.commerce.orders.a_bank import BANKS, World
from tests.commerce.orders.a_front import Front
from tests.commerce.orders.a_market import Market
from tests.kept_engines import KeptEngines

ROUTES = (
    *SALE_ROUTES,
    *ORDER_ROUTES,
    *PAYMENT_ROUTES,
    *TERMS_ROUTES,
    *BUYER_ROUTES,
    *RETURN_ROUTES,
    *PACKING_ROUTES,
    *INVOICE_ROUTES,
    *CONVERSATION_ROUTES,
)

OpenMarket = Callable[..., Awaitable[Market]]


@pytest.fixture
async def open_market(
    database_url: str, redis_plain_url: str, tmp_path: Path, kept_engines: KeptEngines
) -> AsyncIterator[OpenMarket]:
    """Open a market, with settings of one's own."""
    async with AsyncExitStack() as stack:
        opened: list[Market] = []

        async def open_one(currency: str = "EUR", **changes: Any) -> Market:
            front = Front()
            settings = CommerceSettings(
                database_url=database_url,
                data_folder=str(tmp_path),
                secret=b"s" * 32,
                public_url=front.url,
                password_memory_kib=1_024,
                **{"payments": ("sandbox",), **changes},
            )
            redis = write_client(redis_plain_url)
            stack.push_async_callback(redis.aclose)
            database = stack.enter_context(kept_engines.lent(database_url))
            opening = open_commerce(settings, redis, database=database, follow=False)
            services = await stack.enter_async_context(opening)
            await services.engine.load()
            await stack.enter_async_context(front.serve(services, ROUTES))
            browser = httpx.AsyncClient(base_url=front.url, trust_env=False, verify=False, timeout=30)
            http = await stack.enter_async_context(browser)
            market = Market(services, http)
            await market.open(currency)
            opened.append(market)
            return market

        yield open_one
        for market in opened:
            await market.quiet()
            audit = await market.services.engine.audit(market.shop)
            assert audit.sound, audit
            await market.services.jobs.sweep.copy_ledgers()
            assert await market.services.jobs.sweep.faults(market.shop) == []


@pytest.fixture
async def market(open_market: OpenMarket) -> Market:
    """Open a market with holds of five minutes."""
    return await open_market()


@pytest.fixture
async def open_bank(open_market: OpenMarket) -> AsyncIterator[Any]:
    """Open a market with one of the providers, with settings of one's own."""
    async with AsyncExitStack() as stack:
        opened: list[World] = []

        async def open_one(bank: str, **changes: Any) -> World:
            make, settings = BANKS[bank]
            double = await stack.enter_async_context(make())
            market = await open_market(currency="CNY", **settings(double), **changes)
            opened.append(World(market, double))
            return opened[-1]

        yield open_one
        for world in opened:
            await world.double.idle()
            await world.market.quiet()


@pytest.fixture(params=sorted(BANKS))
def bank(request: pytest.FixtureRequest) -> str:
    """Name each provider in turn."""
    name: str = request.param
    return name


@pytest.fixture
async def world(open_bank: Any, bank: str) -> World:
    """Open a market with holds of five minutes, once with each provider."""
    opened: World = await open_bank(bank)
    return opened


@pytest.fixture
async def alipay(open_bank: Any) -> World:
    """Open a market with Alipay, for what is its own."""
    opened: World = await open_bank("alipay")
    return opened


@pytest.fixture
async def wechat_pay(open_bank: Any) -> World:
    """Open a market with WeChat Pay, for what is its own."""
    opened: World = await open_bank("wechat_pay")
    return opened
