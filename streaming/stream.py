"""Sound, or one layer of the picture: the time line all publishers join, its ring, its viewers.

A show outlives its publishers. Each publisher's numbers are moved onto one line: sequence numbers go on
where the last publisher stopped, timestamps go on by the time that has passed. Viewers differ from the
line by constants, so a new publisher, another codec or a camera's restart costs them nothing but a wait
for a key frame.

How a viewer's picture begins:

    WAITING --key frame of a codec it knows--> LIVE
    WAITING --newest group of pictures at hand--> REPLAYING --caught up--> LIVE
    LIVE --its group begins earlier than it did--> REPLAYING
    LIVE --another codec, another publisher--> WAITING

Replay serves publishers that ignore key frame requests (OBS and FFmpeg do), and joiners shortly after a
key frame. The group is read back from the retransmission ring; its timestamps are squeezed into the time that
the replay takes, so that the player shows the newest picture at once. A player learns from them how times
and arrivals go together, and forgets slowly: with steps of 3 ms, Chromium still showed pictures 90 ms before
their sound half a minute later.
"""

from collections.abc import Callable

from streaming.bandwidth.switch import ReportedTime
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.forwarder import Fanout
from streaming.frames.picture_size import size_at_start
from streaming.replays import Replays, replay_times
from streaming.rtp.keyframe_requests import KeyFrameRequests
from streaming.rtp.keyframes import STARTS_KEY_FRAME
from streaming.rtp.packet import RtpPacket
from streaming.rtp.picture_numbers import find_places
from streaming.rtp.ring import PacketRing, StoredPacket
from streaming.rtp.rtcp import Nack
from streaming.settings import Limits
from streaming.sound_again import SoundAgain
from streaming.source import Source
from streaming.tap import Tap
from streaming.transport.batch_native import Arena
from streaming.viewer_track import ViewerTrack

RING_SLOTS = {"video": 4096, "audio": 256}
YOUNG_GROUP_S = 0.5
TRIM_EVERY = 16
WAIT_FOR_KEY_FRAME_S = 0.3
# A round trip may have been measured when the way was worse.
MAX_ON_ITS_WAY_S = 0.5


class Stream:
    """Sound or one layer of the picture of one show.

    `on_key_frame` is called with the first packet of each newest key frame before it is forwarded: the
    moment at which viewers of other layers may come over.
    """

    def __init__(self, kind: str, arena: Arena, counters: Counters, limits: Limits | None = None) -> None:
        self.kind = kind
        self._limits = limits or Limits()
        self.rate_hz = 90_000 if kind == "video" else 48_000
        again = SoundAgain(counters, self._limits.sound_again_packets) if kind == "audio" else None
        self.fanout = Fanout(arena, counters, again, gives_way=kind == "video")
        self.requests = KeyFrameRequests()
        self.live_codec: str | None = None
        self.source: Source | None = None
        self.taps: list[Tap] = []
        # Width and height, once a key frame has told them.
        self.picture_size: tuple[int, int] | None = None
        # Between the two newest key frames; None until a second one has come.
        self.key_frame_interval_s: float | None = None
        self.on_key_frame: Callable[[Stream, StoredPacket, float], None] = _nobody
        self._counters = counters
        self._ring = PacketRing(RING_SLOTS[kind])
        self.stored_run = self._ring.get_run
        self._tracks: dict[ViewerTrack, None] = {}
        self._replays = Replays(arena, counters)
        self._highest = self._octets = 0
        self._newest: tuple[int, float] | None = None
        self._awaiting_key_frame = kind == "video"
        self._skips = False
        self._group: int | None = None
        self._group_timestamp = -1
        self._group_bytes = 0
        self._group_started_s = 0.0

    @property
    def highest(self) -> int:
        """The newest packet's number on the line."""
        return self._highest

    @property
    def newest(self) -> tuple[int, float] | None:
        """(timestamp, arrival in s) of the newest packet; None before the first."""
        return self._newest

    @property
    def reported(self) -> ReportedTime | None:
        """The publisher's newest sender report, moved onto the line; None without one."""
        source = self.source
        if source is None or source.reported is None:
            return None
        timestamp = (source.reported.timestamp + source.timestamp_offset) & 0xFFFFFFFF
        return ReportedTime(source.reported.ntp, timestamp)

    def key_frame_age_s(self, now_s: float) -> float | None:
        """How long ago the newest key frame came; None while one is awaited, and for sound."""
        return None if self._group is None else now_s - self._group_started_s

    def stored(self, sequence: int) -> StoredPacket | None:
        """Return a packet of the line that is still kept."""
        return self._ring.get(sequence)

    @property
    def needs_descriptors(self) -> bool:
        """Whether to decode this, if it is not the lowest, takes descriptors: scalable AV1 does."""
        newest = self._ring.get(self._highest)
        return newest is not None and bool(newest.descriptor) and newest.codec.startswith("AV1")

    @property
    def replaying_total(self) -> int:
        """How many viewers `step_replays` has work for."""
        return len(self._replays)

    @property
    def waiting_total(self) -> int:
        """Viewers that know the live codec and have no picture yet."""
        if len(self.fanout) >= len(self._tracks):
            return 0  # asked for every 20 ms, when all have their picture as a rule
        return sum(1 for track in self._tracks if track.codec and not track.live)

    def add_viewer(self, track: ViewerTrack, now_s: float) -> None:
        """Note that a viewer's keys are ready: sound at once, picture as soon as there is a beginning."""
        self._tracks[track] = None
        track.waiting_since_s = now_s
        self._want_key_frame()
        if not track.choose_codec(self.live_codec):
            return
        if self.kind == "audio":
            self._go_live(track, self._highest + 1)
        else:
            self._try_replay(track, now_s)

    def expect_codec(self, key: str) -> None:
        """Take another's word on what is published, until packets tell: who waited for one gets its codec."""
        if self.live_codec is not None:
            return
        self.live_codec = key
        for track in self._tracks:
            if track.choose_codec(key) and self.kind == "audio":
                self._go_live(track, self._highest + 1)

    def take_over(self, track: ViewerTrack, now_s: float) -> None:
        """Take a viewer of another layer; its picture goes on with the next key frame of this one."""
        self._tracks[track] = None
        track.waiting_since_s = now_s
        track.choose_codec(self.live_codec)

    def release(self, track: ViewerTrack) -> None:
        """Let a viewer go to another layer, or have no picture for a while."""
        self._pause(track)
        self._tracks.pop(track, None)

    def remove_viewer(self, track: ViewerTrack) -> None:
        """Note that a viewer left."""
        self._tracks.pop(track, None)
        self._replays.drop(track)
        self.fanout.remove(track)

    def refresh(self, track: ViewerTrack) -> None:
        """Note that a viewer's path changed."""
        self.fanout.refresh(track)

    def sent_by(self, track: ViewerTrack) -> tuple[int, int]:
        """(packets, octets) a viewer was sent, for its sender reports."""
        return self.fanout.sent_by(track)

    def flush(self) -> None:
        """Send what waits for more packets."""
        self.fanout.flush()

    def drop_source(self) -> None:
        """Note that the publisher is gone; the next one begins with a key frame."""
        self.source = None
        self.requests.restarted()
        self._restart_pictures()

    def skip(self) -> None:
        """Let what comes next, a key frame, follow what came last: packets between were left out on purpose.

        Nobody asks for what has no number. One is left free after a frame that was cut.
        """
        self._skips = True

    def push(
        self,
        source: Source,
        extended: int,
        packet: RtpPacket,
        codec: Codec,
        now_s: float,
        descriptor: bytes = b"",
    ) -> None:
        """Take one packet of the publisher and forward it."""
        if source.sequence_offset is None or source is not self.source or self._skips:
            self._line_up(source, extended, packet.timestamp, now_s)
        assert source.sequence_offset is not None
        sequence = extended + source.sequence_offset
        if sequence < source.first:
            self._counters.drops["before_first_packet"] += 1
            return
        stored = self._store(source, sequence, packet, codec, now_s)
        stored.descriptor = descriptor
        if not self._ring.put(stored):
            self._counters.drops["repeated_packet"] += 1
            return
        for tap in self.taps:
            tap.packet(self.kind, stored)
        if stored.starts_key_frame and self.kind == "video":
            self.picture_size = size_at_start(codec.name, packet.payload) or self.picture_size
        self._trim(sequence, now_s)
        is_newest = sequence > self._highest
        if is_newest:
            self._highest = sequence
            self._octets += len(packet.payload)
            stored.octets = self._octets
            self._newest = (stored.timestamp, now_s)
        if self.kind == "audio":
            self._follow_audio_codec(stored)
        else:
            self._follow_pictures(stored, is_newest, now_s)
            if self._awaiting_key_frame or stored.codec != self.live_codec:
                self._counters.drops["awaiting_key_frame"] += 1
                self._want_key_frame()
                return
        if is_newest:
            self.fanout.send(stored)
        else:
            self.fanout.send_late(stored)

    def answer_nack(self, track: ViewerTrack, nack: Nack, now_s: float) -> None:
        """Repeat what a viewer misses, from the shared ring, as far as its budget goes.

        Nothing to one that is held: its line is full, and its picture goes on with a key frame.
        """
        if track.held and track.is_full:
            self._counters.drops["nack_of_held"] += len(nack.sequences)
            return
        budget = track.repeat_budget
        budget.earn(self, self.fanout.octets_total, self._limits)
        for own in nack.sequences:
            sent = track.history.find(track.extend(own))
            if sent is None:
                self._counters.drops["nack_unknown_packet"] += 1
            elif not budget.fits(size := track.repeat_bytes(sent)):
                self._counters.drops["repeats_over_budget"] += 1
            elif not track.repeat_times.may_answer(own, track.round_trip_s, now_s):
                self._counters.drops["nack_throttled"] += 1
            elif not track.repeat(sent, own):
                self._counters.drops["nack_unknown_packet"] += 1
            else:
                budget.spend(size)
                self._counters.totals["retransmissions"] += 1

    def viewer_wants_key_frame(self) -> None:
        """Note that somebody needs a key frame."""
        if self.kind == "video":
            self._want_key_frame()

    def viewer_lost_picture(self, track: ViewerTrack, now_s: float) -> None:
        """Take a viewer's picture loss indication; a key frame on its way to the viewer settles it.

        If that one gets lost as well, the viewer says so again.
        """
        if not self._is_on_its_way(track, now_s):
            self.viewer_wants_key_frame()

    def help_waiting(self, now_s: float) -> None:
        """Replay for viewers whose key frame request the publisher ignores."""
        if not self.waiting_total:
            return
        for track in self._tracks:
            if track.live or track in self._replays or track.codec is None:
                continue
            if now_s - track.waiting_since_s >= WAIT_FOR_KEY_FRAME_S:
                self._begin_replay(track, now_s)

    def step_replays(self, until_s: float) -> None:
        """Send the next slice to a viewer that is catching up, and to more of them while there is time."""
        for track in self._replays.step(self._ring, self._highest, until_s):
            self.fanout.add(track)

    # --- the publisher's side

    def _line_up(self, source: Source, extended: int, timestamp: int, now_s: float) -> None:
        """Let a source's numbers follow the newest one: of a new source, or after some were left out."""
        skips, self._skips = self._skips, False
        if not skips or source is not self.source or source.sequence_offset is None:
            self._join_line(source, extended, timestamp, now_s)
            return
        source.first = self._highest + 1 + self._is_cut_after(self._highest)
        source.sequence_offset = source.first - extended
        for tap in self.taps:
            tap.restart(self.kind, source.first)

    def _join_line(self, source: Source, extended: int, timestamp: int, now_s: float) -> None:
        """Move a new source's numbers behind everything sent so far."""
        first = self._highest + 1
        source.sequence_offset = first - extended
        source.first = first
        target = timestamp
        if self._newest is not None:
            newest, arrived_s = self._newest
            passed = max(1, round((now_s - arrived_s) * self.rate_hz))
            target = newest + passed
        source.timestamp_offset = (target - timestamp) & 0xFFFFFFFF
        self.source = source
        self._restart_pictures()
        for tap in self.taps:
            tap.restart(self.kind, first)

    def _restart_pictures(self) -> None:
        if self.kind == "audio":
            return
        self._awaiting_key_frame = True
        self._group = self.key_frame_interval_s = None
        for track in self._tracks:
            self._pause(track)

    def _store(
        self, source: Source, sequence: int, packet: RtpPacket, codec: Codec, now_s: float
    ) -> StoredPacket:
        level = packet.extensions.get(source.level_id) if source.level_id else None
        return StoredPacket(
            sequence, (packet.timestamp + source.timestamp_offset) & 0xFFFFFFFF, packet.marker, codec.key,
            packet.payload, STARTS_KEY_FRAME[codec.name](packet.payload), now_s,
            level[0] if level else -1, places=find_places(codec.name, packet.payload),
        )  # fmt: skip

    def _follow_audio_codec(self, stored: StoredPacket) -> None:
        if stored.codec == self.live_codec:
            return
        self.live_codec = stored.codec
        for track in self._tracks:
            self._pause(track)
            if track.choose_codec(stored.codec):
                self._go_live(track, stored.sequence)

    def _follow_pictures(self, stored: StoredPacket, is_newest: bool, now_s: float) -> None:
        self._group_bytes += len(stored.payload)
        if not stored.starts_key_frame:
            return
        if self._group is not None and stored.timestamp == self._group_timestamp:
            self._complete_group(stored.sequence, now_s)
            return
        if self._group is not None and stored.sequence < self._group:
            return
        self.requests.arrived(now_s)
        self._counters.totals["key_frames_in"] += 1
        changed = stored.codec != self.live_codec
        self.key_frame_interval_s = self.key_frame_age_s(now_s)
        self._awaiting_key_frame = False
        self._group, self._group_timestamp = stored.sequence, stored.timestamp
        self._group_bytes, self._group_started_s = len(stored.payload), now_s
        self.live_codec = stored.codec
        if is_newest:
            self.on_key_frame(self, stored, now_s)
        for track in self._tracks:
            if changed:
                self._pause(track, self._highest - is_newest)  # it has not got this packet
                track.choose_codec(stored.codec)
            if track.codec is None or track.live or (track in self._replays and not is_newest):
                continue
            if is_newest:
                self._pause(track)  # what is left of the old group would only hold it up
                self._continue_time(track, stored)
                self._go_live(track, stored.sequence)
            elif self._group_at_hand(now_s):
                self._continue_time(track, stored)
                self._replay_group(track, now_s)

    def _complete_group(self, sequence: int, now_s: float) -> None:
        """Let the newest group begin earlier: parameter sets may come after what needs them.

        Who began where it began before could decode nothing of it, and begins again: there is no number left
        in front of its first.
        """
        before = self._group
        if before is None or sequence >= before:
            return
        self._group = sequence
        for track in self._tracks:
            has_begun = track.live or track in self._replays
            if has_begun and track.line is self and track.start == before:
                self._pause(track)
                self._replay_group(track, now_s)

    # --- the viewers' side

    def _go_live(self, track: ViewerTrack, sequence: int) -> None:
        track.start_at(sequence, self)
        self.fanout.add(track)

    def _continue_time(self, track: ViewerTrack, first: StoredPacket) -> None:
        """Let a viewer's time go on by what has passed when its packets came from another line before."""
        if track.line is self or track.line is None or track.last_time is None:
            return
        sent_s, own = track.last_time
        passed = max(1, round((first.arrival_s - sent_s) * self.rate_hz))
        track.timestamp_shift, track.landed_late = (own + passed - first.timestamp) & 0xFFFFFFFF, 0

    def _pause(self, track: ViewerTrack, last: int | None = None) -> None:
        """Stop after the newest packet, or after `last`."""
        if track.live:
            self.fanout.remove(track)
            last = self._highest if last is None else last
        elif self._replays.drop(track) and track.replay is not None:
            last = track.replay.cursor - 1
        else:
            return
        track.pause_after(last, is_cut=self._is_cut_after(last))
        if self._newest is not None:
            timestamp, arrived_s = self._newest
            track.last_time = (arrived_s, (timestamp + track.timestamp_shift) & 0xFFFFFFFF)

    def _is_cut_after(self, last: int) -> bool:
        packet = self._ring.get(last) if self.kind == "video" else None
        return packet is not None and not packet.marker

    def _is_on_its_way(self, track: ViewerTrack, now_s: float) -> bool:
        """Whether what a viewer says now was said before it could have the newest key frame."""
        age_s = self.key_frame_age_s(now_s)
        if age_s is None or not track.live or track.held or track.line is not self:
            return False
        return track.round_trip_is_known and age_s < min(track.round_trip_s, MAX_ON_ITS_WAY_S)

    def _trim(self, newest: int, now_s: float) -> None:
        if newest % TRIM_EVERY == 0 or self._ring.bytes_total > self._limits.ring_bytes:
            kept, limits = self._kept_group(newest, now_s), self._limits
            self._ring.trim(now_s - limits.ring_s, kept, limits.ring_bytes)

    def _want_key_frame(self) -> None:
        if self.kind == "video":
            self.requests.want()

    def _kept_group(self, newest: int, now_s: float) -> int:
        """From which number on packets are kept however old: the newest group's, while it is of use."""
        useful = self._group is not None and now_s - self._group_started_s <= self._limits.replay_s
        group = self._group if useful and self._group is not None else newest
        return min((group, *self._replays.cursors()))

    def _group_at_hand(self, now_s: float) -> bool:
        return (
            self._group is not None
            and not self._awaiting_key_frame
            and self._group_bytes <= self._limits.replay_bytes
            and now_s - self._group_started_s <= self._limits.replay_s
            and self._ring.get(self._group) is not None
        )

    def _try_replay(self, track: ViewerTrack, now_s: float) -> None:
        """Replay at once where waiting is pointless: a deaf publisher, or a group that has just begun."""
        deaf = self.source is not None and not self.source.hears_key_frame_requests
        if deaf or self.requests.ignored(now_s) or now_s - self._group_started_s <= YOUNG_GROUP_S:
            self._begin_replay(track, now_s)

    def _begin_replay(self, track: ViewerTrack, now_s: float) -> None:
        if not track.started and self._group_at_hand(now_s):
            self._replay_group(track, now_s)

    def _replay_group(self, track: ViewerTrack, now_s: float) -> None:
        assert self._group is not None
        track.start_at(self._group, self)
        self._replays.begin(track, self._group, self._replay_times(self._group, now_s))

    def _replay_times(self, first: int, now_s: float) -> dict[int, int]:
        if self._newest is None:
            return {}
        packets = list(filter(None, map(self._ring.get, range(first, self._highest + 1))))
        return replay_times(packets, round((now_s - self._newest[1]) * self.rate_hz), self.rate_hz)


def _nobody(stream: Stream, first: StoredPacket, now_s: float) -> None:
    """Nobody waits to come over."""
