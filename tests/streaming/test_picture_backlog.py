"""The queue in which pictures wait: when it is served, and what it does when it is full."""

from itertools import pairwise
from typing import Any, cast

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.picture_backlog import GATHER_S, LATE_S, PictureBacklog, Waiting
from streaming.rtp.packet import RtpPacket
from streaming.settings import Limits
from streaming.transport.batch_native import MAX_BURST

LIMITS = Limits(waiting_pictures=100)


class NoPicture:
    """A show's picture that notes what it is asked."""

    def __init__(self) -> None:
        self.pushed: list[int] = []
        self.flushes = 0
        self.left_out: list[int] = []

    def push(self, source: object, extended: int, *_: object) -> None:
        """Note the packet."""
        self.pushed.append(extended)

    def flush(self) -> None:
        """Count."""
        self.flushes += 1

    def leave_out(self, _source: object, extended: int, *_: object) -> None:
        """Note the packet."""
        self.left_out.append(extended)


class NoShow:
    """A show with a picture and nothing else."""

    def __init__(self, viewers: int = 1) -> None:
        self.picture = NoPicture()
        self.viewers = dict.fromkeys(range(viewers))


class Queue:
    """A backlog whose calls for service are written down."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.calls: list[str | float] = []
        self.counters = Counters()
        self.now_s = 0.0
        self.backlog = PictureBacklog(
            self.counters, lambda: self.calls.append("now"), self.calls.append, limits, lambda: self.now_s
        )

    def put(self, show: NoShow, number: int, *, marker: bool = False) -> None:
        """Add a packet."""
        packet = RtpPacket(marker, 96, number, 3000, 1, b"x", {})
        waiting = (show, None, number, packet, Codec(96, "VP8", 90_000), self.now_s)
        self.backlog.put(cast("Waiting", cast("Any", waiting)))


def test_a_frame_is_served_when_its_last_packet_is_there() -> None:
    """Until then the queue asks only to be served after a short while."""
    queue, show = Queue(), NoShow()
    for number in range(3):
        queue.put(show, number)
    assert queue.calls == [GATHER_S] * 3
    queue.put(show, 3, marker=True)
    assert queue.calls[3:] == ["now"]


def test_a_long_frame_is_served_burst_by_burst() -> None:
    """A key frame need not be complete: what makes a full burst goes at once."""
    queue, show = Queue(), NoShow()
    for number in range(MAX_BURST):
        queue.put(show, number)
    assert queue.calls[-1] == "now"
    assert queue.calls.count("now") == 1


def test_packets_of_one_show_share_a_burst_and_those_of_two_do_not() -> None:
    """The burst is closed when the queue is empty or the next packet is another show's."""
    queue, one, other = Queue(), NoShow(), NoShow()
    for show, number in ((one, 1), (one, 2), (other, 1)):
        queue.put(show, number)
    while queue.backlog.forward_one():
        pass
    assert (one.picture.pushed, one.picture.flushes) == ([1, 2], 1)
    assert (other.picture.pushed, other.picture.flushes) == ([1], 1)


def test_a_full_queue_leaves_out_what_waits_and_what_comes() -> None:
    """A picture with holes here and there is none; each packet is counted."""
    queue, show = Queue(), NoShow()
    for number in range(LIMITS.waiting_pictures + 1):
        queue.put(show, number)
    assert queue.counters.drops["picture_backlog_full"] == LIMITS.waiting_pictures + 1
    assert show.picture.left_out == list(range(LIMITS.waiting_pictures + 1))
    assert len(queue.backlog) == 0
    queue.put(show, 7)
    while queue.backlog.forward_one():
        pass
    assert show.picture.pushed == [7]


def test_shows_take_turns_burst_by_burst() -> None:
    """A show whose host sends without end does not keep the others waiting."""
    queue, large, other = Queue(), NoShow(500), NoShow(500)
    for number in range(3 * MAX_BURST):
        queue.put(large, number)
    for number in range(2):
        queue.put(other, number)
    for _ in range(MAX_BURST + 2):
        queue.backlog.forward_one()
    assert (large.picture.pushed, large.picture.flushes) == (list(range(MAX_BURST)), 1)
    assert (other.picture.pushed, other.picture.flushes) == ([0, 1], 1)
    while queue.backlog.forward_one():
        pass
    assert large.picture.pushed == list(range(3 * MAX_BURST))


def test_a_small_shows_pictures_go_between_the_runs_of_a_large_ones() -> None:
    """Not those of another large one, nor of the one on its way, and none while nothing is on its way."""
    queue, large, small, other = Queue(), NoShow(500), NoShow(5), NoShow(500)
    between: list[tuple[int, int, int]] = []

    def runs(_source: object, extended: int, *_: object) -> None:
        large.picture.pushed.append(extended)
        queue.backlog.forward_small()
        between.append((len(large.picture.pushed), len(small.picture.pushed), len(other.picture.pushed)))

    large.picture.push = runs  # type: ignore[assignment, method-assign]
    for show in (large, large, small, small, other):
        queue.put(show, 1)
    queue.backlog.forward_small()
    assert small.picture.pushed == []
    queue.backlog.forward_one()
    assert between == [(1, 2, 0)]
    assert small.picture.flushes == 1
    while queue.backlog.forward_one():
        pass
    assert between[1:] == [(2, 2, 0)]
    assert other.picture.pushed == [1]


def test_what_comes_in_between_is_no_endless_nest() -> None:
    """A small show's own runs do not begin with others' in turn."""
    queue, large, small, tiny = Queue(), NoShow(500), NoShow(5), NoShow(1)
    large.picture.push = lambda *_: queue.backlog.forward_small()  # type: ignore[method-assign]
    small.picture.push = lambda *_: queue.backlog.forward_small()  # type: ignore[method-assign]
    for show in (large, small, tiny):
        queue.put(show, 1)
    queue.backlog.forward_one()
    assert tiny.picture.pushed == [1]
    assert not queue.backlog.forward_one()


def test_a_turn_ends_where_the_shows_next_packet_comes_behind_anothers() -> None:
    """What was pushed goes out before the other's turn, though more of it has come meanwhile."""
    queue, one, other = Queue(), NoShow(500), NoShow(500)
    queue.put(one, 1)
    queue.put(other, 1)

    def push(_source: object, extended: int, *_: object) -> None:
        one.picture.pushed.append(extended)
        if extended == 1:
            queue.put(one, 2)

    one.picture.push = push  # type: ignore[assignment, method-assign]
    queue.backlog.forward_one()
    assert (one.picture.pushed, one.picture.flushes) == ([1], 1)
    while queue.backlog.forward_one():
        pass
    assert (one.picture.pushed, one.picture.flushes) == ([1, 2], 2)


def test_a_room_that_is_too_full_leaves_pictures_out_before_they_are_late() -> None:
    """At 120% of what can be sent the picture would be ten seconds behind the sound after a minute."""
    queue, full, other = Queue(Limits()), NoShow(500), NoShow(500)
    waited, put, frames = [], 0, 0

    def push(_source: object, _extended: int, *rest: Any) -> None:
        queue.now_s += 0.010
        waited.append(queue.now_s - rest[-1])

    full.picture.push = push  # type: ignore[assignment, method-assign]
    queue.put(other, 1)
    queue.backlog.forward_one()
    while queue.now_s < 60:
        while frames / 30 <= queue.now_s:
            for number in range(4):
                queue.put(full, put + number, marker=number == 3)
            put, frames = put + 4, frames + 1
        if not queue.backlog.forward_one():
            queue.now_s += 0.001
    assert max(waited) <= LATE_S + 0.05
    left_out = full.picture.left_out
    assert len(left_out) == put - len(waited) - len(queue.backlog)
    assert queue.counters.drops["picture_too_late"] == len(left_out) > 500
    # Not here and there, but all that waits: a picture with holes is none.
    assert 5 <= sum(b > a + 1 for a, b in pairwise(left_out)) <= 20
    assert (other.picture.pushed, other.picture.left_out) == ([1], [])


def test_a_show_that_fills_the_queue_leaves_others_their_share() -> None:
    """Alone it may fill it all; beside another, half."""
    queue, greedy, other = Queue(), NoShow(500), NoShow(500)
    share = LIMITS.waiting_pictures // 2
    queue.put(other, 0)
    for number in range(share + 1):
        queue.put(greedy, number)
    assert (len(greedy.picture.left_out), other.picture.left_out) == (share + 1, [])
    for number in range(1, share + 10):
        queue.put(other, number)
    assert other.picture.left_out == []
    assert len(queue.backlog) == share + 10


def test_a_small_show_is_found_behind_many_large_ones() -> None:
    """However many wait before it."""
    queue, large, small = Queue(), NoShow(500), NoShow(3)
    large.picture.push = lambda *_: queue.backlog.forward_small()  # type: ignore[method-assign]
    queue.put(large, 1)
    for _ in range(2 * MAX_BURST):
        queue.put(NoShow(500), 1)
    queue.put(small, 1)
    queue.backlog.forward_one()
    assert small.picture.pushed == [1]
