"""Transport-wide feedback: every form the draft allows, and bytes that are none."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.bandwidth.feedback import MAX_STATUSES, FeedbackReader
from streaming.rtp.packet import MalformedPacketError
from streaming.rtp.rtcp import TransportFeedback, parse_rtcp
from streaming.rtp.transport_feedback import ArrivalLog

TICK_S = 0.000_250


def body(first: int, count: int, chunks: list[int], deltas: bytes, reference: int = 100) -> bytes:
    """A feedback behind its SSRCs."""
    head = pack("!HHI", first, count, (reference & 0xFFFFFF) << 8)
    return head + b"".join(pack("!H", chunk) for chunk in chunks) + deltas


def relative(arrivals: list[tuple[int, float | None]]) -> list[tuple[int, int | None]]:
    """Ticks since the first arrival."""
    first_s = next(at for _, at in arrivals if at is not None)
    return [(n, None if at is None else round((at - first_s) / TICK_S)) for n, at in arrivals]


@given(st.binary(max_size=120))
def test_any_bytes_are_a_feedback_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        arrivals = FeedbackReader().read(data, 70_000)
    except MalformedPacketError:
        return
    assert all(sequence <= 70_000 for sequence, _ in arrivals)


@given(
    st.lists(
        st.tuples(st.integers(0, 0xFFFF), st.integers(1, 60), st.lists(st.integers(0, 0xFFFF), max_size=6)),
        max_size=8,
    ),
    st.binary(max_size=80),
)
def test_any_sequence_of_feedbacks_is_read_or_refused(
    parts: list[tuple[int, int, list[int]]], deltas: bytes
) -> None:
    """Heads are plausible, chunks and deltas are noise; no packet is reported as arrived twice."""
    reader = FeedbackReader()
    seen: set[int] = set()
    for first, count, chunks in parts:
        try:
            arrivals = reader.read(body(first, count, chunks, deltas), 200_000)
        except MalformedPacketError:
            continue
        came = [sequence for sequence, at in arrivals if at is not None]
        assert not seen & set(came)
        seen.update(came)


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.floats(0, 3)), min_size=1, max_size=80, unique_by=lambda t: t[0]
    ),
    st.integers(0, 0xFFFF),
)
def test_what_our_own_builder_writes_is_read_again(arrivals: list[tuple[int, float]], base: int) -> None:
    """Which came, which were lost, and when to within a tick; across the wrap of the numbers."""
    log = ArrivalLog()
    for offset, after_s in arrivals:
        log.arrived((base + offset) & 0xFFFF, 5000.0 + after_s)
    data = log.take_feedback(1, 2)
    assert data is not None
    [item] = parse_rtcp(data)
    assert isinstance(item, TransportFeedback)
    first = base + min(offset for offset, _ in arrivals)
    last = base + max(offset for offset, _ in arrivals)
    read = FeedbackReader().read(item.body, last)
    assert [sequence for sequence, _ in read] == list(range(first, last + 1))
    expected = {base + offset: after_s for offset, after_s in arrivals}
    assert {sequence for sequence, at in read if at is not None} == expected.keys()
    zero_s = next(at - expected[n] for n, at in read if at is not None)
    for sequence, at in read:
        if at is not None:
            assert at - zero_s == pytest.approx(expected[sequence], abs=1.1 * TICK_S)


def test_runs_and_both_vectors_are_read() -> None:
    """A run of small deltas, 14 one-bit symbols, 7 two-bit symbols with large and negative deltas."""
    run = 0b001 << 13 | 3
    one_bit = 0b10 << 14 | 0b10000000000001
    two_bit = 0b11 << 14 | 0b01_10_00_10_00_00_01
    deltas = bytes((4, 4, 4)) + bytes((10, 20)) + bytes((1,)) + pack("!hh", 1000, -500) + bytes((2,))
    arrivals = FeedbackReader().read(body(10, 24, [run, one_bit, two_bit], deltas), 33)
    times = relative(arrivals)
    assert times[:4] == [(10, 0), (11, 4), (12, 8), (13, 18)]
    assert times[14:] == [
        (24, None), (25, None), (26, 38), (27, 39), (28, 1039), (29, None), (30, 539), (31, None),
        (32, None), (33, 541),
    ]  # fmt: skip
    assert [at for _, at in times[4:14]] == [None] * 10


def test_a_run_of_lost_packets_ends_with_the_count() -> None:
    """Its length may say more than there are."""
    assert FeedbackReader().read(body(5, 2, [0 << 13 | 0x1FFF], b""), 6) == [(5, None), (6, None)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        body(1, 0, [], b""),
        body(1, MAX_STATUSES + 1, [0x1FFF, 0x1FFF], b""),
        body(1, 2, [], b""),
        body(1, 2, [0b001 << 13], b"\x01\x01"),
        body(1, 2, [0b001 << 13 | 2], b"\x01"),
        body(1, 2, [0b010 << 13 | 2], b"\x01\x01\x01"),
        body(1, 1, [0b011 << 13 | 1], b"\x01"),
        body(1, 1, [0b11 << 14 | 0b11 << 12], b"\x01"),
    ],
    ids=["empty", "none", "too many", "no chunks", "empty run", "small", "large", "run of 3", "reserved"],
)
def test_cut_off_and_reserved_forms_are_refused(data: bytes) -> None:
    """And leave the reader as it was."""
    reader = FeedbackReader()
    before = reader.read(body(1, 1, [0b001 << 13 | 1], b"\x00"), 1)
    with pytest.raises(MalformedPacketError):
        reader.read(data, 10)
    after = reader.read(body(2, 1, [0b001 << 13 | 1], b"\x01"), 2)
    assert relative(before + after) == [(1, 0), (2, 1)]


def test_the_reference_time_comes_round() -> None:
    """After 12.4 days, forward and for a late one backward."""
    reader = FeedbackReader()
    arrivals = reader.read(body(1, 1, [0b001 << 13 | 1], b"\x00", reference=0xFFFFFF), 1)
    arrivals += reader.read(body(2, 1, [0b001 << 13 | 1], b"\x00", reference=0), 2)
    arrivals += reader.read(body(3, 1, [0b001 << 13 | 1], b"\x00", reference=0xFFFFFE), 3)
    assert relative(arrivals) == [(1, 0), (2, 256), (3, -256)]


def test_what_is_reported_again_is_news_only_if_it_was_lost() -> None:
    """Chromium repeats statuses after reordering."""
    reader = FeedbackReader()
    first = reader.read(body(1, 3, [0b11 << 14 | 0b01_00_01 << 8], bytes((0, 8))), 3)
    assert relative(first) == [(1, 0), (2, None), (3, 8)]
    again = reader.read(body(1, 4, [0b001 << 13 | 4], bytes((0, 9, 0, 0))), 4)
    assert [sequence for sequence, _ in again] == [2, 4]
    assert reader.read(body(1, 4, [0b001 << 13 | 4], bytes((0, 9, 0, 0))), 4) == []


def test_packets_never_sent_are_left_out() -> None:
    """A viewer cannot claim more than it was sent."""
    arrivals = FeedbackReader().read(body(9, 5, [0b001 << 13 | 5], bytes(5)), 10)
    assert [sequence for sequence, _ in arrivals] == [9, 10]


def whole(first: int, count: int, *, reference: int = 100) -> bytes:
    """A feedback of packets that all came, a tick after each other."""
    return body(first, count, [0b001 << 13 | count], bytes([1] * count), reference)


def test_a_whole_row_can_stand_for_what_came_before_it() -> None:
    """It tells since when nothing was reported on, and its own ends."""
    reader = FeedbackReader()
    reader.read(whole(10, 5), 100)
    row = reader.glance(whole(40, 8, reference=102), 100)
    assert row is not None
    assert (row.since, row.first, row.last) == (15, 40, 47)
    assert row.first_s == pytest.approx(row.reference * 0.064 + TICK_S)
    assert row.last_s == pytest.approx(row.first_s + 7 * TICK_S)
    reader.pass_over(row)
    after = reader.read(whole(46, 6, reference=102), 100)
    assert [sequence for sequence, _ in after] == [48, 49, 50, 51]


@pytest.mark.parametrize(
    ("data", "newest"),
    [
        (body(15, 3, [0b10 << 14 | 0b100 << 11], b"\1"), 100),
        (body(15, 4, [0b10 << 14 | 0b1001 << 10], b"\1\1"), 100),
        (body(15, 40, [0b001 << 13 | 35, 4, 0b001 << 13 | 1], bytes([1] * 35)), 100),
        (whole(14, 5), 100),
        (whole(15, 5), 18),
        (whole(15, 5)[:-1], 100),
        (b"", 100),
    ],
    ids=[
        "the last lost",
        "two lost of four",
        "cut off with a loss",
        "one reported before",
        "one never sent",
        "cut off",
        "empty",
    ],
)
def test_what_says_anything_else_stands_for_nothing(data: bytes, newest: int) -> None:
    """And a look changes nothing."""
    reader = FeedbackReader()
    reader.read(whole(10, 5), 100)
    assert reader.glance(data, newest) is None
    after = reader.read(whole(15, 2), 100)
    assert [sequence for sequence, _ in after] == [15, 16]


def test_a_row_of_which_little_was_lost_stands_for_what_came_before_it_as_well() -> None:
    """What was lost may come after all, and is told once then."""
    reader = FeedbackReader()
    reader.read(whole(10, 5), 100)
    row = reader.glance(body(40, 4, [0b10 << 14 | 0b1011 << 10], bytes((4, 8, 1)), 102), 100)
    assert row is not None
    assert (row.since, row.first, row.last, row.lost) == (15, 40, 43, (41,))
    assert row.last_s - row.first_s == pytest.approx(9 * TICK_S)
    reader.pass_over(row)
    after = reader.read(whole(40, 4, reference=102), 100)
    assert [sequence for sequence, _ in after] == [41]


def test_the_first_feedback_is_read_whatever_it_says() -> None:
    """Since when it stands for packets is not known."""
    assert FeedbackReader().glance(whole(10, 5), 100) is None
