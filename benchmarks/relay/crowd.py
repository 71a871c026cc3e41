"""The viewers: one process that connects as many as it is told to, and keeps their sessions alive.

Spoken to over a pipe: ("join", number, within_s) is answered with (connected, seconds); ("leave",) ends it.
"""

import asyncio
import datetime as dt
import multiprocessing.connection
import time
from collections.abc import Awaitable, Callable

from benchmarks.relay.descriptions import Features
from benchmarks.relay.peer import MediaPeer
from benchmarks.relay.reports import FEEDBACK_S, Reports
from streaming.transport.dtls_crypto import DtlsIdentity

ALIVE_S = 5.0
# Between two looks at the clock.
REPORTS_AT_ONCE = 10
# Makes one connected viewer.
Enter = Callable[[DtlsIdentity], Awaitable[MediaPeer]]


class Crowd:
    """Connected viewers."""

    def __init__(self, enter: Enter, features: Features) -> None:
        self._enter = enter
        self._features = features
        self._reports: list[Reports] = []
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

    async def report(self) -> None:
        """Let every viewer report in turn what came to it."""
        while True:
            began_s = time.monotonic()
            for place, one in enumerate(list(self._reports)):
                if place % REPORTS_AT_ONCE == 0:
                    due_s = began_s + FEEDBACK_S * place / len(self._reports)
                    await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                one.read()
                one.send()
            await asyncio.sleep(max(0.001, began_s + FEEDBACK_S - time.monotonic()))

    def leave(self) -> None:
        """Close every socket."""
        for peer in self._peers:
            peer.close()
        self._peers.clear()
        self._reports.clear()

    async def _one(self) -> None:
        try:
            peer = await self._enter(self._identity)
            if self._features is Features.ALL:
                reports = Reports(peer)
                reports.take_many()
                self._reports.append(reports)
            self._peers.append(peer)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            print(f"a viewer did not come in: {error!r}", flush=True)


async def serve(pipe: multiprocessing.connection.Connection, enter: Enter, features: Features) -> None:
    """Do what the pipe says until it says leave."""
    crowd = Crowd(enter, features)
    beside = [asyncio.create_task(crowd.keep_alive()), asyncio.create_task(crowd.report())]
    while True:
        order = await asyncio.to_thread(pipe.recv)
        if order[0] == "leave":
            break
        pipe.send(await crowd.join(order[1], order[2]))
    for task in beside:
        task.cancel()
    crowd.leave()
