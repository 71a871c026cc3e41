"""A viewer on hold goes on with the next key frame, however that begins."""

from collections.abc import Iterator

import pytest

from streaming.codecs import Codec
from streaming.negotiation import AgreedMedia
from streaming.rtp.packet import RtpPacket
from streaming.sdp import Media
from streaming.source import Source
from tests.streaming.fan_out_player import Player
from tests.streaming.studio import FRAME_S, Studio

H264 = Codec(96, "H264", 90_000, 1, {"packetization-mode": "1", "profile-level-id": "42e01f"})
DELIMITER = b"\x09\xf0"
PARAMETER_SETS = [bytes.fromhex("6742e01fda02802d10"), bytes.fromhex("68ce3c80")]
KEY_SLICE, DELTA_SLICE = b"\x65" + bytes(300), b"\x41" + bytes(200)


class Show:
    """A publisher of H264, each part of a frame in a packet of its own, and a viewer."""

    def __init__(self, *, delimiters: bool) -> None:
        self.studio = Studio(640)
        self._delimiters = [DELIMITER] if delimiters else []
        self._number = 0
        self.source = self._new_source()
        self.player = Player(0, self.studio.own, self.studio.counters, 0, "1", codec="H264")
        self.player.track.section.codecs[:] = [H264]
        self.studio.players.append(self.player)
        self.studio.picture.add_viewer(self.player.track, self.studio.now_s)
        self.frame(key=True)

    @staticmethod
    def _new_source() -> Source:
        section = AgreedMedia(Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid="1"), [H264], {}, ())
        return Source(section, 7, 0)

    def start_anew(self) -> None:
        """Go on as another publisher."""
        self.source = self._new_source()

    def _packets(self, *parts: bytes) -> Iterator[tuple[Source, int, RtpPacket]]:
        timestamp = round(self.studio.now_s * 90_000) & 0xFFFFFFFF
        for part in parts:
            is_last = part in (KEY_SLICE, DELTA_SLICE)
            yield self.source, self._number, RtpPacket(is_last, 96, self._number, timestamp, 7, part, {})
            self._number += 1

    def push(self, *parts: bytes) -> None:
        """Send parts of a frame."""
        for source, number, packet in self._packets(*parts):
            self.studio.picture.push(source, number, packet, H264, self.studio.now_s)
        self.studio.picture.flush()

    def leave_out(self, *parts: bytes) -> None:
        """Let parts of a frame be dropped, as what comes too late."""
        for source, number, packet in self._packets(*parts):
            self.studio.picture.leave_out(source, number, packet, H264, self.studio.now_s)

    def frame(self, *, key: bool = False) -> list[bytes]:
        """Send a frame; returns its parts."""
        parts = [*self._delimiters, *(PARAMETER_SETS if key else []), KEY_SLICE if key else DELTA_SLICE]
        self.push(*parts)
        self.studio.picture.tick(self.studio.now_s)
        self.studio.now_s += FRAME_S
        return parts

    def hold(self, *, is_narrow: bool) -> None:
        """Say whether there is room for the picture."""
        self.player.track.is_narrow = is_narrow
        if is_narrow:
            self.studio.picture.layers[0].fanout.refresh(self.player.track)


@pytest.mark.parametrize("delimiters", [False, True])
def test_it_goes_on_with_the_parameter_sets_of_the_next_key_frame(*, delimiters: bool) -> None:
    """GStreamer sends a delimiter before them; a hold that waits for a frame's first packet would not end."""
    show = Show(delimiters=delimiters)
    show.frame()
    show.hold(is_narrow=True)
    show.frame()
    show.player.received()
    show.hold(is_narrow=False)
    show.frame()
    assert show.player.received() == []
    parts = show.frame(key=True)
    assert [packet.payload for packet in show.player.received()] == parts[delimiters:]
    assert not show.player.track.held
    show.frame()
    show.studio.now_s += 2.0
    assert show.studio.picture.key_frames_due(show.studio.now_s) == []
    show.studio.close()


@pytest.mark.parametrize("was_held", [True, False])
def test_it_does_not_begin_in_the_middle_of_a_key_frame(*, was_held: bool) -> None:
    """With a slice whose parameter sets have gone by it could show nothing."""
    show = Show(delimiters=False)
    show.frame()
    show.hold(is_narrow=was_held)
    show.frame()
    show.player.received()
    show.push(*PARAMETER_SETS)
    show.hold(is_narrow=True)
    show.player.track.hold_before(show.studio.picture.layers[0].highest + 1, is_cut=False)
    show.player.received()
    show.hold(is_narrow=False)
    show.push(KEY_SLICE)
    assert show.player.received() == []
    show.studio.close()
