"""The two kinds of peers: a publisher, whose packets come in, and a viewer, to whom they go.

Both sit on a `Connection`; what they hear from it they hand to the streams of their show.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from streaming.bandwidth.switch import ReportedTime
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import RID, TRANSPORT_CC, Agreed, AgreedMedia
from streaming.rtp import rtcp
from streaming.rtp.packet import MalformedPacketError, RtpPacket, parse_rtp
from streaming.rtp.reports import (
    PublisherClock,
    ntp_from_unix,
    reference_round_trip_s,
    reply_to_reference,
    round_trip_s,
)
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.source import Source
from streaming.transport.connection import Connection
from streaming.transport.srtp_native import SENT_WINDOW_WITH_RTX
from streaming.viewer_track import ViewerTrack

CNAME = b"liveshop"
MAX_SOURCES = 8
SUCCESSION_S = 1.0
MAX_NACKED_PER_COMPOUND = 512
# Players put one or two into a compound; each can make us read 2,048 statuses.
MAX_FEEDBACKS_PER_COMPOUND = 4
_BANDWIDTH = (rtcp.TransportFeedback, rtcp.ReceiverEstimate)


class Streams(Protocol):
    """What peers need of their show."""

    def media(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        """One packet of the publisher."""

    def began_anew(self, source: Source) -> None:
        """Note that a publisher's stream goes on with other numbers."""

    def key_frame_needed(self, source: Source) -> None:
        """Note that so much of a publisher's stream is lost that only a key frame helps."""

    def packets_missing(self) -> None:
        """Note that the publisher must be asked again for what was lost."""

    def nack(self, track: ViewerTrack, nack: rtcp.Nack, now_s: float) -> None:
        """Note that a viewer misses packets."""

    def transport_feedback(self, track: ViewerTrack, body: bytes, now_s: float) -> None:
        """Take a viewer's word on when its packets came."""

    def receiver_estimate(self, track: ViewerTrack, bits_per_s: float, now_s: float) -> None:
        """Take a viewer's word on what it can receive."""

    def passed_to(self, track: ViewerTrack) -> int:
        """Return how many packets a viewer was sent since it was let in last, repeats not counted."""

    def loss_reported(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take a viewer's word on the share of a track's packets it lost lately."""

    def sound_loss_reported(self, picture: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take the share of its sound that the viewer of a picture lost lately."""

    def key_frame_wanted(self, track: ViewerTrack, now_s: float) -> None:
        """Note that a viewer lost the picture."""


@dataclass(slots=True)
class Session:
    """What HTTP knows of a peer. `fragments` are our ICE user fragments, the newest last.

    `secret` is a capability and told to the peer alone; `name` is what everybody else calls the session.
    """

    secret: str
    show: str
    person: str
    role: str
    agreed: Agreed
    connection: Connection
    tag: str
    stream_epoch: int = 0
    fragments: list[tuple[str, str]] = field(default_factory=list)
    name: str = ""


class Publisher:
    """The host's end: finds out which stream a packet belongs to and keeps the books on loss."""

    def __init__(self, session: Session, streams: Streams, counters: Counters, our_ssrc: int) -> None:
        self.session = session
        self.clock = PublisherClock()
        self.our_ssrc = our_ssrc
        self.round_trip_s = 0.1
        self.round_trip_is_known = False
        self._streams = streams
        self._counters = counters
        self._sources: dict[int, Source] = {}
        self._repeats: dict[int, Source] = {}
        # By kind and layer: the stream that is forwarded.
        self._chosen: dict[tuple[str, int], Source] = {}
        # By kind and layer: the stream whose RTP times the clock knows, and how often they began anew in all.
        self._timed: dict[tuple[str, int], Source] = {}
        self._starts_total = 0
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

    @property
    def sources(self) -> list[Source]:
        """The streams that are forwarded: sound and every layer of the picture."""
        return list(self._chosen.values())

    @property
    def misses_packets(self) -> bool:
        """Whether some packet is awaited that should have come."""
        return any(source.gaps.missing_total for source in self._chosen.values())

    def retire(self) -> None:
        """Hand in nothing more, though packets may still come before the session is closed."""
        self.session.connection.on_rtp = self._drop

    def _drop(self, _view: memoryview, _now_s: float) -> None:
        self._counters.drops["former_publisher"] += 1

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
        source = self._sources.get(packet.ssrc)
        if source is not None and packet.payload_type in source.codecs:
            self._forward(source, packet, now_s)
        else:
            self._take_unusual(source, packet, now_s)

    def _take_unusual(self, source: Source | None, packet: RtpPacket, now_s: float) -> None:
        """Take what is a repeat, or a stream's first packet, or nothing we know."""
        repeated = self._repeat_of(packet)
        if repeated is not None:
            original = repeated.unwrap_retransmission(packet)
            if original is not None:
                self._forward(repeated, original, now_s)
            return
        source = source or self._find_source(packet)
        if source is None:
            self._counters.drops["unknown_stream"] += 1
        else:
            self._forward(source, packet, now_s)

    def _forward(self, source: Source, packet: RtpPacket, now_s: float) -> None:
        accepted = source.accept(packet, now_s)
        if accepted is None:
            self._counters.drops["unknown_codec_or_outlier"] += 1
            return
        place = (source.kind, source.layer)
        chosen = self._chosen.setdefault(place, source)
        if chosen is not source and now_s - chosen.last_packet_s > SUCCESSION_S:
            self._chosen[place] = chosen = source
        if chosen is not source:
            self._counters.drops["other_stream"] += 1
            return
        extended, codec = accepted
        # Every packet is a clock for what others miss: a tick alone comes late.
        for one in self._chosen.values():
            if one.gaps.missing_total:
                self.send_nacks(now_s)
                self._streams.packets_missing()
                break
        if source.unwrapper.restarted:
            self._streams.began_anew(source)
        if self._timed.get(place) is not source or source.unwrapper.restarted:
            self._begin_times(place, source, now_s)
        self.clock.note_packet(source.clock_name, source.rate_hz, packet.timestamp, now_s)
        self._streams.media(source, extended, packet, codec, now_s)

    def _begin_times(self, place: tuple[str, int], source: Source, now_s: float) -> None:
        """Give a stream's times a name of their own: its line knows the former ones a while longer."""
        former = self._timed.get(place)
        self._timed[place] = source
        if former is None:
            return
        self._starts_total += 1
        name = f"{source.kind}/{source.layer}/{self._starts_total}"
        self.clock.succeed(former.clock_name, name, now_s)
        source.clock_name, source.reported = name, None

    def _find_source(self, packet: RtpPacket) -> Source | None:
        section = (
            self._named.get(packet.ssrc) or self._section_by_mid(packet) or self._section_by_type(packet)
        )
        if section is None or all(codec.payload_type != packet.payload_type for codec in section.codecs):
            return None
        layer = self._layer_of(section, packet)
        if layer is None or (len(self._sources) >= MAX_SOURCES and not self._let_one_go()):
            return None
        source = self._sources[packet.ssrc] = Source(section, packet.ssrc, layer)
        if not section.offer.rids:
            self._chosen[source.kind, 0] = source
        repeat_ssrc = section.offer.retransmission_ssrcs.get(packet.ssrc)
        if repeat_ssrc is not None:
            self._repeats[repeat_ssrc] = source
        return source

    def _let_one_go(self) -> bool:
        """Forget the longest silent stream of those that another has followed; False if there is none."""
        followed = self._sources.keys() - {source.ssrc for source in self._chosen.values()}
        if not followed:
            return False
        gone = self._sources.pop(min(followed, key=lambda ssrc: self._sources[ssrc].last_packet_s))
        self._repeats = {ssrc: source for ssrc, source in self._repeats.items() if source is not gone}
        return True

    @staticmethod
    def _layer_of(section: AgreedMedia, packet: RtpPacket) -> int | None:
        """Place of the packet's layer; None while it cannot be told: senders name it at the beginning."""
        rids = section.offer.rids
        if not rids:
            return 0
        rid = packet.extensions.get(section.extension_id(RID), b"").decode("ascii", "replace")
        if rid in rids:
            return rids.index(rid)
        listed = [
            ssrc for ssrc in section.offer.ssrcs if ssrc not in section.offer.retransmission_ssrcs.values()
        ]
        return listed.index(packet.ssrc) if packet.ssrc in listed[: len(rids)] else None

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
        fitting = [
            source
            for source in self._chosen.values()
            if packet.payload_type in source.retransmissions and packet.payload_type not in source.codecs
        ]
        if not fitting:
            return None
        repaired = packet.extensions.get(fitting[0].repaired_id, b"").decode("ascii", "replace")
        found = next((source for source in fitting if source.rid == repaired), None)
        if found is not None:
            self._repeats[packet.ssrc] = found
        return found

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
                    if self._timed.get((source.kind, source.layer)) is source:
                        self._on_report(source, item, now_s)
            elif isinstance(item, rtcp.ReferenceReply) and item.ssrc == self.our_ssrc:
                measured = reference_round_trip_s(now_s, item)
                if measured is not None:
                    self.round_trip_s, self.round_trip_is_known = measured, True

    def _on_report(self, source: Source, report: rtcp.SenderReport, now_s: float) -> None:
        """Keep a sender report for its layer, and for those whose frames have the same times."""
        source.reported = reported = ReportedTime(report.ntp, report.timestamp) if report.ntp else None
        kinds = self.clock.note_report(source.clock_name, source.rate_hz, report.ntp, report.timestamp, now_s)
        for one in self._sources.values() if len(kinds) > 1 else ():
            if one.clock_name in kinds:
                one.reported = reported

    def ask_for_key_frame(self, source: Source) -> None:
        """Send a picture loss indication, or a full intra request to one that knows only that."""
        if "nack pli" in source.feedback or "ccm fir" not in source.feedback:
            body = rtcp.build_picture_loss(self.our_ssrc, source.ssrc)
        else:
            self._full_intra_requests += 1
            body = rtcp.build_full_intra_request(self.our_ssrc, source.ssrc, self._full_intra_requests)
        self._send(body)
        self._counters.totals["key_frame_requests"] += 1

    def send_nacks(self, now_s: float) -> None:
        """Ask for what is missing, or for a key frame where so much is that only that helps."""
        for source in self._chosen.values():
            if source.gaps.take_overflow() and source.kind == "video":
                self._streams.key_frame_needed(source)
            self._send_nack(source, now_s)
            given_up = source.gaps.take_given_up()
            if given_up:
                self._counters.totals["packets_given_up"] += given_up

    def _send_nack(self, source: Source, now_s: float) -> None:
        due = source.gaps.due(now_s, self.round_trip_s)
        if due:
            self._send(rtcp.build_nack(self.our_ssrc, source.ssrc, due))
            self._counters.totals["nacks_to_publishers"] += len(due)

    def send_arrivals(self) -> None:
        """Feed the publisher's bandwidth estimate; every 100 ms."""
        source = next(iter(self._chosen.values()), None)
        feedback = self._arrivals.take_feedback(self.our_ssrc, source.ssrc) if source else None
        if feedback is not None:
            self._send(feedback)

    def send_receiver_report(self, now_s: float) -> None:
        """Tell the publisher how its streams arrive, and ask for the round trip; once a second.

        A publisher only sends, and so its reports tell none; browsers answer the question, OBS and FFmpeg
        do not.
        """
        blocks = [block for s in self._sources.values() if (block := s.stats.block(now_s)) is not None]
        if blocks:
            self._send(rtcp.build_reference_time(self.our_ssrc, ntp_from_unix(now_s)), blocks)

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
        # The newest question about the round trip, and when it came; answered with the next sender report.
        self._asked: tuple[rtcp.ReferenceTime, float] | None = None
        for section in session.agreed.sections:
            if section.accepted:
                # Sequence numbers begin in the lower half, as RFC 3711 asks of short streams.
                self.tracks[section.offer.kind] = ViewerTrack(
                    session.connection, section, random_number(0x8000), random_number(1 << 32)
                )
        self._picture = self.tracks.get("video")
        session.connection.sends_as = tuple(track.section.ssrc for track in self.tracks.values())
        if "video" in self.tracks and self.tracks["video"].repeats_as_rtx:
            session.connection.sent_window = SENT_WINDOW_WITH_RTX
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
        nacked = feedbacks = 0
        for item in items:
            if isinstance(item, _BANDWIDTH):  # nearly all of them are
                feedbacks += 1
                if feedbacks <= MAX_FEEDBACKS_PER_COMPOUND:
                    self._on_bandwidth(item, now_s)
                else:
                    self._counters.drops["too_much_feedback"] += 1
            elif isinstance(item, rtcp.Nack):
                self._on_nack(item, MAX_NACKED_PER_COMPOUND - nacked, now_s)
                nacked = min(MAX_NACKED_PER_COMPOUND, nacked + len(item.sequences))
            else:
                self._on_other(item, now_s)

    def _on_other(self, item: rtcp.RtcpItem, now_s: float) -> None:
        if isinstance(item, rtcp.KeyFrameWanted):
            track = self._track_of(item.media_ssrc)
            if track is not None:
                self._streams.key_frame_wanted(track, now_s)
        elif isinstance(item, rtcp.ReceiverReport):
            self._on_report(item, now_s)
        elif isinstance(item, rtcp.ReferenceTime):
            self._asked = item, now_s

    def round_trip_answer(self, sender_ssrc: int, now_s: float) -> bytes:
        """Return what to add to a report for a player that asked for the round trip; empty for others.

        A player that knows it asks again for what it misses after one round trip instead of libwebrtc's
        100 ms, and holds its pictures back by as much.
        """
        if self._asked is None:
            return b""
        asked, self._asked = self._asked, None
        return rtcp.build_reference_reply(sender_ssrc, reply_to_reference(*asked, now_s))

    def _on_bandwidth(self, item: rtcp.TransportFeedback | rtcp.ReceiverEstimate, now_s: float) -> None:
        if self._picture is None:
            return
        if isinstance(item, rtcp.TransportFeedback):
            self._streams.transport_feedback(self._picture, item.body, now_s)
        else:
            self._streams.receiver_estimate(self._picture, item.bits_per_s, now_s)

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
                    track.round_trip_s, track.round_trip_is_known = measured, True
                if block.ssrc == track.section.ssrc:
                    track.lost_packets = max(0, block.lost_total)
                    # What a stream was given lies in its queue, and is not lost.
                    passed = 0 if track.is_stream else self._streams.passed_to(track)
                    share = track.reported_loss.take(block, now_s, passed)
                    if share is not None:
                        track.lost_share = share
                        self._tell_loss(track, share, now_s)

    def _tell_loss(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        self._streams.loss_reported(track, lost_share, now_s)
        if self._picture is not None and not track.is_video:
            self._streams.sound_loss_reported(self._picture, lost_share, now_s)
