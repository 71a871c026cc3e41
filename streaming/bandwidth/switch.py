"""Going from one layer to another without a jump in time: the arithmetic of one viewer's line.

Simulcast layers are separate RTP streams with timestamps of their own. Their sender reports carry the same
clock, so the target's timestamps can be moved to the line of the layer a viewer began with (the reference
layer). The rules are mediasoup's (SimulcastConsumer):

- a switch happens at a key frame of the target; packets of the target from before it are dropped;
- its time on the line must be later than the last one sent, or players freeze. The picture that was sent
  last, in another size, comes one tick after it. A little too early is repaired with what is missing
  + 33 ms, for the life of this layer;
- more than 75 ms is heard against the sound: once, another key frame is asked for instead. If that one is
  too early as well, last + 1 it is;
- the own sequence goes on by one if the last packet ended its frame (marker), else by two: the gap tells
  the player that the frame before was cut (`ViewerTrack.pause_after` sees to it).

All RTP times are 32 bits and wrap.
"""

from dataclasses import dataclass

FRAME_S = 0.033
SAME_PICTURE_S = 0.002
MAX_SHIFT_S = 0.075
_WRAP = 1 << 32
_HALF = 1 << 31


@dataclass(slots=True, frozen=True)
class ReportedTime:
    """A layer's newest sender report: `ntp` (64 bits) and the RTP `timestamp` of the same moment."""

    ntp: int
    timestamp: int


@dataclass(slots=True, frozen=True)
class Landing:
    """Where a key frame of the new layer lands.

    `offset` is to be added to every timestamp of the new layer; `shifted` says by how many ticks of it the
    frame was moved to come after the last one.
    """

    offset: int
    shifted: int


def reported_offset(reference: ReportedTime, target: ReportedTime, rate_hz: int) -> int:
    """Return what moves the target's timestamps to the reference layer's line (32 bits, to be added)."""
    passed_ticks = ((target.ntp - reference.ntp) * rate_hz + _HALF) >> 32
    return (reference.timestamp + passed_ticks - target.timestamp) & (_WRAP - 1)


def arrival_offset(reference: tuple[float, int], target: tuple[float, int], rate_hz: int) -> int:
    """Return the same for publishers without sender reports, from (arrival in s, timestamp) of each.

    The encoder's delay differs between layers, so this is good to some ten milliseconds. For two packets of
    about the same moment.
    """
    passed_ticks = round((target[0] - reference[0]) * rate_hz)
    return (reference[1] + passed_ticks - target[1]) & (_WRAP - 1)


def land(
    key_frame_timestamp: int, offset: int, last_sent_timestamp: int, rate_hz: int, *, asked_again: bool
) -> Landing | None:
    """Return where the target's key frame goes, or None to ask for another key frame and wait for it.

    `offset` is from `reported_offset` or `arrival_offset`, `last_sent_timestamp` the newest time sent to
    this viewer on the reference line, `asked_again` whether None was the answer before in this switch.
    """
    late_ticks = signed_difference(last_sent_timestamp, key_frame_timestamp + offset)
    if late_ticks < 0:
        return Landing(offset, 0)
    if late_ticks <= SAME_PICTURE_S * rate_hz:
        return Landing((offset + late_ticks + 1) & (_WRAP - 1), late_ticks + 1)
    shift = late_ticks + round(FRAME_S * rate_hz)
    if shift > round(MAX_SHIFT_S * rate_hz):
        if not asked_again:
            return None
        shift = late_ticks + 1
    return Landing((offset + shift) & (_WRAP - 1), shift)


def signed_difference(later: int, earlier: int) -> int:
    """Return how far `later` is behind `earlier` on the 32-bit circle; negative when it is before."""
    return ((later - earlier + _HALF) & (_WRAP - 1)) - _HALF
