"""The owner's door for trunks: who may ask for a copy of a show, how many may wait, and for how long."""

import httpx
import pytest

from tests.streaming.media_server import MediaServer, grant_token
from tests.streaming.raw_peer import publisher

TRUNKS = "/internal/shows/s1/trunks"
WISH = b'{"nonce": "000102030405060708090a0b0c0d0e0f"}'


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"X-No-Grant": "1"}, WISH, 401),
        ({"Liveshop-Grant": "made.up"}, WISH, 401),
        ({"Liveshop-Grant": grant_token("s1", "inside")}, WISH, 403),
        ({"Liveshop-Grant": grant_token("s1", "watch")}, WISH, 403),
        ({"Liveshop-Grant": grant_token("s2", "relay")}, WISH, 403),
        ({"Liveshop-Grant": grant_token("s1", "relay", life_ms=-1)}, WISH, 401),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b"", 400),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b'{"nonce": "zz"}', 400),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b'{"nonce": "00"}', 400),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b'{"nonce": 7}', 400),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b'{"nonce": "", "more": 1}', 400),
        ({"Liveshop-Grant": grant_token("s1", "relay")}, b" " * 5000, 413),
        ({"Liveshop-Grant": grant_token("s3", "relay")}, WISH, 403),
    ],
)
async def test_a_hostile_subscription_is_refused(
    http: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    """And leaves nothing behind."""
    async with publisher(http):
        assert (await http.post(TRUNKS, content=body, headers=headers)).status_code == status
        assert "streaming_trunks 0" in (await http.get("/metrics")).text


async def test_promised_trunks_are_bounded_and_end_by_themselves(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """The sixty-fifth is 503; those whose edge never shows the key are gone after five seconds."""
    relay = media.inside.relay
    headers = {"Liveshop-Grant": grant_token("s1", "relay")}
    async with publisher(http):
        answers = [await http.post(TRUNKS, content=WISH, headers=headers) for _ in range(65)]
        assert [answer.status_code for answer in answers] == [201] * 64 + [503]
        assert answers[-1].json()["code"] == "trunks_full"
        made_s = max(trunk.connection.created_s for trunk in relay.trunks._trunks.values())
        relay.trunks.tick(made_s + 5.1)
        assert len(relay.trunks) == 0
        assert relay.demux.gauges()["fragments"] == 1


async def test_a_show_nobody_published_is_not_copied(http: httpx.AsyncClient) -> None:
    """As for a viewer."""
    headers = {"Liveshop-Grant": grant_token("s1", "relay")}
    assert (await http.post(TRUNKS, content=WISH, headers=headers)).status_code == 409
