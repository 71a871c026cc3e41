"""Sequence numbers, gaps, rings, key frame requests, clocks: the small books of a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.gaps import FIRST_REQUEST_S, GIVE_UP_S, MAX_MISSING, MAX_REQUESTS, GapTracker
from streaming.rtp.keyframe_requests import KeyFrameRequests
from streaming.rtp.reports import (
    PublisherClock,
    ReceptionStats,
    middle_32_bits,
    ntp_from_unix,
    round_trip_s,
)
from streaming.rtp.rtcp import ReportBlock
from streaming.rtp.sequence import SequenceUnwrapper


@given(st.integers(0, 0xFFFF), st.lists(st.integers(-500, 2000), max_size=300))
def test_unwrapped_numbers_keep_their_distances(start: int, steps: list[int]) -> None:
    """Forward, backward, across the wrap."""
    unwrapper = SequenceUnwrapper()
    base = unwrapper.unwrap(start)
    assert base is not None
    true = highest = 0
    for step in steps:
        true = max(true + step, highest - 2000)
        highest = max(highest, true)
        assert unwrapper.unwrap((start + true) & 0xFFFF) == base + true


def test_a_lone_outlier_is_dropped_and_a_new_start_is_followed() -> None:
    """A source that restarts its numbers is believed at the second packet."""
    unwrapper = SequenceUnwrapper()
    unwrapper.unwrap(100)
    assert unwrapper.unwrap(30_000) is None
    assert not unwrapper.restarted
    assert unwrapper.unwrap(101) is not None
    assert unwrapper.unwrap(30_000) is None
    assert unwrapper.unwrap(30_001) is not None
    assert unwrapper.restarted


def test_a_gap_is_asked_for_after_a_moment_and_again_each_round_trip() -> None:
    """Reordering gets 10 ms; a packet that comes is no longer asked for."""
    gaps = GapTracker()
    gaps.arrived(1, 0.0)
    gaps.arrived(4, 0.0)
    assert gaps.due(FIRST_REQUEST_S / 2, 0.1) == []
    assert gaps.due(FIRST_REQUEST_S, 0.1) == [2, 3]
    assert gaps.due(0.1, 0.1) == []
    gaps.arrived(2, 0.1)
    assert gaps.due(0.12, 0.1) == [3]


def test_on_a_bad_line_each_request_has_an_echo() -> None:
    """10 ms behind it; the next is still a round trip after the first. A good line hears each once."""
    good, bad = GapTracker(), GapTracker()
    for sequence in range(400):
        good.arrived(sequence, 0.0)
        if sequence % 20:
            bad.arrived(sequence, 0.0)
    for gaps in (good, bad):
        gaps.due(0.5, 0.1)
        gaps.arrived(401, 0.6)
    bad._missing = {400: bad._missing[400]}
    asked = {name: [round(t, 3) for n in range(15) if gaps.due(t := 0.61 + n * 0.01, 0.1)]
             for name, gaps in (("good", good), ("bad", bad))}  # fmt: skip
    assert asked == {"good": [0.61, 0.71], "bad": [0.61, 0.62, 0.71, 0.72]}


def test_a_packet_that_never_comes_is_given_up() -> None:
    """After ten requests or a second."""
    gaps = GapTracker()
    gaps.arrived(1, 0.0)
    gaps.arrived(3, 0.0)
    asked = sum(len(gaps.due(0.01 + 0.041 * n, 0.0)) for n in range(40))
    assert asked == MAX_REQUESTS
    assert (gaps.missing_total, gaps.given_up_total) == (0, 1)
    gaps.arrived(5, 2.0)
    assert gaps.due(2.0 + GIVE_UP_S + 0.1, 0.0) == []
    assert gaps.given_up_total == 2


def test_where_nobody_can_be_asked_nothing_is_awaited_and_holes_are_counted() -> None:
    """Browsers offer no repeats of sound: one lost packet of it must not keep the relay busy for ever."""
    gaps = GapTracker(asks=False)
    gaps.arrived(1, 0.0)
    gaps.arrived(4, 0.0)
    assert gaps.missing_total == 0
    assert gaps.due(0.5, 0.0) == []
    gaps.arrived(2, 0.6)
    assert gaps.due(GIVE_UP_S + 0.1, 0.0) == []
    assert gaps.take_given_up() == 1


def test_what_is_given_up_is_told_once_and_a_restart_gives_up_what_was_missing() -> None:
    """Under new numbers the old ones will not come; the total goes on."""
    gaps = GapTracker()
    gaps.arrived(1, 0.0)
    gaps.arrived(3, 0.0)
    assert gaps.take_given_up() == 0
    gaps.due(GIVE_UP_S + 0.1, 0.0)
    assert (gaps.take_given_up(), gaps.take_given_up()) == (1, 0)
    gaps.arrived(6, 2.0)
    gaps.restart()
    gaps.arrived(70_000, 3.0)
    assert (gaps.missing_total, gaps.take_given_up(), gaps.given_up_total) == (0, 2, 3)


def test_a_flood_of_loss_asks_for_a_key_frame_instead() -> None:
    """And keeps no list of it."""
    gaps = GapTracker()
    gaps.arrived(1, 0.0)
    gaps.arrived(MAX_MISSING + 10, 0.0)
    assert gaps.take_overflow()
    assert not gaps.take_overflow()
    assert gaps.due(1.0, 0.0) == []


@given(st.lists(st.integers(0, 400), min_size=1, max_size=300))
def test_only_holes_below_the_newest_are_ever_asked_for(sequences: list[int]) -> None:
    """And never one that came."""
    gaps = GapTracker()
    for sequence in sequences:
        gaps.arrived(sequence, 0.0)
    first = sequences[0]
    holes = set(range(first, max(sequences))) - set(sequences)
    assert set(gaps.due(0.5, 0.0)) == holes


def test_key_frame_requests_are_one_a_second_until_one_comes() -> None:
    """Many wishes, one request; repeated; settled by a key frame; the next wish waits out the second."""
    requests = KeyFrameRequests()
    assert not requests.due(0.0)
    requests.want()
    assert requests.due(0.0)
    requests.want()
    assert not requests.due(0.9)
    assert requests.due(1.0)
    requests.arrived(1.1)
    assert not requests.due(3.0)
    requests.want()
    assert requests.due(3.0)
    requests.arrived(3.1)
    requests.want()
    assert not requests.due(3.5)
    assert requests.due(4.0)


def test_an_unanswered_request_is_noticed() -> None:
    """That is how OBS is told from a browser: its next key frame comes when it likes, and answers nothing."""
    requests = KeyFrameRequests()
    requests.want()
    requests.due(0.0)
    assert not requests.ignored(0.2)
    assert requests.ignored(0.3)
    requests.arrived(1.5)
    assert requests.ignored(9.0)
    requests.want()
    requests.due(10.0)
    requests.arrived(10.1)
    assert not requests.ignored(11.0), "it does listen"


def test_another_publisher_is_believed_to_listen() -> None:
    """What the one before ignored says nothing of it."""
    requests = KeyFrameRequests()
    requests.want()
    requests.due(0.0)
    requests.arrived(5.0)
    requests.restarted()
    assert not requests.ignored(9.0)


def test_reports_move_to_the_servers_clock_with_one_offset_for_both_streams() -> None:
    """The publisher's clock starts at 1000 s; delay on the way differs by stream and must not matter."""
    clock = PublisherClock()
    clock.note_report("video", 90_000, 1000 << 32, 0, 50.010)
    clock.note_report("audio", 48_000, 1000 << 32, 0, 50.300)
    video, audio = clock.timestamp_at("video", 51.010), clock.timestamp_at("audio", 51.010)
    assert video is not None
    assert audio is not None
    assert video / 90_000 == pytest.approx(audio / 48_000, abs=0.001)
    assert video == pytest.approx(90_000, abs=90)


def test_without_reports_arrival_times_serve() -> None:
    """The least delayed packet counts."""
    clock = PublisherClock()
    assert clock.timestamp_at("video", 1.0) is None
    clock.note_packet("video", 90_000, 0, 10.2)
    clock.note_packet("video", 90_000, 90_000, 11.0)
    assert clock.timestamp_at("video", 12.0) == 180_000


def test_one_report_alone_does_not_split_the_clocks() -> None:
    """Until both streams have reports, both go by arrival."""
    clock = PublisherClock()
    clock.note_packet("video", 90_000, 0, 10.0)
    clock.note_packet("audio", 48_000, 0, 10.0)
    clock.note_report("video", 90_000, 1000 << 32, 45_000, 10.0)
    assert clock.timestamp_at("video", 11.0) == 90_000
    assert clock.timestamp_at("audio", 11.0) == 48_000


def test_a_report_counts_for_all_layers_whose_frames_have_the_same_times() -> None:
    """OBS reports one layer a second; a layer with times of its own keeps to its own reports."""
    clock = PublisherClock()
    for frame in range(6):
        for layer, late in (("video/0", 0), ("video/1", 0), ("video/2", 77)):
            clock.note_packet(layer, 90_000, frame * 6_000 + late, 10.0 + frame / 15)
    assert clock.note_report("audio/0", 48_000, 1000 << 32, 0, 10.0) == ["audio/0"]
    assert clock.note_report("video/1", 90_000, 1000 << 32, 900, 10.0) == ["video/0", "video/1"]
    assert [clock.timestamp_at(f"video/{n}", 11.0) for n in range(3)] == [90_900, 90_900, 90_077]
    assert clock.note_report("video/2", 90_000, 0, 0, 10.0) == []


def test_layers_are_not_alike_before_their_frames_show_it() -> None:
    """Three equal times may be chance, or a layer that has begun just now."""
    clock = PublisherClock()
    for frame in range(3):
        for layer in ("video/0", "video/1"):
            clock.note_packet(layer, 90_000, frame * 6_000, 10.0 + frame / 15)
            clock.note_packet(layer, 90_000, frame * 6_000, 10.0 + frame / 15)
    assert clock.note_report("video/1", 90_000, 1000 << 32, 900, 10.0) == ["video/1"]


def test_reception_counts_loss_as_the_rfc_says() -> None:
    """8 of 10 came: 51/256 lost since the last report, 2 in all; the delay since the report is there."""
    stats = ReceptionStats(7, 90_000)
    assert stats.block(0.0) is None
    for sequence in (1, 2, 3, 5, 6, 7, 8, 10):
        stats.arrived(sequence, sequence * 3000, sequence / 30)
    stats.reported(5 << 32, 1.0)
    block = stats.block(1.5)
    assert block == ReportBlock(7, 51, 2, 10, 0, 5 << 16, 32768)
    again = stats.block(2.0)
    assert again is not None
    assert (again.fraction_lost, again.lost_total) == (0, 2)


def test_the_round_trip_is_what_is_left_of_the_time() -> None:
    """Now, less the report's time, less what the peer waited."""
    sent = ntp_from_unix(1_700_000_000.0)
    block = ReportBlock(1, 0, 0, 0, 0, middle_32_bits(sent), 65536)
    assert round_trip_s(ntp_from_unix(1_700_000_001.25), block) == pytest.approx(0.25, abs=0.001)
    assert round_trip_s(sent, ReportBlock(1, 0, 0, 0, 0, 0, 0)) is None
    assert round_trip_s(ntp_from_unix(1_700_000_000.5), block) is None
