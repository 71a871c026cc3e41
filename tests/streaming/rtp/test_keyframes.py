"""Where pictures start, per codec."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.keyframes import (
    STARTS_KEY_FRAME,
    av1_starts_key_frame,
    h264_starts_key_frame,
    vp8_starts_key_frame,
    vp9_starts_key_frame,
)


@given(st.sampled_from(sorted(STARTS_KEY_FRAME)), st.binary(max_size=40))
def test_any_payload_is_judged_without_harm(codec: str, payload: bytes) -> None:
    """Detectors read untrusted bytes."""
    assert STARTS_KEY_FRAME[codec](payload) in (True, False)


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x10\x00", True),
        (b"\x10\x01", False),
        (b"\x00\x00", False),  # not the start of a partition
        (b"\x11\x00", False),  # second partition
        (b"\x90\x80\x81\x23\x00", True),  # 15-bit picture id
        (b"\x90\x80\x12\x00", True),  # 7-bit picture id
        (b"\x90\xe0\x81\x23\x01\x20\x00", True),  # picture id, TL0PICIDX, TID
        (b"\x90\xe0\x81\x23\x01\x20\x01", False),
        (b"\x90\x80", False),
    ],
)
def test_vp8(payload: bytes, starts: bool) -> None:
    """The inverse key frame bit after a descriptor of any length."""
    assert vp8_starts_key_frame(payload) is starts


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x08data", True),
        (b"\x48data", False),  # inter-predicted
        (b"\x00data", False),  # not the beginning
        (b"\xa8\x12\x00", True),  # picture id, layer 0
        (b"\xa8\x92\x34\x02", False),  # spatial layer 1
        (b"\x28", False),
    ],
)
def test_vp9(payload: bytes, starts: bool) -> None:
    """P, B and the spatial layer."""
    assert vp9_starts_key_frame(payload) is starts


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x67sps", True),
        (b"\x65idr", True),
        (b"\x68pps", False),
        (b"\x41slice", False),
        (b"\x06sei", False),
        (b"\x78\x00\x02\x67\x00\x00\x02\x68\x00", True),  # STAP-A with an SPS
        (b"\x78\x00\x02\x06\x00\x00\x02\x65\x00", True),  # STAP-A with an IDR slice in second place
        (b"\x78\x00\x02\x41\x00", False),
        (b"\x7c\x85idr", True),  # FU-A, start
        (b"\x7c\x45idr", False),  # FU-A, end
        (b"\x7c\x81slice", False),
    ],
)
def test_h264(payload: bytes, starts: bool) -> None:
    """Alone, aggregated, fragmented."""
    assert h264_starts_key_frame(payload) is starts


def test_av1() -> None:
    """The N bit."""
    assert av1_starts_key_frame(b"\x18\x0a")
    assert not av1_starts_key_frame(b"\x10\x0a")
