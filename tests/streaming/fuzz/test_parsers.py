"""Whatever comes in, the parsers give a message or their documented error, soon."""

import asyncio
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming import whip
from streaming.errors import BrokenSdpError
from streaming.rtp.packet import parse_rtp
from streaming.rtp.rtcp import parse_rtcp
from streaming.transport.ice_lite import read_check
from tests.streaming.fuzz.mutation import mutate
from tests.streaming.fuzz.recording import record_seeds
from tests.streaming.fuzz.targets import TARGETS
from tests.streaming.raw_peer import VP8, RawPeer

EXAMPLES = 40
CHANGES = 10
SLOW_S = 0.2
OFFER = RawPeer("sendonly", [VP8]).offer()
names = pytest.mark.parametrize("name", sorted(TARGETS))


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[bytes]]:
    """Messages of a real session, for each target."""
    return asyncio.run(record_seeds())


def test_the_recorded_session_has_something_for_every_target(seeds: dict[str, list[bytes]]) -> None:
    """And it is valid, so that what is changed below is not noise from the beginning."""
    assert sorted(seeds) == sorted(TARGETS)
    assert all(seeds.values())
    assert all(read_check(data) for data in seeds["stun"])
    assert all(parse_rtp(data).payload for data in seeds["rtp"])
    assert all(parse_rtcp(data) for data in seeds["rtcp"])


@names
@given(data=st.binary(max_size=600))
@settings(deadline=None, max_examples=EXAMPLES)
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    """Nothing but the documented errors is raised."""
    TARGETS[name](data)


@names
@given(seed=st.integers(0, 1 << 32))
@settings(deadline=None, max_examples=EXAMPLES)
def test_changed_messages_are_read_or_refused(name: str, seed: int, seeds: dict[str, list[bytes]]) -> None:
    """Valid messages of a session with bits, lengths and pieces changed."""
    random = Random(seed)
    for _ in range(1 if name == "show" else CHANGES):
        TARGETS[name](mutate(random.choice(seeds[name]), random, seeds[name]))


@names
def test_the_longest_message_is_read_soon(name: str, seeds: dict[str, list[bytes]]) -> None:
    """What repeats for as long as a datagram or body may be, in CPU time of this thread."""
    longest = max(seeds[name], key=len)
    for data in (longest * (2000 // len(longest) + 1), b"\x00" * 2000, b"\x80\xcd\x00\x00" * 500):
        assert cpu_s(name, data) < SLOW_S


WORST_LINES = {
    "streams": lambda n: f"a=ssrc:{n + 10} cname:x",
    "feedback": lambda _: "a=rtcp-fb:* nack",
    "kinds of feedback": lambda n: f"a=rtcp-fb:* nack {n}",
    "extensions": lambda n: f"a=extmap:{n} urn:x",
    "groups": lambda n: f"a=ssrc-group:FID {n} {n + 1}",
    "parameters": lambda n: f"a=fmtp:{n % 128} " + ";".join(f"a{i}=1" for i in range(20)),
    "fingerprints": lambda _: "a=fingerprint:sha-256 AA:BB",
    "sections": lambda _: "m=audio 9 X 0",
}


@pytest.mark.parametrize("what", sorted(WORST_LINES))
def test_an_offer_of_many_lines_is_read_soon(what: str) -> None:
    """As many lines of a kind as there may be; the answer does not grow with them."""
    offer = OFFER + "\r\n".join(map(WORST_LINES[what], range(950)))
    assert cpu_s("offer", offer.encode()) < SLOW_S


def cpu_s(name: str, data: bytes) -> float:
    """The least CPU time of three readings."""
    took_s = []
    for _ in range(3):
        began_s = time.thread_time()
        TARGETS[name](data)
        took_s.append(time.thread_time() - began_s)
    return min(took_s)


def test_an_offer_that_names_a_payload_type_ten_thousand_times_is_refused() -> None:
    """It would be answered ten thousand times."""
    with pytest.raises(BrokenSdpError):
        whip.read_offer(OFFER.replace("SAVPF 96", "SAVPF" + " 96" * 10_000))


def test_changes_can_be_repeated_and_do_change() -> None:
    """The same numbers give the same bytes, other numbers others."""
    first, again = (mutate(b"a message of some length", Random(5), [b"other"]) for _ in range(2))
    assert first == again
    assert len({mutate(b"a message of some length", Random(n), [b"other"]) for n in range(50)}) > 40
