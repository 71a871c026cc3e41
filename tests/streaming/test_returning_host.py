"""A host whose connection breaks again and again: viewers stay, and nothing is left of those before."""

from collections import defaultdict
from itertools import pairwise

import httpx

from tests.streaming.leaks import living, must_return_to
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8_KEY, publisher, viewer
from tests.streaming.test_abandoned import KINDS, tables
from tests.waiting import until

RETURNS, WARM_UP = 100, 5


async def test_a_host_comes_back_a_hundred_times(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Each time both viewers get its sound and picture, numbered without a gap, in the same sessions."""
    relay = media.inside.relay
    async with publisher(http) as host:
        await host.send_audio(1)
        async with viewer(http) as first, viewer(http) as second:
            await host.close()
            await until(lambda: relay.gauges()["publishers"] == 0)
            sessions = set(relay.sessions.by_secret)
            numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
            for count in range(RETURNS):
                if count == WARM_UP:
                    objects, before = living(KINDS), tables(relay)
                async with publisher(http) as host_again:
                    said = b"number %d" % count
                    await host_again.send_audio(1000 * count & 0xFFFF, said)
                    await host_again.send_video(700 * count & 0xFFFF, VP8_KEY + said)
                    for number, player in enumerate((first, second)):
                        for kind, payload in ((111, said), (96, VP8_KEY + said)):
                            packet = await player.next_rtp(kind)
                            assert packet.payload == payload
                            numbers[number, kind].append(packet.sequence)
                await until(lambda: relay.gauges()["publishers"] == 0)
            await until(lambda: tables(relay) == before)
            await must_return_to(objects, KINDS)
            assert set(relay.sessions.by_secret) == sessions
            steps = {(b - a) & 0xFFFF for own in numbers.values() for a, b in pairwise(own)}
            assert steps == {1}
