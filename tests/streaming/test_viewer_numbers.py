"""Transport-wide numbers of one viewer: what a feedback's numbers were."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.bandwidth.delay_trend import Reported
from streaming.rtp import rtcp
from streaming.rtp.ring import StoredPacket
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.viewer_numbers import OVERHEAD_BYTES, TransportNumbers
from streaming.viewer_track import ViewerTrack
from tests.streaming.test_viewer_track import track

EXTRA_S, EXTRA_BYTES = 50.0, 1234
# (packets, packets left out before the next spell, extras after it)
Spell = tuple[int, int, int]
SPELLS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 500), st.integers(0, 5)), min_size=1, max_size=6
)


class Line:
    """A line that keeps everything; each packet tells its number by when it was sent."""

    highest = 0

    def __init__(self, *missing: int) -> None:
        self._missing = missing

    def stored(self, sequence: int) -> StoredPacket | None:
        """Return what was sent under a number; None for what the host lost."""
        if sequence in self._missing:
            return None
        octets = sequence * (sequence + 1) // 2 - sum(one for one in self._missing if one <= sequence)
        return StoredPacket(
            sequence, 0, False, "VP8", bytes(sequence), False, 0.0, sent_s=float(sequence), octets=octets
        )

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return several."""
        return [self.stored(first + place) for place in range(count)]


def play(viewer: ViewerTrack, numbers: TransportNumbers, spells: Sequence[Spell]) -> list[tuple[float, int]]:
    """Send spells of packets and extras; returns what went out under each number, the oldest first."""
    line = Line()
    at, sent = 1, []
    for packets, skipped, extras in spells:
        viewer.start_at(at, line)
        sent += [(float(number), number + OVERHEAD_BYTES) for number in range(at, at + packets)]
        at += packets
        viewer.pause_after(at - 1)
        at += skipped
        for _ in range(extras):
            numbers.take(EXTRA_S, EXTRA_BYTES)
            sent.append((EXTRA_S, EXTRA_BYTES))
    return sent


def feedbacks(sent: int, begin: int, lost: set[int], size: int) -> list[bytes]:
    """Report on `sent` packets from the number `begin` on, `size` at a time, without the lost ones."""
    log, bodies = ArrivalLog(), []
    for place in range(sent):
        if place not in lost:
            log.arrived((begin + place) & 0xFFFF, 1.0 + place / 1000)
        compound = log.take_feedback(1, 2) if place % size == size - 1 or place == sent - 1 else None
        if compound is not None:
            (item,) = rtcp.parse_rtcp(compound)
            assert isinstance(item, rtcp.TransportFeedback)
            bodies.append(item.body)
    return bodies


@given(SPELLS, st.integers(0, 0x7FFF), st.sets(st.integers(0, 240), max_size=20), st.integers(1, 60))
def test_each_number_leads_back_to_what_was_sent_under_it(
    spells: list[Spell], begin: int, lost: set[int], size: int
) -> None:
    """Over pauses, changes and probes; what got lost is told as lost."""
    viewer = track(begin)
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, spells)
    read: list[Reported] = []
    for body in feedbacks(len(sent), begin, lost, size):
        packets, unlisted = numbers.read(body)
        assert unlisted == 0
        read += packets
    last = max((place for place in range(len(sent)) if place not in lost), default=-1)
    first = min((place for place in range(len(sent)) if place not in lost), default=0)
    expected = sent[first : last + 1]
    assert [(when, size_bytes) for when, size_bytes, _ in read] == expected
    assert [arrival is None for _, _, arrival in read] == [place in lost for place in range(first, last + 1)]


def test_packets_in_a_row_are_looked_up_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a rule: one by one costs several times as much, and is for extras and changes."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, [(20, 0, 0)])
    monkeypatch.setattr(TransportNumbers, "_one_by_one", None)
    bodies = feedbacks(len(sent), 100, {5}, 10)
    assert [len(numbers.read(body)[0]) for body in bodies] == [10, 10]


def test_a_row_that_all_came_is_told_by_its_ends_where_that_will_do() -> None:
    """The last stands for the bytes of the others, and those are counted; a loss is told packet by packet."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, [(20, 0, 0)])
    whole, broken = feedbacks(len(sent), 100, {15}, 10)
    (first, last), unlisted = numbers.read(whole, ends_only=True)
    assert (first[:2], last[0], unlisted) == (sent[0], sent[9][0], 8)
    assert first[1] + last[1] == sum(size for _, size in sent[:10])
    assert first[2] is not None
    assert last[2] is not None
    assert last[2] - first[2] == pytest.approx(0.009, abs=0.0003)
    told, unlisted = numbers.read(broken, ends_only=True)
    assert (len(told), unlisted) == (10, 0)
    assert [arrival is None for _, _, arrival in told].index(True) == 5


def test_what_went_out_without_numbers_is_not_measured() -> None:
    """Its numbers never left, and a player lists them as lost: whose picture was held goes on one by one."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, [(20, 0, 0)])
    viewer.history.number_from(11)
    (body,) = feedbacks(len(sent), 100, {*range(1, 10)}, 20)
    told, _ = numbers.read(body)
    assert [(sent_s, size) for sent_s, size, _ in told] == sent[10:]
    assert None not in [arrival_s for _, _, arrival_s in told]


def test_one_row_tells_of_all_that_was_sent_since_the_last_feedback() -> None:
    """By its own ends, the last of which stands for the bytes of everything in between."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, [(60, 0, 0)])
    bodies = feedbacks(len(sent), 100, set(), 10)
    numbers.read(bodies[0])
    glance = numbers.glance(bodies[4])
    assert glance is not None
    assert (glance.first[0], glance.last[0], glance.unlisted) == (sent[40][0], sent[49][0], 8)
    assert glance.first[1] + glance.last[1] == sum(size for _, size in sent[10:50])
    numbers.pass_over(glance)
    told, _ = numbers.read(bodies[5])
    assert [(sent_s, size) for sent_s, size, _ in told] == sent[50:]


@pytest.mark.parametrize(
    "spells",
    [[(35, 0, 1), (25, 0, 0)], [(35, 7, 0), (25, 0, 0)]],
    ids=["an extra between them", "a pause between them"],
)
def test_one_row_tells_nothing_of_what_went_out_otherwise(spells: list[Spell]) -> None:
    """A probe's packets count apart, and before a pause the numbers were others: all is read then."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    sent = play(viewer, numbers, spells)
    bodies = feedbacks(len(sent), 100, set(), 10)
    numbers.read(bodies[0])
    assert numbers.glance(bodies[4]) is None
    for body in bodies[1:5]:
        numbers.read(body)
    assert numbers.glance(bodies[5]) is not None


def test_what_the_host_lost_is_no_loss_of_the_viewers() -> None:
    """Numbers that were never sent are told as lost as well; of two in a row one had been sent."""
    viewer = track()
    numbers = TransportNumbers(viewer)
    viewer.start_at(1, Line(35, 48))
    viewer.pause_after(60)
    bodies = feedbacks(60, 100, {34, 47, 51}, 20)
    numbers.read(bodies[0])
    glance = numbers.glance(bodies[1])
    assert glance is not None
    assert (glance.unlisted, glance.lost) == (17, 0)
    sent = [number + OVERHEAD_BYTES for number in range(21, 41) if number != 35]
    assert glance.first[1] + glance.last[1] == sum(sent)
    numbers.pass_over(glance)
    glance = numbers.glance(bodies[2])
    assert glance is not None
    assert (glance.unlisted, glance.lost) == (17, 1)
