"""Packets in any order, frames in the right one."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.frames.capture_clock import CaptureLine
from streaming.frames.frame import MediaFrame
from streaming.frames.reassembler import ASSEMBLE, PATIENCE, Reassembler
from streaming.rtp.ring import StoredPacket
from tests.streaming.frames.encoded import PACKETIZE, packets_of, sound, sound_packets_of, video

LONG_S = 1000.0


class Desk:
    """A reassembler with its counts."""

    def __init__(self, kind: str = "video") -> None:
        self.counts: Counter[str] = Counter()
        rate_hz = 90_000 if kind == "video" else 48_000
        self.reassembler = Reassembler(kind, CaptureLine(rate_hz), self._count)

    def _count(self, reason: str) -> None:
        self.counts[reason] += 1

    def put(self, packets: Iterable[StoredPacket]) -> list[MediaFrame]:
        """Give packets one after the other."""
        return [frame for packet in packets for frame in self.reassembler.put(packet)]


def whole(codec: str) -> list[bytes]:
    """What all frames of the test's video should come out as."""
    return [ASSEMBLE[codec](PACKETIZE[codec](frame)).data for frame in video(codec)]


@pytest.mark.parametrize("codec", sorted(PACKETIZE))
def test_every_frame_of_a_stream_comes_out_in_order(codec: str) -> None:
    """Across the wrap of timestamps, which count on."""
    desk = Desk()
    frames = desk.put(packets_of(codec, video(codec), timestamp=0xFFFFFFFF - 30_000))
    assert [frame.data for frame in frames] == whole(codec)
    steps = [after.timestamp - before.timestamp for before, after in itertools.pairwise(frames)]
    assert steps == [6000] * (len(frames) - 1)
    assert [frame.is_discontinuity for frame in frames] == [True] + [False] * (len(frames) - 1)
    assert not desk.counts


@given(st.integers(0, 1 << 20), st.randoms(use_true_random=False))
def test_reordered_and_repeated_packets_change_nothing(sequence: int, random: object) -> None:
    """Within the reach of retransmissions; sequence numbers on the show's line do not wrap."""
    assert hasattr(random, "shuffle")
    packets = packets_of("VP8", video("VP8"), sequence=sequence)
    first, rest = packets[0], packets[1:] + packets[5:25]
    for start in range(0, len(rest), 12):
        part = rest[start : start + 12]
        random.shuffle(part)
        rest[start : start + 12] = part
    desk = Desk()
    assert [frame.data for frame in desk.put([first, *rest])] == whole("VP8")
    assert desk.counts == {"tap_late_packet": 20}


def test_a_hole_is_waited_for_and_filled() -> None:
    """The retransmission comes within the patience."""
    packets = packets_of("VP8", video("VP8"))
    lost = packets.pop(1)
    desk = Desk()
    assert desk.put(packets) == []
    assert desk.reassembler.expire(packets[0].arrival_s + PATIENCE["video"].seconds * 0.9) == []
    assert [frame.data for frame in desk.put([lost])] == whole("VP8")


def test_a_hole_that_stays_costs_the_pictures_up_to_the_next_key_frame() -> None:
    """And a key frame is asked for."""
    packets = packets_of("VP8", video("VP8"))
    third = packets[0].timestamp + 3 * 6000
    lost = next(packet for packet in packets if packet.timestamp == third)
    packets.remove(lost)
    desk = Desk()
    before = desk.put(packets)
    behind = desk.reassembler.expire(LONG_S)
    assert [frame.data for frame in before + behind] == whole("VP8")[:3] + whole("VP8")[10:]
    assert (behind[0].is_key_frame, behind[0].is_discontinuity) == (True, False)
    assert desk.counts == {"tap_hole_given_up": 1, "tap_key_frame_wanted": 1}
    assert desk.put([lost]) == []
    assert desk.counts["tap_late_packet"] == 1


def test_a_hole_in_sound_costs_only_what_is_missing() -> None:
    """And asks for no key frame."""
    packets = sound_packets_of(sound())
    del packets[7:9]
    desk = Desk("audio")
    frames = desk.put(packets[:8])
    assert desk.reassembler.expire(packets[7].arrival_s + PATIENCE["audio"].seconds) != []
    frames = desk.put(packets[8:])
    assert [frame.data for frame in frames] == list(sound()[10:])
    assert desk.counts == {"tap_hole_given_up": 1}


@pytest.mark.parametrize(("payload_bytes", "count"), [(1, PATIENCE["video"].packets + 1), (1 << 20, 5)])
def test_what_waits_behind_a_hole_is_bounded(payload_bytes: int, count: int) -> None:
    """In packets and in bytes; no time needs to pass."""
    template = StoredPacket(0, 0, True, "VP8", b"\x10\x00" + bytes(payload_bytes + 1), True, 0.0)
    desk = Desk()
    desk.put([template])
    frames = desk.put(replace(template, sequence=2 + n, timestamp=3000 * n) for n in range(count))
    assert len(frames) == count
    assert desk.counts["tap_hole_given_up"] == 1


def test_a_frame_without_end_is_bounded() -> None:
    """A stream that never says where its frame ends."""
    template = StoredPacket(0, 0, False, "VP8", b"\x10\x00" + bytes(1 << 20), True, 0.0)
    desk = Desk()
    assert desk.put(replace(template, sequence=n) for n in range(6)) == []
    assert desk.counts["tap_frame_too_large"] == 1


def test_nothing_begins_before_a_key_frame() -> None:
    """Also when the tap begins in the middle of one."""
    packets = packets_of("VP9", video("VP9"))
    desk = Desk()
    frames = desk.put(packets[1:])
    assert [frame.data for frame in frames] == whole("VP9")[10:]
    assert frames[0].is_discontinuity
    assert not desk.counts


def test_another_source_is_marked_and_begins_with_a_key_frame() -> None:
    """What waited behind a hole of the source before still comes, as far as it is whole."""
    packets = packets_of("VP8", video("VP8"), sequence=0)
    desk = Desk()
    desk.put(packets[:-1])
    first = 5000
    assert desk.reassembler.restart(first) == []
    frames = desk.put(packets_of("VP8", video("VP8")[5:], sequence=first, timestamp=900_000))
    assert [frame.data for frame in frames] == whole("VP8")[10:]
    assert [frame.is_discontinuity for frame in frames] == [True] + [False] * (len(frames) - 1)


def test_another_codec_is_marked_and_begins_with_a_key_frame() -> None:
    """Of one source that changes its payload type, as browsers do."""
    packets = packets_of("VP8", video("VP8")[:5])
    later = packets_of("H264", video("H264")[5:15], sequence=packets[-1].sequence + 1, timestamp=90_000)
    desk = Desk()
    frames = desk.put([*packets, *(replace(packet, codec="H264/42e0/1") for packet in later)])
    assert [frame.codec for frame in frames] == ["VP8"] * 5 + ["H264"] * 5
    assert [frame.is_discontinuity for frame in frames] == [True, *[False] * 4, True, *[False] * 4]
    assert frames[5].is_key_frame
    assert len(frames[9].parameter_sets) == 2


def test_parameter_sets_sent_ahead_are_remembered() -> None:
    """In packets with markers and times of their own, the second set alone."""
    sets = [b"\x67sps", b"\x68pps1", b"\x68pps2"]
    payloads = [*sets, b"\x65\x88idr", b"\x41\x9a"]
    packets = [StoredPacket(n, 3000 * n, True, "H264/42e0/1", p, True, 0.0) for n, p in enumerate(payloads)]
    desk = Desk()
    frames = desk.put(packets)
    assert [frame.parameter_sets for frame in frames] == [tuple(sets)] * 2
    assert [frame.is_key_frame for frame in frames] == [True, False]


def test_an_idr_picture_without_known_sets_is_no_beginning() -> None:
    """No decoder could begin there."""
    desk = Desk()
    assert desk.put([StoredPacket(1, 0, True, "H264/42e0/1", b"\x65\x88idr", True, 0.0)]) == []


def test_a_broken_frame_costs_the_pictures_up_to_the_next_key_frame() -> None:
    """It is counted once, and a key frame is asked for."""
    packets = packets_of("VP8", video("VP8"))
    at = next(n for n, packet in enumerate(packets) if packet.timestamp == 2 * 6000)
    packets[at] = replace(packets[at], payload=b"\xff")
    desk = Desk()
    assert [frame.data for frame in desk.put(packets)] == whole("VP8")[:2] + whole("VP8")[10:]
    assert desk.counts == {"tap_broken_frame": 1, "tap_key_frame_wanted": 1}


def test_frames_without_markers_end_where_the_next_begins() -> None:
    """Not every publisher sets them."""
    packets = [replace(packet, marker=False) for packet in packets_of("H264", video("H264"))]
    frames = Desk().put(packets)
    assert [frame.data for frame in frames] == whole("H264")[:-1]


def test_probes_without_payload_are_passed_over() -> None:
    """Bandwidth estimators send them with a number of their own."""
    packets = packets_of("VP8", video("VP8")[:3])
    probe = replace(packets[-1], sequence=packets[-1].sequence + 1, payload=b"", marker=False)
    desk = Desk()
    frames = desk.put([*packets, probe])
    assert [frame.data for frame in frames] == whole("VP8")[:3]
    assert not desk.counts


@given(st.sampled_from(["VP8", "VP9/0", "H264/42e0/1", "AV1/0"]), st.data())
def test_any_packets_are_frames_or_counted(codec: str, data: st.DataObject) -> None:
    """Garbage with any numbers, markers and times raises nothing."""
    packet = st.builds(
        StoredPacket,
        st.integers(0, 60),
        st.integers(0, 0xFFFFFFFF),
        st.booleans(),
        st.just(codec),
        st.binary(max_size=30),
        st.booleans(),
        st.floats(0, 10),
    )
    desk = Desk()
    desk.put(data.draw(st.lists(packet, max_size=60)))
    desk.reassembler.expire(5.0)
    frames = desk.reassembler.finish()
    assert all(frame.data for frame in frames)
