"""What WHEP answers, and the internal doors."""

import httpx
import pytest

from tests.streaming.media_server import MediaServer, grant_token
from tests.streaming.raw_peer import H264, VP8, RawPeer, publisher, viewer

SDP = {"Content-Type": "application/sdp"}


def player(*, direction: str = "recvonly") -> RawPeer:
    """A viewer that has not posted yet."""
    return RawPeer(direction, [VP8, H264])


async def test_before_the_first_publish_it_is_409(http: httpx.AsyncClient, media: MediaServer) -> None:
    """With Retry-After, and nothing is opened."""
    response = await player().post(http, "/whep/s1")
    assert (response.status_code, response.json()["code"]) == (409, "not_published")
    assert int(response.headers["retry-after"]) > 0
    assert len(media.inside.relay.sessions) == 0


async def test_from_the_first_publish_on_it_is_201(http: httpx.AsyncClient) -> None:
    """The answer sends only, one stream, with an SSRC pair for repeats."""
    async with publisher(http):
        peer = player()
        response = await peer.post(http, "/whep/s1")
        assert (response.status_code, response.headers["location"][:10]) == (201, "/whep/s1/0")
        assert peer.answer.count("a=sendonly") == 2
        assert peer.answer.count("a=msid:liveshop ") == 2
        assert peer.answer.count("a=ssrc-group:FID ") == 1


async def test_while_the_host_is_away_it_is_201(http: httpx.AsyncClient) -> None:
    """The publisher has left; the show goes on."""
    async with publisher(http):
        pass
    assert (await player().post(http, "/whep/s1")).status_code == 201


async def test_after_the_end_both_doors_are_409(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Ending closes everybody, once."""
    async with publisher(http) as host, viewer(http) as watcher:
        assert (await http.post("/internal/shows/s1/end")).status_code == 204
        await host.wait_closed()
        await watcher.wait_closed()
        assert len(media.inside.relay.sessions) == 0
    for response in (
        await player().post(http, "/whep/s1"),
        await RawPeer("sendonly", [VP8]).post(http, "/whip/s1"),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "show_ended")
        assert "retry-after" in response.headers
    assert (await http.post("/internal/shows/s1/end")).status_code == 204


async def test_head_makes_the_address_recognisable(http: httpx.AsyncClient) -> None:
    """HEAD is 200 with the SDP type."""
    response = await http.head("/whep/s1")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/sdp")


async def test_a_grant_to_publish_does_not_watch(http: httpx.AsyncClient) -> None:
    """Roles are not interchangeable."""
    headers = {**SDP, "Liveshop-Grant": grant_token("s1", "publish")}
    response = await http.post("/whep/s1", content=player().offer(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "grant_mismatch")


async def test_an_offer_that_sends_is_422(http: httpx.AsyncClient) -> None:
    """A viewer receives; sendrecv is understood."""
    async with publisher(http):
        assert (await player(direction="sendonly").post(http, "/whep/s1")).status_code == 422
        assert (await player(direction="sendrecv").post(http, "/whep/s1")).status_code == 201


async def test_a_section_without_common_codec_is_refused_alone(http: httpx.AsyncClient) -> None:
    """GStreamer's dummy PCMU section must not cost the viewer its picture."""
    async with publisher(http):
        offer = (
            player()
            .offer()
            .replace("opus/48000/2", "PCMU/8000")
            .replace("a=fmtp:111 minptime=10;useinbandfec=1\r\n", "")
        )
        response = await http.post("/whep/s1", content=offer, headers=SDP)
        assert response.status_code == 201
        assert "m=audio 0 " in response.text
        assert "m=video 9 " in response.text


async def test_delete_says_goodbye_and_frees_everything(http: httpx.AsyncClient, media: MediaServer) -> None:
    """The viewer leaves every table: session, show, addresses, fragments."""
    async with publisher(http) as host, viewer(http) as watcher:
        await host.send_audio(1)
        await watcher.next_rtp(111)
        assert (await http.delete(watcher.location)).status_code == 200
        await watcher.wait_closed()
        relay = media.inside.relay
        assert relay.gauges()["viewers"] == 0
        assert len(relay.sessions) == 1
        assert len(relay.demux._fragments) == 1
        assert sum(len(one.by_address) for one in relay.udp.sockets) == 1


async def test_a_person_can_be_shut_out_everywhere(http: httpx.AsyncClient) -> None:
    """Revoking closes the person's sessions and nobody else's."""
    async with publisher(http) as host:
        banned, other = player(), player()
        token = grant_token("s1", "watch", person="gu_banned")
        response = await http.post(
            "/whep/s1", content=banned.offer(), headers={**SDP, "Liveshop-Grant": token}
        )
        await other.post(http, "/whep/s1")
        revoked = await http.post("/internal/revoke", json={"person": "gu_banned"})
        assert (revoked.status_code, revoked.json()) == (200, {"closed": 1})
        assert (await http.get(response.headers["location"])).status_code == 404
        assert (await http.get(other.location)).status_code == 204
        assert not host.closed_by_server


async def test_a_revocation_must_name_somebody(http: httpx.AsyncClient) -> None:
    """An empty one would close everything."""
    for body in ("{}", "[]", '{"persons": 1}', '{"role": "watch"}', "x"):
        assert (await http.post("/internal/revoke", content=body)).status_code == 400


async def test_metrics_count_what_was_dropped(http: httpx.AsyncClient) -> None:
    """Prometheus text with gauges of what is open."""
    async with publisher(http) as host:
        await host.send_video(1, b"")
        text = (await http.get("/metrics")).text
        assert "streaming_publishers 1.0" in text or "streaming_publishers 1" in text
        assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/internal/shows/s1/end"),
        ("POST", "/internal/revoke"),
        ("GET", "/internal/shows/s1/figures"),
    ],
)
@pytest.mark.parametrize(("role", "status"), [("", 401), ("watch", 403), ("relay", 403)])
async def test_what_the_shop_decides_or_asks_must_be_signed(
    http: httpx.AsyncClient, method: str, path: str, role: str, status: int
) -> None:
    """Between machines the inside door is a TCP port: only a front's word counts, and nothing has changed."""
    headers = {"Liveshop-Grant": grant_token("s1", role)} if role else {"X-No-Grant": "1"}
    async with publisher(http):
        refused = await http.request(method, path, json={"show": "s1"}, headers=headers)
        assert refused.status_code == status
        assert "streaming_sessions 1" in (await http.get("/metrics")).text
