"""What the relay's benchmark makes of its readings."""

import pytest

from benchmarks.relay.__main__ import median_of, summary
from benchmarks.relay.figures import Setting, p99_ms, setting, viewers_at
from benchmarks.relay.source import PACKETS_PER_S
from benchmarks.relay.timed_viewer import Delays

TOLD = {
    "us_per_packet", "viewers", "packets_per_s", "audio_p99_ms", "video_p99_ms", "video_bound_ms",
    "kib_per_viewer", "viewers_at_70_percent", "settings", "load_before",
}  # fmt: skip


def one_setting(viewers: int, *, sound_s: float, frame_s: float) -> Setting:
    """100 viewers' worth of packets in a second for half a core; one frame in ten is a key frame."""
    frames = [(40 if place % 10 == 0 else 4, frame_s) for place in range(100)]
    delays = Delays(sound=[sound_s] * 100, video=[frame_s] * 50, frames=frames, sent_total=160)
    one = setting(viewers, 2.0, 1.0, 100_000, delays)
    one.other["kib_per_viewer"] = 40.0
    return one


def test_a_setting_is_cost_share_rate_and_delays() -> None:
    """One second of CPU in two, for 100,000 packets."""
    one = one_setting(100, sound_s=0.004, frame_s=0.010)
    assert one.us_per_packet == pytest.approx(10.0)
    assert one.core_share == pytest.approx(0.5)
    assert one.packets_per_s == pytest.approx(50_000)
    assert one.audio_p99_ms == pytest.approx(4.0)
    assert one.video_p99_ms == pytest.approx(10.0)
    assert one.video_bound_ms == pytest.approx(40 * 100 * 0.010 + 3)
    assert one.video_median_ms == pytest.approx(10.0)
    assert one.received_share == pytest.approx(150 / 160)


def test_the_last_line_tells_the_cost_with_300_viewers_and_the_worst_delays_of_all() -> None:
    """What the relay's requirements name is there under its name."""
    settings = [
        one_setting(100, sound_s=0.004, frame_s=0.005),
        one_setting(300, sound_s=0.002, frame_s=0.200),
        one_setting(500, sound_s=0.003, frame_s=0.020),
    ]
    told = summary(settings)
    assert set(told) == TOLD
    assert told["viewers"] == 300
    assert told["audio_p99_ms"] == pytest.approx(4.0)
    assert told["video_p99_ms"] == pytest.approx(200.0)
    assert told["video_bound_ms"] == settings[1].video_bound_ms
    assert told["viewers_at_70_percent"] == viewers_at(0.7, 10.0) == int(0.7e6 / (10.0 * PACKETS_PER_S))


def test_of_several_pairs_the_median_one_is_told() -> None:
    """An odd one out does not count."""
    assert median_of([{"ratio": ratio} for ratio in (7.2, 2.5, 3.5)]) == {"ratio": 3.5}


def test_a_percentile_of_nothing_is_no_number() -> None:
    """A run in which nothing came does not look like a good one."""
    assert str(p99_ms([])) == "nan"
    assert p99_ms([place / 1000 for place in range(100)]) == pytest.approx(99.0)
