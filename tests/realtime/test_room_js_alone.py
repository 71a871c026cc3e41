"""`static/lib/room/room.js` in Node, without a page, against a live front: deflated frames, cuts, facts."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.connections.connection import Connection
from realtime.log.entries import Kind
from realtime.sockets.raw_frames_ws import RawOutlet
from tests.realtime.checker import agree
from tests.realtime.company import company
from tests.realtime.stage import SHOW
from tests.realtime.test_room_client import drop

pytestmark = pytest.mark.together
Json = dict[str, Any]
DRIVER = Path(__file__).with_name("room_driver.mjs")
CRYPTO = Path(__file__).parents[1] / "static" / "global_crypto.mjs"
LIMIT_S = 30.0
OWN_FLAG = "--experimental-websocket"
"""Node has a WebSocket of its own from 22 on, with this flag from 20.10; Debian 12's Node 18 has none."""


def has_its_own() -> bool:
    """Whether this machine's Node has a WebSocket."""
    asked = subprocess.run(["node", OWN_FLAG, "-e", "new WebSocket"], capture_output=True, check=False)
    return b"bad option" not in asked.stderr


HAS_ITS_OWN = has_its_own()


class NodeRoom:
    """The room client of the pages, in a process of its own; `state` is what it told last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout
        self.state: Json = {}

    def say(self, text: str) -> None:
        """Write a comment."""
        self._stdin.write(f"{text}\n".encode())

    async def until(self, true: Callable[[Json], object]) -> None:
        """Wait until something is true of its state."""
        async with asyncio.timeout(LIMIT_S):
            while not (self.state and true(self.state)):
                line = await self._stdout.readline()
                assert line, f"Node ended; it said last: {self.state}"
                self.state = json.loads(line)


@contextlib.asynccontextmanager
async def node_room(url: str, person: str, way: str) -> AsyncIterator[NodeRoom]:
    """Run the client, over Node's own WebSocket or the package ws, until the block is left."""
    flags = [OWN_FLAG] if HAS_ITS_OWN else []
    process = await asyncio.create_subprocess_exec(
        "node", *flags, "--no-warnings", "--import", str(CRYPTO), str(DRIVER), f"{url}/ws/shows/{SHOW}",
        person, way, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 22,
    )  # fmt: skip
    try:
        yield NodeRoom(process)
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("way", ["own", "ws"] if HAS_ITS_OWN else ["ws"])
async def test_the_pages_client_alone_ends_with_what_the_log_holds(plain_redis: Redis, way: str) -> None:
    """Busy room, two cuts, a comment of its own: each fact once, the same comments, board and stock."""
    async with company(plain_redis, plain_redis) as everybody:
        front = everybody.fronts[0]
        async with node_room(front.url, "gu_node", way) as node:
            await node.until(lambda state: state["status"] == "open")
            for number in range(3):
                await everybody.happen()
                if number:
                    assert drop(front, "gu_node") == 1
                    await node.until(lambda state: state["status"] == "waiting")
                    await node.until(lambda state: state["status"] == "open")
            assert any(_is_deflated(each) for each in front.realtime.people.connections)
            await everybody.host.ask("slow_mode", seconds=0, key="slow-mode-off")
            node.say("from Node")
            await node.until(lambda state: "from Node" in state["comments"])
            truth = await agree(plain_redis, *everybody.all)
            await node.until(lambda state: state["position"] == truth.position)
            assert node.state["facts"] == [line.data for line in truth.lines if line.kind is Kind.FACT]
            assert node.state["comments"] == [comment["text"] for comment in everybody.lin.comments.values()]
            assert node.state["board"] == {"greeting": {"number": 3}}
            assert {pool: node.state["stock"][pool] for pool in truth.stock} == truth.stock


def _is_deflated(connection: Connection) -> bool:
    """Whether Node's own socket agreed to deflated frames."""
    who, outlet = connection.session.person, connection.outlet
    is_node = who is not None and who.person == "gu_node"
    return is_node and isinstance(outlet, RawOutlet) and outlet._compressed
