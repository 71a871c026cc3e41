"""What WHIP answers: statuses, headers, entity tags (RFC 9725)."""

import re

import httpx
import pytest

from streaming.exchange import FRAGMENT, MAX_OFFER_BYTES
from tests.streaming.media_server import MediaServer, grant_token
from tests.streaming.raw_peer import VP8, RawPeer, publisher
from tests.waiting import until

SDP = {"Content-Type": "application/sdp"}


def host() -> RawPeer:
    """A publisher that has not posted yet."""
    return RawPeer("sendonly", [VP8])


async def code_of(response: httpx.Response) -> tuple[int, str]:
    """Status and stable code of a refusal, which is always problem+json."""
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


async def test_an_offer_is_answered_with_201(http: httpx.AsyncClient) -> None:
    """Location is a path without query, the tag is strong, and the answer receives only."""
    peer = host()
    response = await peer.post(http, "/whip/s1")
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/sdp"
    assert re.fullmatch(r"/whip/s1/0\.[A-Za-z0-9_-]{32}", response.headers["location"])
    assert re.fullmatch(r'"[0-9a-f]+"', response.headers["etag"])
    assert "link" not in response.headers
    for line in ("a=ice-lite", "a=setup:passive", "a=recvonly", "a=rtcp-mux", "a=end-of-candidates"):
        assert line in peer.answer.splitlines()


async def test_browsers_may_read_the_headers_they_need(http: httpx.AsyncClient) -> None:
    """Location and ETag are exposed to scripts of other origins."""
    response = await host().post(http, "/whip/s1")
    exposed = response.headers["access-control-expose-headers"]
    assert response.headers["access-control-allow-origin"] == "*"
    for name in ("Location", "ETag", "Link", "Access-Control-Allow-Methods"):
        assert name in exposed


@pytest.mark.parametrize("door", ["whip", "whep"])
async def test_preflight_works_without_a_grant(http: httpx.AsyncClient, door: str) -> None:
    """OPTIONS says what may be posted, and allows the headers asked for."""
    asked = {"Origin": "https://elsewhere", "Access-Control-Request-Headers": "authorization,content-type"}
    response = await http.options(f"/{door}/s1", headers={**asked, "X-No-Grant": "1"})
    assert response.status_code == 204
    assert response.headers["accept-post"] == "application/sdp"
    assert "PATCH" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "link" not in response.headers


@pytest.mark.parametrize("door", ["whip", "whep"])
async def test_get_of_an_endpoint_is_success_without_content(http: httpx.AsyncClient, door: str) -> None:
    """Newer drafts ask for 2xx where older ones asked for 405."""
    response = await http.get(f"/{door}/s1", headers={"X-No-Grant": "1"})
    assert (response.status_code, response.content) == (204, b"")


async def test_without_a_grant_nothing_is_opened(http: httpx.AsyncClient, media: MediaServer) -> None:
    """The media process trusts only the front's signature."""
    response = await http.post("/whip/s1", content=host().offer(), headers={**SDP, "X-No-Grant": "1"})
    assert await code_of(response) == (401, "grant_missing")
    assert len(media.inside.relay.sessions) == 0


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (grant_token("s1", "publish", life_ms=-1), (401, "grant_expired")),
        (grant_token("s1", "publish")[:-2] + "xx", (401, "grant_invalid")),
        ("nonsense", (401, "grant_invalid")),
        (grant_token("s1", "watch"), (403, "grant_mismatch")),
        (grant_token("s2", "publish"), (403, "grant_mismatch")),
    ],
)
async def test_a_grant_for_something_else_is_refused(
    http: httpx.AsyncClient, media: MediaServer, token: str, expected: tuple[int, str]
) -> None:
    """Expired, forged, for watching, for another show."""
    response = await http.post("/whip/s1", content=host().offer(), headers={**SDP, "Liveshop-Grant": token})
    assert await code_of(response) == expected
    assert len(media.inside.relay.sessions) == 0


async def test_a_rotated_stream_key_is_refused(http: httpx.AsyncClient) -> None:
    """Once a newer key was used, grants of an older one are void."""
    newer = {**SDP, "Liveshop-Grant": grant_token("s1", "publish", epoch=2)}
    assert (await http.post("/whip/s1", content=host().offer(), headers=newer)).status_code == 201
    older = {**SDP, "Liveshop-Grant": grant_token("s1", "publish", epoch=1)}
    response = await http.post("/whip/s1?takeover=1", content=host().offer(), headers=older)
    assert await code_of(response) == (403, "grant_mismatch")


@pytest.mark.parametrize("door", ["whip", "whep"])
async def test_another_content_type_is_415(http: httpx.AsyncClient, door: str) -> None:
    """Only application/sdp is read; parameters of the type do not matter."""
    response = await http.post(f"/{door}/s1", content="{}", headers={"Content-Type": "application/json"})
    assert await code_of(response) == (415, "not_sdp")
    typed = {"Content-Type": "application/sdp; charset=utf-8"}
    assert (await http.post("/whip/s1", content=host().offer(), headers=typed)).status_code == 201


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"v=0\r\n", b"v=0\r\nm=video x\r\n", b"\xff\xfe", b"v=0\nm=video 99999 x y"]
)
async def test_broken_sdp_is_400(http: httpx.AsyncClient, media: MediaServer, body: bytes) -> None:
    """What cannot be read opens nothing."""
    assert await code_of(await http.post("/whip/s1", content=body, headers=SDP)) == (400, "broken_sdp")
    assert len(media.inside.relay.sessions) == 0


async def test_a_huge_body_is_413(http: httpx.AsyncClient) -> None:
    """No real offer is near the limit."""
    response = await http.post("/whip/s1", content=b"v=0\r\n" + b"a=x\r\n" * MAX_OFFER_BYTES, headers=SDP)
    assert await code_of(response) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=sendonly", "a=recvonly"),
        ("a=sendonly", "a=inactive"),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        ("a=ice-ufrag", "a=x-ufrag"),
        ("a=group:BUNDLE 0 1", "a=x"),
        ("opus/48000/2", "PCMU/8000"),
        ("VP8/90000", "H265/90000"),
        ("m=audio", "m=application"),
    ],
)
async def test_an_offer_that_cannot_be_answered_is_422(
    http: httpx.AsyncClient, media: MediaServer, old: str, new: str
) -> None:
    """The whole POST is refused, never one section of it."""
    offer = host().offer()
    assert old in offer
    response = await http.post("/whip/s1", content=offer.replace(old, new), headers=SDP)
    assert await code_of(response) == (422, "unusable_offer")
    assert len(media.inside.relay.sessions) == 0


async def test_a_second_publisher_is_409_while_the_first_ones_media_flows(http: httpx.AsyncClient) -> None:
    """With Retry-After, and the first goes on undisturbed."""
    async with publisher(http) as first:
        await first.send_audio(1)
        response = await host().post(http, "/whip/s1")
        assert await code_of(response) == (409, "already_published")
        assert int(response.headers["retry-after"]) > 0
        assert not first.closed_by_server


async def test_takeover_replaces_the_publisher(http: httpx.AsyncClient) -> None:
    """The loser hears a DTLS goodbye and its session is gone."""
    async with publisher(http) as first:
        await first.send_audio(1)
        async with publisher(http, query="?takeover=1"):
            await first.wait_closed()
            assert await code_of(await http.delete(first.location)) == (404, "no_such_session")


async def test_viewers_soon_hear_of_a_new_publishers_clock(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """A takeover without a pause is no change of the show's state, and sender reports hurry all the same."""
    async with publisher(http) as first:
        await first.send_audio(1)
        show = media.inside.relay.show("s1")
        assert show is not None
        await until(lambda: show._reported_on is not None)
        show._report_turns._hurry_until_s = 0.0
        async with publisher(http, query="?takeover=1"):
            await until(lambda: show._report_turns._hurry_until_s > 0)


async def test_two_publishers_cannot_push_each_other_out_for_ever(http: httpx.AsyncClient) -> None:
    """After a takeover another one is refused for a while, and without it the show is held."""
    async with publisher(http) as first:
        await first.send_audio(1)
        async with publisher(http, query="?takeover=1") as second:
            await second.send_audio(1)
            response = await host().post(http, "/whip/s1?takeover=1")
            assert await code_of(response) == (409, "takeover_too_soon")
            assert 0 < int(response.headers["retry-after"]) <= 10
            assert not second.closed_by_server


async def test_trickle_is_204_without_a_tag(http: httpx.AsyncClient) -> None:
    """An ICE-lite server needs no candidates; it takes them politely."""
    peer = host()
    await peer.post(http, "/whip/s1")
    body = f"a=ice-ufrag:{peer.ufrag}\r\na=ice-pwd:{peer.pwd}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
    body += "a=candidate:1 1 udp 1 x.local 9 typ host\r\n"
    for if_match in (peer.tag, "*", f'"other", {peer.tag}'):
        headers = {"Content-Type": FRAGMENT, "If-Match": if_match}
        response = await http.patch(peer.location, content=body, headers=headers)
        assert (response.status_code, response.content, "etag" in response.headers) == (204, b"", False)


async def test_eyevinns_client_names_the_tag_in_etag(http: httpx.AsyncClient) -> None:
    """It sends `ETag:` where the specification has If-Match."""
    peer = host()
    await peer.post(http, "/whip/s1")
    headers = {"Content-Type": FRAGMENT, "ETag": peer.tag}
    assert (await http.patch(peer.location, content="a=candidate:x\r\n", headers=headers)).status_code == 204


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": FRAGMENT}, (428, "tag_missing")),
        ({"Content-Type": FRAGMENT, "If-Match": '"stale"'}, (412, "tag_stale")),
        ({"Content-Type": "application/json", "If-Match": "*"}, (415, "not_sdp")),
    ],
)
async def test_a_patch_with_the_wrong_headers_is_refused(
    http: httpx.AsyncClient, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    """And the session lives on."""
    peer = host()
    await peer.post(http, "/whip/s1")
    response = await http.patch(peer.location, content="a=candidate:1\r\n", headers=headers)
    assert await code_of(response) == expected
    assert (await http.get(peer.location)).status_code == 204


async def test_a_broken_fragment_is_400(http: httpx.AsyncClient) -> None:
    """Lines that are no lines."""
    peer = host()
    await peer.post(http, "/whip/s1")
    headers = {"Content-Type": FRAGMENT, "If-Match": "*"}
    assert await code_of(await http.patch(peer.location, content="nonsense", headers=headers)) == (
        400,
        "broken_sdp",
    )


async def test_ice_restarts_and_media_goes_on(http: httpx.AsyncClient) -> None:
    """New credentials under If-Match: *; the answer has the server's new ones and a new tag."""
    async with publisher(http) as peer:
        await peer.send_audio(1)
        old_tag, old_ufrag = peer.tag, peer.remote[0]
        headers = {"Content-Type": FRAGMENT, "If-Match": "*"}
        body = "a=ice-ufrag:newfrag1\r\na=ice-pwd:0123456789abcdef01234567\r\n"
        response = await http.patch(peer.location, content=body, headers=headers)
        assert (response.status_code, response.headers["content-type"]) == (200, FRAGMENT)
        assert response.headers["etag"] != old_tag
        ufrag = re.search(r"a=ice-ufrag:(\S+)", response.text)
        pwd = re.search(r"a=ice-pwd:(\S+)", response.text)
        assert ufrag is not None
        assert pwd is not None
        assert ufrag[1] != old_ufrag
        peer.ufrag, peer.remote = "newfrag1", (ufrag[1], pwd[1], peer.remote[2])
        await peer.open_path()
        await peer.send_check()
        stale = {"Content-Type": FRAGMENT, "If-Match": old_tag}
        assert (await http.patch(peer.location, content=body, headers=stale)).status_code == 412


async def test_delete_ends_the_session(http: httpx.AsyncClient, media: MediaServer) -> None:
    """200, a DTLS goodbye, and then nothing is known of it; the tag does not matter."""
    async with publisher(http) as peer:
        response = await http.delete(peer.location, headers={"If-Match": '"whatever"'})
        assert response.status_code == 200
        await peer.wait_closed()
        assert len(media.inside.relay.sessions) == 0
        assert await code_of(await http.delete(peer.location)) == (404, "no_such_session")


async def test_a_delete_after_the_peers_own_goodbye_is_200_once(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """OBS closes its connection first, and warns its user of any other answer."""
    async with publisher(http) as peer:
        location = peer.location
    await until(lambda: len(media.inside.relay.sessions) == 0)
    for wrong in (location.replace("/whip/", "/whep/"), location.replace("/s1/", "/s2/")):
        assert await code_of(await http.delete(wrong)) == (404, "no_such_session")
    assert (await http.delete(location)).status_code == 200
    assert await code_of(await http.delete(location)) == (404, "no_such_session")


@pytest.mark.parametrize(
    "path", ["/whip/s1/0.unknown", "/whip/s1/1.unknown", "/whip/s1/unknown", "/whep/s1/0.x"]
)
async def test_an_unknown_session_is_404(http: httpx.AsyncClient, path: str) -> None:
    """Whatever the verb."""
    for method in ("GET", "PATCH", "DELETE"):
        response = await http.request(method, path, headers={"Content-Type": FRAGMENT, "If-Match": "*"})
        assert await code_of(response) == (404, "no_such_session")


async def test_a_session_url_of_one_door_is_nothing_at_the_other(http: httpx.AsyncClient) -> None:
    """Neither door nor show can be swapped in the URL."""
    peer = host()
    await peer.post(http, "/whip/s1")
    for wrong in (peer.location.replace("/whip/", "/whep/"), peer.location.replace("/s1/", "/s2/")):
        assert (await http.delete(wrong)).status_code == 404
    assert (await http.delete(peer.location)).status_code == 200


async def test_every_simulcast_layer_is_accepted(http: httpx.AsyncClient) -> None:
    """OBS gives up when the answer lacks a layer it offered."""
    offer = host().offer() + "a=rid:0 send\r\na=rid:1 send\r\na=simulcast:send 0;1\r\n"
    response = await http.post("/whip/s1", content=offer, headers=SDP)
    assert "a=simulcast:recv 0;1" in response.text.splitlines()
