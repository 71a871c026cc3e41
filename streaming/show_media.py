"""One show on this process: its life, its publisher, its viewers and its two streams."""

from collections.abc import Callable

from streaming.bandwidth.layer_meter import LayerMeter
from streaming.broadcasts import Life
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.frames.capture_clock import Meeting
from streaming.peers import CNAME, Publisher, Viewer
from streaming.picture import Picture
from streaming.picture_backlog import PictureBacklog
from streaming.ports import FrameConsumer
from streaming.report_turns import ReportTurns
from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket
from streaming.settings import Limits
from streaming.source import Source
from streaming.stream import Stream
from streaming.tap import Taps
from streaming.transport.batch_native import Arena
from streaming.viewer_numbers import OVERHEAD_BYTES
from streaming.viewer_track import ViewerTrack

REPORT_INTERVAL_S = 1.0
ARRIVALS_INTERVAL_S = 0.1


class ShowMedia:
    """Hands packets, wishes and reports between one publisher and its viewers.

    `on_change` is called with "live", "away" or "back" when the host's state changes, `hurry` when something
    comes up that should not wait for a slow tick.
    """

    def __init__(
        self,
        show: str,
        life: Life,
        arena: Arena,
        counters: Counters,
        backlog: PictureBacklog,
        ntp_at: Callable[[float], int],
        on_change: Callable[[str, str], None],
        hurry: Callable[[], None],
        now_s: float,
        limits: Limits | None = None,
    ) -> None:
        self.show = show
        self.life = life
        self.stream_epoch = 0
        self.sound = Stream("audio", arena, counters, limits)
        self.picture = Picture(arena, counters, self._sound_bits_per_s, limits)
        self.streams: dict[str, Stream | Picture] = {"audio": self.sound, "video": self.picture}
        self.taps = Taps(counters, self._meeting, self.picture.viewer_wants_key_frame)
        self.sound.taps = self.taps.live
        self.picture.set_taps(self.taps.live)
        self.publisher: Publisher | None = None
        self.viewers: dict[Viewer, None] = {}
        self._backlog = backlog
        self._ntp_at = ntp_at
        self._on_change = on_change
        self._hurry = hurry
        self._report_turns: ReportTurns[Viewer] = ReportTurns()
        self._reported_on: Publisher | None = None
        self._receiver_report_due_s = 0.0
        self._arrivals_due_s = 0.0
        self._sound_meter = LayerMeter()
        self._last_packet_s = now_s
        # The moment of the newest reports, and what time each source had then: the same for all viewers.
        self._moment_s = -1.0
        self._times: dict[Source, int | None] = {}

    @property
    def live_codecs(self) -> dict[str, str]:
        """The codec keys now published, by kind."""
        return {kind: stream.live_codec for kind, stream in self.streams.items() if stream.live_codec}

    # --- publisher

    def set_publisher(self, publisher: Publisher | None) -> None:
        """Another publisher, or none; viewers keep their sessions. The one before is not heard any more."""
        if self.publisher is not None:
            self.publisher.retire()
        self.publisher = publisher
        self._backlog.forget(self)
        self._times.clear()
        for stream in self.streams.values():
            stream.drop_source()
        if publisher is None:
            self.life.left()

    def expect_codecs(self, live: dict[str, str]) -> None:
        """Take another process's word on what is published, until packets tell."""
        for kind, stream in (("audio", self.sound), ("video", self.picture.layers[0])):
            if kind in live:
                stream.expect_codec(live[kind])

    def expect_host(self, now_s: float) -> None:
        """Begin to speak for a show that another process carried until now: its host is on the way here."""
        self.set_publisher(None)
        self.life = Life(published_before=True)
        self._last_packet_s = now_s

    def media(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        """One packet of the publisher: sound goes out at once, pictures wait their turn."""
        self._last_packet_s = now_s
        was_live = self.life.was_live
        if self.life.packet(now_s):
            self.life.was_live = True
            self._report_turns.hurry(now_s)
            self._on_change(self.show, "back" if was_live else "live")
        if source.kind == "audio":
            self._sound_meter.note(now_s, len(packet.payload) + OVERHEAD_BYTES)
            self.sound.push(source, extended, packet, codec, now_s)
            self.sound.flush()
        else:
            self._backlog.put((self, source, extended, packet, codec, now_s))

    # --- viewers

    def add_viewer(self, viewer: Viewer, now_s: float) -> None:
        """Note that a viewer's transport is ready."""
        self.viewers[viewer] = None
        self._report_turns.add(viewer, now_s)
        for kind, track in viewer.tracks.items():
            self.streams[kind].add_viewer(track, now_s)
        self.report_to(viewer, now_s)

    def remove_viewer(self, viewer: Viewer) -> None:
        """Note that a viewer left."""
        if viewer in self.viewers:
            del self.viewers[viewer]
            self._report_turns.remove(viewer)
        for kind, track in viewer.tracks.items():
            self.streams[kind].remove_viewer(track)

    def viewer_moved(self, viewer: Viewer) -> None:
        """Note that a viewer's path changed."""
        for kind, track in viewer.tracks.items():
            self.streams[kind].refresh(track)

    def nack(self, track: ViewerTrack, nack: rtcp.Nack, now_s: float) -> None:
        """Note that a viewer misses packets."""
        self._hurry()
        self.streams[track.section.offer.kind].answer_nack(track, nack, now_s)

    def key_frame_wanted(self, track: ViewerTrack, now_s: float) -> None:
        """Note that a viewer lost the picture."""
        if track.is_video:
            self.picture.viewer_lost_picture(track, now_s)
            self._hurry()

    def key_frame_needed(self, source: Source) -> None:
        """Note that so much of a publisher's stream is lost that only a key frame helps."""
        self.picture.layers[source.layer].viewer_wants_key_frame()
        self._hurry()

    def packets_missing(self) -> None:
        """Note that the publisher must be asked again for what was lost."""
        self._hurry()

    def transport_feedback(self, track: ViewerTrack, body: bytes, now_s: float) -> None:
        """Take a viewer's transport-wide feedback."""
        self.picture.take_feedback(track, body, now_s)

    def receiver_estimate(self, track: ViewerTrack, bits_per_s: float, now_s: float) -> None:
        """Take a viewer's own estimate."""
        self.picture.take_estimate(track, bits_per_s, now_s)

    def began_anew(self, source: Source) -> None:
        """Note that a stream of the publisher goes on with other numbers."""
        self._backlog.forget_start(self, source)
        if source.kind == "video":
            self.picture.began_anew(source)

    def passed_to(self, track: ViewerTrack) -> int:
        """Return how many packets a viewer was sent since it was let in last, repeats not counted."""
        stream = self.picture.layer_of(track) if track.is_video else self.sound
        return stream.fanout.passed_to(track)

    def loss_reported(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take the loss a viewer reports."""
        if track.is_video:
            self.picture.take_loss(track, lost_share, now_s)

    def sound_loss_reported(self, picture: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take the loss of sound that the viewer of a picture reports."""
        self.picture.take_sound_loss(picture, lost_share, now_s)

    def _sound_bits_per_s(self) -> float:
        return self._sound_meter.read(self._last_packet_s).bits_per_s

    def sound_bits_per_s(self, now_s: float) -> float:
        """Rate at which the publisher's sound comes in; 0 when it does not."""
        return self._sound_meter.read(now_s).bits_per_s

    def published_bits_per_s(self, now_s: float) -> float:
        """Rate at which sound and all layers of the picture come in."""
        picture = sum(layer.bits_per_s for _, layer in self.picture.metered(now_s))
        return self.sound_bits_per_s(now_s) + picture

    # --- taps

    def attach_tap(self, consumer: FrameConsumer) -> None:
        """Let a consumer have the show's frames until it is detached, it raises, or the show is over."""
        self.taps.attach(consumer)

    def detach_tap(self, consumer: FrameConsumer) -> None:
        """Let a consumer go; it gets what has come so far, then its `end`."""
        self.taps.detach(consumer)

    def _meeting(self, kind: str) -> Meeting | None:
        source = self.picture.tapped_source if kind == "video" else self.sound.source
        if self.publisher is None or source is None or source.sequence_offset is None:
            return None
        met = self.publisher.clock.meeting(source.clock_name)
        if met is None:
            return None
        server_s, timestamp, is_reported = met
        return Meeting(kind, server_s, (timestamp + source.timestamp_offset) & 0xFFFFFFFF, is_reported)

    # --- time

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that needs a tick every 20 ms."""
        misses = self.publisher is not None and self.publisher.misses_packets
        return misses or self.picture.is_busy or bool(self.taps.live)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so while it `is_busy`, at least every 60 ms."""
        publisher = self.publisher
        self.picture.tick(now_s)
        if publisher is not None:
            publisher.send_nacks(now_s)
            for source in self.picture.key_frames_due(now_s):
                publisher.ask_for_key_frame(source)
            if now_s >= self._arrivals_due_s:
                self._arrivals_due_s = now_s + ARRIVALS_INTERVAL_S
                publisher.send_arrivals()
            if now_s >= self._receiver_report_due_s:
                self._receiver_report_due_s = now_s + REPORT_INTERVAL_S
                publisher.send_receiver_report(now_s)
        self.taps.tick(now_s)
        if self.life.silent(now_s, self._last_packet_s):
            self._on_change(self.show, "away")
        if publisher is not self._reported_on:
            self._reported_on = publisher
            self._report_turns.hurry(now_s)
        for viewer in self._report_turns.due(now_s):
            self.report_to(viewer, now_s)

    def report_to(self, viewer: Viewer, now_s: float) -> None:
        """Send one viewer's sender reports: the server's clock, the viewer's timestamps."""
        if self.publisher is None:
            return
        body = b""
        ssrcs = []
        for kind, track in viewer.tracks.items():
            stream = self.sound if kind == "audio" else self.picture.layer_of(track)
            source = stream.source
            if source is None or source.sequence_offset is None or track.line is not stream:
                continue
            timestamp = self._time_of(source, now_s)
            if timestamp is None:
                continue
            packets, octets = stream.sent_by(track)
            own = (timestamp + source.timestamp_offset + track.timestamp_shift) & 0xFFFFFFFF
            body += rtcp.build_sender_report(
                rtcp.SenderReport(track.section.ssrc, self._ntp_at(now_s), own, packets, octets)
            )
            ssrcs.append(track.section.ssrc)
        if body:
            body += rtcp.build_description(ssrcs, CNAME) + viewer.round_trip_answer(ssrcs[0], now_s)
            viewer.session.connection.send_rtcp(body)

    def _time_of(self, source: Source, now_s: float) -> int | None:
        """Return the RTP time a source has now, on its own line; None before any packet."""
        if self._moment_s != now_s:
            self._moment_s = now_s
            self._times.clear()
        if source not in self._times:
            assert self.publisher is not None
            self._times[source] = self.publisher.clock.timestamp_at(source.clock_name, now_s)
        return self._times[source]
