"""Signs add up, fade, and are shown once; bursts are far more than usual."""

from pathlib import Path

from realtime.moderation.suspicion import HALF_LIFE_MS, PEOPLE_TOTAL, WEIGHTS, JoinBurst, Suspicion


def test_one_strong_sign_is_enough_and_shown_once() -> None:
    """A banned person's browser."""
    suspicion = Suspicion()
    suspect = suspicion.add("gu_1", "evasion", 0)
    assert suspect is not None
    assert suspect.whys == {"evasion"}
    assert suspicion.add("gu_1", "duplicates", 1) is None
    assert suspicion.is_suspect("gu_1", 1)
    suspicion.clear("gu_1")
    assert not suspicion.is_suspect("gu_1", 1)


def test_weak_signs_must_come_together() -> None:
    """Close in time; a new account says so once."""
    suspicion = Suspicion()
    for moment_ms in range(10):
        assert suspicion.add("gu_1", "new_account", moment_ms) is None
    assert suspicion.add("gu_1", "refused", 10) is None
    assert suspicion.add("gu_1", "duplicates", 11) is not None
    slow = Suspicion()
    for turn in range(10):
        assert slow.add("gu_2", "refused", turn * 3 * HALF_LIFE_MS) is None


def test_a_suspect_is_none_any_more_after_a_while() -> None:
    """Below half of what made them one."""
    suspicion = Suspicion()
    suspicion.add("gu_1", "evasion", 0)
    assert suspicion.is_suspect("gu_1", HALF_LIFE_MS - 1_000)
    assert not suspicion.is_suspect("gu_1", HALF_LIFE_MS + 1_000)


def test_people_are_bounded() -> None:
    """The longest quiet is forgotten."""
    suspicion = Suspicion()
    suspicion.add("gu_first", "evasion", 0)
    for number in range(PEOPLE_TOTAL):
        suspicion.add(f"gu_{number}", "refused", 1)
    assert not suspicion.is_suspect("gu_first", 1)


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
    assert [sign for sign in WEIGHTS if words.count(f'"control.why.{sign}"') != 2] == []
