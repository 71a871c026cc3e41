"""H.264 access units out of RTP payloads (RFC 6184): single NAL units, STAP-A and FU-A."""

from collections.abc import Sequence

from streaming.frames.bits import BitReader
from streaming.frames.frame import BrokenFrameError, EncodedFrame

START_CODE = b"\x00\x00\x00\x01"
SLICE, IDR, SPS, PPS = 1, 5, 7, 8
MAX_SINGLE, STAP_A, FU_A = 23, 24, 28
INTRA_SLICES = {2, 4, 7, 9}
SLICE_HEAD_BYTES = 8
MAX_SETS = 64


def assemble(payloads: Sequence[bytes]) -> EncodedFrame:
    """Put one access unit together, each NAL unit after a start code.

    A picture without its first slice is refused. A key frame is an IDR picture, or one of intra slices
    that comes with an SPS (encoders with open groups send those). Raises `BrokenFrameError`.
    """
    units = _units(payloads)
    slices = [unit for unit in units if SLICE <= unit[0] & 0x1F <= IDR]
    sets = tuple(unit for unit in units if unit[0] & 0x1F in (SPS, PPS))
    if not slices:
        return EncodedFrame(b"", is_key_frame=False, parameter_sets=sets)
    if len(slices[0]) < 2 or not slices[0][1] & 0x80:
        raise BrokenFrameError("the first slice of the picture is missing")
    is_key_frame = any(unit[0] & 0x1F == IDR for unit in slices)
    if not is_key_frame and any(unit[0] & 0x1F == SPS for unit in sets):
        is_key_frame = all(map(_is_intra, slices))
    data = b"".join(START_CODE + unit for unit in units)
    return EncodedFrame(data, is_key_frame, sets)


def _units(payloads: Sequence[bytes]) -> list[bytes]:
    units: list[bytes] = []
    fragment: bytearray | None = None
    for payload in payloads:
        kind = payload[0] & 0x1F if payload else 0
        if (fragment is not None) and kind != FU_A:
            raise BrokenFrameError("the end of a fragmented NAL unit is missing")
        if SLICE <= kind <= MAX_SINGLE:
            units.append(payload)
        elif kind == STAP_A:
            units.extend(_aggregated(payload))
        elif kind == FU_A:
            fragment = _continued(fragment, payload)
            if payload[1] & 0x40:
                units.append(bytes(fragment))
                fragment = None
        else:
            raise BrokenFrameError(f"packets of type {kind} were not agreed on")
    if fragment is not None:
        raise BrokenFrameError("the end of a fragmented NAL unit is missing")
    return units


def _aggregated(payload: bytes) -> list[bytes]:
    units = []
    position = 1
    while position < len(payload):
        begin = position + 2
        position = begin + int.from_bytes(payload[position:begin], "big")
        if position == begin or position > len(payload):
            raise BrokenFrameError("an aggregated NAL unit is cut off")
        if not SLICE <= payload[begin] & 0x1F <= MAX_SINGLE:
            raise BrokenFrameError("only single NAL units are aggregated")
        units.append(payload[begin:position])
    return units


def _continued(fragment: bytearray | None, payload: bytes) -> bytearray:
    if len(payload) < 3:
        raise BrokenFrameError("a fragment has at least one byte")
    is_start = bool(payload[1] & 0x80)
    if is_start != (fragment is None):
        raise BrokenFrameError("a fragmented NAL unit has one beginning, in its first packet")
    if fragment is None:
        if not SLICE <= payload[1] & 0x1F <= MAX_SINGLE:
            raise BrokenFrameError("only single NAL units are fragmented")
        fragment = bytearray((payload[0] & 0xE0 | payload[1] & 0x1F,))
    fragment += payload[2:]
    return fragment


def _is_intra(unit: bytes) -> bool:
    bits = BitReader(unit[1 : 1 + SLICE_HEAD_BYTES])
    bits.golomb()  # first_mb_in_slice
    return bits.golomb() in INTRA_SLICES
