"""The bounds on sessions: who is refused with which code, that nothing changed, and who is let in again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from streaming.admission import OFFERS_WINDOW_S, Admission, address_key
from streaming.errors import TooManyOffersError
from streaming.grants import Grant
from streaming.ports import AloneOwners, Ownership
from streaming.sessions import CLOSED_AT_ONCE
from streaming.settings import Limits
from tests.streaming.media_server import LOOPBACK, MediaServer, grant_token, media_server
from tests.streaming.raw_peer import VP8, RawPeer, publisher, viewer
from tests.waiting import until

HERE = "203.0.113.5"


class Slow(AloneOwners):
    """Leases that are asked for over a network: others come in meanwhile."""

    async def claim(self, show: str, *, publishing: bool) -> tuple[Ownership, str]:
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().claim(show, publishing=publishing)


class Late(AloneOwners):
    """Leases whose answer is a while on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.answered, self.deliver = asyncio.Event(), asyncio.Event()

    async def claim(self, show: str, *, publishing: bool) -> tuple[Ownership, str]:
        claimed = await super().claim(show, publishing=publishing)
        if show == "s2":
            self.answered.set()
            await self.deliver.wait()
        return claimed


@asynccontextmanager
async def served(
    owners: AloneOwners | None = None, **limits: int
) -> AsyncIterator[tuple[MediaServer, httpx.AsyncClient]]:
    """A server with other limits and a host in its show `s1`."""
    async with (
        media_server(replace(LOOPBACK, limits=replace(Limits(), **limits)), owners) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http),
    ):
        yield server, http


async def ask(
    http: httpx.AsyncClient,
    show: str = "s1",
    role: str = "watch",
    address: str = HERE,
    person: str = "gu_test",
    *,
    takeover: bool = False,
) -> httpx.Response:
    """Post an offer as somebody at an address; the peer does no more."""
    door, direction = ("whep", "recvonly") if role == "watch" else ("whip", "sendonly")
    grant = {"Liveshop-Grant": grant_token(show, role, address=address, person=person)}
    headers = {"Content-Type": "application/sdp", **grant}
    query = "?takeover=1" if takeover else ""
    offer = RawPeer(direction, [VP8]).offer()
    return await http.post(f"/{door}/{show}{query}", content=offer, headers=headers)


def state(server: MediaServer) -> tuple[Any, ...]:
    """All that a session leaves behind."""
    relay = server.inside.relay
    return (
        relay.gauges(),
        len(relay.demux._fragments),
        {name: list(show.viewers) for name, show in relay._shows.items()},
        relay.counters.totals["viewers"],
    )


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(address: str, key: str) -> None:
    """An IPv6 customer has a whole /64 to choose addresses from."""
    assert address_key(address) == key


@pytest.mark.parametrize(
    ("limits", "status", "code"),
    [
        ({"sessions": 3}, 503, "overloaded"),
        ({"sessions_per_show": 2}, 503, "show_full"),
        ({"sessions_per_address": 2}, 429, "address_full"),
        ({"handshakes": 2}, 503, "handshakes_full"),
    ],
)
async def test_one_viewer_too_many_is_refused_and_changes_nothing(
    limits: dict[str, int], status: int, code: str
) -> None:
    """Each with its code, a time to come again and a counter; and when one goes, another may come."""
    async with served(None, **limits) as (server, http):
        first, _ = [await ask(http) for _ in range(2)]
        before = state(server)
        for _ in range(3):
            refused = await ask(http)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
            assert int(refused.headers["retry-after"]) > 0
        assert state(server) == before
        assert server.inside.relay.counters.totals[f"refused_{code}"] == 3
        await http.delete(first.headers["location"])
        assert (await ask(http)).status_code == 201


async def test_another_show_and_another_address_have_their_own_bounds() -> None:
    """What one show or address uses up is not taken from others."""
    async with served(sessions_per_show=1) as (_, http), publisher(http, "s2"):
        assert [(await ask(http, show)).status_code for show in ("s1", "s2", "s1")] == [201, 201, 503]
    async with served(sessions_per_address=1) as (_, http):
        addresses = ["2001:db8::1", "2001:db8:0:1::1", "203.0.113.6", "2001:db8::2"]
        assert [(await ask(http, address=one)).status_code for one in addresses] == [201, 201, 201, 429]


async def test_loopback_and_the_unknown_are_not_one_client() -> None:
    """Behind a proxy that nobody named, everybody comes from there."""
    async with served(sessions_per_address=1) as (_, http):
        for address in ("127.0.0.1", "127.0.0.1", "::1", "::1", "", ""):
            assert (await ask(http, address=address)).status_code == 201


async def test_a_host_is_not_kept_out_by_viewers() -> None:
    """Only the bound of the whole process stops who has a stream key."""
    async with served(sessions_per_show=1, sessions_per_address=1, handshakes=1) as (_, http):
        assert (await ask(http)).status_code == 201
        assert (await ask(http)).status_code == 503
        assert (await ask(http, "s2", "publish")).status_code == 201


async def test_a_full_process_keeps_no_host_out_who_comes_back() -> None:
    """Neither while its old session still stands nor when a viewer has taken that place; other hosts do."""
    async with served(sessions=3) as (server, http):
        assert [(await ask(http)).status_code for _ in range(3)] == [201, 201, 503]
        again = await http.post(
            "/whip/s1?takeover=1",
            content=RawPeer("sendonly", [VP8]).offer(),
            headers={"Content-Type": "application/sdp"},
        )
        assert again.status_code == 201
        await http.delete(again.headers["location"])
        await until(lambda: len(server.inside.relay.sessions) == 2)
        assert (await ask(http)).status_code == 201
        assert (await ask(http, "s1", "publish")).status_code == 201
        others = [(await ask(http, f"s{i}", "publish")).status_code for i in range(2, 5)]
        assert others == [201, 201, 503]
        # As many hosts as there may be sessions: one of them comes back.
        assert (await ask(http, "s2", "publish", takeover=True)).status_code == 201


async def test_a_handshake_that_is_done_makes_room() -> None:
    """The bound is on those under way."""
    async with served(handshakes=1) as (server, http), viewer(http), viewer(http):
        assert server.inside.relay.gauges()["handshakes"] == 0
        assert (await ask(http)).status_code == 201
        assert server.inside.relay.gauges()["handshakes"] == 1
        assert (await ask(http)).json()["code"] == "handshakes_full"


async def test_a_long_offer_is_refused_at_the_set_length() -> None:
    """One byte over the bound is 413; the bound itself passes."""
    limit_bytes = 8192
    offer = RawPeer("recvonly", [VP8]).offer()
    missing = limit_bytes - len(offer)
    for size in (missing // 2, missing - missing // 2):
        offer += "a=" + "x" * (size - 4) + "\r\n"
    assert len(offer) == limit_bytes
    headers = {"Content-Type": "application/sdp"}
    async with served(offer_bytes=limit_bytes) as (server, http):
        before = state(server)
        longer = await http.post("/whep/s1", content=offer + "\n", headers=headers)
        assert (longer.status_code, longer.json()["code"]) == (413, "body_too_large")
        assert state(server) == before
        assert (await http.post("/whep/s1", content=offer, headers=headers)).status_code == 201


async def test_a_person_who_offers_without_end_must_wait_and_nobody_else() -> None:
    """Sessions left again and offers that are refused count, too; hosts have keys and are not bounded."""
    async with served(offers_per_minute=3) as (server, http):
        for _ in range(2):
            await http.delete((await ask(http)).headers["location"])
        headers = {"Content-Type": "application/sdp", "Liveshop-Grant": grant_token("s1", "watch")}
        assert (await http.post("/whep/s1", content="v=0\n", headers=headers)).status_code == 400
        before = state(server)
        refused = await ask(http)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_offers")
        assert 0 < int(refused.headers["retry-after"]) <= OFFERS_WINDOW_S
        assert state(server) == before
        assert (await ask(http, person="gu_other")).status_code == 201
        assert [(await ask(http, f"s{i}", "publish")).status_code for i in range(2, 6)] == [201] * 4


def test_offers_are_counted_for_a_minute_and_by_address_where_nobody_is_known() -> None:
    """An outside player has no name; behind a proxy that nobody named it has no address either."""
    admission = Admission(Limits(offers_per_minute=1, sessions_per_address=2))

    def offer(person: str, address: str, now_s: float) -> bool:
        try:
            admission.offered(Grant("s1", "watch", person, address, 0), now_s)
        except TooManyOffersError:
            return False
        return True

    assert [offer("gu_1", HERE, 100.0), offer("gu_1", "203.0.113.6", 159.9), offer("gu_1", HERE, 160.0)] == [
        True, False, True,
    ]  # fmt: skip
    # As many people may be behind one address as it may have sessions; each comes back twice.
    assert [offer("", HERE, 161.0) for _ in range(5)] == [True] * 4 + [False]
    assert offer("", "203.0.113.6", 162.0)
    assert all(offer("", "127.0.0.1", 163.0) for _ in range(5))


async def test_bounds_hold_when_many_ask_at_once() -> None:
    """The place is taken in the same step as it is looked for."""
    async with served(Slow(), sessions_per_show=5) as (server, http):
        answers = await asyncio.gather(*(ask(http) for _ in range(12)))
        assert sorted(one.status_code for one in answers) == [201] * 5 + [503] * 7
        assert len(server.inside.relay.sessions) == 6


async def test_a_full_room_is_closed_in_turns_its_host_first() -> None:
    """A session takes 0.2 ms to close: all of thousands at once would keep the other shows waiting."""
    async with served(offers_per_minute=1000) as (server, http):
        relay = server.inside.relay
        assert (await ask(http, "s2", "publish")).status_code == 201
        for show in ("s1", "s2"):
            for _ in range(2 * CLOSED_AT_ONCE):
                assert (await ask(http, show)).status_code == 201
        first = {one.secret for one in relay.sessions if one.show == "s1"}
        # The host comes back: its session is the newest.
        assert (await ask(http, "s1", "publish", takeover=True)).status_code == 201
        relay.close_show("s1", "moved")
        left = list(relay.sessions)
        assert len([one for one in left if one.show == "s1"]) == CLOSED_AT_ONCE + 1
        assert {one.secret for one in left if one.show == "s1"} < first
        assert [one.show for one in left if one.role == "publish"] == ["s2"]
        # Who is to go now does not wait for a room that is closed.
        assert relay.sessions.revoke(person=None, show="s2", role="publish") == 1
        assert not [one for one in relay.sessions if one.role == "publish"]
        await until(lambda: not [one for one in relay.sessions if one.show == "s1"])
        assert not relay.sessions.is_closing
        assert len(relay.sessions) == 2 * CLOSED_AT_ONCE


async def test_a_show_that_ends_while_its_lease_is_asked_for_is_not_made_anew() -> None:
    """The host is told that it is over, and nothing is left of it."""
    owners = Late()
    async with served(owners) as (server, http):
        relay = server.inside.relay
        asking = asyncio.create_task(ask(http, "s2", "publish"))
        await owners.answered.wait()
        await relay.end_show("s2")
        before = state(server)
        owners.deliver.set()
        refused = await asking
        assert (refused.status_code, refused.json()["code"]) == (409, "show_ended")
        assert "s2" not in relay._shows
        assert state(server) == before
