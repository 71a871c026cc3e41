"""A viewer's numbers, and the way back from them to the show's line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.framed_tracks import FramedTracks
from streaming.header_templates import IS_NUMBERED
from streaming.negotiation import TRANSPORT_CC, AgreedMedia
from streaming.replays import Replays
from streaming.rtp.picture_numbers import find_places
from streaming.rtp.ring import StoredPacket
from streaming.sdp import Media
from streaming.transport.batch_native import Arena
from streaming.transport.connection import Connection
from streaming.transport.srtp_native import Scratch
from streaming.trunk.terms import agree_as_owner, number_streams
from streaming.viewer_track import ViewerTrack
from tests.streaming.transport_ends import idle_end


class KeepsAll:
    """A line of which every packet is still kept."""

    highest = 0

    def __init__(self) -> None:
        # From a number on, the publisher's codec.
        self.codecs = {0: "VP8"}
        # A number's payload, of those that have one.
        self.payloads: dict[int, bytes] = {}

    def stored(self, sequence: int) -> StoredPacket:
        """Return what was sent under a number."""
        codec = next(self.codecs[first] for first in sorted(self.codecs, reverse=True) if first <= sequence)
        payload = self.payloads.get(sequence, b"")
        places = find_places(codec, payload)
        return StoredPacket(sequence, 3000 * sequence, False, codec, payload, False, 0.0, places=places)

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return several."""
        return [self.stored(first + place) for place in range(count)]


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
    before = viewer.history.find(viewer.extend(own & 0xFFFF))
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


H264 = "H264/42e0/1"
H264_CODEC = Codec(102, "H264", 90_000, 1, {"profile-level-id": "42e01f", "packetization-mode": "1"})


def plain_section() -> AgreedMedia:
    """What a player agrees on that takes no RTX."""
    return AgreedMedia(Media("video", 9, "P", ["96"]), [Codec(96, "VP8", 90_000), H264_CODEC], {}, ())


def trunk_section() -> AgreedMedia:
    """What the owner of a show sends to a copy of it."""
    return agree_as_owner(number_streams((1, 2, 3, 4))).sections[1]


class Wire:
    """A viewer without RTX, and what leaves for it."""

    def __init__(self, section: AgreedMedia, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[bytes] = []
        self.line = KeepsAll()
        self.track = ViewerTrack(Connection(idle_end(), Scratch(), Counters(), 0.0), section, 100, 7)
        self.track.choose_codec("VP8")
        self.track.start_at(1, self.line)
        monkeypatch.setattr(Connection, "send_rtp", lambda _, header, payload: self._note(header + payload))

    def _note(self, packet: bytes) -> bool:
        self.sent.append(packet)
        return True

    def send(self, sequence: int) -> bytes:
        """Send a packet of the line for the first time; returns what left."""
        self.track.send_one(self.line.stored(sequence))
        return self.sent.pop()

    def repeats(self, own: int) -> list[bytes]:
        """Return what leaves when the viewer misses a packet."""
        before = self.track.history.find(self.track.extend(own))
        if before is not None:
            self.track.repeat(before, own)
        repeated, self.sent = self.sent, []
        return repeated


@pytest.fixture(params=[plain_section, trunk_section])
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The ways on which a repeat must be the same packet, or it is a second one under its AES-GCM nonce."""
    return Wire(request.param(), monkeypatch)


@pytest.mark.parametrize("codec", [H264, "AV1/9"])
def test_after_another_codec_a_repeat_has_the_type_it_was_sent_with(wire: Wire, codec: str) -> None:
    """Whether or not the viewer knows the new codec."""
    before = wire.send(5)
    wire.track.pause_after(5)
    wire.line.codecs[6] = codec
    if wire.track.choose_codec(codec):
        wire.track.start_at(6, wire.line)
        after = wire.send(6)
        assert before[1] != after[1]
        wire.track.live, wire.line.highest = True, 6
        assert wire.repeats(105) == [after]
    assert wire.repeats(104) == [before]


def test_a_packet_of_a_codec_that_nobody_was_sent_is_not_repeated(wire: Wire) -> None:
    """Until the new codec's first key frame they get nothing, but their numbers go on and they ask."""
    wire.line.codecs[6] = H264
    wire.line.highest = 8
    wire.track.live = True
    assert wire.repeats(106) == []
    wire.track.pause_after(7)
    wire.track.live = False
    wire.track.choose_codec(H264)
    wire.track.start_at(8, wire.line)
    wire.track.live = True
    assert wire.repeats(106) == []
    assert len(wire.repeats(107)) == 1


def test_what_was_replayed_is_repeated_with_the_time_it_got(wire: Wire) -> None:
    """While the replay goes on, when it has arrived, and after it was broken off."""
    replays = Replays(Arena(), Counters())
    replays.begin(wire.track, 1, {3000 * n: 9000 + n for n in range(1, 9)})
    replayed = wire.send(1)
    assert wire.track.replay is not None
    wire.track.replay.cursor = 2
    assert wire.track.newest_own == 100, "what is not sent yet cannot be missing"
    assert wire.repeats(100) == [replayed]
    replays.drop(wire.track)
    wire.track.pause_after(1)
    assert wire.repeats(100) == [replayed]
    wire.track.start_at(5, wire.line)
    wire.line.highest, wire.track.live = 5, True
    live = wire.send(5)
    assert wire.repeats(100) == [replayed]
    assert wire.repeats(101) == [live]


def test_what_comes_after_a_replay_keeps_its_time_in_the_same_frame_too(wire: Wire) -> None:
    """The fan-out knows nothing of replays, and a repeat is what the fan-out sent."""
    replay = wire.track.catch_up(1, {3000 * n: 9000 + n for n in range(1, 9)})
    replay.cursor = 4
    replay.finish()
    wire.track.live, wire.line.highest = True, 4
    times = [int.from_bytes(wire.repeats(own)[0][4:8], "big") for own in (102, 103)]
    assert times == [9003 + 7, 12000 + 7]


def test_a_number_left_out_to_show_that_a_frame_was_cut_names_no_packet(wire: Wire) -> None:
    """The layer that the viewer left goes on under its own numbers, of which it gets none."""
    track, line = wire.track, wire.line
    track.live, line.highest = True, 5
    cut = wire.send(5)
    track.pause_after(5, is_cut=True)
    track.start_at(9, line)
    line.highest = 9
    key = wire.send(9)
    assert sent_as(track, 105) is None
    assert [wire.repeats(own) for own in (104, 105, 106)] == [[cut], [], [key]]


def test_the_numbers_of_its_pictures_go_on_whatever_it_is_sent_next(wire: Wire) -> None:
    """By one, after a pause and after a hold; a repeat is what was sent. The first are the publisher's."""
    track, line = wire.track, wire.line
    line.payloads = {
        number: bytes.fromhex(f"90e0 {0x8000 | picture:04x} {base:02x} 00 01 {number:02x}")
        for number, picture, base in [(5, 0x7FFE, 0xFF), (9, 70, 200), (10, 71, 200), (14, 69, 180)]
    }
    sent = [wire.send(5)]
    track.pause_after(6)  # nothing came under 6
    track.start_at(9, line)
    sent += [wire.send(9), wire.send(10)]
    track.hold_before(11, is_cut=False)
    track.restart_at(14)
    sent += [wire.send(14)]
    assert [packet[-6:-3].hex() for packet in sent] == ["fffeff", "ffff00", "800000", "800101"]
    track.live, line.highest = True, 14
    own = [int.from_bytes(packet[2:4], "big") for packet in sent]
    assert [wire.repeats(number) for number in own] == [[packet] for packet in sent]
