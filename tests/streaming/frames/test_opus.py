"""Opus out of RTP."""

import pytest

from streaming.frames import opus
from streaming.frames.frame import BrokenFrameError
from tests.streaming.frames.encoded import sound


def test_real_packets_come_out_as_they_went_in() -> None:
    """And last 20 ms."""
    for packet in sound():
        frame = opus.assemble([packet])
        assert (frame.data, frame.is_key_frame, frame.duration_ticks) == (packet, True, 960)


@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [
        (b"\x00", 10),
        (b"\x18", 60),  # SILK
        (b"\x60", 10),
        (b"\x68", 20),  # hybrid
        (b"\x80", 2.5),
        (b"\xf8", 20),  # CELT
        (b"\xf9", 40),  # two frames
        (b"\xfa", 40),
        (b"\xfb\x06", 120),  # six
        (b"\xfb\x86", 120),  # six of different sizes
    ],
)
def test_the_first_byte_tells_how_long_a_packet_lasts(packet: bytes, milliseconds: float) -> None:
    """RFC 6716 section 3.1."""
    assert opus.packet_ticks(packet) == milliseconds * 48


@pytest.mark.parametrize("payloads", [[], [b""], [b"\xfb"], [b"\xfb\x00"], [b"\xfb\x07"], [b"\xf8", b"\xf8"]])
def test_what_is_not_one_packet_is_broken(payloads: list[bytes]) -> None:
    """Empty, without a count, longer than 120 ms."""
    with pytest.raises(BrokenFrameError):
        opus.assemble(payloads)
