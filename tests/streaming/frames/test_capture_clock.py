"""Sound and picture on one clock."""

import itertools

import pytest

from streaming.frames.capture_clock import MAX_SLEW, CaptureClock, CaptureLine, Meeting


def times(line: CaptureLine, first: int, step: int, count: int) -> list[float]:
    """Capture times of frames that follow each other."""
    return [line.take((first + step * n) & 0xFFFFFFFF, 0.0)[1] for n in range(count)]


def test_timestamps_count_on_across_their_wrap() -> None:
    """In steps of either direction."""
    line = CaptureLine(90_000)
    taken = [line.take(timestamp, 5.0) for timestamp in (0xFFFFFF00, 0xFFFFFFFF, 0x100, 0x80)]
    assert [timestamp for timestamp, _ in taken] == [
        0xFFFFFF00,
        0xFFFFFFFF,
        (1 << 32) + 0x100,
        (1 << 32) + 0x80,
    ]
    assert taken[2][1] - taken[0][1] == pytest.approx(0x200 / 90_000)


def test_without_a_meeting_the_first_arrival_counts() -> None:
    """Steps are the publisher's from there."""
    line = CaptureLine(90_000)
    assert line.take(1000, 7.0)[1] == pytest.approx(7.0)
    assert line.take(1000 + 45_000, 9.0)[1] == pytest.approx(7.5)


def test_reports_put_sound_and_picture_on_one_clock() -> None:
    """Captured at the same moment, at the same time, whatever their timestamps."""
    clock = CaptureClock()
    clock.note(Meeting("audio", 10.0, 480_000, is_reported=True))
    clock.note(Meeting("video", 10.2, 18_000, is_reported=True))
    assert clock.lines["audio"].take(480_000 + 48_000, 0.0)[1] == pytest.approx(11.0)
    assert clock.lines["video"].take(18_000 + 72_000, 0.0)[1] == pytest.approx(11.0)


def test_a_meeting_that_wanders_is_followed_slowly() -> None:
    """Never by more than a hundredth of the time that passed, and all the way in the end."""
    clock = CaptureClock()
    clock.note(Meeting("video", 1.0, 0, is_reported=False))
    line = clock.lines["video"]
    assert line.take(0, 0.0)[1] == pytest.approx(1.0)
    clock.note(Meeting("video", 1.02, 0, is_reported=False))
    taken_s = times(line, 3000, 3000, 120)
    steps_s = [after - before for before, after in itertools.pairwise(taken_s)]
    assert max(steps_s) <= (1 + MAX_SLEW) / 30 + 1e-9
    assert taken_s[-1] == pytest.approx(1.02 + 120 / 30)


def test_the_first_reports_move_the_picture_and_not_the_sound() -> None:
    """The arrivals' error between the two is what is put right: here the picture was 40 ms late."""
    clock = CaptureClock()
    clock.note(Meeting("audio", 5.0, 0, is_reported=False))
    clock.note(Meeting("video", 5.04, 0, is_reported=False))
    clock.note(Meeting("audio", 4.9, 0, is_reported=True))
    clock.note(Meeting("video", 4.9, 0, is_reported=True))
    sound_s = times(clock.lines["audio"], 0, 960, 500)
    pictures_s = times(clock.lines["video"], 0, 3000, 300)
    assert sound_s == pytest.approx([5.0 + 0.02 * n for n in range(500)])
    assert pictures_s[0] == pytest.approx(5.04)
    assert pictures_s[-1] == pytest.approx(5.0 + 299 / 30)


def test_another_source_is_taken_at_its_word_at_once() -> None:
    """Its times have nothing to do with those before."""
    clock = CaptureClock()
    clock.note(Meeting("video", 5.0, 0, is_reported=True))
    line = clock.lines["video"]
    times(line, 0, 3000, 10)
    clock.note(Meeting("video", 5.5, 30_000, is_reported=False, is_fresh=True))
    assert line.take(30_000, 0.0)[1] == pytest.approx(5.5)


def test_a_jump_of_a_clock_is_followed_at_once() -> None:
    """A host's machine that slept."""
    clock = CaptureClock()
    clock.note(Meeting("audio", 5.0, 0, is_reported=True))
    line = clock.lines["audio"]
    times(line, 0, 960, 10)
    clock.note(Meeting("audio", 60.0, 9600, is_reported=True))
    assert line.take(9600, 0.0)[1] == pytest.approx(60.0)
