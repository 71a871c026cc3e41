"""What one viewer's copy of a stream differs by: numbers added, payload types, extension bytes.

The show has one time line per kind (see `streaming.stream`); a viewer's sequence number is the line's plus
`sequence_shift`, its timestamp the line's plus `timestamp_shift`, and the numbers of its pictures are the
publisher's plus `picture_shift`. Shifts change only while the viewer is not live, so that its own numbers
never repeat (a repeated number under AES-GCM would reveal keys) and a pause leaves no gap but the one number
after a frame that was cut. What was sent under which of them `streaming.sent_history` knows.
"""

from struct import Struct

from streaming.codecs import Codec, best_match
from streaming.header_templates import KINDS, Kind, Template, build_template, kind_of
from streaming.negotiation import TRANSPORT_CC, AgreedMedia
from streaming.repeat_budget import RepeatBudget
from streaming.repeat_times import RepeatTimes
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.picture_numbers import (
    UNCHANGED,
    Numbers,
    add,
    go_on,
    numbers_pictures,
    read_numbers,
)
from streaming.rtp.reported_loss import ReportedLoss
from streaming.rtp.ring import StoredPacket
from streaming.sent_history import Line, Replay, SentBefore, SentHistory, Stretch, payload_of, time_of
from streaming.transport.connection import Connection
from streaming.transport.series_native import Series

HEADER = Struct("!BBHII")
# Above this loss a repeat goes out twice: if it is lost, too, the next comes a round trip later.
LOSSY_SHARE = 0.02
MAX_LOOK_BACK = 64
# Header, extensions, original number and tag, about.
REPEAT_OVERHEAD_BYTES = 40


class ViewerTrack:
    """One viewer's copy of one kind of media."""

    __slots__ = (
        "_agreed", "_retransmission_sequence", "_source_codec", "codec", "connection",
        "extra_octets", "extra_packets", "held", "history", "is_narrow", "landed_late",
        "last_picture", "last_time", "line", "live", "lost_packets", "lost_share", "next_own",
        "number_shift", "octets_base", "packets_base", "picture_shift", "repeat_budget",
        "repeat_times", "repeats_total", "replay", "reported_loss", "round_trip_is_known", "round_trip_s",
        "section", "sequence_shift", "start", "started", "timestamp_shift", "waiting_since_s",
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
        # The viewer's newest word on what it lost: lately, and in all.
        self.reported_loss = ReportedLoss()
        self.lost_share: float | None = None
        self.lost_packets = 0
        self.repeats_total = 0
        self.repeat_budget = RepeatBudget()
        self.repeat_times = RepeatTimes()
        self.history = SentHistory()
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
        self.history.begin(
            Stretch(
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
        self.replay = Replay(first, timestamps)
        self.history.replayed(self.replay)
        return self.replay

    def pause_after(self, sequence: int, *, is_cut: bool = False) -> None:
        """Note that the show's `sequence` was the last this viewer was sent; a held one was sent less.

        `is_cut`: that was not its frame's end. Then a number is left out, which nothing is ever repeated
        for: else the player might take what it has for the whole frame.
        """
        present = self.history.present
        if present is not None:
            self._note_last_picture(sequence)
            present.end_own = max(self.next_own, sequence + self.sequence_shift + 1)
            self.next_own = present.end_own + (is_cut and sequence >= self.start)
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
            time = time_of(packet, self.timestamp_shift, self.replay)
        return self._write(packet, second, sequence, self.section.ssrc, time)

    def payload(self, packet: StoredPacket) -> bytes:
        """Return the payload of this viewer's copy."""
        return payload_of(packet, self.picture_shift)

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

    def repeat(self, sent: SentBefore, own: int) -> bool:
        """Send a packet again: by RTX (RFC 4588) when negotiated, else byte for byte as before.

        False for one of a codec of which no key frame had come: its number was passed over.
        """
        packet, how = sent.packet, sent.stretch
        codec = how.codec
        if codec is None or packet.codec != how.source_codec:
            return False
        self.repeats_total += 1
        time, payload = sent.timestamp, sent.payload
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
        time = time_of(packet, self.timestamp_shift, self.replay)
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
