"""Sockets of the room at several real fronts: the kernel spreads them."""

import asyncio
import contextlib
import re
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.liveshop.running_server import RunningServer, running

pytestmark = pytest.mark.together

FRONTS, SOCKETS = 4, 400
FEWEST, MOST = SOCKETS // FRONTS // 2, SOCKETS // FRONTS * 3 // 2
"""A hash of the addresses gives each front 100, give or take 9; these are five times that."""


def connections(server: RunningServer, front: str) -> int:
    """How many websockets a front says it has."""
    found = re.search(rb"^\w*room_connections (\S+)", server.inside(front, "/metrics"), re.MULTILINE)
    return 0 if found is None else int(float(found[1]))


@pytest.mark.timeout(180)
async def test_four_fronts_share_four_hundred_sockets(tmp_path: Path) -> None:
    """Every front listens by itself, and none has less than half or more than one and a half of its part."""
    with running(tmp_path / "data", LIVESHOP_FRONTS=str(FRONTS)) as server:
        address = server.address.replace("http", "ws") + "/ws/shows/sh_any"

        async def one(stack: contextlib.AsyncExitStack, number: int) -> ClientConnection:
            source = (f"127.0.1.{number % 200 + 1}", 0)
            return await stack.enter_async_context(connect(address, local_addr=source, open_timeout=60))

        async with contextlib.AsyncExitStack() as stack:
            for first in range(0, SOCKETS, 50):
                await asyncio.gather(*(one(stack, number) for number in range(first, first + 50)))
                shares = [await asyncio.to_thread(connections, server, f"front-{n}") for n in range(FRONTS)]
            assert sum(shares) == SOCKETS
            assert min(shares) >= FEWEST
            assert max(shares) <= MOST
