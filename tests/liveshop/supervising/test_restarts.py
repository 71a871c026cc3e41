"""When a child is started again."""

from liveshop.supervising.restarts import DELAYS_S, Restarts


def test_a_child_that_was_ready_starts_again_at_once_every_time() -> None:
    """However often it dies after being ready, nobody gives up."""
    restarts = Restarts()
    assert [restarts.died(was_ready=True) for _ in range(50)] == [0.0] * 50
    assert restarts.restarts_total == 50


def test_five_deaths_in_a_row_before_ready_are_the_end() -> None:
    """The fifth death is answered with None."""
    restarts = Restarts()
    assert [restarts.died(was_ready=False) for _ in range(5)] == [*DELAYS_S[1:], None]
    assert restarts.restarts_total == 4


def test_being_ready_once_begins_the_count_anew() -> None:
    """Only deaths in a row count."""
    restarts = Restarts()
    for _ in range(4):
        restarts.died(was_ready=False)
    assert restarts.died(was_ready=True) == 0.0
    assert restarts.died(was_ready=False) == DELAYS_S[1]


def test_all_pauses_together_fit_into_three_seconds() -> None:
    """A child that comes up at the second try after being ready is back within 3 s."""
    assert DELAYS_S[0] + DELAYS_S[1] < 1
