"""Opus packets out of RTP payloads (RFC 7587): each payload is one."""

from collections.abc import Sequence

from streaming.frames.frame import BrokenFrameError, EncodedFrame

MAX_TICKS = 5760
"""120 ms at 48 kHz (RFC 6716 section 3.4)."""

SILK_TICKS = (480, 960, 1920, 2880)
CELT_TICKS = (120, 240, 480, 960)


def assemble(payloads: Sequence[bytes]) -> EncodedFrame:
    """Check one packet. Raises `BrokenFrameError`."""
    if len(payloads) != 1:
        raise BrokenFrameError("an Opus packet is one payload")
    return EncodedFrame(payloads[0], is_key_frame=True, duration_ticks=packet_ticks(payloads[0]))


def packet_ticks(packet: bytes) -> int:
    """Return the length of a packet's sound in ticks of 48 kHz (RFC 6716 section 3.1).

    Raises `BrokenFrameError`.
    """
    if not packet:
        raise BrokenFrameError("an Opus packet has at least one byte")
    config = packet[0] >> 3
    if config < 12:
        ticks = SILK_TICKS[config & 0x03]
    elif config < 16:
        ticks = SILK_TICKS[config & 0x01]
    else:
        ticks = CELT_TICKS[config & 0x03]
    frames = (1, 2, 2, 0)[packet[0] & 0x03]
    if not frames:
        frames = packet[1] & 0x3F if len(packet) > 1 else 0
    if not 0 < frames * ticks <= MAX_TICKS:
        raise BrokenFrameError("an Opus packet has 2.5 to 120 ms of sound")
    return frames * ticks
