"""The processes beside the server, on the second core: the source with its timed viewer, and the crowd."""

import asyncio
import contextlib
import datetime as dt
import multiprocessing
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

from benchmarks.own_network import ADDRESS
from benchmarks.relay import crowd, janus_server, liveshop_server
from benchmarks.relay.descriptions import SOUND_TYPE, Features
from benchmarks.relay.http import Http
from benchmarks.relay.peer import MediaPeer
from benchmarks.relay.source import Send, Sends, Source
from benchmarks.relay.timed_viewer import TimedViewer
from streaming.transport.dtls_crypto import DtlsIdentity

ANSWER_LIMIT_S = 180


@dataclass(frozen=True)
class Target:
    """A server's doors, and what is asked of it: `show` and `key` are liveshop's, empty for Janus."""

    host: str
    port: int
    show: str = ""
    key: str = ""
    features: Features = Features.LEAST

    @property
    def types(self) -> tuple[int, int]:
        """Payload types of sound and picture."""
        module = liveshop_server if self.show else janus_server
        return SOUND_TYPE, module.VIDEO_TYPE

    async def enter(self, http: Http, identity: DtlsIdentity) -> MediaPeer:
        """Connect a viewer."""
        if self.show:
            return await liveshop_server.watch(http, self.show, identity, self.features)
        return await janus_server.watch(http, identity)

    async def publish(self, http: Http, identity: DtlsIdentity) -> Sends:
        """Connect the publisher; returns how sound and picture are sent."""
        if self.show:
            peer = await liveshop_server.publish(http, self.show, self.key, identity, self.features)
            return peer.send_rtp, peer.send_rtp
        return _sender(janus_server.SOUND_PORT), _sender(janus_server.VIDEO_PORT)


def _sender(port: int) -> Send:
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    plain.connect((ADDRESS, port))

    def send(data: bytes) -> None:
        plain.send(data)

    return send


class Worker:
    """A process that answers orders over a pipe."""

    def __init__(self, main: Callable[..., None], target: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs, target), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def ask(self, *order: object) -> Any:
        """Give an order and wait for its answer."""
        self._pipe.send(order)
        if not self._pipe.poll(ANSWER_LIMIT_S):
            raise TimeoutError(f"no answer to {order}")
        return self._pipe.recv()

    def tell(self, *order: object) -> Callable[[], Any]:
        """Give an order; call what is returned to wait for the answer."""
        self._pipe.send(order)
        return self._pipe.recv

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(("leave",))
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()


def run_crowd(pipe: Connection, target: Target) -> None:
    """Serve ("join", number, within_s) and ("leave",)."""
    os.nice(5)

    async def main() -> None:
        http = Http(target.host, target.port)
        await crowd.serve(pipe, lambda identity: target.enter(http, identity), target.features)

    asyncio.run(main())


def run_source(pipe: Connection, target: Target) -> None:
    """Publish at once; serve ("watch",), ("begin",), ("end",) -> `Delays` since then, and ("leave",).

    ("measure", seconds) is both at once.
    """
    asyncio.run(_source(pipe, target))


async def _source(pipe: Connection, target: Target) -> None:
    http, identity = Http(target.host, target.port), DtlsIdentity(dt.datetime.now(tz=dt.UTC))
    source = Source(await target.publish(http, identity), target.types, target.features)
    beside = [asyncio.create_task(source.run())]
    viewer: TimedViewer | None = None
    while True:
        order = await asyncio.to_thread(pipe.recv)
        if order[0] == "leave":
            break
        if order[0] == "watch":
            peer = await target.enter(http, identity)
            viewer = TimedViewer(peer, source, target.types[0], target.features)
            beside.append(asyncio.create_task(viewer.report()))
            pipe.send(True)
            continue
        assert viewer is not None
        if order[0] != "end":
            viewer.begin()
        if order[0] == "measure":
            await asyncio.sleep(order[1])
        pipe.send(True if order[0] == "begin" else viewer.end())
    for task in beside:
        task.cancel()
