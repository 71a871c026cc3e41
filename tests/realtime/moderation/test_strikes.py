"""Which step so many strikes lead to."""

from realtime.moderation.policy import Step, Strikes
from realtime.moderation.strikes import step_of


def test_the_last_step_repeats() -> None:
    """Nothing, a warning, a timeout, a longer one, and that again."""
    rules = Strikes(on=True)
    assert [step_of(rules, total).action for total in range(6)] == [
        "none",
        "none",
        "warn",
        "timeout",
        "timeout",
        "timeout",
    ]
    assert step_of(rules, 9) == Step("timeout", 86_400)


def test_without_steps_nothing_happens() -> None:
    """However many."""
    assert step_of(Strikes(on=True, steps=()), 5) == Step()
