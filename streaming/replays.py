"""Viewers who catch up on the newest group of pictures.

Every 5 ms each is sent the group's next packets from the ring, until it is where the others are. However many
catch up at once, sound waits for one slice of this work at most. Who came first is served first: served in
turn, a hundred would each get less than the host goes on to send, and nobody would ever arrive. Who still
waits when the next group begins goes on with that one, live.
"""

from collections.abc import Iterator
from itertools import pairwise
from time import monotonic

from streaming.counters import Counters
from streaming.forwarder import MAX_PAYLOAD_BYTES
from streaming.rtp.ring import PacketRing, StoredPacket
from streaming.transport.batch_native import Arena
from streaming.transport.series_native import Series
from streaming.viewer_track import ViewerTrack

REPLAY_STEP_S = 0.005
REPLAY_SLICE_S = 0.002
REPLAY_PACKETS = 48  # a step


class Replays:
    """Those of one stream who catch up, in the order in which they came."""

    __slots__ = ("_arena", "_counters", "_series", "_tracks")

    def __init__(self, arena: Arena, counters: Counters) -> None:
        self._arena = arena
        self._counters = counters
        self._series: Series | None = None
        self._tracks: dict[ViewerTrack, None] = {}

    def __len__(self) -> int:
        return len(self._tracks)

    def __contains__(self, track: ViewerTrack) -> bool:
        return track in self._tracks

    def cursors(self) -> Iterator[int]:
        """Return the number that each is sent next."""
        return (track.replay.cursor for track in self._tracks if track.replay is not None)

    def begin(self, track: ViewerTrack, first: int, times: dict[int, int]) -> None:
        """Send `first` and what follows it, with the group's times moved as `replay_times` says."""
        track.catch_up(first, times)
        self._tracks[track] = None
        self._counters.totals["replays"] += 1

    def drop(self, track: ViewerTrack) -> bool:
        """Forget a viewer; whether it was catching up."""
        if track not in self._tracks:
            return False
        del self._tracks[track]
        return True

    def step(self, ring: PacketRing, highest: int, until_s: float) -> list[ViewerTrack]:
        """Send the next packets to the first viewer, and to more while there is time; returns who arrived."""
        arrived = []
        for track in list(self._tracks):
            replay = track.replay
            if replay is None:
                del self._tracks[track]
                continue
            if track.is_full:
                continue  # a slow TCP stream
            end = min(replay.cursor + REPLAY_PACKETS, highest + 1)
            self._send(track, list(filter(None, map(ring.get, range(replay.cursor, end)))))
            replay.cursor = end
            if end > highest:
                del self._tracks[track]
                replay.finish()
                arrived.append(track)
            if monotonic() >= until_s:
                break
        return arrived

    def _send(self, track: ViewerTrack, packets: list[StoredPacket]) -> None:
        if self._series is None:
            self._series = Series(self._arena)
        fitting = [packet for packet in packets if len(packet.payload) <= MAX_PAYLOAD_BYTES]
        too_long = len(packets) - len(fitting)
        if too_long:
            self._counters.drops["payload_too_long"] += too_long
        lost, refused, full = track.send_many(fitting, self._series)
        if lost:
            self._counters.drops["no_route"] += lost
        if full:
            self._counters.drops["send_buffer_full_video"] += full
        if refused:
            self._counters.drops["protect_refused"] += refused


def replay_times(packets: list[StoredPacket], age_ticks: int, rate_hz: int) -> dict[int, int]:
    """Return a group's times as if each frame were captured when it is replayed.

    The last is as much later than it was as its replay is, but always before the frame to come. `age_ticks`
    have passed since the newest packet came. A last frame of which packets are still to come keeps its time:
    those will be sent with it, and a frame with two times is never shown.
    """
    ordered = list(dict.fromkeys(packet.timestamp for packet in packets))
    if not ordered:
        return {}
    last = len(ordered) - 1
    steps = [(later - earlier) & 0xFFFFFFFF for earlier, later in pairwise(ordered)]
    passes_s = (packets[-1].sequence - packets[0].sequence) / REPLAY_PACKETS * REPLAY_STEP_S
    span = max(last, round(passes_s * rate_hz))
    late = span + age_ticks if packets[-1].marker else 0
    end = ordered[-1] + min(late, min(steps, default=0) // 2)
    return {old: (end - span * (last - n) // max(1, last)) & 0xFFFFFFFF for n, old in enumerate(ordered)}
