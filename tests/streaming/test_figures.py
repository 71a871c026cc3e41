"""What operators are told of sessions, taken of a real server with peers that send exact packets."""

import json
import re
from typing import Any

import httpx

from streaming.figures import Counted, Reading, badness, path_of
from streaming.figures_structs import Path, ViewerFigures, ViewerState
from streaming.rtp import rtcp
from tests.streaming.key_frames import key_frame
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import H264, VP8, VP8_DELTA, RawPeer, connected, publisher, viewer
from tests.waiting import until

FIGURES = "/internal/shows/s1/figures"


async def read(http: httpx.AsyncClient, query: str = "") -> Any:
    """The show's figures as the inside door gives them."""
    answer = await http.get(FIGURES + query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read_again(media: MediaServer, after_s: float, before: Counted | None) -> Reading:
    """A reading some seconds after another."""
    show = media.inside.relay.show("s1")
    assert show is not None
    now_s = (0.0 if before is None else before.at_s) + after_s
    reading = Reading(now_s, before, Counted(now_s))
    reading.read_viewers(show, media.inside.relay.viewers_of("s1"))
    reading.finish(show, list(reading.in_order()))
    return reading


async def test_a_show_nobody_carries_has_no_figures(http: httpx.AsyncClient) -> None:
    """Not an error: another process may carry it, or nobody."""
    assert (await http.get(FIGURES)).status_code == 204


async def test_the_publishers_picture_and_key_frames_are_told(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Size, codec and the time between the newest two key frames; a repeated one does not count."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, key_frame(1280), timestamp=90_000)
        await player.next_rtp(96)
        (layer,) = (await read(http))["layers"]
        assert (layer["codec"], layer["width"], layer["height"]) == ("VP8", 1280, 720)
        assert layer["key_frame_interval_s"] is None
        stream = media.inside.relay.show("s1").picture.layers[0]  # type: ignore[union-attr] # it is there
        stream._group_started_s -= 2.0  # as if it had come two seconds ago
        await host.send_video(2, key_frame(1280), timestamp=270_000)
        await player.next_rtp(96)
        assert stream.key_frame_interval_s is not None
        assert 2.0 <= stream.key_frame_interval_s < 4.0


async def test_what_a_viewer_reports_is_told_and_the_secret_is_not(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Loss and round trip are its own words; the session is called by its public name."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, key_frame(640))
        await player.next_rtp(96)
        report = await player.next_rtcp(rtcp.SenderReport)
        block = rtcp.ReportBlock(player.sent_ssrc("video"), 64, 9, 1, 0, (report.ntp >> 16) & 0xFFFFFFFF, 0)
        await player.dtls._send_rtp(rtcp.build_receiver_report(1, [block]))
        session = media.inside.relay.sessions.find("watch", "s1", player.location.rpartition(".")[2])
        track = media.inside.relay.sessions.viewers[session.secret].tracks["video"]
        await until(lambda: track.lost_share)
        answer = await http.get(FIGURES)
        (row,) = answer.json()["viewers"]
        assert (row["session"], row["state"], row["codec"]) == (session.name, "live", "VP8")
        assert (row["lost_share"], row["layer"]) == (0.25, 0)
        assert 0 <= row["round_trip_ms"] < 5000
        assert row["path"] == {"transport": "udp", "family": "ipv4", "candidate_type": "prflx"}
        for one in media.inside.relay.sessions:
            assert one.secret not in answer.text
            assert one.person not in answer.text
        assert "127.0.0.1" not in answer.text


async def test_a_viewer_behind_tcp_is_told_as_such(http: httpx.AsyncClient) -> None:
    """The path is the socket's."""
    async with publisher(http), viewer(http, tcp=True):
        (row,) = (await read(http))["viewers"]
        assert row["path"] == {"transport": "tcp", "family": "ipv4", "candidate_type": "prflx"}


async def test_the_type_of_the_peers_candidate_is_what_its_offer_says(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Of the publisher and of a viewer; who names no candidate, or another one, is reflexive to us."""
    host, player = RawPeer("sendonly", [VP8]), RawPeer("recvonly", [VP8])
    for peer, kind in ((host, "host"), (player, "relay")):
        await peer.open_path()
        peer.candidates = [peer.candidate_line(0, kind)]
    async with connected(host, http, "/whip/s1"), connected(player, http, "/whep/s1"), viewer(http):
        figures = await read(http)
        assert figures["publisher"]["path"]["candidate_type"] == "host"
        assert sorted(row["path"]["candidate_type"] for row in figures["viewers"]) == ["prflx", "relay"]
        await host.open_path()  # as from another network, of which nothing was told
        await host.send_check()
        session = media.inside.relay.sessions.find("publish", "s1", host.location.rpartition(".")[2])
        assert path_of(session) == Path("udp", "ipv4", "prflx")


async def test_trickled_candidates_name_the_path_too(http: httpx.AsyncClient, media: MediaServer) -> None:
    """They may come when the path is in use; a restart tells of more, and the old path keeps its name."""
    async with publisher(http) as host:
        session = media.inside.relay.sessions.find("publish", "s1", host.location.rpartition(".")[2])
        trickle = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
        body = f"{host.candidate_line(0, 'srflx')}\r\n"
        assert (await http.patch(host.location, content=body)).status_code == 415
        assert path_of(session) == Path("udp", "ipv4", "prflx")
        assert (await http.patch(host.location, content=body, headers=trickle)).status_code == 204
        assert path_of(session) == Path("udp", "ipv4", "srflx")
        again = "a=ice-ufrag:again\r\na=ice-pwd:0123456789012345678901\r\n"
        again += "a=candidate:1 1 udp 1 192.0.2.9 5000 typ host\r\n"
        assert (await http.patch(host.location, content=again, headers=trickle)).status_code == 200
        assert path_of(session) == Path("udp", "ipv4", "srflx")
        assert session.agreed.remote_candidates.type_of("udp", ("192.0.2.9", 5000)) == "host"


async def test_states_say_why_there_is_no_picture(http: httpx.AsyncClient, media: MediaServer) -> None:
    """One waits for a key frame, one has no keys yet, one cannot play what is live."""
    async with publisher(http) as host, viewer(http, "s1", VP8) as waiting, viewer(http, "s1", H264):
        await host.send_video(1, VP8_DELTA)
        await RawPeer("recvonly", [VP8]).post(http, "/whep/s1")
        assert (await read(http))["states"] == {
            "no_codec": 0, "held": 0, "waiting": 2, "connecting": 1, "replaying": 0, "live": 0,
        }  # fmt: skip
        await host.send_video(2, key_frame(640), timestamp=3000)
        await waiting.next_rtp(96)
        rows = read_again(media, 0.0, None).rows
        assert [row.state for row in rows] == [ViewerState.NO_CODEC, ViewerState.CONNECTING, ViewerState.LIVE]


async def test_rates_are_of_the_time_between_two_readings(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Bytes sent since the reading before, over the seconds since; a younger session from its beginning."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_video(1, key_frame(640))
        await player.next_rtp(96)
        before = read_again(media, 50.0, None).counted
        await host.send_video(2, VP8_DELTA, timestamp=3000)
        await player.next_rtp(96)
        second = read_again(media, 4.0, before)
        (row,) = second.rows
        assert second.over_s == 4.0
        assert row.bits_per_s == round((len(VP8_DELTA) + 40) * 8 / 4)
        assert second.publisher is not None
        assert second.publisher.lost_share == 0.0


async def test_what_the_publisher_lost_is_counted_between_readings(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Of four packets expected since the last reading one never came."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        before = read_again(media, 50.0, None).counted
        for number in (2, 3, 5):
            await host.send_audio(number)
            await player.next_rtp(111)
        found = read_again(media, 2.0, before).publisher
        assert found is not None
        assert found.lost_share == 0.25


async def test_a_browsers_answer_tells_the_publishers_round_trip(http: httpx.AsyncClient) -> None:
    """The server asks by a reference time (RFC 3611); unanswered, there is none."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        assert (await read(http))["publisher"]["round_trip_ms"] is None
        host.raw_rtcp.clear()
        await until(lambda: any(asked(data) for data in host.raw_rtcp))
        ssrc, reference = next(found for data in host.raw_rtcp if (found := asked(data)))
        await host.send_rtcp(reply_to(ssrc, reference))
        server = http

        async def known() -> bool:
            return (await read(server))["publisher"]["round_trip_ms"] is not None

        while not await known():  # a reading is kept for a second
            await host.next_rtcp(rtcp.ReceiverReport)
        assert 0 <= (await read(http))["publisher"]["round_trip_ms"] < 5000


def asked(data: bytes) -> tuple[int, int] | None:
    """(SSRC, middle 32 bits of the time) when a compound holds a reference time."""
    found = re.search(rb"\x80\xcf\x00\x04(.{4})\x04\x00\x00\x02..(.{4})..", data, re.DOTALL)
    return found and (int.from_bytes(found[1], "big"), int.from_bytes(found[2], "big"))


def reply_to(ssrc: int, reference: int) -> bytes:
    """An extended report with a reply, behind a block nobody knows."""
    unknown = b"\x63\x00\x00\x01" + bytes(4)
    block = b"\x05\x00\x00\x03" + b"".join(number.to_bytes(4, "big") for number in (ssrc, reference, 0))
    body = bytes(4) + unknown + block
    return b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body


def test_the_worst_come_first() -> None:
    """Without a picture before with loss, loss before a long way."""

    def row(name: str, state: ViewerState, lost: float | None, way: float | None) -> ViewerFigures:
        return ViewerFigures(name, 1.0, state, 0, lost, way, None, None, Path("udp", "ipv4"), 0)

    rows = [
        row("far", ViewerState.LIVE, 0.0, 300.0),
        row("new", ViewerState.LIVE, None, None),
        row("lossy", ViewerState.LIVE, 0.2, 20.0),
        row("waiting", ViewerState.WAITING, 0.0, 20.0),
    ]
    assert [one.session for one in sorted(rows, key=badness)] == ["waiting", "lossy", "far", "new"]


async def test_a_page_has_its_viewers_and_everybodys_totals(http: httpx.AsyncClient) -> None:
    """Offset and limit cut the list, not the counts."""
    async with publisher(http), viewer(http), viewer(http), viewer(http):
        first, second = await read(http, "?limit=2"), await read(http, "?limit=2&offset=2")
        assert [len(page["viewers"]) for page in (first, second)] == [2, 1]
        assert {page["viewers_total"] for page in (first, second)} == {3}
        names = [row["session"] for page in (first, second) for row in page["viewers"]]
        assert len(set(names)) == 3
        assert json.dumps(await read(http, "?limit=x")) == json.dumps(await read(http))
