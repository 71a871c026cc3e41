"""A viewer's numbers: mapping back to the show's line, and when a packet is repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.framed_tracks import FramedTracks
from streaming.negotiation import TRANSPORT_CC, AgreedMedia
from streaming.rtp.ring import StoredPacket
from streaming.sdp import Media
from streaming.transport.connection import Connection
from streaming.transport.srtp_native import Scratch
from streaming.viewer_track import (
    ANSWERS_KEPT_S,
    FORGET_EVERY_S,
    IS_NUMBERED,
    MAX_ANSWERS,
    MAX_REMEMBERED_ANSWERS,
    ViewerTrack,
)
from tests.streaming.transport_ends import idle_end


class KeepsAll:
    """A line of which every packet is still kept."""

    highest = 0

    def stored(self, sequence: int) -> StoredPacket:
        """Return what was sent under a number."""
        return StoredPacket(sequence, 0, False, "VP8", b"", False, 0.0)


def track(sequence: int = 100) -> ViewerTrack:
    """A track of a viewer whose transport does nothing."""
    connection = Connection(idle_end(), Scratch(), Counters(), 0.0)
    section = AgreedMedia(Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"]), [Codec(96, "VP8", 90_000)], {}, ())
    made = ViewerTrack(connection, section, sequence, 0)
    made.choose_codec("VP8")
    return made


def test_who_takes_no_rtx_gets_no_numbers_of_the_transport() -> None:
    """Its repeats must be what it was sent byte for byte: under one nonce AES-GCM protects one packet."""
    numbered = (IS_NUMBERED, 0)
    for retransmission, is_numbered in ((97, True), (None, False)):
        codec = Codec(96, "VP8", 90_000, retransmission=retransmission)
        media = Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"])
        section = AgreedMedia(media, [codec], {5: TRANSPORT_CC}, ())
        connection = Connection(idle_end(), Scratch(), Counters(), 0.0)
        template = ViewerTrack(connection, section, 0, 0).template(numbered)
        assert bool(template.number_at) is is_numbered


def sent_as(viewer: ViewerTrack, own: int) -> int | None:
    """The line's number of what was sent under an own one."""
    before = viewer.sent_as(viewer.extend(own & 0xFFFF))
    return None if before is None else before.packet.sequence


@given(
    st.integers(0, 0x7FFF),
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 5000)), min_size=1, max_size=8),
)
def test_own_numbers_lead_back_to_the_line_through_every_pause(
    begin: int, spells: list[tuple[int, int]]
) -> None:
    """However often it paused, a recent number names the packet it was sent as; own numbers have no gaps."""
    viewer, kept = track(begin), KeepsAll()
    line, sent = 1, []
    for length, skipped in spells:
        viewer.start_at(line, kept)
        sent += [(line + index, line + index + viewer.sequence_shift) for index in range(length)]
        line += length
        viewer.pause_after(line - 1)
        line += skipped
    assert [own for _, own in sent] == list(range(begin, begin + len(sent)))
    for on_line, own in sent:
        assert sent_as(viewer, own) == on_line


def test_what_a_held_viewer_was_not_sent_takes_no_numbers() -> None:
    """Also when the host changes meanwhile; and a number that was never sent names no packet.

    Under AES-GCM a number that is used for two packets would reveal keys.
    """
    viewer, kept = track(100), KeepsAll()
    viewer.start_at(1, kept)
    viewer.live, kept.highest = True, 50
    viewer.hold_before(11)
    assert viewer.newest_own == 109, "what was held back was sent under no number"
    assert sent_as(viewer, 109) == 10
    viewer.pause_after(50)
    assert not viewer.held
    kept.highest = 60
    viewer.start_at(60, kept)
    assert 60 + viewer.sequence_shift == 110
    assert sent_as(viewer, 110) == 60


def test_a_number_that_was_left_out_names_no_packet() -> None:
    """It is the gap after a cut frame, and the line has gone on: its next packet was never sent under it."""
    viewer, kept = track(100), KeepsAll()
    viewer.start_at(1, kept)
    viewer.pause_after(10, is_cut=True)
    viewer.pause_after(10, is_cut=True)
    assert viewer.newest_own == 110, "one number, however often it is told to pause"
    viewer.start_at(500, kept)
    viewer.live, kept.highest = True, 500
    named = [sent_as(viewer, own) for own in (109, 110, 111)]
    assert named == [10, None, 500]


def test_a_viewer_held_in_the_middle_of_a_frame_has_a_gap() -> None:
    """A slow TCP stream gets no more of the picture; what it has of the frame must not pass for all of it."""
    viewer, kept = track(100), KeepsAll()
    viewer.start_at(1, kept)
    viewer.hold_before(11, is_cut=True)
    viewer.restart_at(40)
    viewer.live, kept.highest = True, 40
    named = [sent_as(viewer, own) for own in (109, 110, 111)]
    assert named == [10, None, 40]


@pytest.mark.parametrize(("begins_frame", "gap"), [(False, 1), (True, 0)])
def test_a_stream_that_fills_up_leaves_a_gap_in_the_middle_of_a_frame_only(
    monkeypatch: pytest.MonkeyPatch, *, begins_frame: bool, gap: int
) -> None:
    """Between two frames nothing is cut."""
    viewer, tracks = track(100), FramedTracks(Counters())
    viewer.start_at(1, KeepsAll())
    tracks.add(viewer)
    tracks.send(StoredPacket(1, 3000, begins_frame, "VP8", b"x", False, 0.0))
    monkeypatch.setattr(ViewerTrack, "is_full", property(lambda _: True))
    time = 6000 if begins_frame else 3000
    tracks.send(StoredPacket(2, time, True, "VP8", b"x", False, 0.0))
    assert (viewer.held, viewer.next_own) == (True, 101 + gap)


def test_a_packet_is_repeated_three_times_at_most_and_not_within_a_round_trip() -> None:
    """After a while the number counts as new: it has 16 bits and comes round."""
    viewer = track()
    viewer.round_trip_s = 0.05
    assert viewer.may_answer(7, 0.0)
    assert not viewer.may_answer(7, 0.03)
    assert [viewer.may_answer(7, 0.06 * n) for n in range(1, 5)] == [True] * (MAX_ANSWERS - 1) + [
        False,
        False,
    ]
    assert viewer.may_answer(7, 300.0)


def test_who_asks_for_too_much_is_not_looked_up_each_time() -> None:
    """Old answers are looked through now and then only, however many numbers are asked for."""
    viewer = track()
    assert all(viewer.may_answer(own, 10.0) for own in range(MAX_REMEMBERED_ANSWERS))
    assert not viewer.may_answer(5000, 10.01)
    looked_through = viewer._answers
    assert not any(viewer.may_answer(own, 10.01) for own in range(5001, 5513))
    assert viewer._answers is looked_through
    assert viewer.may_answer(5000, 10.0 + ANSWERS_KEPT_S + FORGET_EVERY_S)
