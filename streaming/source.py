"""One stream of the publisher, as it comes in."""

from copy import copy

from streaming.bandwidth.switch import ReportedTime
from streaming.codecs import Codec
from streaming.negotiation import AUDIO_LEVEL, MID, REPAIRED_RID, AgreedMedia
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.gaps import GapTracker
from streaming.rtp.packet import RtpPacket
from streaming.rtp.reports import ReceptionStats
from streaming.rtp.sequence import SequenceUnwrapper
from streaming.spatial_layers import SpatialLayers


class Source:
    """The publisher's numbers for one SSRC, and how they map to the show's line.

    `sequence_offset` and `timestamp_offset` are None until the stream has joined the line. `layer` is the
    place of its `rid` in the offer; without simulcast it is 0. `reported` is its newest sender report. A
    stream that may be scalable has `spatial`, which takes it apart; each further line is a `line` of it,
    with offsets of its own and this one's clock (`clock_name`; each layer of simulcast has its RTP times, and
    so has each start of a stream).
    """

    __slots__ = (
        "_lines", "clock_name", "codecs", "descriptor_id", "feedback", "first", "gaps", "kind",
        "last_packet_s", "layer", "level_id", "mid_id", "rate_hz", "received_bytes",
        "repaired_id", "reported", "retransmissions", "rid", "sequence_offset", "spatial", "ssrc", "stats",
        "timestamp_offset", "unwrapper",
    )  # fmt: skip

    def __init__(self, section: AgreedMedia, ssrc: int, layer: int = 0) -> None:
        self.layer = layer
        self.rid = section.offer.rids[layer] if section.offer.rids else ""
        self.reported: ReportedTime | None = None
        self.kind = section.offer.kind
        self.clock_name = f"{self.kind}/{layer}"
        self.ssrc = ssrc
        self.codecs: dict[int, Codec] = {codec.payload_type: codec for codec in section.codecs}
        self.retransmissions: dict[int, Codec] = {
            codec.retransmission: codec for codec in section.codecs if codec.retransmission is not None
        }
        self.feedback = {
            what for codec in section.codecs for what in codec.feedback if what in section.feedback
        }
        self.rate_hz = section.codecs[0].rate_hz
        self.unwrapper = SequenceUnwrapper()
        self.gaps = GapTracker(asks="nack" in self.feedback)
        self.stats = ReceptionStats(ssrc, self.rate_hz)
        self.sequence_offset: int | None = None
        self.timestamp_offset = 0
        self.first = 0
        self.last_packet_s = 0.0
        self.received_bytes = 0
        self.level_id = section.extension_id(AUDIO_LEVEL)
        self.repaired_id = section.extension_id(REPAIRED_RID)
        self.mid_id = section.extension_id(MID)
        self.descriptor_id = section.extension_id(DEPENDENCY_DESCRIPTOR)
        self.spatial = self._new_spatial() if not section.offer.rids else None
        self._lines: dict[int, Source] = {}

    @property
    def hears_key_frame_requests(self) -> bool:
        """Whether the publisher agreed to picture loss indications or full intra requests."""
        return "nack pli" in self.feedback or "ccm fir" in self.feedback

    def _new_spatial(self) -> SpatialLayers | None:
        return SpatialLayers(self.descriptor_id) if self.descriptor_id else None

    def descriptor(self, packet: RtpPacket) -> bytes:
        """Return what a packet of a scalable stream says of its layer; empty for any other stream.

        From another media process the lines come taken apart, and only those of scalable streams have any.
        """
        if not self.descriptor_id or (self.spatial is not None and not self.spatial.has_begun):
            return b""
        return packet.extensions.get(self.descriptor_id, b"")

    def accept(self, packet: RtpPacket, now_s: float) -> tuple[int, Codec] | None:
        """Give a media packet its number, for the books too; None for what must be dropped."""
        codec = self.codecs.get(packet.payload_type)
        if codec is None:
            return None
        extended = self.unwrapper.unwrap(packet.sequence)
        if extended is None:
            return None
        if self.unwrapper.restarted:
            self.gaps.restart()
            self.stats = ReceptionStats(self.ssrc, self.rate_hz)
            self.sequence_offset = None
            self.spatial = self._new_spatial() if self.spatial is not None else None
            self._lines.clear()
        self.last_packet_s = now_s
        self.received_bytes += len(packet.payload)
        self.gaps.arrived(extended, now_s)
        self.stats.arrived(extended, packet.timestamp, now_s)
        return extended, codec

    def line(self, layer: int) -> "Source":
        """Return the source that a spatial layer's line knows: itself for the lowest."""
        if layer == self.layer:
            return self
        line = self._lines.get(layer)
        if line is None:
            line = self._lines[layer] = copy(self)
            line.layer, line.sequence_offset = layer, None
        line.reported, line.clock_name = self.reported, self.clock_name
        return line

    def unwrap_retransmission(self, packet: RtpPacket) -> RtpPacket | None:
        """Return the original inside an RTX packet (RFC 4588 section 4), or None for padding."""
        codec = self.retransmissions.get(packet.payload_type)
        if codec is None or len(packet.payload) < 3:
            return None
        original = int.from_bytes(packet.payload[:2], "big")
        return RtpPacket(
            packet.marker, codec.payload_type, original, packet.timestamp, self.ssrc, packet.payload[2:],
            packet.extensions,
        )  # fmt: skip
