"""When a packet is repeated for a viewer."""

from streaming.repeat_times import (
    ANSWERS_KEPT_S,
    FORGET_EVERY_S,
    MAX_ANSWERS,
    MAX_REMEMBERED_ANSWERS,
    RepeatTimes,
)


def test_a_packet_is_repeated_three_times_at_most_and_not_within_a_round_trip() -> None:
    """After a while the number counts as new: it has 16 bits and comes round."""
    times = RepeatTimes()
    assert times.may_answer(7, 0.05, 0.0)
    assert not times.may_answer(7, 0.05, 0.03)
    later = [times.may_answer(7, 0.05, 0.06 * n) for n in range(1, 5)]
    assert later == [True] * (MAX_ANSWERS - 1) + [False, False]
    assert times.may_answer(7, 0.05, 300.0)


def test_who_asks_for_too_much_is_not_looked_up_each_time() -> None:
    """Old answers are looked through now and then only, however many numbers are asked for."""
    times = RepeatTimes()
    assert all(times.may_answer(own, 0.05, 10.0) for own in range(MAX_REMEMBERED_ANSWERS))
    assert not times.may_answer(5000, 0.05, 10.01)
    looked_through = times._answers
    assert not any(times.may_answer(own, 0.05, 10.01) for own in range(5001, 5513))
    assert times._answers is looked_through
    assert times.may_answer(5000, 0.05, 10.0 + ANSWERS_KEPT_S + FORGET_EVERY_S)
