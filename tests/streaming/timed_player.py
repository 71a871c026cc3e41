"""A viewer that notes how long sounds and pictures were under way; senders put `now()` at their end."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from struct import pack, unpack

import httpx

from streaming.rtp.packet import parse_rtp
from tests.streaming.fuzz.recording import RecordedPeer
from tests.streaming.raw_peer import connected

SOUND, PICTURE = 111, 96


class Player(RecordedPeer):
    """What it got, by payload type and number: the seconds from sending to arrival."""

    def __init__(self, direction: str) -> None:
        super().__init__(direction)
        self.under_way_s: dict[int, dict[int, float]] = {SOUND: {}, PICTURE: {}}

    async def _on_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        packet = parse_rtp(data)
        if packet.payload_type in self.under_way_s and len(packet.payload) >= len(now()):
            [sent_s] = unpack("!d", packet.payload[-8:])
            took = self.under_way_s[packet.payload_type]
            took.setdefault(packet.sequence, time.monotonic() - sent_s)
        await super()._on_rtp(data, arrival_time_ms)

    def forget(self) -> None:
        """Begin anew."""
        self.packets.clear()
        for noted in self.under_way_s.values():
            noted.clear()

    def delays_s(self, kind: int) -> list[float]:
        """Return how long what it got of a kind was under way."""
        return list(self.under_way_s[kind].values())


@asynccontextmanager
async def connected_player(http: httpx.AsyncClient) -> AsyncIterator[Player]:
    """Give a viewer of the show."""
    player = Player("recvonly")
    async with connected(player, http, "/whep/s1"):
        yield player


def now() -> bytes:
    """Return a payload that says when it was sent."""
    return pack("!d", time.monotonic())
