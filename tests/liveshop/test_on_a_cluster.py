"""The whole server on a Redis Cluster of three primaries and PostgreSQL: a purchase from end to end."""

from pathlib import Path

import pytest

from tests.fixtures_redis_many import ThreeNodes
from tests.liveshop.running_server import running
from tests.liveshop.test_nothing_lost import PAYING, act_and_leave, look_again
from tests.story.market import PRICE_MINOR, Api

pytestmark = pytest.mark.together


async def test_talk_hold_order_and_payment_on_three_nodes(
    tmp_path: Path, redis_three_nodes: ThreeNodes, postgres_url: str
) -> None:
    """Fronts, worker, media and supervisor speak to the cluster; nothing is left behind on the way."""
    stores = {"REDIS_URL": redis_three_nodes.url, "DATABASE_URL": postgres_url}
    with running(tmp_path / "data", **PAYING, **stores) as server:
        market, order = await act_and_leave(server.address, lambda: 0)
        stock, orders, snapshot = await look_again(server.address, market)
        async with Api(server.address) as api:
            ready = await api.http.get(f"{server.address}/readyz")
    assert ready.status_code == 200
    assert [stock[name] for name in ("available", "held", "sold", "total")] == [36, 2, 2, 40]
    assert [(one["id"], one["state"], one["total_minor"]) for one in orders] == [
        (order["id"], "paid", 2 * PRICE_MINOR)
    ]
    assert [comment["text"] for comment in snapshot["comments"]] == ["Said at the last moment"]
