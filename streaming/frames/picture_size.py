"""Width and height of a key frame, which containers want to know before the first frame.

Sources: VP8 RFC 6386 section 9.1; VP9 bitstream specification section 6.2; H.264 section 7.3.2.1.1;
AV1 bitstream specification section 5.5.
"""

from collections.abc import Callable

from streaming.frames import av1, h264
from streaming.frames.bits import BitReader
from streaming.frames.frame import BrokenFrameError, EncodedFrame, MediaFrame
from streaming.frames.reassembler import ASSEMBLE
from streaming.frames.vp9 import descriptor_bytes

Size = tuple[int, int]
VP8_START = b"\x9d\x01\x2a"
VP9_START = 0x498342
VP9_RGB = 7
H264_CHROMA_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}


def picture_size(frame: MediaFrame) -> Size:
    """Return a key frame's (width, height) in pixels. Raises `BrokenFrameError`."""
    return READERS[frame.codec](frame)


def size_at_start(codec: str, payload: bytes) -> Size | None:
    """Return the size that the first packet of a key frame tells, or None when it does not."""
    try:
        if codec == "VP9":  # the end of the frame, which assembling waits for, says nothing of its size
            frame = EncodedFrame(payload[descriptor_bytes(payload) :], is_key_frame=True)
        elif codec == "AV1":
            frame = EncodedFrame(b"", is_key_frame=True, parameter_sets=av1.sequence_headers(payload))
        else:
            frame = ASSEMBLE[codec]([payload])
        whole = MediaFrame("video", codec, 0, 0.0, True, True, frame.data, frame.parameter_sets)
        return picture_size(whole)
    except BrokenFrameError:
        return None


def _vp8(frame: MediaFrame) -> Size:
    head = frame.data[3:10]
    if len(head) < 7 or head[:3] != VP8_START:
        raise BrokenFrameError("a VP8 key frame has its start code after the tag")
    return int.from_bytes(head[3:5], "little") & 0x3FFF, int.from_bytes(head[5:7], "little") & 0x3FFF


def _vp9(frame: MediaFrame) -> Size:
    bits = BitReader(frame.data[:24])
    bits.read(2)  # frame marker
    profile = bits.read(1) | bits.read(1) << 1
    bits.read((profile == 3) + 4)  # show_existing_frame, frame_type, show_frame, error_resilient_mode
    if bits.read(24) != VP9_START:
        raise BrokenFrameError("a VP9 key frame has its sync code")
    bits.read(profile >= 2)  # 10 or 12 bits
    if bits.read(3) != VP9_RGB:
        bits.read(4 if profile & 1 else 1)  # range, subsampling
    else:
        bits.read(profile & 1)
    return bits.read(16) + 1, bits.read(16) + 1


def _h264(frame: MediaFrame) -> Size:
    sets = [unit for unit in frame.parameter_sets if unit[0] & 0x1F == h264.SPS]
    if not sets:
        raise BrokenFrameError("an H.264 key frame has an SPS")
    bits = BitReader(sets[-1][1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.read(8)
    bits.read(16)  # constraints, level
    bits.golomb()  # id
    chroma = _h264_chroma(bits) if profile in H264_CHROMA_PROFILES else 1
    bits.golomb()  # log2_max_frame_num
    _skip_h264_order(bits)
    bits.golomb()  # max_num_ref_frames
    bits.flag()  # gaps
    width, map_height = 16 * (bits.golomb() + 1), 16 * (bits.golomb() + 1)
    fields = 1 if bits.flag() else 2
    bits.read(fields)  # mb_adaptive_frame_field_flag for fields, direct_8x8_inference_flag
    height = map_height * fields
    if bits.flag():
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * fields
    if width <= 0 or height <= 0:
        raise BrokenFrameError("an SPS crops the whole picture away")
    return width, height


def _h264_chroma(bits: BitReader) -> int:
    """Read what high profiles have before the rest, return chroma_format_idc."""
    chroma = bits.golomb()
    if chroma == 3:
        bits.flag()
    bits.golomb()  # bit depths
    bits.golomb()
    bits.flag()
    if bits.flag():
        for index in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_h264_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_h264_scaling_list(bits: BitReader, size: int) -> None:
    last = 8
    for _ in range(size):
        last = (last + bits.signed_golomb()) % 256
        if not last:
            return


def _skip_h264_order(bits: BitReader) -> None:
    """Skip the picture order count's parameters."""
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.flag()
        bits.golomb()
        bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()


def _av1(frame: MediaFrame) -> Size:
    if not frame.parameter_sets:
        raise BrokenFrameError("an AV1 key frame has a sequence header")
    unit = frame.parameter_sets[0]
    _, begin = av1.read_leb128(unit, 2 if unit[0] & 0x04 else 1)
    bits = BitReader(unit[begin:])
    bits.read(4)  # profile, still_picture
    if bits.flag():
        bits.read(5)
    else:
        _skip_av1_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_av1_operating_points(bits: BitReader) -> None:
    delay_bits = 0
    if bits.flag():  # timing_info
        bits.read(64)
        if bits.flag():
            bits.golomb()  # uvlc() is an Exp-Golomb number
        if bits.flag():  # decoder_model_info
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_display_delay = bits.flag()
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.flag()
        if delay_bits and bits.flag():
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.flag():
            bits.read(4)


READERS: dict[str, Callable[[MediaFrame], Size]] = {"VP8": _vp8, "VP9": _vp9, "H264": _h264, "AV1": _av1}
