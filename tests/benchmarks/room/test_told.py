"""The benchmark's own eyes: what is missing, doubled or out of order is seen."""

from collections import Counter

import msgspec

from benchmarks.room.told import Frames, Place, Told, latencies_ms, lost_facts, percentile
from realtime.sockets.frames import SharedFrame

LOG = [3, 5, 8, 9]


def told(*facts: int, end: int) -> Told:
    """Return a tick with these facts."""
    return Told(facts, (), end)


def test_a_missing_fact_is_counted() -> None:
    """Two of three facts after the start is one lost, all three none."""
    assert lost_facts([(3, 9, 3)], LOG, 9) == 0
    assert lost_facts([(3, 9, 2)], LOG, 9) == 1


def test_a_fact_that_came_twice_is_counted() -> None:
    """One too many is as wrong as one too few."""
    assert lost_facts([(3, 9, 4)], LOG, 9) == 1


def test_a_viewer_that_fell_behind_lacks_the_rest() -> None:
    """Whoever stands before the log's end lacks what came after."""
    assert lost_facts([(0, 5, 2)], LOG, 9) == 2


def test_ticks_that_go_back_or_repeat_are_out_of_order() -> None:
    """A tick with an older end, and one with a fact that was there already, are both seen."""
    place = Place()
    place.begin(3)
    for tick in (told(5, end=6), told(8, end=8)):
        place.take(tick)
    assert (place.disorder, place.facts, place.end) == (0, 2, 8)
    place.take(told(8, end=9))
    place.take(told(end=7))
    assert place.disorder == 2


def test_a_tick_without_a_place_changes_nothing() -> None:
    """State for slow readers is counted as a frame and leaves the place as it is."""
    place = Place()
    place.begin(3)
    place.take(told(end=0))
    assert (place.frames, place.end, place.disorder) == (1, 3, 0)


def test_a_deflated_tick_is_read_once_and_known_by_its_bytes() -> None:
    """The server's own frames are understood, with the times that comments carry."""
    comments = [{"id": "cm_1", "text": "12.5 is it mild?"}, {"id": "cm_2", "text": "hello"}]
    tick = {"type": "tick", "position": {"offset": 7}, "facts": [{"seq": 6, "kind": "pin"}], "talk": comments}
    frame = SharedFrame.of(msgspec.json.encode(tick | {"state": {"x": "y" * 200}})).wire(compressed=True)
    frames = Frames()
    read = frames.read(frame)
    assert isinstance(read, Told)
    assert (read.facts, read.comments, read.end, read.sent_s) == ((6,), ("cm_1", "cm_2"), 7, (12.5,))
    assert frames.known[frame] is read


def test_latencies_are_weighed_by_who_received() -> None:
    """Each arrival of each comment counts once."""
    tick = Told((), ("cm_1",), 4, (10.0,), [10.1, 10.3, 10.3])
    counts = latencies_ms([tick])
    assert counts.total() == 3
    assert percentile(Counter({100: 98, 300: 2}), 0.5) == 100.0
    assert percentile(Counter({100: 98, 300: 2}), 0.99) == 300.0
