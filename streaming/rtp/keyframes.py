"""Where a picture can start: key frames per codec, from the RTP payload alone.

Sources: VP8 RFC 7741 section 4.2; VP9 RFC 9628 section 4.2; H.264 RFC 6184 sections 5.4 to 5.8;
AV1 "RTP Payload Format for AV1" v1.0 section 4.4.
"""

from collections.abc import Callable

H264_IDR = 5
H264_SPS = 7
H264_STAP_A = 24
H264_FU_A = 28


def _vp8_descriptor_bytes(payload: bytes) -> int:
    """Length of the VP8 payload descriptor, or 0 when it is cut off."""
    size = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return 0
        flags = payload[1]
        size += 1
        if flags & 0x80:
            if len(payload) < 3:
                return 0
            size += 2 if payload[2] & 0x80 else 1
        size += 1 if flags & 0x40 else 0
        size += 1 if flags & 0x30 else 0
    return size


def vp8_starts_key_frame(payload: bytes) -> bool:
    """S bit set, partition 0, and the inverse key frame bit of the VP8 header clear."""
    if not payload or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    size = _vp8_descriptor_bytes(payload)
    return 0 < size < len(payload) and not payload[size] & 0x01


def vp9_starts_key_frame(payload: bytes) -> bool:
    """Not inter-predicted, beginning of a frame, lowest spatial layer."""
    if not payload:
        return False
    head = payload[0]
    if head & 0x40 or not head & 0x08:
        return False
    if not head & 0x20:
        return True
    position = 1
    if head & 0x80:
        if len(payload) < 2:
            return False
        position += 2 if payload[1] & 0x80 else 1
    if len(payload) <= position:
        return False
    return (payload[position] >> 1) & 0x07 == 0


def h264_starts_key_frame(payload: bytes) -> bool:
    """Find an SPS, or the beginning of an IDR slice: alone, in a STAP-A or at the start of an FU-A."""
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind in (H264_IDR, H264_SPS):
        return True
    if kind == H264_FU_A:
        return len(payload) > 1 and bool(payload[1] & 0x80) and payload[1] & 0x1F in (H264_IDR, H264_SPS)
    if kind == H264_STAP_A:
        return _stap_a_has_key_frame(payload)
    return False


def _stap_a_has_key_frame(payload: bytes) -> bool:
    position = 1
    while position + 2 < len(payload):
        if payload[position + 2] & 0x1F in (H264_IDR, H264_SPS):
            return True
        position += 2 + ((payload[position] << 8) | payload[position + 1])
    return False


def av1_starts_key_frame(payload: bytes) -> bool:
    """Read the N bit of the aggregation header: first packet of a coded video sequence."""
    return len(payload) > 1 and bool(payload[0] & 0x08)


def _every_packet(payload: bytes) -> bool:
    """Sound can start anywhere."""
    del payload
    return True


STARTS_KEY_FRAME: dict[str, Callable[[bytes], bool]] = {
    "VP8": vp8_starts_key_frame,
    "VP9": vp9_starts_key_frame,
    "H264": h264_starts_key_frame,
    "AV1": av1_starts_key_frame,
    "OPUS": _every_packet,
}
