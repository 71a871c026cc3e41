"""Which addresses are bound, which are told to peers, and in which order."""

from pathlib import Path

import httpx
import pytest

from streaming.settings import MediaSettings
from streaming.transport.addresses_udp import Bind, binds_of_public, inside_addresses, ordered
from streaming.transport.interface_flags_files import passing_addresses
from tests.streaming.media_server import GRANT_KEY, media_server
from tests.streaming.raw_peer import VP8, VP8_KEY, RawPeer, publisher, viewer

TABLE = """\
00000000000000000000000000000001 01 80 10 80       lo
fe80000000000000dc5b50fffe8e1f3c 02 40 20 80     eth0
20010db8000000000000000000000005 02 40 00 80     eth0
20010db8000000000000000000000006 02 40 00 01     eth0
20010db8000000000000000000000007 02 40 00 20     eth0
20010db8000000000000000000000008 02 40 00 c0     eth0
"""


def test_passing_addresses_are_read_from_the_kernels_table(tmp_path: Path) -> None:
    """Temporary, deprecated and tentative ones; the rest stays."""
    table = tmp_path / "if_inet6"
    table.write_text(TABLE)
    assert passing_addresses(table) == {"2001:db8::6", "2001:db8::7", "2001:db8::8"}
    assert passing_addresses(tmp_path / "none") == set()


def test_ipv4_comes_first_and_loopback_last() -> None:
    """What no peer can use is left out: link-local, multicast, repeats."""
    found = ["::1", "2001:db8::5", "127.0.0.1", "fe80::1", "192.0.2.7", "169.254.1.1", "ff02::1", "192.0.2.7"]
    assert ordered(found) == ["192.0.2.7", "2001:db8::5", "127.0.0.1", "::1"]


def test_siblings_find_a_socket_behind_nat_by_its_own_addresses() -> None:
    """The public address may lead nowhere from inside; a bound address is what it is."""
    behind = inside_addresses("0.0.0.0", ("203.0.113.7",))
    assert behind[-1] == "203.0.113.7"
    assert "127.0.0.1" in behind
    assert not any(":" in address for address in behind)
    assert inside_addresses("192.0.2.7", ("192.0.2.7",)) == ["192.0.2.7"]


def test_no_ipv6_loopback_where_the_machine_has_none() -> None:
    """A machine without IPv6 does not try to bind it."""
    assert ordered(["127.0.0.1", "192.0.2.7"]) == ["192.0.2.7", "127.0.0.1"]


@pytest.mark.parametrize(
    ("public", "binds"),
    [
        (["192.0.2.7"], [Bind("192.0.2.7", ("192.0.2.7",))]),
        (["203.0.113.1"], [Bind("0.0.0.0", ("203.0.113.1",))]),
        (["2001:db8::9", "203.0.113.1", "192.0.2.7"],
         [Bind("0.0.0.0", ("203.0.113.1", "192.0.2.7")), Bind("::", ("2001:db8::9",))]),
        (["2001:db8::5", "192.0.2.7"],
         [Bind("192.0.2.7", ("192.0.2.7",)), Bind("2001:db8::5", ("2001:db8::5",))]),
    ],
)  # fmt: skip
def test_public_addresses_are_bound_when_ours(public: list[str], binds: list[Bind]) -> None:
    """Else one socket listens on everything of that family and is told under all of them."""
    assert binds_of_public(public, ["192.0.2.7", "2001:db8::5"]) == binds


async def test_all_public_addresses_are_told() -> None:
    """Two of one family and one of the other: each a UDP candidate, then each a TCP candidate."""
    settings = MediaSettings(
        GRANT_KEY, media_port=0, public_ips=("203.0.113.1", "2001:db8::9", "203.0.113.2")
    )
    async with media_server(settings) as server, httpx.AsyncClient(base_url=server.url, verify=False) as http:
        peer = RawPeer("sendonly", [VP8])
        await peer.post(http, "/whip/s1")
        lines = [line.split() for line in peer.answer.splitlines() if line.startswith("a=candidate")]
        told = ["203.0.113.1", "203.0.113.2", "2001:db8::9"]
        assert [(line[2], line[4]) for line in lines] == [
            *(("udp", address) for address in told),
            *(("tcp", address) for address in told),
        ]
        priorities = [int(line[3]) for line in lines]
        assert priorities == sorted(set(priorities), reverse=True)


@pytest.mark.parametrize("tcp", [False, True])
async def test_media_travels_over_ipv6_loopback(tcp: bool) -> None:
    """Both ways, over UDP and over TCP."""
    settings = MediaSettings(GRANT_KEY, media_port=0, bind_addresses=("::1",))
    async with (
        media_server(settings) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http, tcp=tcp) as host,
        viewer(http, tcp=tcp) as player,
    ):
        await host.send_video(1, VP8_KEY)
        assert (await player.next_rtp(96)).payload == VP8_KEY
