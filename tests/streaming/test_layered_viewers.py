"""Viewers of a show with two layers, over real DTLS-SRTP on loopback: whose key frame, and which layer."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine

import httpx
import pytest
from aiortc import rtp as other

from streaming.picture import Picture
from streaming.rtp import rtcp
from streaming.rtp.keyframe_requests import MIN_INTERVAL_S
from tests.streaming.key_frames import key_frame
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import TRANSPORT_URI, VP8_DELTA, RawPeer, Video, connected
from tests.streaming.test_tap import SOUND, tapped
from tests.streaming.trunk.layered_host import LayeredHost, layered_host
from tests.waiting import until

REMB_ONLY = Video(96, feedback=("nack", "nack pli", "goog-remb"), retransmission=97)
PICTURE_S = 0.05
SMALL, LARGE = 0, 1
# About 74 and 140 kbit/s.
KEYS = (key_frame(320), key_frame(640) + bytes(400))
LITTLE, MUCH = 80_000, 1_000_000
DOWN_LIMIT_S, UP_LIMIT_S = 5.0, 20.0


class OnAir:
    """Sends pictures of both layers at a steady pace, and key frames of the layers it is asked for."""

    def __init__(self, host: LayeredHost, begins: tuple[int, int]) -> None:
        self.asked: list[tuple[int, float]] = []  # layer, when
        self.host = host
        self._begins = begins
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Go on until cancelled. The last byte of a packet is its layer."""
        number, began_s, wanted = 0, self._loop.time(), {SMALL, LARGE}
        while True:
            for layer, key in enumerate(KEYS):
                start = key if layer in wanted else VP8_DELTA + key[len(VP8_DELTA) :]
                timestamp = self._begins[layer] + 4500 * number
                await self.host.send_layer(layer, number, start[:-1] + bytes((layer,)), timestamp)
            number += 1
            wanted = await self._wishes(began_s + number * PICTURE_S)

    async def _wishes(self, until_s: float) -> set[int]:
        """Take the requests that come until the next picture is due."""
        wanted: set[int] = set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until_s):
                while True:
                    layer = (await self.host.next_rtcp(rtcp.KeyFrameWanted)).media_ssrc
                    wanted.add(layer - self.host.layer_ssrc(0))
                    self.asked.append((layer - self.host.layer_ssrc(0), self._loop.time()))
        return wanted


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Let something go on until the block is left."""
    running = asyncio.create_task(work)
    yield
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@contextlib.asynccontextmanager
async def on_air(
    http: httpx.AsyncClient, media: MediaServer, begins: tuple[int, int] = (0, 0)
) -> AsyncIterator[OnAir]:
    """A show whose layers both count as active; `begins` are their first RTP times."""
    async with layered_host(http) as host:
        made = OnAir(host, begins)
        async with meanwhile(made.run()):
            await until(lambda: len(picture_of(media).metered(0.0)) == 2)
            await until(lambda: all(one.active for _, one in picture_of(media).metered(time.monotonic())))
            yield made


@pytest.fixture
async def air(http: httpx.AsyncClient, media: MediaServer) -> AsyncIterator[OnAir]:
    """Layers with the same times, which nobody needs a sender report for."""
    async with on_air(http, media) as made:
        yield made


def picture_of(media: MediaServer) -> Picture:
    """The picture as the relay has it."""
    show = media.inside.relay.show("s1")
    assert show is not None
    return show.picture


class RembViewer(RawPeer):
    """A player of the old kind: it reports no arrivals, it tells what it believes it can receive."""

    def offer(self) -> str:
        """Leave out the transport-wide numbers."""
        lines = super().offer().splitlines()
        return "\r\n".join(line for line in lines if TRANSPORT_URI not in line) + "\r\n"

    async def say(self, bits_per_s: int, highest: int) -> None:
        """Report no loss up to the highest number, and an estimate (REMB, as aiortc writes it)."""
        ssrc = self.sent_ssrc("video")
        estimate = other.RtcpPsfbPacket(15, 1, 0, fci=other.pack_remb_fci(bits_per_s, [ssrc]))
        blocks = [rtcp.ReportBlock(ssrc, 0, 0, highest, 0, 0, 0)]
        await self.send_rtcp(rtcp.build_receiver_report(1, blocks) + bytes(estimate))


@contextlib.asynccontextmanager
async def remb_viewer(http: httpx.AsyncClient) -> AsyncIterator[RembViewer]:
    """A connected one; nothing else was agreed."""
    peer = RembViewer("recvonly", [REMB_ONLY])
    async with connected(peer, http, "/whep/s1"):
        assert "goog-remb" in peer.answer
        assert "transport-cc" not in peer.answer
        assert TRANSPORT_URI not in peer.answer
        yield peer


async def turn(said: dict[RembViewer, int]) -> list[int]:
    """Let each viewer take a picture and tell its estimate; returns the layers they saw."""
    seen = []
    for player, bits_per_s in said.items():
        packet = await player.next_rtp(96)
        seen.append(packet.payload[-1])
        await player.say(bits_per_s, packet.sequence)
    return seen


async def fulfilled(media: MediaServer) -> None:
    """Return when every key frame that was wished for has come."""
    await until(lambda: not any(one.requests.wanted for one in picture_of(media).layers))


async def lose(player: RawPeer, air: OnAir, media: MediaServer, *, times: int) -> None:
    """Let a viewer lose its picture; returns when the publisher was asked and the key frame has come."""
    before = len(air.asked)
    for _ in range(times):
        await player.send_rtcp(rtcp.build_picture_loss(1, player.sent_ssrc("video")))
    await until(lambda: len(air.asked) > before)
    await fulfilled(media)


@pytest.mark.parametrize("layer", [SMALL, LARGE])
async def test_a_lost_picture_asks_for_a_key_frame_of_its_own_layer_once_a_second(
    air: OnAir, http: httpx.AsyncClient, media: MediaServer, layer: int
) -> None:
    """Somebody watches each layer; the other one's is never asked for, and five wishes are one request."""
    async with remb_viewer(http) as below, remb_viewer(http) as above:
        async with asyncio.timeout(DOWN_LIMIT_S):
            while await turn({below: LITTLE, above: MUCH}) != [SMALL, LARGE]:
                pass
        await fulfilled(media)
        air.asked.clear()
        await lose((below, above)[layer], air, media, times=1)
        await lose((below, above)[layer], air, media, times=5)
    assert [asked for asked, _ in air.asked] == [layer, layer]
    (_, first_s), (_, second_s) = air.asked
    assert second_s - first_s > 0.9 * MIN_INTERVAL_S


async def test_who_tells_only_estimates_is_led_by_them_down_and_up_again(
    air: OnAir, http: httpx.AsyncClient
) -> None:
    """Two tell little and go down; the one that tells much again comes back, the other one stays."""
    async with remb_viewer(http) as rising, remb_viewer(http) as poor:
        assert await turn({rising: MUCH, poor: MUCH}) == [LARGE, LARGE]
        async with asyncio.timeout(DOWN_LIMIT_S):
            while await turn({rising: LITTLE, poor: LITTLE}) != [SMALL, SMALL]:
                pass
        async with asyncio.timeout(UP_LIMIT_S):
            while (seen := await turn({rising: MUCH, poor: LITTLE})) == [SMALL, SMALL]:
                pass
        assert seen == [LARGE, SMALL]


async def test_a_taps_pictures_have_the_times_of_the_layer_they_are_of(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Browsers begin each layer's RTP times anywhere; the sound is as far from the picture as it was made."""
    async with on_air(http, media, (0, 900_000_000)) as air:
        _, collector = tapped(media)
        for number in range(5):
            await air.host.send_audio(number, SOUND)
        await until(lambda: bool(collector.of("video") and collector.of("audio")))
    apart_s = collector.of("video")[0].capture_s - collector.of("audio")[0].capture_s
    assert abs(apart_s) < 10.0
