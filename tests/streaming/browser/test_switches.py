"""A picture goes on through every change of its layer."""

import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import pytest_asyncio

from streaming.bandwidth.layer_choice import Choice, Move
from streaming.codecs import Codec
from streaming.picture import Picture
from streaming.rtp.packet import RtpPacket
from streaming.rtp.picture_numbers import Numbers, find_places, go_on, read_numbers, renumbered
from streaming.source import Source
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.browser.test_layers import Record, width_is
from tests.streaming.media_server import MediaServer, media_server

pytestmark = [pytest.mark.browser, pytest.mark.in_pairs]

CAMERA = {"width": 1280, "height": 720, "frameRate": 15}
WIDTHS = [320, 640, 1280]
CHANGES = 16
FRAMES = 15
# Where the numbers of pictures begin by chance; here, layer by layer from the largest on, below the last one.
UNLUCKY = [Numbers(2500, 100), Numbers(1500, 80), Numbers(500, 60)]
STILL_SHARE = 0.15


@pytest_asyncio.fixture(loop_scope="session")
async def media() -> AsyncIterator[MediaServer]:
    """A server in this process: the test chooses the layers itself."""
    async with media_server() as server:
        yield server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_picture_goes_on_through_every_change_of_layer(
    media: MediaServer, media_page: MediaPage, show: str, codec: str, record_property: Record,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Up and down, in a hurry and not; the player never sees cause to ask for a new session."""
    monkeypatch.setattr(Picture, "push", _unlucky_push(Picture.push))
    host, viewer = await media_page(media), await media_page(media)
    wish = {"codec": f"video/{codec}", "size": CAMERA, "layers": True}
    await host.page.evaluate("([show, wish]) => publish(show, wish)", [show, wish])
    await viewer.page.evaluate("show => watch(show)", show)
    await width_is(viewer, WIDTHS[-1], WIDTHS[-1])
    await viewer.page.evaluate("count => moreFrames(count, 30_000)", FRAMES)
    carried = media.inside.relay.show(show)
    assert carried is not None
    (seat,) = carried.picture._seats.values()
    seat.decide_due_s = float("inf")
    chance, layer, took_s, began_s = random.Random(3), 2, [], time.monotonic()
    for _ in range(CHANGES):
        layer = chance.choice([one for one in range(3) if one != layer])
        choice = Choice(layer, Move.DOWN, urgent=chance.random() < 0.5)
        carried.picture._follow(seat, choice, time.monotonic())
        took_s.append(await width_is(viewer, WIDTHS[layer], WIDTHS[layer]))
        await viewer.page.evaluate("count => moreFrames(count, 30_000)", FRAMES)
    still_s = (await viewer.page.evaluate("rawVideo()"))["totalFreezesDuration"]
    record_property("longest_change_s", max(took_s))
    record_property("still_s", round(still_s, 2))
    assert still_s <= STILL_SHARE * (time.monotonic() - began_s)
    assert (await viewer.page.evaluate("player.stats()"))["sessions"] == 1


Push = Callable[[Picture, Source, int, RtpPacket, Codec, float], None]


def _unlucky_push(push: Push) -> Push:
    """Let a publisher's layers number their pictures as it is worst."""
    shifts: dict[int, Numbers] = {}

    def pushed(
        self: Picture, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float
    ) -> None:
        places = find_places(codec.name, packet.payload)
        if places is not None:
            first = shifts.setdefault(source.layer, read_numbers(packet.payload, places))
            shift = go_on(UNLUCKY[source.layer], first)
            packet = replace(packet, payload=renumbered(packet.payload, places, shift))
        push(self, source, extended, packet, codec, now_s)

    return pushed
