"""The model in simulated time, the sockets on loopback, and the rewriting of answers."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import cast

import pytest

from tests.lossy_link import (
    Address,
    LinkConditions,
    LinkModel,
    candidate_address,
    lossy_link,
    through_link,
)

PACKETS = 20_000
STEP_S = 0.005
SIZE_BYTES = 1_000


def arrivals(conditions: LinkConditions, seed: str = "7", packets: int = PACKETS) -> list[float | None]:
    """Offer one packet every 5 ms and list when each arrives."""
    model = LinkModel(conditions, seed)
    return [model.offer(number * STEP_S, SIZE_BYTES) for number in range(packets)]


def test_a_perfect_wire_delivers_everything_at_once() -> None:
    """The default conditions change nothing."""
    assert arrivals(LinkConditions(), packets=100) == [number * STEP_S for number in range(100)]


@pytest.mark.parametrize("burst_packets", [1.0, 4.0])
def test_the_share_lost_is_the_share_asked_for(burst_packets: float) -> None:
    """Independent and bursty loss have the same long-run share."""
    fates = arrivals(LinkConditions(loss=0.03, loss_burst_packets=burst_packets))
    assert fates.count(None) / PACKETS == pytest.approx(0.03, abs=0.006)


def test_losses_come_in_runs_of_the_length_asked_for() -> None:
    """The Gilbert chain's mean run of losses is `loss_burst_packets`."""
    fates = arrivals(LinkConditions(loss=0.05, loss_burst_packets=4))
    starts = sum(1 for before, now in itertools.pairwise(fates) if before is not None and now is None)
    assert fates.count(None) / starts == pytest.approx(4, rel=0.15)


def test_the_same_seed_loses_the_same_packets_whatever_the_delay() -> None:
    """Conditions are independent of each other's fortune, and a seed repeats."""
    plain = arrivals(LinkConditions(loss=0.1))
    delayed = arrivals(LinkConditions(loss=0.1, delay_s=0.04, jitter_s=0.02))
    other = arrivals(LinkConditions(loss=0.1), seed="8")
    assert [fate is None for fate in plain] == [fate is None for fate in delayed]
    assert [fate is None for fate in plain] != [fate is None for fate in other]


def test_jitter_stays_in_its_width_and_keeps_the_order() -> None:
    """Delay is a floor, delay plus jitter the ceiling, and nothing overtakes."""
    fates = arrivals(LinkConditions(delay_s=0.05, jitter_s=0.03))
    times_s = [arrival_s for arrival_s in fates if arrival_s is not None]
    extra_s = [arrival_s - number * STEP_S for number, arrival_s in enumerate(times_s)]
    assert times_s == sorted(set(times_s))
    assert min(extra_s) >= 0.05 - 1e-9
    assert max(extra_s) <= 0.08 + 1e-3
    assert max(extra_s) - min(extra_s) > 0.025


def test_the_share_reordered_is_overtaken() -> None:
    """A held-back packet arrives after its successors."""
    fates = [at_s for at_s in arrivals(LinkConditions(reorder=0.05, reorder_s=0.012)) if at_s is not None]
    overtaken = sum(1 for now, after in itertools.pairwise(fates) if now > after)
    assert overtaken / PACKETS == pytest.approx(0.05, abs=0.01)


def test_a_slow_line_spaces_packets_and_drops_what_its_queue_cannot_hold() -> None:
    """A burst leaves at the line's rate; the queue's length bounds how much of it survives."""
    model = LinkModel(LinkConditions(rate_bits_per_s=800_000, queue_packets=5), "1")
    burst = [model.offer(0.0, SIZE_BYTES) for _ in range(8)]
    assert burst[:5] == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05])
    assert burst[5:] == [None, None, None]
    assert model.totals.overflowed == 3
    assert model.offer(0.055, SIZE_BYTES) == pytest.approx(0.065), "an empty line serves at once"


def test_a_cut_drops_everything_and_mending_it_lets_packets_pass() -> None:
    """Conditions may change while packets run."""
    model = LinkModel(LinkConditions(cut=True), "1")
    assert model.offer(0.0, SIZE_BYTES) is None
    model.conditions = LinkConditions()
    assert model.offer(1.0, SIZE_BYTES) == 1.0
    assert (model.totals.cut, model.totals.delivered, model.totals.offered) == (1, 1, 2)


class Echo(asyncio.DatagramProtocol):
    """A server that answers every datagram with the port it saw, and the data."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.transport.sendto(f"{addr[1]} ".encode() + data, addr)


class Caller(asyncio.DatagramProtocol):
    """A client that keeps what comes back."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.heard.put_nowait(data)


@pytest.fixture
async def echo_address() -> AsyncIterator[Address]:
    """Run an echo server and give its address."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    yield transport.get_extra_info("sockname")
    transport.close()


async def ask(link_address: Address, *words: bytes) -> tuple[asyncio.DatagramTransport, Caller]:
    """Open a client at the link and send these words."""
    loop = asyncio.get_running_loop()
    transport, caller = await loop.create_datagram_endpoint(Caller, remote_addr=link_address)
    for word in words:
        transport.sendto(word)
    return transport, caller


async def test_the_server_sees_each_client_as_an_address_of_its_own(echo_address: Address) -> None:
    """Two clients of one link get their own answers, in order, from their own sockets."""
    async with asyncio.timeout(5), lossy_link(echo_address, down=LinkConditions(delay_s=0.01)) as link:
        clients = [await ask(link.address, b"one", b"two"), await ask(link.address, b"one", b"two")]
        seen_ports = set()
        for transport, caller in clients:
            answers = [(await caller.heard.get()).split() for _ in range(2)]
            assert [word for _, word in answers] == [b"one", b"two"]
            seen_ports |= {port for port, _ in answers}
            transport.close()
        assert len(seen_ports) == 2
        assert (link.totals("up").delivered, link.totals("down").delivered) == (4, 4)


async def test_a_cut_link_is_silent_until_it_is_mended(echo_address: Address) -> None:
    """`change` works on clients that are already connected."""
    async with asyncio.timeout(5), lossy_link(echo_address) as link:
        transport, caller = await ask(link.address, b"before")
        assert (await caller.heard.get()).endswith(b"before")
        link.change(up=LinkConditions(cut=True))
        link._from_client(b"during", transport.get_extra_info("sockname"))
        assert link.totals("up").cut == 1
        link.change(up=LinkConditions())
        transport.sendto(b"after")
        assert (await caller.heard.get()).endswith(b"after")
        transport.close()


ANSWER = """v=0\r
a=ice-lite\r
m=audio 9 UDP/TLS/RTP/SAVPF 111\r
a=candidate:1 1 udp 2130706431 192.0.2.7 8200 typ host\r
a=candidate:2 1 udp 2130706175 127.0.0.1 8200 typ host\r
a=candidate:3 1 tcp 1671430143 192.0.2.7 8200 typ host tcptype passive\r
a=end-of-candidates\r
m=video 9 UDP/TLS/RTP/SAVPF 96\r
a=mid:1\r
a=candidate:1 1 udp 2130706431 192.0.2.7 8200 typ host\r
"""


def test_an_answer_is_rewritten_so_that_no_way_leads_around_the_link() -> None:
    """One candidate a section remains, at the link's address; everything else is untouched."""
    rewritten = through_link(ANSWER, ("127.0.0.1", 4000))
    candidates = [line for line in rewritten.splitlines() if "candidate:" in line]
    others = [line for line in rewritten.splitlines() if "candidate:" not in line]
    assert candidates == ["a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host"] * 2
    assert others == [line for line in ANSWER.splitlines() if "candidate:" not in line]
    assert rewritten.endswith("\r\n")


def test_the_servers_address_is_read_from_the_first_udp_candidate() -> None:
    """An answer tells where the link must lead; one without UDP candidates is refused."""
    assert candidate_address(ANSWER) == ("192.0.2.7", 8200)
    with pytest.raises(ValueError, match="no UDP candidate"):
        candidate_address("v=0\r\n")
