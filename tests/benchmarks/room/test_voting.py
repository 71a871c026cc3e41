"""The costs of ticks and votes are what the two rates say."""

import math
from collections import Counter

import pytest

from benchmarks.room.voting import Spell, Ticked, costs

METRICS = b"""# TYPE room_tick_seconds histogram
room_tick_seconds_bucket{le="0.1"} 7
room_tick_seconds_sum{process="front-0"} 0.42
room_tick_seconds_count{process="front-0"} 70.0
"""


def _spell(per_s: float, votes: int, ticks: int, tick_us: float, vote_us: float) -> Spell:
    cpu_s = (ticks * tick_us + votes * vote_us) / 1e6
    return Spell(per_s, votes, ticks, cpu_s, 6.0, Counter(ok=votes))


def test_two_rates_tell_a_tick_s_cost_from_a_vote_s() -> None:
    """Also when ticks were not equally many."""
    found = costs(_spell(250, 2_500, 50, 9_000, 130), _spell(1_000, 10_000, 48, 9_000, 130))
    assert found["tick_us"] == pytest.approx(9_000)
    assert found["vote_us"] == pytest.approx(130)
    assert found["tick_ms"] == {"250": 6.0, "1000": 6.0}
    assert found["answers"] == {"ok": 12_500}


def test_ticks_are_read_from_a_front_s_figures() -> None:
    """Their number and what each took; without one there is nothing to say."""
    ticked = Ticked.read(METRICS)
    assert ticked == Ticked(70.0, 0.42)
    assert Ticked(20.0, 0.22).ms_each_until(ticked) == pytest.approx(4.0)
    assert math.isnan(ticked.ms_each_until(ticked))
    assert Ticked.read(b"") == Ticked(0.0, 0.0)
