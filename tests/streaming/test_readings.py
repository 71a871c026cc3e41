"""Readings are shared by those who look, and make room for media while they are made."""

import asyncio

import httpx

from streaming.peers import Viewer
from streaming.readings import FRESH_S, OLD_S, SLICE_VIEWERS, Readings
from streaming.relay import Relay
from streaming.show_media import ShowMedia
from tests.streaming.key_frames import key_frame
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import H264, publisher, viewer


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


class Crowd:
    """One show whose viewers count many times, or these viewers."""

    def __init__(self, relay: Relay, times: int, viewers: list[Viewer] | None = None) -> None:
        self.relay = relay
        self.times = times
        self.viewers = viewers
        self.asked = 0

    def show(self, name: str) -> ShowMedia | None:
        return self.relay.show(name)

    def viewers_of(self, name: str) -> list[Viewer]:
        self.asked += 1
        return self.viewers or self.relay.viewers_of(name) * self.times


async def test_however_many_look_a_show_is_read_once_a_second(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Also by those who come at the same moment; the next second reads again and knows the time between."""
    async with publisher(http), viewer(http):
        crowd, clock = Crowd(media.inside.relay, 1), Clock(asyncio.get_running_loop().time())
        readings = Readings(crowd, 0, clock)
        first = await asyncio.gather(*(readings.of("s1", 0, 10) for _ in range(5)))
        assert crowd.asked == 1
        assert first[0] is not None
        assert first[0].over_s is None
        clock.now_s += FRESH_S
        second = await readings.of("s1", 0, 10)
        assert second is not None
        assert (crowd.asked, second.over_s) == (2, FRESH_S)


async def test_a_reading_of_long_ago_is_not_compared_with(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Rates of half an hour would not say how it goes now; nor is anything kept for it."""
    async with publisher(http), viewer(http):
        clock = Clock(asyncio.get_running_loop().time())
        readings = Readings(media.inside.relay, 0, clock)
        await readings.of("s1", 0, 10)
        clock.now_s += OLD_S
        late = await readings.of("s1", 0, 10)
        assert late is not None
        assert late.over_s is None


async def test_the_loop_has_its_turn_between_slices(http: httpx.AsyncClient, media: MediaServer) -> None:
    """A reading of ten slices lets others run at least nine times."""
    async with publisher(http), viewer(http):
        readings = Readings(Crowd(media.inside.relay, 10 * SLICE_VIEWERS), 0, asyncio.get_running_loop().time)
        reading = asyncio.create_task(readings.of("s1", 0, 10))
        turns = 0
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        found = reading.result()
        assert found is not None
        assert found.viewers_total == 10 * SLICE_VIEWERS
        assert turns >= 9


async def test_nothing_is_kept_of_a_show_that_is_gone(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Its end forgets its readings."""
    async with publisher(http), viewer(http):
        readings = Readings(media.inside.relay, 0, asyncio.get_running_loop().time)
        assert await readings.of("s1", 0, 10) is not None
        await media.inside.relay.end_show("s1")
        assert await readings.of("s1", 0, 10) is None
        assert readings._newest == {}


async def test_who_fares_worst_is_first_whatever_slice_it_was_read_in(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """One that waits for its picture, among many that see it."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, key_frame(640))
        await player.next_rtp(96)
        async with viewer(http, "s1", H264) as other:
            relay = media.inside.relay
            seeing, waiting = relay.viewers_of("s1")
            crowd = [*[seeing] * 120, waiting, *[seeing] * 120]
            found = await Readings(Crowd(relay, 1, crowd), 0, asyncio.get_running_loop().time).of("s1", 0, 3)
            assert found is not None
            assert [row.state.value for row in found.viewers] == ["no_codec", "live", "live"]
            assert (found.states["no_codec"], found.states["live"]) == (1, 240)
            assert found.layers[0].viewers == 240
            assert other.packets == []
