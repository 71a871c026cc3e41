"""The owner's end of trunks: one more row in each stream's fan-out, for sound and for every layer that flows.

    PROMISED --first valid check--> FLOWING --goodbye, 5 s of silence, show over--> gone
    PROMISED --5 s--> gone

A trunk of the same edge gives way to a newer one only once that flows: who repeats an old request without
the key has nothing to show. The edge asks for what it misses and for key frames as any viewer does, and its
checks (RFC 8445) keep the trunk alive.
"""

import secrets
from collections.abc import Callable
from time import monotonic

from streaming.counters import Counters
from streaming.errors import BrokenSdpError, TrunksFullError
from streaming.negotiation import MAX_RIDS
from streaming.peers import CNAME
from streaming.rtp import rtcp
from streaming.rtp.packet import MalformedPacketError
from streaming.rtp.reports import round_trip_s
from streaming.settings import Limits
from streaming.show_media import ShowMedia
from streaming.stream import Stream
from streaming.transport.addresses_udp import inside_addresses
from streaming.transport.connection import Connection, Phase
from streaming.transport.demux import Demux
from streaming.transport.media_udp import MediaUdp
from streaming.transport.srtp_native import Scratch
from streaming.trunk.keys_crypto import GivenKeys, derive
from streaming.trunk.terms import (
    MAX_CANDIDATES,
    NONCE_BYTES,
    Accepted,
    Streams,
    Subscription,
    agree_as_owner,
    number_streams,
    read_nonce,
)
from streaming.viewer_track import ViewerTrack

SILENCE_LIMIT_S = 5.0
REPORT_INTERVAL_S = 1.0
LAYER_FLOWS_S = 1.0
MAX_NACKED_PER_COMPOUND = 512


class Trunk:
    """One edge's copy of a show."""

    def __init__(
        self,
        show: ShowMedia,
        edge: str,
        streams: Streams,
        connection: Connection,
        counters: Counters,
        ntp_at: Callable[[float], int],
    ) -> None:
        self.show = show
        self.edge = edge
        self.connection = connection
        self._counters = counters
        self._ntp_at = ntp_at
        self._report_due_s = 0.0
        sections = agree_as_owner(streams).sections
        # Sequence numbers begin in the lower half, as RFC 3711 asks of short streams.
        self._tracks = [
            ViewerTrack(connection, section, secrets.randbelow(0x8000), secrets.randbits(32))
            for section in sections
        ]
        self._joined: dict[ViewerTrack, Stream] = {}
        connection.on_rtcp = self._on_rtcp
        connection.on_moved = self._on_moved

    def begin(self, now_s: float) -> None:
        """Send what the show has from now on."""
        self._join(self._tracks[0], self.show.sound, now_s)
        self._follow_layers(now_s)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so."""
        if now_s - self.connection.last_valid_s > SILENCE_LIMIT_S:
            self.connection.close("trunk_silent")
        if self.connection.phase is not Phase.CONNECTED:
            return
        self._follow_layers(now_s)
        if now_s >= self._report_due_s:
            self._report_due_s = now_s + REPORT_INTERVAL_S
            self._report(now_s)

    def leave(self, reason: str) -> None:
        """Send nothing more, and say so unless the edge did."""
        if self._joined and reason != "trunk_left":
            ssrcs = [track.section.ssrc for track in self._tracks]
            self.connection.send_rtcp(rtcp.build_receiver_report(ssrcs[0], []) + rtcp.build_goodbye(ssrcs))
        for track, stream in self._joined.items():
            stream.release(track)
        self._joined.clear()

    # --- what the edge gets

    def _join(self, track: ViewerTrack, stream: Stream, now_s: float) -> None:
        self._joined[track] = stream
        stream.add_viewer(track, now_s)

    def _follow_layers(self, now_s: float) -> None:
        """Join the layers that flow; leave one that stopped before it began: waiting asks for key frames."""
        layers = self.show.picture.layers
        for track, stream in zip(self._tracks[1:], layers, strict=False):
            newest = stream.newest
            flows = len(layers) == 1 or (newest is not None and now_s - newest[1] < LAYER_FLOWS_S)
            if flows and track not in self._joined:
                self._join(track, stream, now_s)
            elif not flows and track in self._joined and not track.live:
                del self._joined[track]
                stream.release(track)

    def _report(self, now_s: float) -> None:
        """Send the sender reports: the server's clock, the trunk's timestamps."""
        publisher, body, ssrcs = self.show.publisher, b"", []
        if publisher is None:
            return
        for track, stream in self._joined.items():
            source = stream.source
            if source is None or source.sequence_offset is None or track.line is not stream:
                continue
            timestamp = publisher.clock.timestamp_at(source.clock_name, now_s)
            if timestamp is not None:
                own = (timestamp + source.timestamp_offset + track.timestamp_shift) & 0xFFFFFFFF
                packets, octets = stream.sent_by(track)
                ssrcs.append(track.section.ssrc)
                body += rtcp.build_sender_report(
                    rtcp.SenderReport(track.section.ssrc, self._ntp_at(now_s), own, packets, octets)
                )
        if body:
            self.connection.send_rtcp(body + rtcp.build_description(ssrcs, CNAME))

    # --- what the edge says

    def _on_moved(self) -> None:
        for track, stream in self._joined.items():
            stream.refresh(track)

    def _on_rtcp(self, view: memoryview, now_s: float) -> None:
        try:
            items = rtcp.parse_rtcp(view)
        except MalformedPacketError:
            self._counters.drops["malformed_rtcp"] += 1
            return
        left = MAX_NACKED_PER_COMPOUND
        for item in items:
            if isinstance(item, rtcp.Goodbye):
                self.connection.close("trunk_left")
                return
            if isinstance(item, rtcp.Nack):
                self._repeat(rtcp.Nack(item.media_ssrc, item.sequences[:left]), now_s)
                left -= min(left, len(item.sequences))
            elif isinstance(item, rtcp.KeyFrameWanted):
                self._want_key_frame(item.media_ssrc)
            elif isinstance(item, rtcp.ReceiverReport):
                self._on_report(item, now_s)

    def _repeat(self, nack: rtcp.Nack, now_s: float) -> None:
        for track, stream in self._joined.items():
            if track.section.ssrc == nack.media_ssrc:
                stream.answer_nack(track, nack, now_s)

    def _want_key_frame(self, ssrc: int) -> None:
        for track, stream in self._joined.items():
            if track.section.ssrc == ssrc:
                stream.viewer_wants_key_frame()

    def _on_report(self, report: rtcp.ReceiverReport, now_s: float) -> None:
        for block in report.blocks:
            for track in self._joined:
                if track.section.ssrc == block.ssrc:
                    track.round_trip_s = round_trip_s(self._ntp_at(now_s), block) or track.round_trip_s


class Trunks:
    """All trunks for which this process is the owner."""

    def __init__(
        self,
        grant_key: bytes,
        demux: Demux,
        udp: MediaUdp,
        scratch: Scratch,
        counters: Counters,
        ntp_at: Callable[[float], int],
        new_ssrc: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._new_ssrc = new_ssrc
        self._grant_key = grant_key
        self._demux = demux
        self._udp = udp
        self._scratch = scratch
        self._counters = counters
        self._ntp_at = ntp_at
        self._trunks: dict[str, Trunk] = {}

    def __len__(self) -> int:
        return len(self._trunks)

    def open(self, show: ShowMedia, edge: str, wanted: Subscription) -> Accepted:
        """Promise a copy of a show to an edge. Raises `BrokenSdpError` or `TrunksFullError`."""
        try:
            edge_nonce = read_nonce(wanted.nonce)
        except ValueError as error:
            raise BrokenSdpError("the nonce cannot be read") from error
        if sum(one.show is show for one in self._trunks.values()) >= self._limits.trunks_per_show:
            raise TrunksFullError("the show goes to as many other processes as it may")
        owner_nonce, ufrag = secrets.token_bytes(NONCE_BYTES), secrets.token_hex(4)
        keys = derive(self._grant_key, show.show, edge_nonce, owner_nonce, is_edge=False)
        connection = Connection(GivenKeys(keys.keys), self._scratch, self._counters, monotonic())
        streams = number_streams(tuple(self._new_ssrc() for _ in range(1 + MAX_RIDS)))
        trunk = Trunk(show, edge, streams, connection, self._counters, self._ntp_at)
        connection.on_connected = lambda: self._on_connected(trunk)
        connection.on_closed = lambda reason: self._on_closed(ufrag, trunk, reason)
        self._trunks[ufrag] = trunk
        self._demux.register(ufrag, keys.password, connection)
        self._counters.totals["trunks"] += 1
        return Accepted(owner_nonce.hex(), ufrag, self._ends(), streams, show.live_codecs)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so."""
        for trunk in list(self._trunks.values()):
            trunk.tick(now_s)

    def close(self, show: str | None, reason: str) -> None:
        """End the trunks of a show; None: of every show."""
        for trunk in list(self._trunks.values()):
            if show is None or trunk.show.show == show:
                trunk.connection.close(reason)

    def _ends(self) -> tuple[tuple[str, int], ...]:
        ends = (
            (host, one.port)
            for one in self._udp.sockets
            for host in inside_addresses(one.bind, one.advertised)
        )
        return tuple(dict.fromkeys(ends))[:MAX_CANDIDATES]

    def _on_connected(self, trunk: Trunk) -> None:
        for other in list(self._trunks.values()):
            if other is not trunk and (other.show, other.edge) == (trunk.show, trunk.edge):
                other.connection.close("trunk_replaced")
        trunk.begin(monotonic())

    def _on_closed(self, ufrag: str, trunk: Trunk, reason: str) -> None:
        del self._trunks[ufrag]
        self._demux.forget(trunk.connection, [ufrag])
        trunk.leave(reason)
