"""ICE servers: who is told of them, and credentials that coturn accepts and that pass."""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from streaming.turn import IceServers, credentials
from tests.streaming.media_server import LOOPBACK, grant_token, media_server
from tests.streaming.raw_peer import VP8, RawPeer

ICE = IceServers(("turn:t.test:3478?transport=udp", "stun:s.test"), "secret of the test", 600)
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Origin": "https://elsewhere.test"}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that knows ICE servers."""
    async with (
        media_server(replace(LOOPBACK, ice=ICE)) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as client,
    ):
        yield client


def test_credentials_are_coturns_convention() -> None:
    """User name: when it ends and who; password: base64 of its HMAC-SHA1 under the shared secret."""
    name, password = credentials("north", "gu_1", 1_000.9, 60)
    assert name == "1060:gu_1"
    assert base64.b64decode(password) == hmac.digest(b"north", b"1060:gu_1", hashlib.sha1)


def test_a_name_cannot_break_out_of_the_header() -> None:
    """Whoever names a person, quotes and line ends do not reach the header."""
    name, _ = credentials("north", 'x"; rel="evil\r\n', 0, 60)
    assert name == "60:x___rel__evil__"


@pytest.mark.parametrize(
    ("door", "direction", "who"), [("whip", "sendonly", "gu_test"), ("whep", "recvonly", "gu_test")]
)
async def test_a_session_is_told_the_servers_line_by_line(
    http: httpx.AsyncClient, door: str, direction: str, who: str
) -> None:
    """One `Link` header each: OBS reads one server from a line."""
    await RawPeer("sendonly", [VP8]).post(http, "/whip/s1")
    response = await RawPeer(direction, [VP8]).post(http, f"/{door}/{'s1' if door == 'whep' else 's2'}")
    turn, stun = response.headers.get_list("link")
    assert stun == '<stun:s.test>; rel="ice-server"'
    address, rel, name, password, kind = turn.split("; ")
    assert (address, rel, kind) == (
        "<turn:t.test:3478?transport=udp>", 'rel="ice-server"', 'credential-type="password"',
    )  # fmt: skip
    user = name.removeprefix('username="').removesuffix('"')
    ends, person = user.split(":")
    assert person == who
    assert 590 <= int(ends) - time.time() <= 600
    expected = base64.b64encode(hmac.digest(b"secret of the test", user.encode(), hashlib.sha1)).decode()
    assert password == f'credential="{expected}"'


async def test_options_tells_who_may_come_in_and_no_preflight(http: httpx.AsyncClient) -> None:
    """Credentials are for those with a key or token; a browser's preflight carries neither."""
    grant = {"Liveshop-Grant": grant_token("s1", "watch")}
    assert len((await http.options("/whep/s1", headers=grant)).headers.get_list("link")) == 2
    for headers in ({"X-No-Grant": "1"}, {**grant, **PREFLIGHT}):
        response = await http.options("/whep/s1", headers=headers)
        assert (response.status_code, response.headers.get_list("link")) == (204, [])
    other = {"Liveshop-Grant": grant_token("s2", "watch")}
    assert (await http.options("/whep/s1", headers=other)).status_code == 403


async def test_a_refused_session_is_told_nothing(http: httpx.AsyncClient) -> None:
    """No credentials without a session."""
    response = await RawPeer("recvonly", [VP8]).post(http, "/whep/never_published")
    assert response.status_code == 409
    assert "link" not in response.headers
