"""RTCP: what we understand and what we say (RFC 3550 section 6, RFC 4585, RFC 5104, RFC 3611).

Of bandwidth feedback only the envelope is opened here (draft-holmer-rmcat-transport-wide-cc-extensions-01;
draft-alvestrand-rmcat-remb-03): `streaming.bandwidth.feedback` reads the arrivals.

Unknown packets inside a compound are skipped; a length that points outside raises
`MalformedPacketError` and the datagram is dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from streaming.rtp.packet import MalformedPacketError

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206
EXTENDED_REPORT = 207
FMT_NACK = 1
FMT_TRANSPORT_CC = 15
FMT_PLI = 1
FMT_FIR = 4
FMT_APPLICATION = 15
# The RTCP header and the two SSRCs.
_FEEDBACK_HEAD = 12
BLOCK_REFERENCE_TIME = 4
BLOCK_LAST_REFERENCE = 5
MAX_REPORT_BLOCKS = 31
_HEADER = Struct("!BBH")
_SENDER_INFO = Struct("!IIIIII")
_REPORT_BLOCK = Struct("!IIIIII")


@dataclass(slots=True, frozen=True)
class ReportBlock:
    """What a receiver says about one stream; `fraction_lost` is in 1/256, times as in RFC 3550."""

    ssrc: int
    fraction_lost: int
    lost_total: int
    highest_sequence: int
    jitter: int
    last_sender_report: int
    delay_since_last: int


@dataclass(slots=True, frozen=True)
class SenderReport:
    """The sender's clock: `ntp` is 64-bit NTP time, `timestamp` the RTP time of the same moment."""

    ssrc: int
    ntp: int
    timestamp: int
    packets_total: int
    octets_total: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(NamedTuple):
    """What the peer receives of us."""

    ssrc: int
    blocks: tuple[ReportBlock, ...]


class Nack(NamedTuple):
    """Sequence numbers the peer asks for again."""

    media_ssrc: int
    sequences: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class KeyFrameWanted:
    """A picture loss indication or a full intra request."""

    media_ssrc: int


@dataclass(slots=True, frozen=True)
class Goodbye:
    """The peer's streams have ended."""

    ssrcs: tuple[int, ...]


class TransportFeedback(NamedTuple):
    """Arrival times of our packets; `body` is what follows the two SSRCs."""

    media_ssrc: int
    body: bytes


@dataclass(slots=True, frozen=True)
class ReceiverEstimate:
    """How much the peer believes it can receive of us in all (REMB)."""

    bits_per_s: int


@dataclass(slots=True, frozen=True)
class ReferenceTime:
    """A receiver's clock, 64-bit NTP, told to learn the round trip (RFC 3611 section 4.4)."""

    ssrc: int
    ntp: int


@dataclass(slots=True, frozen=True)
class ReferenceReply:
    """A sender's answer to our reference time (RFC 3611 section 4.5), in 1/65536 s.

    `last_reference` is the middle 32 bits of the newest reference time it had of `ssrc`; 0: none.
    """

    ssrc: int
    last_reference: int
    delay_since_last: int


RtcpItem = (
    SenderReport
    | ReceiverReport
    | Nack
    | KeyFrameWanted
    | Goodbye
    | TransportFeedback
    | ReceiverEstimate
    | ReferenceTime
    | ReferenceReply
)


def parse_rtcp(data: bytes | bytearray | memoryview) -> list[RtcpItem]:
    """Read a compound packet. Raises `MalformedPacketError`."""
    items: list[RtcpItem] = []
    position = 0
    view = bytes(data)
    size = len(view)
    while position < size:
        if position + 4 > size:
            raise MalformedPacketError("an RTCP header is cut off")
        first, kind, words = _HEADER.unpack_from(view, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > size:
            raise MalformedPacketError("an RTCP packet points outside its datagram")
        body = view[position + 4 : end]
        if first & 0x20 and body:
            body = body[: max(0, len(body) - body[-1])]
        items.extend(_parse_one(kind, first & 0x1F, body))
        position = end
    return items


def _parse_one(kind: int, count: int, body: bytes) -> Iterable[RtcpItem]:
    if kind == SENDER_REPORT:
        return _parse_sender_report(count, body)
    if kind == RECEIVER_REPORT:
        return _parse_receiver_report(count, body)
    if kind == GOODBYE:
        if len(body) < 4 * count:
            raise MalformedPacketError("a goodbye is cut off")
        return (Goodbye(tuple(unpack_from(f"!{count}I", body))),)
    if kind in (TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK):
        return _parse_feedback(kind, count, body)
    if kind == EXTENDED_REPORT:
        return _parse_extended(body)
    return ()


def _parse_sender_report(count: int, body: bytes) -> Iterable[RtcpItem]:
    if len(body) < 24 + 24 * count:
        raise MalformedPacketError("a sender report is cut off")
    ssrc, high, low, timestamp, packets, octets = _SENDER_INFO.unpack_from(body)
    blocks = _parse_blocks(count, body, 24)
    return (SenderReport(ssrc, (high << 32) | low, timestamp, packets, octets, blocks),)


def _parse_receiver_report(count: int, body: bytes) -> Iterable[RtcpItem]:
    """Read a receiver report; an empty one, in front of what players report besides, says nothing."""
    if len(body) < 4 + 24 * count:
        raise MalformedPacketError("a receiver report is cut off")
    return (ReceiverReport(unpack_from("!I", body)[0], _parse_blocks(count, body, 4)),) if count else ()


def _parse_blocks(count: int, body: bytes, start: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for index in range(count):
        ssrc, loss, highest, jitter, last, delay = _REPORT_BLOCK.unpack_from(body, start + 24 * index)
        lost = ((loss & 0xFFFFFF) ^ 0x800000) - 0x800000  # signed: repeats that came twice make it negative
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last, delay))
    return tuple(blocks)


def _parse_feedback(kind: int, fmt: int, body: bytes) -> Iterable[RtcpItem]:
    if len(body) < 8:
        raise MalformedPacketError("a feedback packet is cut off")
    media_ssrc = unpack_from("!I", body, 4)[0]
    if kind == TRANSPORT_FEEDBACK and fmt == FMT_NACK:
        return (Nack(media_ssrc, _parse_nacks(body[8:])),)
    if kind == TRANSPORT_FEEDBACK and fmt == FMT_TRANSPORT_CC:
        return (TransportFeedback(media_ssrc, body[8:]),)
    if kind == PAYLOAD_FEEDBACK and fmt == FMT_PLI:
        return (KeyFrameWanted(media_ssrc),)
    if kind == PAYLOAD_FEEDBACK and fmt == FMT_FIR:
        return [KeyFrameWanted(unpack_from("!I", body, at)[0]) for at in range(8, len(body) - 7, 8)]
    if kind == PAYLOAD_FEEDBACK and fmt == FMT_APPLICATION and body[8:12] == b"REMB":
        return (_parse_receiver_estimate(body),)
    return ()


def lone_feedback(packet: bytes) -> bytes | None:
    """Return the body of a packet that is one transport-wide feedback and nothing else, or None."""
    if len(packet) < _FEEDBACK_HEAD or not begins_lone_feedback(packet, len(packet)) or packet[0] >> 6 != 2:
        return None
    filler = packet[-1] if packet[0] & 0x20 else 0
    return packet[_FEEDBACK_HEAD : len(packet) - filler]


def begins_lone_feedback(packet: bytes | bytearray, length: int) -> bool:
    """Whether a packet of this length is one transport-wide feedback, by what SRTCP lets everybody read."""
    is_feedback = packet[1] == TRANSPORT_FEEDBACK and packet[0] & 0x1F == FMT_TRANSPORT_CC
    return is_feedback and (packet[2] << 8 | packet[3]) * 4 + 4 == length


def _parse_extended(body: bytes) -> Iterable[RtcpItem]:
    """Read the reference times and replies in an extended report; its other blocks are skipped."""
    position = 4
    while position + 4 <= len(body):
        block, words = body[position], unpack_from("!H", body, position + 2)[0]
        first, position = position + 4, position + 4 + 4 * words
        if position > len(body):
            raise MalformedPacketError("a block of an extended report is cut off")
        if block == BLOCK_REFERENCE_TIME and position - first >= 8:
            yield ReferenceTime(*unpack_from("!I", body), *unpack_from("!Q", body, first))
        elif block == BLOCK_LAST_REFERENCE:
            for at in range(first, position - 11, 12):
                yield ReferenceReply(*unpack_from("!III", body, at))


def _parse_receiver_estimate(body: bytes) -> ReceiverEstimate:
    if len(body) < 16 + 4 * (body[12] if len(body) > 12 else 1):
        raise MalformedPacketError("a receiver estimate is cut off")
    word = unpack_from("!I", body, 12)[0]
    return ReceiverEstimate((word & 0x3FFFF) << (word >> 18 & 0x3F))


def _parse_nacks(body: bytes) -> tuple[int, ...]:
    sequences = []
    for at in range(0, len(body) - 3, 4):
        first, mask = unpack_from("!HH", body, at)
        sequences.append(first)
        sequences.extend((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
    return tuple(sequences)


def _header(count: int, kind: int, body: bytes) -> bytes:
    return pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def build_sender_report(report: SenderReport) -> bytes:
    """Write a sender report without report blocks (we receive nothing from viewers)."""
    return _header(
        0,
        SENDER_REPORT,
        _SENDER_INFO.pack(
            report.ssrc,
            report.ntp >> 32,
            report.ntp & 0xFFFFFFFF,
            report.timestamp,
            report.packets_total & 0xFFFFFFFF,
            report.octets_total & 0xFFFFFFFF,
        ),
    )


def build_receiver_report(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """Write a receiver report with at most 31 blocks."""
    body = pack("!I", ssrc)
    for block in blocks[:MAX_REPORT_BLOCKS]:
        loss = (block.fraction_lost << 24) | (block.lost_total & 0xFFFFFF)
        body += _REPORT_BLOCK.pack(
            block.ssrc,
            loss,
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sender_report,
            block.delay_since_last,
        )
    return _header(min(len(blocks), MAX_REPORT_BLOCKS), RECEIVER_REPORT, body)


def build_description(ssrcs: Sequence[int], cname: bytes) -> bytes:
    """Write the source description every compound carries: the same CNAME for each SSRC."""
    body = b""
    for ssrc in ssrcs:
        chunk = pack("!IBB", ssrc, 1, len(cname)) + cname + b"\x00"
        body += chunk + bytes(-len(chunk) % 4)
    return _header(len(ssrcs), SOURCE_DESCRIPTION, body)


def build_reference_time(ssrc: int, ntp: int) -> bytes:
    """Tell our time, 64-bit NTP: a sender that answers it lets us know the round trip (RFC 3611 4.4)."""
    return _header(0, EXTENDED_REPORT, pack("!IBBHQ", ssrc, BLOCK_REFERENCE_TIME, 0, 2, ntp))


def build_reference_reply(sender_ssrc: int, reply: ReferenceReply) -> bytes:
    """Answer a receiver's reference time, so that it knows the round trip (RFC 3611 section 4.5)."""
    block = pack(
        "!BBHIII", BLOCK_LAST_REFERENCE, 0, 3, reply.ssrc, reply.last_reference, reply.delay_since_last
    )
    return _header(0, EXTENDED_REPORT, pack("!I", sender_ssrc) + block)


def build_nack(sender_ssrc: int, media_ssrc: int, sequences: Iterable[int]) -> bytes:
    """Ask for these 16-bit sequence numbers again, packed as runs of up to 17."""
    body = pack("!II", sender_ssrc, media_ssrc)
    pending = list(dict.fromkeys(sequence & 0xFFFF for sequence in sequences))
    index = 0
    while index < len(pending):
        first = pending[index]
        mask = 0
        index += 1
        while index < len(pending) and 1 <= (distance := (pending[index] - first) & 0xFFFF) <= 16:
            mask |= 1 << (distance - 1)
            index += 1
        body += pack("!HH", first, mask)
    return _header(FMT_NACK, TRANSPORT_FEEDBACK, body)


def build_picture_loss(sender_ssrc: int, media_ssrc: int) -> bytes:
    """Ask the publisher for a key frame (RFC 4585 section 6.3.1)."""
    return _header(FMT_PLI, PAYLOAD_FEEDBACK, pack("!II", sender_ssrc, media_ssrc))


def build_full_intra_request(sender_ssrc: int, media_ssrc: int, number: int) -> bytes:
    """Ask for a key frame from one that knows only FIR (RFC 5104 section 4.3.1)."""
    return _header(
        FMT_FIR, PAYLOAD_FEEDBACK, pack("!IIIBBH", sender_ssrc, 0, media_ssrc, number & 0xFF, 0, 0)
    )


def build_goodbye(ssrcs: Sequence[int]) -> bytes:
    """Say that these streams have ended."""
    return _header(len(ssrcs), GOODBYE, pack(f"!{len(ssrcs)}I", *ssrcs))
