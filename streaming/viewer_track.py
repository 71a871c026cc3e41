"""What one viewer's copy of a stream differs by: numbers added, payload types, extension bytes.

The show has one time line per kind (see `streaming.stream`); a viewer's sequence number is the line's plus
`sequence_shift`, its timestamp the line's plus `timestamp_shift`, and the numbers of its pictures are the
publisher's plus `picture_shift`. Shifts change only while the viewer is
not live, so that its own numbers never repeat (a repeated number under AES-GCM would reveal keys) and a
pause leaves no gap but the one number after a frame that was cut.
"""

from collections import deque
from dataclasses import dataclass
from struct import Struct
from typing import Protocol, cast

from streaming.codecs import Codec, best_match
from streaming.header_templates import KINDS, Kind, Template, build_template, kind_of
from streaming.negotiation import TRANSPORT_CC, AgreedMedia
from streaming.repeat_budget import RepeatBudget
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.picture_numbers import (
    UNCHANGED,
    Numbers,
    add,
    go_on,
    numbers_pictures,
    read_numbers,
    renumbered,
)
from streaming.rtp.ring import StoredPacket
from streaming.transport.connection import Connection
from streaming.transport.series_native import Series

HEADER = Struct("!BBHII")
RETRANSMIT_MIN_S = 0.010
RETRANSMIT_MAX_S = 0.100
# Players repeat a NACK after a round trip, and theirs may be measured shorter than ours.
SOONEST_REPEAT = 0.7
MAX_ANSWERS = 3
# Above this loss a repeat goes out twice: if it is lost, too, the next comes a round trip later.
LOSSY_SHARE = 0.02
ANSWERS_KEPT_S = 2.0
MAX_REMEMBERED_ANSWERS = 2048
FORGET_EVERY_S = 0.1
MAX_MAPPINGS = 32
MAX_LOOK_BACK = 64
FAR = 1 << 62
# Header, extensions, original number and tag, about.
REPEAT_OVERHEAD_BYTES = 40


class Line(Protocol):
    """A time line a viewer is moved along: one layer's packets."""

    @property
    def highest(self) -> int:
        """The newest packet's number."""

    def stored(self, sequence: int) -> StoredPacket | None:
        """Return a packet that is still kept."""

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return `count` packets from `first` on; None for each that is not kept."""


@dataclass(slots=True)
class Replay:
    """A joiner catching up on the newest group of pictures.

    `cursor` is the show's next number to send; `timestamps` moves the old frames' times close to the newest
    one's, so that the player shows them at once instead of lagging by the group's length. From the number
    `end` on packets keep their times; it is far away until the replay is over.
    """

    cursor: int
    timestamps: dict[int, int]
    end: int = FAR

    def finish(self) -> None:
        """Note that what comes from here on is sent live, or not at all."""
        self.end = min(self.end, self.cursor)


@dataclass(slots=True)
class _Mapping:
    """From this own sequence number on, the shifts lead back to a line; and how packets were written then.

    A plain repeat must be the packet that was sent, byte for byte: with another payload type or time it would
    be a second one under the same nonce of AES-GCM. `source_codec` is the key of the publisher's codec,
    `codec` what the viewer got it as. From `end_own` on nothing was sent; None: it is the present stretch.
    """

    first_own: int
    line: Line
    sequence_shift: int
    timestamp_shift: int
    source_codec: str | None
    codec: Codec | None
    picture_shift: Numbers
    replay: Replay | None = None
    end_own: int | None = None
    # Up to this number of the line packets went out one by one, without transport-wide numbers.
    numbered_from: int = 0

    @property
    def first_numbered(self) -> int:
        """The line's number of the first packet that had a transport-wide one."""
        return self.numbered_from if self.replay is None else max(self.numbered_from, self.replay.end)


@dataclass(slots=True, frozen=True)
class SentBefore:
    """What a viewer was sent under a number of its own, and how it was written then."""

    packet: StoredPacket
    mapping: _Mapping

    @property
    def was_numbered(self) -> bool:
        """Whether it had a transport-wide number: what a replay sends has none, nor what goes one by one."""
        return self.packet.sequence >= self.mapping.first_numbered


class ViewerTrack:
    """One viewer's copy of one kind of media."""

    __slots__ = (
        "_agreed", "_answers", "_forgot_s", "_mappings", "_retransmission_sequence", "_source_codec",
        "codec", "connection", "extra_octets", "extra_packets", "held", "is_narrow", "landed_late",
        "last_picture", "last_time", "line", "live", "lost_packets", "lost_share", "next_own",
        "number_shift", "octets_base", "packets_base", "picture_shift", "repeat_budget", "repeats_total",
        "replay", "round_trip_is_known", "round_trip_s", "section", "sequence_shift", "start", "started",
        "timestamp_shift", "waiting_since_s",
    )  # fmt: skip

    def __init__(self, connection: Connection, section: AgreedMedia, sequence: int, timestamp: int) -> None:
        self.connection = connection
        self.section = section
        # A plain repeat must be the same packet byte for byte (AES-GCM), but the transport's numbers are used
        # once: who takes no RTX gets none, and its other reports tell how much it can receive.
        self._agreed = tuple(
            (identity, uri)
            for identity, uri in section.extensions.items()
            if uri != TRANSPORT_CC or self.repeats_as_rtx
        )
        self.codec: Codec | None = None
        self._source_codec: str | None = None
        self.live = False
        self.held = False
        # The line carries clearly less than the lowest layer (see `streaming.narrow_lines`).
        self.is_narrow = False
        self.started = False
        self.next_own = sequence
        self.sequence_shift = 0
        self.timestamp_shift = timestamp
        # So many ticks of the shift are there because its layer began with too early a key frame.
        self.landed_late = 0
        self.start = 0
        # Added to an own sequence number it gives the transport-wide one (see `viewer_numbers`).
        self.number_shift = 0
        self.line: Line | None = None
        # (when, own timestamp) of the newest packet it was sent before its last pause.
        self.last_time: tuple[float, int] | None = None
        # The numbers of the newest picture it was sent before its last pause, if they are known.
        self.last_picture: Numbers | None = None
        self.picture_shift = UNCHANGED
        self.replay: Replay | None = None
        self.waiting_since_s = 0.0
        self.packets_base = self.octets_base = self.extra_packets = self.extra_octets = 0
        self.round_trip_s = 0.05
        self.round_trip_is_known = False
        # The viewer's newest word on what it lost: since the report before, and in all.
        self.lost_share: float | None = None
        self.lost_packets = 0
        self.repeats_total = 0
        self.repeat_budget = RepeatBudget()
        self._mappings: deque[_Mapping] = deque(maxlen=MAX_MAPPINGS)
        self._answers: dict[int, tuple[float, int]] = {}
        self._forgot_s = 0.0
        self._retransmission_sequence = sequence & 0xFFFF

    def choose_codec(self, key: str | None) -> bool:
        """Take the codec that plays the live one; False when this viewer knows none."""
        self._source_codec = key
        self.codec = best_match(key, self.section.codecs) if key else None
        return self.codec is not None

    @property
    def layouts(self) -> tuple[tuple[int, ...], ...]:
        """What it must share with another viewer whose packets are written together with its own.

        Names of different lengths can fill up to the same header, but no longer when a descriptor follows.
        """
        name_bytes = len(self.section.offer.mid) if self.reads_descriptors else 0
        return *(self.template(kind).layout for kind in KINDS), (self.reads_descriptors, name_bytes)

    @property
    def reads_descriptors(self) -> bool:
        """Whether the player takes dependency descriptors."""
        return self.section.extension_id(DEPENDENCY_DESCRIPTOR) != 0

    def template(self, kind: Kind) -> Template:
        """Return the header extensions for a kind of packet."""
        return build_template(self._agreed, self.section.offer.mid, kind)

    @property
    def is_video(self) -> bool:
        """Whether this is a picture."""
        return self.section.offer.kind == "video"

    @property
    def repeats_as_rtx(self) -> bool:
        """Whether repeats go out under numbers of their own (RFC 4588), whatever the codec."""
        return all(codec.retransmission is not None for codec in self.section.codecs)

    @property
    def is_stream(self) -> bool:
        """Whether the way to this viewer is a stream, which takes no batches."""
        return self.connection.socket is not None and self.connection.socket.is_stream

    @property
    def is_full(self) -> bool:
        """Whether the way to this viewer had better get no video now: a slow stream, or a narrow line."""
        return self.is_narrow or (self.connection.socket is not None and self.connection.socket.is_full)

    def start_at(self, sequence: int, line: Line) -> None:
        """From here on the line's `sequence` is this viewer's next number."""
        self.held = False
        self.line = line
        self.sequence_shift = self.next_own - sequence
        self.start = sequence
        self.started = True
        self._continue_pictures(line.stored(sequence))
        self._mappings.append(
            _Mapping(
                self.next_own, line, self.sequence_shift, self.timestamp_shift, self._source_codec,
                self.codec, self.picture_shift,
            )
        )  # fmt: skip

    def _continue_pictures(self, first: StoredPacket | None) -> None:
        """Let the numbers of its pictures go on with those of `first`."""
        self.picture_shift = UNCHANGED
        if self.last_picture is None or first is None or first.places is None:
            return
        shift = go_on(self.last_picture, read_numbers(first.payload, first.places))
        # Of 7 bits a publisher may go over to 15 (Pion does): moved, the two would not fit each other.
        self.picture_shift = shift if first.places.picture_bytes > 1 else Numbers(0, shift.base)

    def restart_at(self, sequence: int) -> None:
        """Go on with the same line after a hold."""
        assert self.line is not None
        self.start_at(sequence, self.line)

    def catch_up(self, first: int, timestamps: dict[int, int]) -> Replay:
        """Begin a replay with the number it was started at."""
        self.replay = self._mappings[-1].replay = Replay(first, timestamps)
        return self.replay

    def pause_after(self, sequence: int, *, is_cut: bool = False) -> None:
        """Note that the show's `sequence` was the last this viewer was sent; a held one was sent less.

        `is_cut`: that was not its frame's end. Then a number is left out, which nothing is ever repeated
        for: else the player might take what it has for the whole frame.
        """
        if self._mappings and self._mappings[-1].end_own is None:
            self._note_last_picture(sequence)
            end_own = max(self.next_own, sequence + self.sequence_shift + 1)
            self._mappings[-1].end_own = end_own
            self.next_own = end_own + (is_cut and sequence >= self.start)
        self.held = False
        if self.replay is not None:
            self.replay.finish()
            self.replay = None

    def _note_last_picture(self, sequence: int) -> None:
        """Note which picture it was sent last; the packet before stands for one that never came."""
        assert self.line is not None
        if not numbers_pictures(self._source_codec):
            return
        for number in range(sequence, max(self.start, sequence - MAX_LOOK_BACK) - 1, -1):
            last = self.line.stored(number)
            if last is not None and last.places is not None and last.codec == self._source_codec:
                self.last_picture = add(read_numbers(last.payload, last.places), self.picture_shift)
                return

    def hold_before(self, sequence: int, *, is_cut: bool = False) -> None:
        """Leave out the show's `sequence` and what follows, until `start_at`; see `pause_after`."""
        self.pause_after(sequence - 1, is_cut=is_cut)
        self.held = True

    def header(self, packet: StoredPacket) -> bytes:
        """Return the RTP header of this viewer's copy, extensions included."""
        assert self.codec is not None
        second = (0x80 if packet.marker else 0) | self.codec.payload_type
        sequence = (packet.sequence + self.sequence_shift) & 0xFFFF
        if self.replay is None:
            time = (packet.timestamp + self.timestamp_shift) & 0xFFFFFFFF
        else:
            time = _time_of(packet, self.timestamp_shift, self.replay)
        return self._write(packet, second, sequence, self.section.ssrc, time)

    def payload(self, packet: StoredPacket) -> bytes:
        """Return the payload of this viewer's copy."""
        return _payload_of(packet, self.picture_shift)

    def _write(
        self,
        packet: StoredPacket,
        second: int,
        sequence: int,
        ssrc: int,
        timestamp: int,
        number: int | None = None,
    ) -> bytes:
        template = self.template(kind_of(packet, is_numbered=number is not None))
        header = bytearray(
            HEADER.pack(template.first, second, sequence, timestamp, ssrc) + template.extensions
        )
        if template.level_at:
            header[template.level_at] = packet.level
        if template.orientation_at:
            header[template.orientation_at] = packet.orientation
        if template.number_at and number is not None:
            header[template.number_at : template.number_at + 2] = (number & 0xFFFF).to_bytes(2, "big")
        if template.descriptor_at:
            end = template.descriptor_at + len(packet.descriptor)
            header[template.descriptor_at : end] = packet.descriptor
        return bytes(header)

    def send_one(self, packet: StoredPacket) -> bool:
        """Send this viewer's copy outside the fan-out; False when it was not sent."""
        if not self.connection.send_rtp(self.header(packet), self.payload(packet)):
            return False
        self.extra_packets += 1
        self.extra_octets += len(packet.payload)
        return True

    def send_many(self, packets: list[StoredPacket], series: Series) -> tuple[int, int, int]:
        """Send this viewer's copies outside the fan-out.

        Returns how many had no route, how many libsrtp refused and how many there was no room for.
        """
        socket, tx = self.connection.socket, self.connection.tx
        if socket is None or tx is None:
            return 0, 0, 0
        if socket.is_stream or not series.is_possible:
            for packet in packets:
                self.send_one(packet)
            return 0, 0, 0  # counted where they were lost
        copies = [(self.header(packet), self.payload(packet)) for packet in packets]
        sent, refused, full = series.send(socket.descriptor, self.connection.address, tx, copies)
        self.extra_packets += len(packets)
        self.extra_octets += sum(len(packet.payload) for packet in packets)
        return len(packets) - sent - refused - full, refused, full

    @property
    def newest_own(self) -> int:
        """The newest number of its own that it was sent (extended)."""
        if self.live and not self.held and self.line is not None:
            return self.line.highest + self.sequence_shift
        if self.replay is not None:
            return self.replay.cursor - 1 + self.sequence_shift
        return self.next_own - 1

    def extend(self, own: int) -> int:
        """Return the extended form of this viewer's 16-bit `own`, taken for one of the newest 65,536."""
        newest = self.newest_own
        return newest - ((newest - own) & 0xFFFF)

    def sent_as(self, extended: int) -> SentBefore | None:
        """Return what was sent under an own number, or None if nothing was or it is no longer kept."""
        for mapping in reversed(self._mappings):
            if extended >= mapping.first_own:
                if mapping.end_own is not None and extended >= mapping.end_own:
                    return None
                packet = mapping.line.stored(extended - mapping.sequence_shift)
                return None if packet is None else SentBefore(packet, mapping)
        return None

    def sent_run(self, first: int, count: int) -> list[StoredPacket | None] | None:
        """Return what was sent under `count` own numbers from `first` on.

        None when not all came from where the newest do; `sent_as` knows those, too.
        """
        newest = self._stretch_of(first, first + count - 1)
        return None if newest is None else newest.line.stored_run(first - newest.sequence_shift, count)

    def sent_ends(self, *own: int) -> list[StoredPacket] | None:
        """Return what was sent under these own numbers, the lowest first; None as for `sent_run`."""
        newest = self._stretch_of(own[0], own[-1])
        if newest is None:
            return None
        found = [newest.line.stored(one - newest.sequence_shift) for one in own]
        return None if None in found else cast("list[StoredPacket]", found)

    def _stretch_of(self, first: int, last: int) -> _Mapping | None:
        """Return the newest stretch if all of this was sent in it, under transport-wide numbers."""
        newest = self._mappings[-1] if self._mappings else None
        if newest is None or first < newest.first_own:
            return None
        if newest.end_own is not None and last >= newest.end_own:
            return None
        return newest if first - newest.sequence_shift >= newest.first_numbered else None

    def number_from(self, sequence: int) -> None:
        """Note that what it was sent before the line's `sequence` had no transport-wide numbers."""
        self._mappings[-1].numbered_from = sequence

    def may_answer(self, own: int, now_s: float) -> bool:
        """Whether to repeat a packet now: after most of a round trip, and three times at most."""
        last_s, answers = self._answers.get(own, (-1.0, 0))
        if now_s - last_s > ANSWERS_KEPT_S:
            answers = 0  # the 16-bit number has come round since
        pause_s = min(max(SOONEST_REPEAT * self.round_trip_s, RETRANSMIT_MIN_S), RETRANSMIT_MAX_S)
        if answers >= MAX_ANSWERS or now_s - last_s < pause_s:
            return False
        if len(self._answers) >= MAX_REMEMBERED_ANSWERS:
            self._forget_answers(now_s)
            if len(self._answers) >= MAX_REMEMBERED_ANSWERS:
                return False
        self._answers[own] = (now_s, answers + 1)
        return True

    def _forget_answers(self, now_s: float) -> None:
        """Forget what is too old to count, now and then: a viewer may ask for hundreds of packets at once."""
        if now_s - self._forgot_s < FORGET_EVERY_S:
            return
        self._forgot_s = now_s
        self._answers = {
            key: value for key, value in self._answers.items() if now_s - value[0] < ANSWERS_KEPT_S
        }

    def repeat(self, sent: SentBefore, own: int) -> bool:
        """Send a packet again: by RTX (RFC 4588) when negotiated, else byte for byte as before.

        False for one of a codec of which no key frame had come: its number was passed over.
        """
        packet, how = sent.packet, sent.mapping
        codec = how.codec
        if codec is None or packet.codec != how.source_codec:
            return False
        self.repeats_total += 1
        time, payload = (
            _time_of(packet, how.timestamp_shift, how.replay),
            _payload_of(packet, how.picture_shift),
        )
        if codec.retransmission is not None:
            for _ in range(self._copies):
                self._send_rtx(packet, payload, own, codec.retransmission, time, None)
            return True
        second = (0x80 if packet.marker else 0) | codec.payload_type
        header = self._write(packet, second, own, self.section.ssrc, time)
        for _ in range(self._copies):
            self.connection.send_rtp(header, payload)
        return True

    def repeat_bytes(self, sent: SentBefore) -> int:
        """Return how much `repeat` would send."""
        return self._copies * (len(sent.packet.payload) + REPEAT_OVERHEAD_BYTES)

    @property
    def _copies(self) -> int:
        return 2 if self.lost_share is not None and self.lost_share > LOSSY_SHARE else 1

    def probe_with(self, packet: StoredPacket, number: int) -> bool:
        """Repeat a packet it has been sent by RTX, under a transport-wide number; False when not sent."""
        assert self.codec is not None
        assert self.codec.retransmission is not None
        own = (packet.sequence + self.sequence_shift) & 0xFFFF
        time = _time_of(packet, self.timestamp_shift, self.replay)
        return self._send_rtx(packet, self.payload(packet), own, self.codec.retransmission, time, number)

    def _send_rtx(
        self,
        packet: StoredPacket,
        payload: bytes,
        own: int,
        payload_type: int,
        timestamp: int,
        number: int | None,
    ) -> bool:
        self._retransmission_sequence = (self._retransmission_sequence + 1) & 0xFFFF
        header = self._write(
            packet, (0x80 if packet.marker else 0) | payload_type, self._retransmission_sequence,
            self.section.retransmission_ssrc, timestamp, number,
        )  # fmt: skip
        return self.connection.send_rtp(header, own.to_bytes(2, "big") + payload)


def _payload_of(packet: StoredPacket, shift: Numbers) -> bytes:
    """Return the payload a viewer gets."""
    if packet.places is None or shift == UNCHANGED:
        return packet.payload
    return renumbered(packet.payload, packet.places, shift)


def _time_of(packet: StoredPacket, shift: int, replay: Replay | None) -> int:
    """Return the time a viewer gets a packet with."""
    timestamp = packet.timestamp
    if replay is not None and packet.sequence < replay.end:
        timestamp = replay.timestamps.get(timestamp, timestamp)
    return (timestamp + shift) & 0xFFFFFFFF
