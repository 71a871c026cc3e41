"""Clocks: the publisher's sender reports carried over to the server's clock, and receiver reports.

Lip sync at the viewer needs, for sound and picture, the RTP time of one common clock's moment. The
publisher's reports give it on the publisher's clock; passing those through breaks when the publisher is
replaced, and when its clock is wrong (LiveKit #1321, #2572, #2859). So one offset per publisher session
moves both streams' reports to the server's clock: the smallest (arrival - publisher's time) seen, because
the smallest is the one with the least delay on the way. Publishers that send no reports (early OBS) fall
back to arrival times, for both streams or for none: mixing the two would shift sound against picture.

Layers of simulcast mostly have RTP times of their own. OBS (32.1 and later) gives each frame the same time in
every layer and sends one report a second for all of them, for whichever layer is due then; a layer may have
none for half a minute. So a report counts for every layer whose frames carry the same times.

Another SSRC, or the same one starting anew, has RTP times that say nothing of those before. Until its first
report nothing is told of it: viewers go on by the times they know, and the other stream by its reports.
"""

from collections import deque
from dataclasses import dataclass, field

from streaming.rtp.rtcp import ReferenceReply, ReferenceTime, ReportBlock

NTP_UNIX_OFFSET_S = 2_208_988_800
_WRAP = 1 << 32
_OFFSET_RELAX_S = 0.0005  # per report: lets the minimum follow a publisher whose clock runs slow
_RECENT_FRAMES = 8
_ALIKE_FRAMES = 4
# Within this a sender that sends reports sends one: 5 s, randomized by up to a half (RFC 3550 section 6.3.1).
REPORT_LIMIT_S = 7.5


def ntp_from_unix(unix_s: float) -> int:
    """64-bit NTP time of a Unix time."""
    whole = int(unix_s)
    return ((whole + NTP_UNIX_OFFSET_S) << 32) | int((unix_s - whole) * _WRAP)


def seconds_from_ntp(ntp: int) -> float:
    """Seconds since 1900 of a 64-bit NTP time."""
    return ntp / _WRAP


def middle_32_bits(ntp: int) -> int:
    """Return the form in which a report block names a sender report."""
    return (ntp >> 16) & 0xFFFFFFFF


@dataclass(slots=True)
class _Track:
    rate_hz: int
    report: tuple[float, int] | None = None  # publisher's seconds, RTP time
    arrival: tuple[float, int] | None = None  # server's seconds, RTP time, of the least delayed packet
    report_due_s: float | None = None  # server's seconds; the times are new, and a report will tell them
    frames: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT_FRAMES))  # RTP times

    def is_alike(self, other: "_Track") -> bool:
        """Whether both give the same frames the same times; a few of the newest may be on their way."""
        both = set(self.frames).intersection(other.frames)
        return self.rate_hz == other.rate_hz and len(both) >= _ALIKE_FRAMES


class PublisherClock:
    """Maps the server's clock to RTP time for the streams of one publisher session."""

    __slots__ = ("_offset_s", "_tracks")

    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self._offset_s: float | None = None

    def succeed(self, former: str, kind: str, now_s: float) -> None:
        """Note that in a stream's place another begins, or the same one with times of another start."""
        track = self._tracks.pop(former, None)
        if track is None:
            return
        reports = track.report is not None or track.report_due_s is not None
        self._tracks[kind] = _Track(track.rate_hz, report_due_s=now_s + REPORT_LIMIT_S if reports else None)

    def note_packet(self, kind: str, rate_hz: int, timestamp: int, arrival_s: float) -> None:
        """Note that a packet came: the fallback for publishers without sender reports."""
        track = self._tracks.get(kind)
        if track is None:
            track = self._tracks[kind] = _Track(rate_hz)
        elif track.report_due_s is not None and arrival_s > track.report_due_s:
            self._go_by_arrival()
        if not track.frames or track.frames[-1] != timestamp:
            track.frames.append(timestamp)
        if track.arrival is None:
            track.arrival = (arrival_s, timestamp)
            return
        expected = track.arrival[0] + _signed(timestamp - track.arrival[1]) / rate_hz
        if arrival_s < expected or arrival_s > expected + 2.0:
            track.arrival = (arrival_s, timestamp)

    def _go_by_arrival(self) -> None:
        """Let reports go that do not come; where clocks drift, what came long ago says nothing any more."""
        for track in self._tracks.values():
            track.arrival = track.report_due_s = None

    def note_report(self, kind: str, rate_hz: int, ntp: int, timestamp: int, arrival_s: float) -> list[str]:
        """Note that a sender report came for the stream of this kind. Returns all kinds it counts for."""
        if ntp == 0:
            return []
        track = self._tracks.setdefault(kind, _Track(rate_hz))
        published_s = seconds_from_ntp(ntp)
        kinds = [name for name, one in self._tracks.items() if one is track or one.is_alike(track)]
        for name in kinds:
            self._tracks[name].report = (published_s, timestamp)
            self._tracks[name].report_due_s = None
        offset_s = arrival_s - published_s
        if self._offset_s is None or offset_s < self._offset_s or offset_s > self._offset_s + 2.0:
            self._offset_s = offset_s
        else:
            self._offset_s += min(_OFFSET_RELAX_S, offset_s - self._offset_s)
        return kinds

    def timestamp_at(self, kind: str, now_s: float) -> int | None:
        """Return the publisher's RTP time at the server's moment `now_s`; None as `meeting` does."""
        met = self.meeting(kind)
        if met is None:
            return None
        anchor_s, anchor, _ = met
        return (anchor + round((now_s - anchor_s) * self._tracks[kind].rate_hz)) & (_WRAP - 1)

    def meeting(self, kind: str) -> tuple[float, int, bool] | None:
        """Return (server's seconds, RTP time then, whether reports say so).

        None before any packet, and while a report will tell what the new times of a stream mean.
        """
        track = self._tracks.get(kind)
        if track is None:
            return None
        reported = self._offset_s is not None and self._every_kind_is_reported()
        if reported and track.report is not None and self._offset_s is not None:
            return track.report[0] + self._offset_s, track.report[1], True
        if reported and track.report_due_s is not None:
            return None
        return None if track.arrival is None else (*track.arrival, False)

    def _every_kind_is_reported(self) -> bool:
        """Whether sound and picture are both reported, or will be; of layers ("video/1") one is enough."""
        kinds = {name.partition("/")[0] for name in self._tracks}
        told = (name for name, one in self._tracks.items() if one.report or one.report_due_s is not None)
        return kinds == {name.partition("/")[0] for name in told}


def _signed(difference: int) -> int:
    return ((difference + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class ReceptionStats:
    """What a receiver report says about one incoming stream (RFC 3550 appendix A.3 and A.8)."""

    __slots__ = (
        "_base", "_expected_before", "_jitter", "_rate_hz", "_received", "_received_before", "_report_ntp",
        "_report_s", "_transit", "highest", "ssrc",
    )  # fmt: skip

    def __init__(self, ssrc: int, rate_hz: int) -> None:
        self.ssrc = ssrc
        self.highest = 0
        self._rate_hz = rate_hz
        self._base: int | None = None
        self._received = self._received_before = self._expected_before = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._report_ntp = 0
        self._report_s = 0.0

    @property
    def counted_packets(self) -> tuple[int, int]:
        """(expected, received) since the first; what came again on request counts as received."""
        return (0 if self._base is None else self.highest - self._base + 1), self._received

    def arrived(self, sequence: int, timestamp: int, now_s: float) -> None:
        """Note a packet by its extended sequence number."""
        if self._base is None:
            self._base = sequence
        self.highest = max(self.highest, sequence)
        self._received += 1
        transit = now_s * self._rate_hz - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < self._rate_hz:
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def reported(self, ntp: int, now_s: float) -> None:
        """Note that a sender report of this stream came."""
        self._report_ntp, self._report_s = ntp, now_s

    def block(self, now_s: float) -> ReportBlock | None:
        """Return the report block for now, or None before the first packet."""
        if self._base is None:
            return None
        expected = self.highest - self._base + 1
        lost = max(0, expected - self._received)
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        fraction = (lost_now << 8) // expected_now if expected_now > 0 and lost_now > 0 else 0
        delay = int((now_s - self._report_s) * 65536) if self._report_ntp else 0
        return ReportBlock(
            self.ssrc, min(255, fraction), min(lost, 0x7FFFFF), self.highest & 0xFFFFFFFF, int(self._jitter),
            middle_32_bits(self._report_ntp) if self._report_ntp else 0, min(delay, 0xFFFFFFFF),
        )  # fmt: skip


def round_trip_s(now_ntp: int, block: ReportBlock) -> float | None:
    """Round trip from a report block about us, or None when the peer has had no report of ours yet."""
    if not block.last_sender_report:
        return None
    ticks = (middle_32_bits(now_ntp) - block.last_sender_report - block.delay_since_last) & 0xFFFFFFFF
    return None if ticks > 30 << 16 else ticks / 65536


def reply_to_reference(asked: ReferenceTime, arrived_s: float, now_s: float) -> ReferenceReply:
    """Answer now a reference time that came at `arrived_s`."""
    delay = min(int((now_s - arrived_s) * 65536), 0xFFFFFFFF)
    return ReferenceReply(asked.ssrc, middle_32_bits(asked.ntp), delay)


def reference_round_trip_s(now_s: float, reply: ReferenceReply) -> float | None:
    """Round trip from the answer to a reference time that was `ntp_from_unix` of a monotonic moment."""
    if not reply.last_reference:
        return None
    now = middle_32_bits(ntp_from_unix(now_s))
    ticks = (now - reply.last_reference - reply.delay_since_last) & 0xFFFFFFFF
    return None if ticks > 30 << 16 else ticks / 65536
