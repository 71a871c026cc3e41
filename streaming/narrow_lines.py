"""Viewers over UDP whose line carries clearly less than sound and the lowest layer: who is held, who must go.

A stream that is too slow shows it by what waits for it (`streaming.transport.path_tcp`). UDP takes everything
and loses it somewhere, the sound with the pictures; only the viewer's reports tell. The order is the same:

    well --heavy loss--> watched --chooser: not even the lowest layer--> narrow: no video, sound goes on
    watched --`WELL_AFTER_S` without heavy loss--> well
    narrow --chooser: a layer again (a trial, 10 to 30 s later)--> watched: video from the next key frame
    narrow --a third of the sound lost, too, for `udp_slow_s`--> sent away

When and how often is up to `streaming.bandwidth.layer_choice`; a narrow track is one that is full, and so
held by the fan-out as a full stream's is (`streaming.framed_tracks`). Who gets the whole sound stays, for as
long as it likes: it is no burden to others. A show of one layer watches only those who have reported heavy
loss, so that all others cost it nothing.
"""

from dataclasses import dataclass

from streaming.bandwidth.loss_control import HIGH_LOSS
from streaming.counters import Counters
from streaming.viewer_track import ViewerTrack

# As long as the choice remembers a trial that failed.
WELL_AFTER_S = 60.0
# Opus conceals about so much; of what is left speech cannot be understood.
SOUND_LOST_SHARE = 1 / 3
# Browsers report on sound every 5 s: a report sooner after a hold tells of the time before.
SOUND_REPORT_S = 5.5


@dataclass(slots=True)
class _Line:
    """What is known of one viewer's line; times are monotonic seconds."""

    bad_s: float
    held_s: float = 0.0
    soundless_since_s: float | None = None
    sound_report_s: float = 0.0


class NarrowLines:
    """Those of one show. `slow_s` is how long one may lose its sound while it gets no video."""

    __slots__ = ("_counters", "_lines", "_slow_s")

    def __init__(self, counters: Counters, slow_s: float) -> None:
        self._counters = counters
        self._lines: dict[ViewerTrack, _Line] = {}
        self._slow_s = slow_s

    def __contains__(self, track: ViewerTrack) -> bool:
        return track in self._lines

    def watched(self) -> list[ViewerTrack]:
        """Return the pictures' tracks that are watched or narrow."""
        return list(self._lines)

    def note_loss(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take the share of its picture that a viewer lost lately, 0 to 1."""
        if lost_share <= HIGH_LOSS or track.is_stream:
            return
        line = self._lines.setdefault(track, _Line(now_s))
        line.bad_s = now_s

    def note_sound_loss(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take the share of its sound that the viewer of a narrow picture lost lately, 0 to 1."""
        line = self._lines.get(track)
        if line is None or not track.is_narrow or now_s - line.held_s < SOUND_REPORT_S:
            return
        line.sound_report_s = now_s
        if lost_share <= SOUND_LOST_SHARE:
            line.soundless_since_s = None
        elif line.soundless_since_s is None:
            line.soundless_since_s = now_s

    def hold(self, track: ViewerTrack, now_s: float) -> bool:
        """Send no video from now on; False when that is so already. A stream tells itself when it is full."""
        if track.is_narrow or track.is_stream:
            return False
        line = self._lines.setdefault(track, _Line(now_s))
        line.held_s, line.soundless_since_s = now_s, None
        track.is_narrow = True
        self._counters.totals["udp_viewers_held"] += 1
        return True

    def let_go(self, track: ViewerTrack, now_s: float) -> None:
        """Let video go on with the next key frame."""
        track.is_narrow = False
        self._lines[track].bad_s = now_s
        self._counters.totals["udp_viewers_resumed"] += 1

    def hear_nothing(self) -> None:
        """Note that the host is gone: no sound is sent, and none is missed."""
        for line in self._lines.values():
            line.soundless_since_s = None

    def forget(self, track: ViewerTrack) -> None:
        """Note that a viewer left."""
        self._lines.pop(track, None)

    def tick(self, now_s: float) -> None:
        """Send away who is not even reached by the sound; stop to watch who is well. A few times a second."""
        for track, line in list(self._lines.items()):
            since_s = line.soundless_since_s
            if track.is_narrow:
                is_fresh = now_s - line.sound_report_s <= SOUND_REPORT_S
                if since_s is not None and is_fresh and now_s - since_s >= self._slow_s:
                    line.soundless_since_s = None
                    self._counters.totals["udp_evicted"] += 1
                    track.connection.close("line_too_narrow")
            elif now_s - line.bad_s > WELL_AFTER_S:
                del self._lines[track]
