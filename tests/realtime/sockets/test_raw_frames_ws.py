"""The protocol under the room's sockets, where it is not the library's own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.protocol import State

from realtime.sockets.raw_frames_ws import RawOutlet, RoomProtocol, raw_of
from tests.prompt_server import bound_socket, served
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Front, Shop, serving
from tests.waiting import until

LIMIT_S = 10


def protocol_of(front: Front) -> RoomProtocol:
    """Return the protocol of the one who is connected."""
    (connection,) = front.realtime.people.connections
    assert isinstance(connection.outlet, RawOutlet)
    return connection.outlet._protocol


@contextlib.asynccontextmanager
async def endpoint_served(endpoint: Callable[[WebSocket], Awaitable[None]]) -> AsyncIterator[str]:
    """Serve another endpoint than the room's over the room's protocol; gives its address."""
    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    config = uvicorn.Config(app, ws=RoomProtocol, lifespan="off", log_level="critical")
    bound = bound_socket()
    async with served(config, bound):
        yield f"ws://127.0.0.1:{bound.getsockname()[1]}/"


async def test_a_server_that_stops_lets_go_of_who_is_closing(plain_redis: Redis) -> None:
    """The library refuses to say goodbye to somebody who has said it; others must hear it all the same."""
    async with serving(plain_redis, Shop(plain_redis)) as front:
        async with RoomClient(front.url, SHOW, "gu_mei"):
            protocol = protocol_of(front)
        await until(lambda: protocol.conn.state is not State.OPEN)
        protocol.shutdown()
        assert protocol.transport.is_closing()


async def test_nothing_waits_for_an_open_socket(plain_redis: Redis) -> None:
    """Its application has returned, and the request it came with is gone; it is in the room all the same."""
    async with (
        serving(plain_redis, Shop(plain_redis)) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        protocol = protocol_of(front)
        await until(lambda: not protocol.tasks)
        assert not any(hasattr(protocol, name) for name in ("scope", "request", "response"))
        await mei.comment("still here")
        await mei.until(lambda: mei.texts() == ["still here"])


async def test_a_socket_that_is_gone_is_counted_out_once(plain_redis: Redis) -> None:
    """Whoever ends it: the room closes it, the connection is lost, and that is one end."""
    async with serving(plain_redis, Shop(plain_redis)) as front:
        async with RoomClient(front.url, SHOW, "gu_mei"):
            door = front.realtime._endpoint._door
            assert door.inside_total == 1
            protocol_of(front).transport.abort()
            await until(lambda: not front.realtime.people.connections)
        assert door.inside_total == 0


async def test_who_is_gone_before_the_handshake_is_counted_out(
    plain_redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And is no fault of ours to be logged."""
    gone = asyncio.Event()
    accept = WebSocket.accept

    async def leave_first(self: WebSocket, *arguments: Any, **options: Any) -> None:
        raw_of(self).transport.abort()  # type: ignore[union-attr]
        await until(lambda: raw_of(self).disconnected)  # type: ignore[union-attr]
        gone.set()
        await accept(self, *arguments, **options)

    monkeypatch.setattr(WebSocket, "accept", leave_first)
    async with serving(plain_redis, Shop(plain_redis)) as front:
        with pytest.raises((EOFError, OSError, InvalidMessage)):
            await connect(f"{front.url}/ws/shows/{SHOW}", open_timeout=LIMIT_S)
        await gone.wait()
        await until(lambda: not front.realtime._endpoint._door.inside_total)
        assert not front.realtime.people.connections
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def fail(_: WebSocket) -> None:
    """Break before the handshake."""
    raise ValueError("broken")


async def forget(_: WebSocket) -> None:
    """Return without an answer."""


@pytest.mark.parametrize("endpoint", [fail, forget])
async def test_an_endpoint_that_does_not_accept_is_a_500(
    endpoint: Callable[[WebSocket], Awaitable[None]],
) -> None:
    """Nobody waits for an answer that never comes."""
    async with endpoint_served(endpoint) as address:
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, open_timeout=LIMIT_S)
    assert refused.value.response.status_code == 500


async def test_an_endpoint_that_keeps_nothing_closes_when_it_returns() -> None:
    """Only who asks for it is kept open."""

    async def greet(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")

    async with endpoint_served(greet) as address, connect(address, open_timeout=LIMIT_S) as client:
        assert await client.recv() == "hello"
        with pytest.raises(ConnectionClosed):
            await client.recv()
