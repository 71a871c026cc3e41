"""Viewers at a copy who were there before there was anything to see."""

import json
from typing import Any

import pytest

from tests.streaming.raw_peer import H264, H264_KEY, VP8, VP8_KEY, Video, publisher, viewer
from tests.streaming.trunk.test_copies import flows
from tests.streaming.trunk.two_processes import place, two_processes
from tests.waiting import until

H264_SAID = "H264/42e0/1"


class Saying:
    """Owners' answers, with this instead of what is published as soon as something is set."""

    def __init__(self) -> None:
        self.live: dict[str, str] = {}

    def __call__(self, body: bytes) -> bytes:
        """Change an answer."""
        answer = json.loads(body)
        answer["live"] = self.live or answer["live"]
        return json.dumps(answer).encode()


@pytest.mark.parametrize(
    ("sent", "said", "key"),
    [(VP8, "VP8", VP8_KEY), (H264, H264_SAID, H264_KEY), (H264, "VP8", H264_KEY)],
    ids=["vp8", "h264", "another_than_was_said"],
)
async def test_who_came_before_any_packet_gets_sound_and_picture_of_a_later_trunk(
    redis: Any, sent: Video, said: str, key: bytes
) -> None:
    """The first trunk brought nothing; with the second the owner tells what is published before it comes."""
    async with (
        two_processes(redis) as (owner, edge),
        publisher(owner.http, "s1", sent) as host,
        viewer(edge.http, "s1", VP8, H264) as player,
    ):
        edge.siblings.rewrite = saying = Saying()
        await until(lambda: flows(edge))
        show = edge.relay.show("s1")
        assert show is not None
        assert not show.live_codecs
        await until(lambda: len(show.viewers) == 1)
        saying.live = {"audio": "OPUS", "video": said}
        first = show.publisher
        owner.relay.trunks.close("s1", "shutdown")
        await until(lambda: show.publisher is not first and flows(edge))
        await host.send_audio(1000, b"sound")
        assert (await player.next_rtp(111)).payload == b"sound"
        await host.send_video(1000, key, timestamp=3000)
        assert (await player.next_rtp(sent.payload_type)).payload == key


async def test_who_came_before_any_packet_is_served_after_the_owners_restart(redis: Any) -> None:
    """It dies before its host has sent anything, and starts again at once: the host posts there anew."""
    async with two_processes(redis, first=1) as (edge, _):
        async with place(redis, 0, edge.siblings) as owner, publisher(owner.http):
            watching = viewer(edge.http, "s1", VP8, H264)
            player = await watching.__aenter__()
            await until(lambda: flows(edge))
        async with place(redis, 0, edge.siblings, boot="again") as owner:
            async with publisher(owner.http, "s1", H264) as host:
                await host.send_audio(999)
                await host.send_video(999, H264_KEY)
                await until(lambda: owner.relay.gauges()["trunks"] == 1 and flows(edge), limit_s=8)
                await host.send_audio(1000, b"sound", timestamp=960)
                await host.send_video(1000, H264_KEY + b"again", timestamp=3000)
                while (await player.next_rtp(111)).payload != b"sound":
                    pass
                while (await player.next_rtp(102)).payload != H264_KEY + b"again":
                    pass
            await watching.__aexit__(None, None, None)
