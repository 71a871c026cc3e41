"""A shop with stock on a real Redis, open in every test of the sale.

Every test runs on a plain Redis and on a cluster of one node; those of what buyers and staff do also on a
primary whose replica must have everything before it is told, and on a cluster of three primaries.
"""

from collections.abc import AsyncIterator, Callable

import pytest

from commerce.sale.calls_redis import Copies, write_client
from commerce.sale.engine_redis import SaleEngine
from tests.commerce.sale.a_shop import CAP, MUG, SHOP, Shop
from tests.fixtures_redis_many import Pair, ThreeNodes

MakeEngine = Callable[[str], SaleEngine]

EVERYWHERE = {"test_reserve", "test_change", "test_payment", "test_endings", "test_stock", "test_books"}
REPLICATED = "?replicated=1"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say on which servers a test of the sale runs."""
    if "redis_url" in metafunc.fixturenames:
        kinds = ["plain", "cluster"]
        if metafunc.module.__name__.rpartition(".")[2] in EVERYWHERE:
            kinds += ["replica", "three_nodes"]
        metafunc.parametrize("redis_url", kinds, indirect=True)


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Offer an empty Redis of the kind the test runs on."""
    if request.param == "three_nodes":
        nodes: ThreeNodes = request.getfixturevalue("redis_three_nodes")
        return nodes.url
    if request.param == "replica":
        pair: Pair = request.getfixturevalue("redis_standing_pair")
        return pair.primary.url + REPLICATED
    url: str = request.getfixturevalue(f"redis_{request.param}_url")
    return url


@pytest.fixture
async def make_engine() -> AsyncIterator[MakeEngine]:
    """Make engines with connections of their own; closed after the test."""
    engines: list[SaleEngine] = []

    def make(url: str) -> SaleEngine:
        copies = Copies(1) if url.endswith(REPLICATED) else None
        engines.append(SaleEngine(write_client(url.removesuffix(REPLICATED)), copies=copies))
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
