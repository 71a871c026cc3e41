"""Sender reports in simulated time: soon after somebody came, then rarely, never many at once."""

from collections import defaultdict
from itertools import pairwise

import pytest

from streaming.report_turns import FIRST_INTERVAL_S, HURRY_INTERVAL_S, HURRY_S, INTERVAL_S, ReportTurns

TICK_S = 0.02


class Show:
    """A show whose clock this test turns."""

    def __init__(self) -> None:
        self.turns: ReportTurns[str] = ReportTurns()
        self.now_s = 100.0
        self.times: dict[str, list[float]] = defaultdict(list)
        self.most_at_once = 0

    def pass_time(self, seconds: float) -> None:
        """Tick."""
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            due = list(self.turns.due(self.now_s))
            self.most_at_once = max(self.most_at_once, len(due))
            for viewer in due:
                self.times[viewer].append(self.now_s)


def gaps(times: list[float]) -> list[float]:
    """Seconds between reports."""
    return [later - earlier for earlier, later in pairwise(times)]


def test_who_came_just_now_hears_twice_more_within_two_seconds() -> None:
    """Whatever turn the others have: two reports are what a player needs to put lips in step."""
    show = Show()
    for one in range(50):
        show.turns.add(f"old {one}", show.now_s)
    show.pass_time(10)
    show.turns.add("new", show.now_s)
    began_s = show.now_s
    show.pass_time(2 * FIRST_INTERVAL_S + 3 * TICK_S)
    assert [time - began_s for time in show.times["new"]] == pytest.approx([1.0, 2.0], abs=3 * TICK_S)


def test_afterwards_everybody_has_a_turn_each_three_seconds() -> None:
    """No one is passed over, and no moment has many."""
    show = Show()
    for one in range(200):
        show.turns.add(f"{one}", show.now_s)
        show.pass_time(TICK_S)
    show.pass_time(10)
    show.times.clear()
    show.most_at_once = 0
    show.pass_time(30)
    assert len(show.times) == 200
    assert all(max(gaps(times)) < INTERVAL_S + 2 * TICK_S for times in show.times.values())
    assert sum(map(len, show.times.values())) == pytest.approx(200 * 30 / INTERVAL_S, rel=0.02)
    assert show.most_at_once <= 2


def test_a_show_that_comes_back_is_reported_on_each_second_for_a_while() -> None:
    """And then as before."""
    show = Show()
    for one in range(20):
        show.turns.add(f"{one}", show.now_s)
    show.pass_time(10)
    show.turns.hurry(show.now_s)
    show.times.clear()
    show.pass_time(HURRY_S)
    per_viewer = [len(times) for times in show.times.values()]
    assert len(per_viewer) == 20
    assert min(per_viewer) >= HURRY_S / HURRY_INTERVAL_S - 1
    show.times.clear()
    show.pass_time(12)
    assert sum(map(len, show.times.values())) == pytest.approx(20 * 12 / INTERVAL_S, rel=0.1)


@pytest.mark.parametrize("wait_s", [0.5, 1.5, 10.0])
def test_who_has_left_is_not_reported_to(wait_s: float) -> None:
    """Whether it was new or had its turn; leaving twice does nothing."""
    show = Show()
    for name in ("leaves", "stays"):
        show.turns.add(name, show.now_s)
    show.pass_time(wait_s)
    for _ in range(2):
        show.turns.remove("leaves")
    show.times.clear()
    show.pass_time(10)
    assert list(show.times) == ["stays"]


def test_after_a_pause_of_the_loop_reports_are_not_made_up_for() -> None:
    """A minute in which nothing ticked is one turn's worth of reports, not twenty."""
    show = Show()
    for one in range(10):
        show.turns.add(f"{one}", show.now_s)
    show.pass_time(10)
    show.now_s += 60
    show.most_at_once = 0
    show.pass_time(TICK_S)
    assert show.most_at_once <= 10
