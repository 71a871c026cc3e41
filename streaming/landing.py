"""How a viewer's times go on when it comes over from one layer to another (see `bandwidth.switch`)."""

from collections.abc import Sequence

from streaming.bandwidth.switch import arrival_offset, land, reported_offset
from streaming.rtp.ring import StoredPacket
from streaming.seats import Seat
from streaming.stream import Stream


def land_times(seat: Seat, layers: Sequence[Stream], target: Stream, first: StoredPacket) -> bool:
    """Move a viewer's times onto the target's line; False to wait for another key frame."""
    track = seat.track
    origin = next((one for one in layers if one is track.line), None)
    if origin is None or origin is target or origin.newest is None:
        return True
    if track.replay is not None and not track.live:
        return False  # it is catching up, and comes over with another key frame
    if track.live:
        last_sent = origin.newest[0]
    elif track.last_time is not None:  # between layers
        last_sent = (track.last_time[1] - track.timestamp_shift) & 0xFFFFFFFF
    else:
        return True
    offset = (_offset(origin, target, first) - track.landed_late) & 0xFFFFFFFF
    landing = land(first.timestamp, offset, last_sent, target.rate_hz, asked_again=seat.asked_again)
    if landing is None:
        seat.asked_again = True
        return False
    if track.live:
        origin.release(track)
    shift = (track.timestamp_shift + landing.offset) & 0xFFFFFFFF
    track.timestamp_shift, track.last_time = shift, None
    track.landed_late = landing.shifted
    return True


def _offset(origin: Stream, target: Stream, first: StoredPacket) -> int:
    """Return what moves the target's times to the origin's line."""
    here, there = origin.reported, target.reported
    if here is not None and there is not None:
        return reported_offset(here, there, target.rate_hz)
    assert origin.newest is not None
    timestamp, arrival_s = origin.newest
    return arrival_offset((arrival_s, timestamp), (first.arrival_s, first.timestamp), target.rate_hz)
