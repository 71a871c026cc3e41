"""The viewers: one process that connects as many as it is told to, and keeps their sessions alive.

Spoken to over a pipe: ("join", number, within_s) is answered with (connected, seconds); ("leave",) ends it.
"""

import asyncio
import datetime as dt
import multiprocessing.connection
import time
from collections.abc import Awaitable, Callable

from benchmarks.relay.peer import MediaPeer
from streaming.transport.dtls_crypto import DtlsIdentity

ALIVE_S = 5.0
# Makes one connected viewer.
Enter = Callable[[DtlsIdentity], Awaitable[MediaPeer]]


class Crowd:
    """Connected viewers."""

    def __init__(self, enter: Enter) -> None:
        self._enter = enter
        self._identity = DtlsIdentity(dt.datetime.now(tz=dt.UTC))
        self._peers: list[MediaPeer] = []

    async def join(self, number: int, within_s: float) -> tuple[int, float]:
        """Let `number` viewers come, spread over `within_s`; returns how many connected and the seconds."""
        began_s = time.monotonic()
        before = len(self._peers)
        async with asyncio.TaskGroup() as group:
            for index in range(number):
                await asyncio.sleep(max(0.0, began_s + within_s * index / number - time.monotonic()))
                group.create_task(self._one())
        return len(self._peers) - before, time.monotonic() - began_s

    async def keep_alive(self) -> None:
        """Send every viewer's check in turn."""
        while True:
            for peer in list(self._peers):
                peer.check()
                await asyncio.sleep(ALIVE_S / max(1, len(self._peers)))
            await asyncio.sleep(0.05)

    def leave(self) -> None:
        """Close every socket."""
        for peer in self._peers:
            peer.close()
        self._peers.clear()

    async def _one(self) -> None:
        try:
            self._peers.append(await self._enter(self._identity))
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            print(f"a viewer did not come in: {error!r}", flush=True)


async def serve(pipe: multiprocessing.connection.Connection, enter: Enter) -> None:
    """Do what the pipe says until it says leave."""
    crowd = Crowd(enter)
    alive = asyncio.create_task(crowd.keep_alive())
    while True:
        order = await asyncio.to_thread(pipe.recv)
        if order[0] == "leave":
            break
        pipe.send(await crowd.join(order[1], order[2]))
    alive.cancel()
    crowd.leave()
