"""Three hundred scripted accounts that flood a room, each from an address of its own.

Their sockets are the benchmarks', which cost next to nothing: what is slow in a raid must be the server.
"""

import asyncio
import itertools
import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from benchmarks.room_socket import RoomSocket, payload_of
from tests.story.market import Api, Market, new_key

RAIDERS = 300
ENTER_AT_ONCE = 12
PAUSE_S = 3.0
STARTS = 30


class Raider(RoomSocket):
    """One socket: counts what was said and refused, and reads nothing else."""

    def __init__(self, host: str, port: int, market: Market, token: str, raid: "Raid") -> None:
        super().__init__(host, port, f"/ws/shows/{market.show}")
        self._token, self._raid = token, raid
        self._ids = itertools.count(2)

    def on_upgraded(self) -> None:
        """Say hello."""
        self.send(json.dumps({"id": 1, "type": "hello", "token": self._token}).encode())

    def on_frame(self, frame: bytes) -> None:
        """Take the hello's answer and those to comments."""
        text = payload_of(frame)
        if text.startswith(b'{"type":"hello"'):
            self.ready.set_result(None)
        elif text.startswith(b'{"type":"ok"'):
            self._raid.said_total += 1
        elif text.startswith(b'{"type":"error"'):
            refused = json.loads(text)
            self._raid.refused[refused["code"]] += 1
            self.fail(f"refused at the door: {refused}")
        elif text.startswith(b'{"type":"ping"'):
            self.send(b'{"id":0,"type":"pong"}')

    def talk(self) -> None:
        """Say something new."""
        text = f"RAID {secrets.token_hex(6)}"
        message = {"id": next(self._ids), "type": "comment", "text": text, "key": new_key()}
        self.send(json.dumps(message).encode())


@dataclass
class Raid:
    """All of them."""

    market: Market
    raiders: list[Raider] = field(default_factory=list)
    said_total: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    talking: list[asyncio.Task[None]] = field(default_factory=list)

    async def enter(self) -> None:
        """Let all of them in, some at a time."""
        gate = asyncio.Semaphore(ENTER_AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                self.raiders.append(
                    await self._enter(f"127.0.{1 + number // 200}.{1 + number % 200}", number)
                )

        await asyncio.gather(*(one(number) for number in range(RAIDERS)))

    async def _enter(self, address: str, number: int) -> Raider:
        async with Api(self.market.address, local_address=address) as api:
            await api.enter("/session", {"guest_name": f"Raider {number}"})
        door = urlsplit(self.market.address)
        assert door.hostname is not None
        assert door.port is not None
        raider = Raider(door.hostname, door.port, self.market, api.token, self)
        loop = asyncio.get_running_loop()
        await loop.create_connection(
            partial(_itself, raider), door.hostname, door.port, local_addr=(address, 0)
        )
        await raider.ready
        return raider

    def begin(self) -> None:
        """Talk, all at once, until `end`."""
        starts = itertools.cycle(number * PAUSE_S / STARTS for number in range(STARTS))
        self.talking = [asyncio.create_task(_talk(raider, next(starts))) for raider in self.raiders]

    async def end(self) -> None:
        """Fall silent and leave."""
        for task in self.talking:
            task.cancel()
        await asyncio.gather(*self.talking, return_exceptions=True)
        for raider in self.raiders:
            raider.close()


async def _talk(raider: Raider, start_s: float) -> None:
    pause_s = start_s
    while True:
        await asyncio.sleep(pause_s)
        pause_s = PAUSE_S
        raider.talk()


def _itself(raider: Raider) -> Raider:
    return raider
