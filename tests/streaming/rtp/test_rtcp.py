"""RTCP: round trips, agreement with aiortc, and readers that survive anything."""

from typing import Any

import pytest
from aiortc import rtp as other
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp import rtcp
from streaming.rtp.packet import MalformedPacketError
from streaming.rtp.reports import reply_to_reference
from streaming.rtp.transport_feedback import ArrivalLog

words = st.integers(0, 0xFFFFFFFF)


@given(st.binary(max_size=300))
def test_any_bytes_are_rtcp_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        rtcp.parse_rtcp(data)
    except MalformedPacketError:
        return


@given(st.lists(st.tuples(st.integers(0, 31), st.sampled_from([*range(200, 208)]), st.binary(max_size=60))))
def test_any_compound_with_sound_headers_is_read_or_refused(parts: list[tuple[int, int, bytes]]) -> None:
    """Headers are right, bodies are noise."""
    data = b""
    for count, kind, body in parts:
        padded = body + bytes(-len(body) % 4)
        data += bytes((0x80 | count, kind)) + (len(padded) // 4).to_bytes(2, "big") + padded
    try:
        rtcp.parse_rtcp(data)
    except MalformedPacketError:
        return


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=200), words, words)
def test_a_nack_names_what_was_missing(sequences: list[int], ours: int, theirs: int) -> None:
    """Every number, once, whatever the order and the wrap."""
    [nack] = rtcp.parse_rtcp(rtcp.build_nack(ours, theirs, sequences))
    assert isinstance(nack, rtcp.Nack)
    assert nack.media_ssrc == theirs
    assert set(nack.sequences) == set(sequences)


def test_a_run_of_seventeen_fits_one_entry() -> None:
    """Across the wrap too."""
    data = rtcp.build_nack(1, 2, [(65530 + n) & 0xFFFF for n in range(17)])
    assert len(data) == 16


@given(words, st.integers(0, (1 << 64) - 1), words, words, words)
def test_sender_reports_are_read_again_by_us_and_by_aiortc(
    ssrc: int, ntp: int, timestamp: int, packets: int, octets: int
) -> None:
    """Every field."""
    report = rtcp.SenderReport(ssrc, ntp, timestamp, packets, octets)
    data = rtcp.build_sender_report(report)
    assert rtcp.parse_rtcp(data) == [report]
    theirs: Any = other.RtcpPacket.parse(data)[0]
    assert (theirs.ssrc, theirs.sender_info.ntp_timestamp, theirs.sender_info.rtp_timestamp) == (
        ssrc,
        ntp,
        timestamp,
    )


def test_what_came_twice_makes_a_loss_below_zero() -> None:
    """The count of lost packets has a sign (RFC 3550 section 6.4.1)."""
    block = rtcp.ReportBlock(7, 0, -3, 0x10002, 99, 0, 0)
    assert rtcp.parse_rtcp(rtcp.build_receiver_report(5, [block])) == [rtcp.ReceiverReport(5, (block,))]


def test_receiver_reports_are_read_again_by_us_and_by_aiortc() -> None:
    """Loss, jitter and times in their places."""
    block = rtcp.ReportBlock(7, 200, 12345, 0x10002, 99, 0xABCDEF01, 65536)
    data = rtcp.build_receiver_report(5, [block])
    assert rtcp.parse_rtcp(data) == [rtcp.ReceiverReport(5, (block,))]
    theirs: Any = other.RtcpPacket.parse(data)[0]
    assert (theirs.reports[0].fraction_lost, theirs.reports[0].jitter, theirs.reports[0].dlsr) == (
        200,
        99,
        65536,
    )


def test_key_frame_requests_of_both_kinds_are_understood() -> None:
    """PLI names the media SSRC in its header, FIR in its entries."""
    assert rtcp.parse_rtcp(rtcp.build_picture_loss(1, 42)) == [rtcp.KeyFrameWanted(42)]
    assert rtcp.parse_rtcp(rtcp.build_full_intra_request(1, 42, 300)) == [rtcp.KeyFrameWanted(42)]


@given(words, words, st.integers(0, (1 << 64) - 1), st.integers(0, 60))
def test_a_question_for_the_round_trip_is_answered(ours: int, theirs: int, ntp: int, waited_s: int) -> None:
    """The middle of the clock that was told comes back, with how long it lay."""
    [asked] = rtcp.parse_rtcp(rtcp.build_reference_time(theirs, ntp))
    assert asked == rtcp.ReferenceTime(theirs, ntp)
    reply = reply_to_reference(asked, 100.0, 100.0 + waited_s)
    assert rtcp.parse_rtcp(rtcp.build_reference_reply(ours, reply)) == [
        rtcp.ReferenceReply(theirs, (ntp >> 16) & 0xFFFFFFFF, waited_s * 65536)
    ]


def test_descriptions_and_goodbyes_are_well_formed() -> None:
    """Aiortc reads them."""
    data = rtcp.build_description([1, 2], b"liveshop") + rtcp.build_goodbye([1, 2])
    described, goodbye = other.RtcpPacket.parse(data)
    assert isinstance(described, other.RtcpSdesPacket)
    assert [chunk.items for chunk in described.chunks] == [[(1, b"liveshop")]] * 2
    assert isinstance(goodbye, other.RtcpByePacket)
    assert rtcp.parse_rtcp(data) == [rtcp.Goodbye((1, 2))]


@pytest.mark.parametrize(
    "data", [b"\x80", b"\x80\xc8\x00\x06", b"\x81\xc9\x00\x01" + bytes(4), b"\x82\xcb\x00\x01" + bytes(4)]
)
def test_cut_off_packets_are_refused(data: bytes) -> None:
    """A length that points outside, a count that is not there."""
    with pytest.raises(MalformedPacketError):
        rtcp.parse_rtcp(data)


def decode_feedback(data: bytes) -> dict[int, float]:
    """Read transport-wide feedback back, independently: sequence number to arrival in seconds."""
    base, count = int.from_bytes(data[12:14], "big"), int.from_bytes(data[14:16], "big")
    clock_s = int.from_bytes(data[16:19], "big") * 0.064
    position = 20
    symbols: list[int] = []
    while len(symbols) < count:
        chunk = int.from_bytes(data[position : position + 2], "big")
        if chunk >> 15:
            symbols += [(chunk >> (12 - 2 * index)) & 3 for index in range(7)]
        else:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        position += 2
    arrivals = {}
    for index, symbol in enumerate(symbols[:count]):
        if symbol == 0:
            continue
        size = symbol
        clock_s += int.from_bytes(data[position : position + size], "big", signed=size == 2) * 0.00025
        position += size
        arrivals[(base + index) & 0xFFFF] = clock_s
    return arrivals


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.floats(0, 3)), min_size=1, max_size=40, unique_by=lambda t: t[0]
    )
)
def test_arrival_times_survive_the_encoding(arrivals: list[tuple[int, float]]) -> None:
    """Within half a tick of 250 us, in any order, with gaps, across the wrap of the numbers."""
    log = ArrivalLog()
    log.arrived(65520, 99.99)
    assert log.take_feedback(1, 2) is not None
    expected = {}
    for offset, after_s in arrivals:
        sequence = (65521 + offset) & 0xFFFF
        log.arrived(sequence, 100.0 + after_s)
        expected[sequence] = 100.0 + after_s
    data = log.take_feedback(1, 2)
    assert data is not None
    assert len(data) == 4 * (int.from_bytes(data[2:4], "big") + 1)
    decoded = decode_feedback(data)
    assert decoded.keys() == expected.keys()
    for sequence, arrival_s in expected.items():
        assert abs(decoded[sequence] - arrival_s) < 0.000_2
    assert log.take_feedback(1, 2) is None


def remb(exponent: int, mantissa: int, ssrcs: int = 1) -> bytes:
    """A REMB as draft-alvestrand-rmcat-remb-03 draws it."""
    word = ssrcs << 24 | exponent << 18 | mantissa
    body = bytes(8) + b"REMB" + word.to_bytes(4, "big") + bytes(4 * ssrcs)
    return bytes((0x8F, 206)) + (len(body) // 4).to_bytes(2, "big") + body


@given(st.integers(0, 63), st.integers(0, (1 << 18) - 1), st.integers(0, 20))
def test_receiver_estimates_are_mantissa_and_exponent(exponent: int, mantissa: int, ssrcs: int) -> None:
    """For any number of streams."""
    assert rtcp.parse_rtcp(remb(exponent, mantissa, ssrcs)) == [rtcp.ReceiverEstimate(mantissa << exponent)]


def test_aiortc_writes_receiver_estimates_we_read() -> None:
    """Its packing keeps 18 bits."""
    packet = other.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=other.pack_remb_fci(1_000_000, [5, 6]))
    assert rtcp.parse_rtcp(bytes(packet)) == [rtcp.ReceiverEstimate(1_000_000)]


def test_other_application_feedback_is_skipped_and_a_short_estimate_refused() -> None:
    """Only REMB is known; one whose streams are cut off is no REMB."""
    assert rtcp.parse_rtcp(remb(1, 2).replace(b"REMB", b"XXXX")) == []
    short = remb(1, 2, 1)[:-4]
    with pytest.raises(MalformedPacketError):
        rtcp.parse_rtcp(short[:2] + (len(short) // 4 - 1).to_bytes(2, "big") + short[4:])


def test_transport_feedback_is_handed_on_whole() -> None:
    """Its body is read elsewhere."""
    log = ArrivalLog()
    log.arrived(7, 1.0)
    data = log.take_feedback(1, 2)
    assert data is not None
    assert rtcp.parse_rtcp(data) == [rtcp.TransportFeedback(2, data[12:])]


@given(st.binary(min_size=1, max_size=60), st.integers(1, 3))
def test_a_lone_feedback_is_read_as_in_a_compound(body: bytes, fillers: int) -> None:
    """With and without the bytes that fill it up, as Chromium writes them; beside others it is not alone."""
    body += bytes(-len(body) % 4)
    head = b"\x8f\xcd" + (2 + len(body) // 4).to_bytes(2, "big") + bytes(8)
    assert rtcp.lone_feedback(head + body) == body
    padded = b"\xaf\xcd" + (2 + fillers + len(body) // 4).to_bytes(2, "big") + bytes(8)
    padded += body + bytes(4 * fillers - 1) + bytes((4 * fillers,))
    assert rtcp.lone_feedback(padded) == body
    for packet in (head + body, padded):
        assert rtcp.parse_rtcp(packet) == [rtcp.TransportFeedback(0, body)]
        assert rtcp.lone_feedback(packet + rtcp.build_nack(1, 2, [3])) is None
    assert rtcp.lone_feedback(rtcp.build_nack(1, 2, [3])) is None
    assert rtcp.lone_feedback(b"\x4f" + (head + body)[1:]) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_a_lone_feedback_or_none(data: bytes) -> None:
    """Nothing is raised."""
    rtcp.lone_feedback(data)


def test_a_cut_off_block_of_an_extended_report_is_refused() -> None:
    """It claims three words of reply and has two."""
    body = bytes(4) + b"\x05\x00\x00\x03" + bytes(8)
    with pytest.raises(MalformedPacketError):
        rtcp.parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body)


@given(st.lists(st.tuples(words, words, words), max_size=4))
def test_replies_are_read_past_blocks_nobody_knows(replies: list[tuple[int, int, int]]) -> None:
    """An extended report (RFC 3611) may hold anything; each reply names whom it answers."""
    block = b"".join(number.to_bytes(4, "big") for reply in replies for number in reply)
    body = (
        bytes(4) + b"\x63\x00\x00\x01" + bytes(4) + b"\x05\x00" + (len(block) // 4).to_bytes(2, "big") + block
    )
    found = rtcp.parse_rtcp(b"\x80\xcf" + (len(body) // 4).to_bytes(2, "big") + body)
    assert found == [rtcp.ReferenceReply(*reply) for reply in replies]
