"""A whole liveshop that tests of pages share: a start takes seconds, and one more market a tenth of one.

    async def test_something(shared_server: RunningServer) -> None:
        market = await another_market(shared_server.address)

Who kills a part of it, changes what holds for the whole server, or must be the first to come, starts a server
of their own.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.free_ports import free_port
from tests.liveshop.running_server import RunningServer, running
from tests.story.market import SET_UP, new_key

SETTINGS = {
    "LIVESHOP_FRONTS": "2",
    "LIVESHOP_PAYMENTS": "sandbox,bank_transfer",
    "LIVESHOP_WEBHOOK_ALLOW": "127.0.0.0/8",
}


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Run one liveshop for all tests that leave it whole; each opens a market of its own.

    It has two fronts, takes test payments and transfers, its webhooks may reach this machine, and its mails
    are files.
    """
    data = tmp_path_factory.mktemp("shared") / "data"
    with running(data, LIVESHOP_MEDIA_PORT=str(free_port()), **SETTINGS) as started:
        keyed = {"idempotency-key": new_key()}
        setup = httpx.post(f"{started.address}/api/v1/setup", json=SET_UP, headers=keyed, timeout=20)
        setup.raise_for_status()
        yield started
