"""The fan-out's other path: live viewers behind streams (ICE-TCP), and those on hold, one at a time.

A stream takes no batch, and it may be full; a line under UDP may be too narrow for the lowest layer. Both are
*full* here and get no video: the track is *held*. What is left out leaves no gap in the viewer's numbers but
for one after a frame that was cut, so nothing asks for it again, and the picture goes on with the first key
frame after the way has room. Sound is never left out. Who stays full for long is sent away: from a stream by
the transport (`streaming.transport.path_tcp`), from a line that loses even the sound by
`streaming.narrow_lines`.

    sending --way full, video--> held --key frame, way has room--> sending
"""

from collections.abc import Iterator

from streaming.counters import Counters
from streaming.rtp.ring import StoredPacket
from streaming.viewer_track import ViewerTrack


class FramedTracks:
    """The tracks of one kind of media that are sent packet by packet."""

    __slots__ = ("_counters", "_key_timestamp", "_timestamp", "_tracks")

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._tracks: dict[ViewerTrack, None] = {}
        # The newest packet's, and that of the newest which starts a key frame.
        self._timestamp = self._key_timestamp = -1

    def __len__(self) -> int:
        return len(self._tracks)

    def __iter__(self) -> Iterator[ViewerTrack]:
        return iter(self._tracks)

    def __contains__(self, track: ViewerTrack) -> bool:
        return track in self._tracks

    def add(self, track: ViewerTrack) -> None:
        """Begin to send to a track."""
        self._tracks[track] = None

    def remove(self, track: ViewerTrack) -> None:
        """Stop sending to a track."""
        self._tracks.pop(track, None)

    @property
    def wants_key_frame(self) -> bool:
        """Whether a held track could go on if a key frame came."""
        return any(track.held and not track.is_full for track in self._tracks)

    def send(self, packet: StoredPacket) -> list[ViewerTrack]:
        """Send the newest packet to every track that is not held.

        Returns those that need this path no more: they have left their stream for UDP and are not held now.
        """
        begins_frame = packet.timestamp != self._timestamp
        # What comes before it in its frame (H264's delimiters do) is not missed; parameter sets would be.
        begins_key_frame = packet.starts_key_frame and packet.timestamp != self._key_timestamp
        self.pass_over(packet)
        sent = over_streams = 0
        for track in list(self._tracks):
            if track.is_video and not self._may_go(track, packet, begins_frame, begins_key_frame):
                self._counters.drops["tcp_video_held" if track.is_stream else "udp_video_held"] += 1
            else:
                is_sent = track.send_one(packet)
                sent += is_sent
                over_streams += is_sent and track.is_stream
        self._counters.totals["packets_out"] += sent
        self._counters.totals["packets_out_tcp"] += over_streams
        return [track for track in self._tracks if not track.is_stream and not track.held]

    def pass_over(self, packet: StoredPacket) -> None:
        """Note the newest packet, which went to others."""
        self._timestamp = packet.timestamp
        if packet.starts_key_frame:
            self._key_timestamp = packet.timestamp

    @staticmethod
    def _may_go(track: ViewerTrack, packet: StoredPacket, begins_frame: bool, begins_key_frame: bool) -> bool:
        if track.held:
            if track.is_full or not begins_key_frame:
                return False
            track.restart_at(packet.sequence)
        elif track.is_full:
            track.hold_before(packet.sequence, is_cut=not begins_frame)
        return not track.held
