"""Every session leaves two lines and two counts: when it began, and when and why it ended."""

import logging
import re

import httpx
import pytest

from tests.streaming.key_frames import key_frame
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8, RawPeer, publisher, viewer
from tests.waiting import until


async def test_a_session_is_written_down_at_its_start_and_its_end(
    http: httpx.AsyncClient, media: MediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Role, show, public name, codecs and path; then reason, bytes and losses; no secret, no person."""
    caplog.set_level(logging.INFO, "streaming")
    async with publisher(http) as host, viewer(http, "s1", VP8) as player:
        await host.send_video(1, key_frame(640))
        await player.next_rtp(96)
        secrets = [one.secret for one in media.inside.relay.sessions]
        await http.delete(player.location)
        await until(lambda: media.inside.relay.counters.ended)
    text = "\n".join(caplog.messages)
    began = re.search(r"viewer (\w{8}) of s1 began: OPUS, VP8 over udp, ipv4", text)
    assert began is not None, text
    ended = re.search(
        rf"viewer {began[1]} of s1 ended: deleted after [\d.]+ s, (\d+) bytes out, 0.00 % lost,"
        r" round trip [\w ]+, over udp, ipv4, prflx",
        text,
    )
    assert ended is not None, text
    assert int(ended[1]) == len(key_frame(640)) + 40
    assert re.search(r"publisher \w{8} of s1 began: OPUS, VP8 over udp, ipv4", text)
    assert not [secret for secret in secrets if secret in text]
    assert "gu_test" not in text


async def test_a_session_that_never_connected_has_an_end_and_no_beginning(
    http: httpx.AsyncClient, media: MediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason says what did not happen."""
    caplog.set_level(logging.INFO, "streaming")
    await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")
    (session,) = media.inside.relay.sessions
    session.connection.close("handshake_timeout")
    assert [line for line in caplog.messages if session.name in line] == [
        line for line in caplog.messages if " of s1 ended: handshake_timeout after 0.0 s" in line
    ]
    assert caplog.messages[-1].endswith(", over -")
    assert "began" not in caplog.text


async def test_nothing_is_put_together_when_nobody_reads_it(
    http: httpx.AsyncClient, media: MediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level warning sessions are counted all the same."""
    caplog.set_level(logging.WARNING, "streaming")
    await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")
    (session,) = media.inside.relay.sessions
    session.connection.close("silent")
    assert caplog.messages == []
    assert media.inside.relay.counters.ended == {("publish", "silent"): 1}


async def test_sessions_are_counted_by_role_and_reason(http: httpx.AsyncClient, media: MediaServer) -> None:
    """For Prometheus: never one by one."""
    async with publisher(http), viewer(http) as player:
        await http.delete(player.location)
        text = (await http.get("/metrics")).text
        assert 'streaming_sessions_opened_total{role="publish"} 1' in text
        assert 'streaming_sessions_opened_total{role="watch"} 1' in text
        assert 'streaming_sessions_ended_total{role="watch",reason="deleted"} 1' in text
        assert "# TYPE streaming_publishers_bits_per_s gauge" in text
        assert "# TYPE streaming_viewers_waiting gauge" in text
        assert not [one for one in media.inside.relay.sessions if one.name in text]
