"""Bursts are far more than usual; signs of suspicion have words."""

from pathlib import Path

from realtime.moderation.suspicion import SIGNS, JoinBurst


def test_a_burst_is_far_more_than_usual() -> None:
    """Twenty at once in a quiet room; not where so many always come."""
    quiet = JoinBurst()
    assert [quiet.join(moment_ms) for moment_ms in range(1_000_000, 1_000_020)] == [0] * 19 + [20]
    busy = JoinBurst()
    bursts = [busy.join(1_000_000 + number * 1_000) for number in range(600)]
    assert bursts == [0] * 600
    steady = JoinBurst()
    for number in range(6_000):
        steady.join(1_000_000 + number * 100)
    last = 1_000_000 + 6_000 * 100
    assert not any(steady.join(last + number * 90) for number in range(100))


def test_what_other_fronts_saw_is_part_of_a_burst_and_of_what_is_usual() -> None:
    """It leaves the window as one's own do."""
    spread = JoinBurst()
    spread.elsewhere(12, 1_000_000)
    assert [spread.join(1_000_001) for _ in range(8)] == [0] * 7 + [20]
    over = JoinBurst()
    over.elsewhere(19, 1_000_000)
    assert over.join(1_000_000 + JoinBurst.WINDOW_MS + 1) == 0
    busy = JoinBurst()
    for number in range(300):
        busy.elsewhere(20, 1_000_000 + number * 2_000)
    assert busy.join(1_000_000 + 300 * 2_000) == 0


def test_every_sign_has_words_in_both_languages_of_the_control_view() -> None:
    """A moderator reads why somebody is on the list, not the name of a sign."""
    words = (Path(__file__).parents[3] / "static/control/words.js").read_text()
    assert [sign for sign in SIGNS if words.count(f'"control.why.{sign}"') != 2] == []
