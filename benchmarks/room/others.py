"""The two usual ways to tell many sockets the same, on servers of their own with as little else as possible.

Both negotiate permessage-deflate as they do when nothing is set. And what is under all of them: one call of
`write` for each socket with bytes made before, by a server that does nothing else. No room can be cheaper on
the same machine.
"""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import ClassVar, cast

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from benchmarks import own_network
from benchmarks.relay.workers import Worker
from benchmarks.room.viewers import TOGETHER, door, until
from benchmarks.room_socket import RoomSocket, Stage
from liveshop.serving.serving_http import LoopServer
from realtime.sockets.frames import SharedFrame

Tell = Callable[[str], Awaitable[None]]
PER_S = 5
SLICE_TOTAL = 200


class Listener(RoomSocket):
    """Counts what it is told."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.port, stage.path, deflate=True)
        self.frames = 0

    def on_upgraded(self) -> None:
        """Be ready."""
        self.ready.set_result(None)

    def on_frame(self, frame: bytes) -> None:  # noqa: ARG002 only counted
        """Count."""
        self.frames += 1


def run_send_text(pipe: Pipe, _: object) -> None:
    """Serve Starlette's `send_text`, one after the other."""
    uvloop.run(_send_text(pipe))


def run_broadcast(pipe: Pipe, _: object) -> None:
    """Serve `websockets.broadcast`."""
    uvloop.run(_broadcast(pipe))


def run_bare(pipe: Pipe, _: object) -> None:
    """Serve bare writes."""
    uvloop.run(_bare(pipe))


def measure(name: str, viewers: int, text: str, seconds: float) -> float:
    """Return CPU microseconds of the server for each of `viewers` x frames deliveries."""
    main = {"send_text": run_send_text, "broadcast": run_broadcast, "bare_write": run_bare}[name]
    with Worker(main, None) as server:
        own_network.keep_from_receivers(server.pid)
        port = server.ask("port")
        with Worker(run_listeners, Stage("127.0.0.1", port, "others", b"")) as listeners:
            listeners.ask("join", viewers)
            cpu_s, frames = server.ask("tell", text, int(seconds * PER_S))
            got = listeners.ask("count", frames)
    assert got == viewers * frames, (got, viewers, frames)
    return float(cpu_s / got * 1e6)


async def _send_text(pipe: Pipe) -> None:
    sockets: set[WebSocket] = set()

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept("liveshop.v1")
        sockets.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(websocket)

    async def tell(text: str) -> None:
        for websocket in tuple(sockets):
            await websocket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws/shows/others", endpoint)])
    config = uvicorn.Config(
        app, ws="websockets-sansio", lifespan="off", log_level="error", ws_ping_interval=None
    )
    server = LoopServer(config)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    task = asyncio.create_task(server.serve([listening]))
    await _obey(pipe, listening.getsockname()[1], tell)
    task.cancel()


async def _broadcast(pipe: Pipe) -> None:
    sockets: set[ServerConnection] = set()

    async def handler(connection: ServerConnection) -> None:
        sockets.add(connection)
        await connection.wait_closed()
        sockets.discard(connection)

    async def tell(text: str) -> None:
        broadcast(sockets, text)

    async with serve(handler, "127.0.0.1", 0, subprotocols=["liveshop.v1"], ping_interval=None) as server:  # type: ignore[list-item]  # a NewType of str
        await _obey(pipe, next(iter(server.sockets)).getsockname()[1], tell)


class Upgraded(asyncio.Protocol):
    """Says yes to any upgrade; what comes later is not read."""

    lines: ClassVar[list[asyncio.Transport]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 whatever it is
        """Upgrade."""
        self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        self._transport.pause_reading()
        self.lines.append(self._transport)


async def _bare(pipe: Pipe) -> None:
    files: list[int] = []

    async def tell(text: str) -> None:
        frame = SharedFrame.of(text.encode()).wire(compressed=True)
        if len(files) < len(Upgraded.lines):
            files[:] = [line.get_extra_info("socket").fileno() for line in Upgraded.lines]
        for number, file in enumerate(files):
            os.write(file, frame)
            if number % SLICE_TOTAL == 0:
                await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upgraded, "127.0.0.1", 0, backlog=4096)
    await _obey(pipe, server.sockets[0].getsockname()[1], tell)


async def _obey(pipe: Pipe, port: int, tell: Tell) -> None:
    """Serve ("port",), ("tell", text, times) -> (CPU seconds, times), and ("leave",)."""
    while True:
        name, *arguments = await asyncio.to_thread(pipe.recv)
        if name == "leave":
            return
        if name == "port":
            pipe.send(port)
            continue
        text, times = arguments
        cpu_s = time.process_time()
        for _ in range(times):
            await tell(text)
            await asyncio.sleep(1 / PER_S)
        pipe.send((time.process_time() - cpu_s, times))


def run_listeners(pipe: Pipe, stage: Stage) -> None:
    """Serve ("join", count), ("count", frames each) -> all frames, and ("leave",)."""

    async def main() -> None:
        listeners: list[Listener] = []
        while True:
            name, *arguments = await asyncio.to_thread(pipe.recv)
            if name == "leave":
                return
            if name == "join":
                await _join(listeners, stage, arguments[0])
            else:
                assert await until(partial(_all_had, listeners, arguments[0]))
            pipe.send(sum(each.frames for each in listeners))

    uvloop.run(main())


def _all_had(listeners: list[Listener], frames: int) -> bool:
    return all(each.frames >= frames for each in listeners)


async def _join(listeners: list[Listener], stage: Stage, count: int) -> None:
    loop = asyncio.get_running_loop()
    for first in range(0, count, TOGETHER):
        made = [Listener(stage) for _ in range(first, min(count, first + TOGETHER))]
        for number, listener in enumerate(made, first):
            line = door(stage, number, small=False)
            await loop.sock_connect(line, (stage.host, stage.port))
            await loop.create_connection(partial(_itself, listener), sock=line)
        await asyncio.gather(*(listener.ready for listener in made))
        listeners += made


def _itself(listener: Listener) -> Listener:
    return listener
