"""RTP packets: what is written is read again, and nothing crashes the reader."""

import pytest
from aiortc import rtp as other
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.packet import (
    MalformedPacketError,
    RtpPacket,
    build_rtp,
    looks_like_rtcp,
    parse_extensions,
    parse_rtp,
)

packets = st.builds(
    RtpPacket,
    st.booleans(),
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=1200),
    st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=5),
)


@given(packets)
def test_what_is_written_is_read_again(packet: RtpPacket) -> None:
    """Every field, every extension."""
    assert parse_rtp(build_rtp(packet)) == packet


@given(packets)
def test_aiortc_reads_the_same(packet: RtpPacket) -> None:
    """Another implementation agrees about the fixed header and the payload."""
    theirs = other.RtpPacket.parse(build_rtp(packet))
    assert (theirs.sequence_number, theirs.timestamp, theirs.ssrc) == (
        packet.sequence,
        packet.timestamp,
        packet.ssrc,
    )
    assert (theirs.payload, theirs.payload_type, bool(theirs.marker)) == (
        packet.payload,
        packet.payload_type,
        packet.marker,
    )


@given(st.binary(max_size=1500))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        packet = parse_rtp(data)
    except MalformedPacketError:
        return
    assert len(packet.payload) <= len(data) - 12


@given(st.integers(0, 0xFFFF), st.binary(max_size=300))
def test_any_extension_block_is_read_without_harm(profile: int, data: bytes) -> None:
    """Cut-off elements end the reading."""
    assert sum(map(len, parse_extensions(profile, data).values())) <= len(data)


def test_padding_and_contributing_sources_are_left_out() -> None:
    """The payload is only the payload."""
    data = b"\xa1\x60\x00\x01" + bytes(8) + b"CSRC" + b"payload" + b"\x00\x00\x03"
    assert parse_rtp(data).payload == b"payload"


def test_two_byte_extensions_are_read() -> None:
    """Some publishers send them."""
    assert parse_extensions(0x1000, b"\x05\x02ab\x00\x06\x00") == {5: b"ab", 6: b""}


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x60" + bytes(9),
        b"\x40\x60" + bytes(10),
        b"\x8f\x60" + bytes(10),
        b"\x90\x60" + bytes(10),
        b"\x90\x60" + bytes(10) + b"\xbe\xde\x00\x09",
        b"\xa0\x60" + bytes(10) + b"\xff",
        b"\xa0\x60" + bytes(10) + b"\x00",
    ],
)
def test_lengths_that_point_outside_are_refused(data: bytes) -> None:
    """Too short, another version, cut-off lists, impossible padding."""
    with pytest.raises(MalformedPacketError):
        parse_rtp(data)


def test_rtcp_is_told_apart_by_its_second_byte() -> None:
    """192 to 223 (RFC 5761)."""
    assert looks_like_rtcp(b"\x80\xc8")
    assert looks_like_rtcp(b"\x81\xdf")
    assert not looks_like_rtcp(b"\x80\xbf")
    assert not looks_like_rtcp(b"\x80")
