"""The ring of a stream's newest packets: what it keeps, and what it lets go of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.ring import PacketRing, StoredPacket


def packet(sequence: int, *, arrival_s: float = 0.0, size: int = 100) -> StoredPacket:
    """One packet of a line."""
    return StoredPacket(sequence, 0, False, "VP8", bytes(size), False, arrival_s)


def kept(ring: PacketRing, *, upto: int) -> list[int]:
    """The numbers that can still be had."""
    return [sequence for sequence in range(upto + 1) if ring.get(sequence) is not None]


def test_a_newer_packet_takes_the_slot_of_an_old_one() -> None:
    """A repeat, and what is older than what its slot holds, is refused."""
    ring = PacketRing(4)
    assert all(ring.put(packet(number)) for number in range(1, 7))
    assert not ring.put(packet(6))
    assert not ring.put(packet(2))
    assert kept(ring, upto=10) == [3, 4, 5, 6]
    assert ring.bytes_total == 400


@pytest.mark.parametrize("slots", [0, 3, -4])
def test_the_number_of_slots_is_a_power_of_two(slots: int) -> None:
    """Anything else raises."""
    with pytest.raises(ValueError, match="power of two"):
        PacketRing(slots)


def test_what_is_older_than_the_limit_goes() -> None:
    """Gaps are passed over; the newest packet always stays."""
    ring = PacketRing(16)
    for number in (1, 2, 5, 6):
        ring.put(packet(number, arrival_s=number))
    ring.trim(5.5, keep_from=100, max_bytes=10_000)
    assert kept(ring, upto=10) == [6]
    ring.trim(99.0, keep_from=100, max_bytes=0)
    assert kept(ring, upto=10) == [6]
    assert ring.bytes_total == 100


def test_the_newest_group_stays_however_old_until_it_is_too_many_bytes() -> None:
    """Joiners need it from its first packet; the bound on memory comes first all the same."""
    ring = PacketRing(16)
    for number in range(1, 9):
        ring.put(packet(number, arrival_s=number))
    ring.trim(99.0, keep_from=4, max_bytes=10_000)
    assert kept(ring, upto=10) == [4, 5, 6, 7, 8]
    ring.trim(99.0, keep_from=4, max_bytes=250)
    assert kept(ring, upto=10) == [7, 8]


def test_nothing_is_taken_that_is_numbered_as_one_that_is_gone() -> None:
    """Viewers have had a packet of that number: another would be a second one under its AES-GCM nonce."""
    ring = PacketRing(16)
    for number in range(1, 9):
        ring.put(packet(number, arrival_s=number))
    ring.trim(5.5, keep_from=100, max_bytes=10_000)
    assert kept(ring, upto=10) == [6, 7, 8]
    assert not ring.put(packet(5, arrival_s=9.0))
    assert kept(ring, upto=10) == [6, 7, 8]


def test_what_was_lost_after_a_silence_may_still_come() -> None:
    """The packets before it are gone, the hole behind them is nobody's number yet."""
    ring = PacketRing(64)
    for number in (*range(1, 17), 32):
        ring.put(packet(number, arrival_s=3.0 if number == 32 else 0.0))
    ring.trim(1.0, keep_from=32, max_bytes=10_000)
    assert not ring.put(packet(16, arrival_s=3.0))
    assert ring.put(packet(20, arrival_s=3.0))
    assert kept(ring, upto=40) == [20, 32]


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(0, 500)), max_size=80),
    st.integers(0, 3000),
    st.integers(0, 200),
)
def test_the_bytes_counted_are_the_bytes_kept(
    puts: list[tuple[int, int]], max_bytes: int, keep_from: int
) -> None:
    """In whatever order packets come, and however often it is trimmed."""
    ring = PacketRing(32)
    for turn, (number, size) in enumerate(puts):
        ring.put(packet(number, arrival_s=turn, size=size))
        ring.trim(turn - 10, keep_from, max_bytes)
        slots = [one for one in ring._slots if one is not None]
        assert ring.bytes_total == sum(len(one.payload) for one in slots)
        assert any(one.sequence == ring.highest for one in slots)


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 100), st.integers(0, 100))
def test_a_run_is_what_each_of_its_numbers_leads_to(puts: list[int], first: int, count: int) -> None:
    """Over the ring's end, too, and with holes where packets never came or are gone."""
    ring = PacketRing(32)
    for number in puts:
        ring.put(packet(number))
    assert ring.get_run(first, count) == [ring.get(number) for number in range(first, first + count)]
