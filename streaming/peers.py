"""The two kinds of peers: a publisher, whose packets come in, and a viewer, to whom they go.

Both sit on a `Connection`; what they hear from it they hand to the streams of their show.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import TRANSPORT_CC, Agreed, AgreedMedia
from streaming.rtp import rtcp
from streaming.rtp.packet import MalformedPacketError, RtpPacket, parse_rtp
from streaming.rtp.reports import PublisherClock, round_trip_s
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.source import Source
from streaming.transport.connection import Connection
from streaming.viewer_track import ViewerTrack

CNAME = b"liveshop"
MAX_SOURCES = 8
LAYER_SILENCE_S = 1.0
MAX_NACKED_PER_COMPOUND = 512


class Streams(Protocol):
    """What peers need of their show."""

    def media(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        """One packet of the publisher."""

    def nack(self, track: ViewerTrack, nack: rtcp.Nack, now_s: float) -> None:
        """Note that a viewer misses packets."""

    def key_frame_wanted(self, track: ViewerTrack) -> None:
        """Note that a viewer lost the picture."""


@dataclass(slots=True)
class Session:
    """What HTTP knows of a peer. `fragments` are our ICE user fragments, the newest last."""

    secret: str
    show: str
    person: str
    role: str
    agreed: Agreed
    connection: Connection
    tag: str
    stream_epoch: int = 0
    fragments: list[tuple[str, str]] = field(default_factory=list)


class Publisher:
    """The host's end: finds out which stream a packet belongs to and keeps the books on loss."""

    def __init__(self, session: Session, streams: Streams, counters: Counters, our_ssrc: int) -> None:
        self.session = session
        self.clock = PublisherClock()
        self.our_ssrc = our_ssrc
        self.round_trip_s = 0.1
        self._streams = streams
        self._counters = counters
        self._sources: dict[int, Source] = {}
        self._repeats: dict[int, Source] = {}
        self._chosen: dict[str, Source] = {}
        self._full_intra_requests = 0
        self._arrivals = ArrivalLog()
        ids = (section.extension_id(TRANSPORT_CC) for section in session.agreed.sections)
        self._transport_id = next((identity for identity in ids if identity), 0)
        self._named: dict[int, AgreedMedia] = {}
        for section in session.agreed.sections:
            for ssrc in section.offer.ssrcs:
                self._named[ssrc] = section
        session.connection.on_rtp = self._on_rtp
        session.connection.on_rtcp = self._on_rtcp

    def chosen(self, kind: str) -> Source | None:
        """Return the stream that is forwarded for this kind, if it has begun."""
        return self._chosen.get(kind)

    def _on_rtp(self, view: memoryview, now_s: float) -> None:
        try:
            packet = parse_rtp(view)
        except MalformedPacketError:
            self._counters.drops["malformed_rtp"] += 1
            return
        self._counters.totals["packets_in"] += 1
        transport = packet.extensions.get(self._transport_id)
        if transport is not None and len(transport) == 2:
            self._arrivals.arrived((transport[0] << 8) | transport[1], now_s)
        repeated = self._repeat_of(packet)
        if repeated is not None:
            original = repeated.unwrap_retransmission(packet)
            if original is not None:
                self._forward(repeated, original, now_s)
            return
        source = self._sources.get(packet.ssrc) or self._find_source(packet)
        if source is None:
            self._counters.drops["unknown_stream"] += 1
        else:
            self._forward(source, packet, now_s)

    def _forward(self, source: Source, packet: RtpPacket, now_s: float) -> None:
        accepted = source.accept(packet, now_s)
        if accepted is None:
            self._counters.drops["unknown_codec_or_outlier"] += 1
            return
        chosen = self._chosen.get(source.kind)
        if chosen is not source and chosen is not None and now_s - chosen.last_packet_s > LAYER_SILENCE_S:
            self._chosen[source.kind] = chosen = source
        if chosen is not source:
            self._counters.drops["other_layer"] += 1
            return
        extended, codec = accepted
        self.clock.note_packet(source.kind, source.rate_hz, packet.timestamp, now_s)
        self._streams.media(source, extended, packet, codec, now_s)

    def _find_source(self, packet: RtpPacket) -> Source | None:
        section = (
            self._named.get(packet.ssrc) or self._section_by_mid(packet) or self._section_by_type(packet)
        )
        if section is None or len(self._sources) >= MAX_SOURCES:
            return None
        if all(codec.payload_type != packet.payload_type for codec in section.codecs):
            return None
        source = self._sources[packet.ssrc] = Source(section, packet.ssrc)
        repeat_ssrc = section.offer.retransmission_ssrcs.get(packet.ssrc)
        if repeat_ssrc is not None:
            self._repeats[repeat_ssrc] = source
        if not section.offer.rids or self._is_first_layer(section, source, packet):
            self._chosen[source.kind] = source
        else:
            self._chosen.setdefault(source.kind, source)
        return source

    @staticmethod
    def _is_first_layer(section: AgreedMedia, source: Source, packet: RtpPacket) -> bool:
        """Until layers are switched per viewer, the layer listed first is everybody's."""
        rid = packet.extensions.get(source.rid_id, b"").decode("ascii", "replace")
        return rid == section.offer.rids[0]

    def _section_by_mid(self, packet: RtpPacket) -> AgreedMedia | None:
        for section in self.session.agreed.sections:
            identity = next((i for i, uri in section.extensions.items() if uri.endswith("sdes:mid")), 0)
            mid = packet.extensions.get(identity)
            if mid is not None and mid.decode("ascii", "replace") == section.offer.mid:
                return section
        return None

    def _section_by_type(self, packet: RtpPacket) -> AgreedMedia | None:
        fitting = [
            section
            for section in self.session.agreed.sections
            if any(codec.payload_type == packet.payload_type for codec in section.codecs)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _repeat_of(self, packet: RtpPacket) -> Source | None:
        known = self._repeats.get(packet.ssrc)
        if known is not None:
            return known
        for source in self._chosen.values():
            if packet.payload_type in source.retransmissions and packet.payload_type not in source.codecs:
                self._repeats[packet.ssrc] = source
                return source
        return None

    def _on_rtcp(self, view: memoryview, now_s: float) -> None:
        try:
            items = rtcp.parse_rtcp(view)
        except MalformedPacketError:
            self._counters.drops["malformed_rtcp"] += 1
            return
        for item in items:
            if isinstance(item, rtcp.SenderReport):
                source = self._sources.get(item.ssrc)
                if source is not None:
                    source.stats.reported(item.ntp, now_s)
                    if self._chosen.get(source.kind) is source:
                        self.clock.note_report(source.kind, source.rate_hz, item.ntp, item.timestamp, now_s)

    def ask_for_key_frame(self) -> None:
        """Send a picture loss indication, or a full intra request to one that knows only that."""
        source = self._chosen.get("video")
        if source is None:
            return
        if "nack pli" in source.feedback or "ccm fir" not in source.feedback:
            body = rtcp.build_picture_loss(self.our_ssrc, source.ssrc)
        else:
            self._full_intra_requests += 1
            body = rtcp.build_full_intra_request(self.our_ssrc, source.ssrc, self._full_intra_requests)
        self._send(body)
        self._counters.totals["key_frame_requests"] += 1

    def send_nacks(self, now_s: float) -> bool:
        """Ask for what is missing; True when so much is that only a key frame helps."""
        overflowed = False
        for source in self._chosen.values():
            overflowed = source.gaps.take_overflow() or overflowed
            if "nack" not in source.feedback:
                continue
            due = source.gaps.due(now_s, self.round_trip_s)
            if due:
                self._send(rtcp.build_nack(self.our_ssrc, source.ssrc, due))
                self._counters.totals["nacks_to_publishers"] += len(due)
        return overflowed

    def send_arrivals(self) -> None:
        """Feed the publisher's bandwidth estimate; every 100 ms."""
        source = self._chosen.get("video") or self._chosen.get("audio")
        feedback = self._arrivals.take_feedback(self.our_ssrc, source.ssrc) if source else None
        if feedback is not None:
            self._send(feedback)

    def send_receiver_report(self, now_s: float) -> None:
        """Tell the publisher how its streams arrive; once a second."""
        blocks = [block for s in self._sources.values() if (block := s.stats.block(now_s)) is not None]
        if blocks:
            self._send(b"", blocks)

    def _send(self, feedback: bytes, blocks: list[rtcp.ReportBlock] | None = None) -> None:
        report = rtcp.build_receiver_report(self.our_ssrc, blocks or [])
        self.session.connection.send_rtcp(report + rtcp.build_description([self.our_ssrc], CNAME) + feedback)


class Viewer:
    """One player: its tracks, and what it says about them."""

    def __init__(
        self,
        session: Session,
        streams: Streams,
        counters: Counters,
        random_number: Callable[[int], int],
        ntp_at: Callable[[float], int],
    ) -> None:
        self.session = session
        self._ntp_at = ntp_at
        self._streams = streams
        self._counters = counters
        self.tracks: dict[str, ViewerTrack] = {}
        for section in session.agreed.sections:
            if section.accepted:
                # Sequence numbers begin in the lower half, as RFC 3711 asks of short streams.
                self.tracks[section.offer.kind] = ViewerTrack(
                    session.connection, section, random_number(0x8000), random_number(1 << 32)
                )
        session.connection.on_rtcp = self._on_rtcp

    def _track_of(self, ssrc: int) -> ViewerTrack | None:
        for track in self.tracks.values():
            if ssrc in (track.section.ssrc, track.section.retransmission_ssrc):
                return track
        return None

    def _on_rtcp(self, view: memoryview, now_s: float) -> None:
        try:
            items = rtcp.parse_rtcp(view)
        except MalformedPacketError:
            self._counters.drops["malformed_rtcp"] += 1
            return
        nacked = 0
        for item in items:
            if isinstance(item, rtcp.Nack):
                self._on_nack(item, MAX_NACKED_PER_COMPOUND - nacked, now_s)
                nacked = min(MAX_NACKED_PER_COMPOUND, nacked + len(item.sequences))
            elif isinstance(item, rtcp.KeyFrameWanted):
                track = self._track_of(item.media_ssrc)
                if track is not None:
                    self._streams.key_frame_wanted(track)
            elif isinstance(item, rtcp.ReceiverReport):
                self._on_report(item, now_s)

    def _on_nack(self, nack: rtcp.Nack, limit: int, now_s: float) -> None:
        track = self._track_of(nack.media_ssrc)
        if track is None:
            return
        if len(nack.sequences) > limit:
            self._counters.drops["nack_too_long"] += 1
            nack = rtcp.Nack(nack.media_ssrc, nack.sequences[:limit])
        self._streams.nack(track, nack, now_s)

    def _on_report(self, report: rtcp.ReceiverReport, now_s: float) -> None:
        for block in report.blocks:
            track = self._track_of(block.ssrc)
            if track is not None:
                measured = round_trip_s(self._ntp_at(now_s), block)
                if measured is not None:
                    track.round_trip_s = measured
