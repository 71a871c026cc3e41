"""A show under a flood: one publisher, two viewers, and datagrams from their addresses and from strangers'.

The datagrams are mutations of what these very peers have sent before (STUN, DTLS, SRTP), over half of all
from their own addresses and with their own fragments; some of it unchanged; and noise. A mutation that is
still a genuine check is sent from its own peer's address only: ICE answers whoever repeats a genuine check,
so a stranger with one is on the path and not a flooder.
"""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from streaming.rtp import rtcp
from streaming.transport.ice_lite import is_genuine, read_check
from tests.streaming.fuzz.mutation import mutate
from tests.streaming.fuzz.recording import RecordedPeer, recorded_peer, talk
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8_DELTA, VP8_KEY
from tests.streaming.timed_player import Player, connected_player, now

BATCH = 32
LOOK_EVERY = 4
MAX_QUEUED_BYTES = 96 << 10
STRANGERS = 6
PACKET_EVERY_S = 0.02
PICTURE_EVERY = 2
REPORT_EVERY_S = 0.5
# So few are made at a time that the show's own packets do not wait for it.
PIECE = 256
SETTLE_LIMIT_S = 10.0
# What a datagram can become: one of these totals, or a drop.
TAKEN = ("checks_answered", "dtls_in", "media_in")


@dataclass
class Figures:
    """What /metrics says: gauges and totals by name, drops by reason."""

    values: dict[str, int] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Figures":
        """Read the Prometheus text."""
        drops = {name: int(n) for name, n in re.findall(r'drops_total\{reason="(\w+)"\} (\d+)', text)}
        values = {name: int(n) for name, n in re.findall(r"^streaming_(\w+) (\d+)$", text, re.MULTILINE)}
        return cls(values, drops)

    def total(self, name: str) -> int:
        """A counter."""
        return self.values.get(f"{name}_total", 0)

    @property
    def lost(self) -> int:
        """What the kernel dropped before anybody read it."""
        return self.drops.get("receive_buffer_full", 0)

    @property
    def accounted(self) -> int:
        """Datagrams read that were taken for something or dropped by the demultiplexer or a connection."""
        reasons = (
            "bad_size", "bad_stun", "bad_srtp", "dtls_from_unknown", "handshake_backlog_full",
            "handshake_backlog_of_peer_full", "media_before_keys", "media_from_unknown", "stun_bad_integrity",
            "stun_unknown_fragment", "too_many_ssrcs", "unknown_protocol",
        )  # fmt: skip
        return sum(map(self.total, TAKEN)) + sum(self.drops.get(reason, 0) for reason in reasons)


@dataclass
class Flood:
    """The show, and the sockets the flood comes from.

    `sent_total` counts its datagrams, `disguised_total` those changed ones that had an address of the show.
    """

    http: httpx.AsyncClient
    host: RecordedPeer
    players: list[Player]
    server: MediaServer
    random: Random
    strangers: list[socket.socket]
    own: list[socket.socket]
    sent_total: int = 0
    disguised_total: int = 0
    spoken_total: int = 0
    shown_total: int = 0
    _speaking: bool = False

    async def figures(self) -> Figures:
        """What the server says of itself."""
        return Figures.read((await self.http.get("/metrics")).text)

    async def settled(self) -> Figures:
        """Wait until everything sent has been read or dropped, and return the figures."""
        async with asyncio.timeout(SETTLE_LIMIT_S):
            seen = -1
            while True:
                figures = await self.figures()
                read = figures.total("datagrams_in") + figures.lost
                if read == seen and not queued_bytes(self.server.candidates[0][1]):
                    return figures
                seen = read
                await asyncio.sleep(REPORT_EVERY_S * 1.2)  # the server looks after its losses as often

    async def speak(self) -> None:
        """Send sound every 20 ms, pictures every 40, and the viewers' reports, until `stop_speaking`."""
        self._speaking = True
        due_s = report_s = time.monotonic()
        while self._speaking:
            if self.spoken_total % PICTURE_EVERY == 0:
                await self._show_picture()
            sequence, time_rtp = 1000 + self.spoken_total, 960 * self.spoken_total
            await self.host.send_audio(sequence & 0xFFFF, now(), timestamp=time_rtp & 0xFFFFFFFF)
            self.spoken_total += 1
            if time.monotonic() >= report_s:
                report_s = time.monotonic() + REPORT_EVERY_S
                for player in self.players:
                    await player.send_rtcp(b"")
            due_s += PACKET_EVERY_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def _show_picture(self) -> None:
        kind = VP8_DELTA if self.shown_total else VP8_KEY
        sequence, time_rtp = 1000 + self.shown_total, 3600 * self.shown_total
        await self.host.send_video(sequence & 0xFFFF, kind + now(), timestamp=time_rtp & 0xFFFFFFFF)
        self.shown_total += 1

    def stop_speaking(self) -> None:
        """Let `speak` return."""
        self._speaking = False

    def pieces(self, number: int) -> list[tuple[socket.socket, bytes]]:
        """Some datagrams, each with the socket it leaves by."""
        peers = [self.host, *self.players]
        everything = [data for peer in peers for data in peer.sent.all()]
        return [self._one(everything, peers) for _ in range(number)]

    def _one(self, everything: list[bytes], peers: list[RecordedPeer]) -> tuple[socket.socket, bytes]:
        random = self.random
        kind = random.random()
        if kind < 0.2:
            noise = random.randbytes(random.randrange(1, 1200))
            return random.choice(self.strangers + self.own), noise
        whose = random.randrange(len(peers))
        sent = peers[whose].sent
        data = random.choice(random.choice((sent.stun, sent.dtls, sent.srtp)))
        if kind < 0.3:
            return self.own[whose], data
        changed = mutate(data, random, everything)
        if kind < 0.82 or self._is_genuine(changed):
            self.disguised_total += changed != data
            return self.own[whose], changed
        return random.choice(self.strangers), changed

    def _is_genuine(self, data: bytes) -> bool:
        check = read_check(data)
        passwords = {peer.remote[1].encode() for peer in (self.host, *self.players)}
        return check is not None and any(is_genuine(check, password) for password in passwords)

    async def send(self, number: int, *, paced: bool = True) -> float:
        """Send datagrams; the seconds it took. Paced, the server is always busy and its queue never full."""
        began_s, made_s = time.monotonic(), 0.0
        while number > 0:
            making_s = time.monotonic()
            pieces = self.pieces(min(PIECE, number))
            made_s += time.monotonic() - making_s
            number -= len(pieces)
            for batch in range(0, len(pieces), BATCH):
                await self._send_batch(pieces[batch : batch + BATCH])
                if paced and batch // BATCH % LOOK_EVERY == 0:
                    await self._wait_for_room()
        return time.monotonic() - began_s - made_s

    async def _send_batch(self, batch: Iterable[tuple[socket.socket, bytes]]) -> None:
        for sender, data in batch:
            try:
                sender.sendto(data, self.server.candidates[0])
            except BlockingIOError:
                continue
            self.sent_total += 1
        await asyncio.sleep(0)

    async def _wait_for_room(self) -> None:
        port = self.server.candidates[0][1]
        while queued_bytes(port) > MAX_QUEUED_BYTES:  # noqa: ASYNC110 the kernel sends no event
            await asyncio.sleep(0.001)


def queued_bytes(port: int) -> int:
    """What waits in the receiving buffer of a port of 127.0.0.1, as the kernel counts it."""
    found = re.search(rf"0100007F:{port:04X} 00000000:0000 07 \w+:(\w+)", Path("/proc/net/udp").read_text())
    assert found is not None, "nobody listens there"
    return int(found[1], 16)


@asynccontextmanager
async def flooded(server: MediaServer, seed: int = 7) -> AsyncIterator[Flood]:
    """A connected show that has said something, and sockets to flood it from."""
    async with (
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        recorded_peer(http, "/whip/s1") as host,
        connected_player(http) as first,
        connected_player(http) as second,
    ):
        await talk(host, first)
        await talk_back(second)
        strangers = [_socket() for _ in range(STRANGERS)]
        own = [_twin(peer) for peer in (host, first, second)]
        flood = Flood(http, host, [first, second], server, Random(seed), strangers, own)
        try:
            yield flood
        finally:
            for one in (*strangers, *own):
                one.close()


async def talk_back(player: RecordedPeer) -> None:
    """The reports and wishes of a viewer, so that there is something to change."""
    ssrc = player.sent_ssrc("video")
    await player.send_rtcp(rtcp.build_nack(1, ssrc, [1, 2, 3]))
    await player.send_rtcp(rtcp.build_picture_loss(1, ssrc))


def _socket() -> socket.socket:
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.setblocking(False)
    stranger.bind(("127.0.0.1", 0))
    return stranger


def _twin(peer: RecordedPeer) -> socket.socket:
    """Another handle of the socket a peer sends from, so that it is the peer's own address."""
    number = peer._transports[0].get_extra_info("socket").fileno()
    own: socket.socket = socket.fromfd(number, socket.AF_INET, socket.SOCK_DGRAM)
    own.setblocking(False)
    return own
