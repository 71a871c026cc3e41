"""What changes when the host's packets come from another source: another publisher, SSRC or start.

No sockets: plain packets are handed in, and what viewers are sent is written down.
"""

import pytest

from streaming.bandwidth.probe import ProbePlan
from streaming.peers import MAX_SOURCES, Publisher
from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket, build_rtp
from streaming.rtp.reports import REPORT_LIMIT_S
from streaming.transport.connection import Connection
from tests.streaming.fuzz.targets import PUBLISHERS, Stage, _ntp_at, _session
from tests.streaming.raw_peer import VP8_DELTA, VP8_KEY

RATES_HZ = {"audio": 48_000, "video": 90_000}
# The host's clock when ours is at 0, and what its pictures are later than its sound in coming to us.
HOST_ZERO_S, PICTURE_LATE_S = 1000, 0.08


class Show:
    """A publisher, one viewer, and the host's clocks: `bases` are the RTP times at our 0."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = Stage()
        del self.stage.show.viewers[self.stage.viewers[1]]
        self.ssrcs = {"audio": 1, "video": 2}
        self.bases = {"audio": 7_000, "video": 3_000_000_000}
        self.numbers = {"audio": 10, "video": 500}
        self.reports: list[rtcp.SenderReport] = []
        to_viewer = self.stage.viewers[0].session.connection
        monkeypatch.setattr(Connection, "send_rtcp", lambda one, data: one is to_viewer and self._heard(data))

    def _heard(self, compound: bytes) -> bool:
        items = rtcp.parse_rtcp(memoryview(compound))
        self.reports += [item for item in items if isinstance(item, rtcp.SenderReport)]
        return True

    def rtp_time(self, kind: str, captured_s: float) -> int:
        """The host's RTP time of a moment."""
        return (self.bases[kind] + round(captured_s * RATES_HZ[kind])) & 0xFFFFFFFF

    def send(self, kind: str, captured_s: float, *, drained: bool = True, picture: bytes = VP8_KEY) -> None:
        """Hand in a packet."""
        self.numbers[kind] += 1
        number, timestamp = self.numbers[kind] & 0xFFFF, self.rtp_time(kind, captured_s)
        payload_type, payload = (96, picture + b"%d" % number) if kind == "video" else (111, b"sound")
        packet = RtpPacket(True, payload_type, number, timestamp, self.ssrcs[kind], payload, {})
        arrived_s = captured_s + (PICTURE_LATE_S if kind == "video" else 0.0)
        self.stage.publisher.session.connection.on_rtp(memoryview(build_rtp(packet)), arrived_s)
        while drained and self.stage.backlog.forward_one():
            continue

    def report(self, kind: str, at_s: float, *, ssrc: int | None = None, base: int | None = None) -> None:
        """Hand in a sender report; of a former stream with `ssrc` and `base`."""
        time = self.rtp_time(kind, at_s) if base is None else base + round(at_s * RATES_HZ[kind])
        ntp = round((HOST_ZERO_S + at_s) * (1 << 32))
        said = rtcp.SenderReport(ssrc or self.ssrcs[kind], ntp, time & 0xFFFFFFFF, 1, 1)
        data = rtcp.build_receiver_report(1, []) + rtcp.build_sender_report(said)
        self.stage.publisher.session.connection.on_rtcp(memoryview(data), at_s)

    def begin(self) -> None:
        """Sound and picture for a second, both reported."""
        for tenth in range(10):
            self.send("audio", tenth / 10)
            self.send("video", tenth / 10)
        self.report("audio", 1.0)
        self.report("video", 1.0)

    def told_s(self, kind: str, captured_s: float, now_s: float) -> float | None:
        """By a report of now: when the viewer takes what was captured at a moment to have been.

        None when nothing is reported.
        """
        viewer = self.stage.viewers[0]
        self.reports.clear()
        self.stage.show.report_to(viewer, now_s)
        track = viewer.tracks[kind]
        source = (self.stage.show.sound if kind == "audio" else self.stage.show.picture).source
        told = next((one for one in self.reports if one.ssrc == track.section.ssrc), None)
        if told is None or source is None:
            return None
        assert told.ntp == _ntp_at(now_s)
        shift = source.timestamp_offset + track.timestamp_shift
        behind = (told.timestamp - self.rtp_time(kind, captured_s) - shift + 0x80000000) & 0xFFFFFFFF
        return now_s - (behind - 0x80000000) / RATES_HZ[kind]

    def lips_apart_s(self, now_s: float) -> float:
        """How far sound and picture of one moment are apart at the viewer."""
        sound, picture = self.told_s("audio", 1.0, now_s), self.told_s("video", 1.0, now_s)
        assert sound is not None
        assert picture is not None
        return abs(sound - picture)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """A show on air."""
    made = Show(monkeypatch)
    made.begin()
    assert made.lips_apart_s(1.0) < 0.001
    return made


def change(show: Show, what: str, kind: str) -> None:
    """Let a stream come from another start."""
    if what == "ssrc":
        show.ssrcs[kind] += 100
    else:
        show.send(kind, 1.0)
    show.bases[kind] = (show.bases[kind] + 1_234_567_890) & 0xFFFFFFFF
    show.numbers[kind] += 20_000
    for tenth in range(2, 5):
        show.send(kind, 1 + tenth / 10)


@pytest.mark.parametrize("kind", ["audio", "video"])
@pytest.mark.parametrize("what", ["ssrc", "numbers"])
def test_lips_stay_in_step_over_another_start(show: Show, what: str, kind: str) -> None:
    """Nothing is said of the new times before the host has told them; the other stream goes on as it was."""
    other = "video" if kind == "audio" else "audio"
    before = show.told_s(other, 1.0, 1.3)
    assert before is not None
    change(show, what, kind)
    assert show.told_s(kind, 1.0, 1.5) is None
    assert show.told_s(other, 1.0, 1.5) == pytest.approx(before, abs=0.001)
    show.report(kind, 1.6)
    assert show.lips_apart_s(1.7) < 0.001
    assert show.told_s(other, 1.0, 1.7) == pytest.approx(before, abs=0.001)


def test_a_former_streams_report_says_nothing_of_the_new_one(show: Show) -> None:
    """It may come late, and some senders go on with it."""
    base = show.bases["video"]
    change(show, "ssrc", "video")
    show.report("video", 1.55, ssrc=2, base=base)
    assert show.told_s("video", 1.0, 1.6) is None
    show.report("video", 1.6)
    show.report("video", 1.65, ssrc=2, base=base)
    assert show.lips_apart_s(1.7) < 0.001


def test_a_new_stream_that_is_never_reported_goes_by_arrival_and_so_do_both(show: Show) -> None:
    """After a while; by packets that came after the change."""
    change(show, "ssrc", "video")
    ended_s = 1.5 + REPORT_LIMIT_S
    for kind in ("video", "audio", "video", "audio"):
        show.send(kind, ended_s)
    told = [show.told_s(kind, ended_s, ended_s + 0.5) for kind in ("audio", "video")]
    assert told == [pytest.approx(ended_s, abs=0.001), pytest.approx(ended_s + PICTURE_LATE_S, abs=0.001)]


def test_a_stream_that_comes_back_begins_anew_too(show: Show) -> None:
    """The host goes back to its first camera: that one's old report is not taken for now's."""
    base = show.bases["video"]
    change(show, "ssrc", "video")
    show.report("video", 1.6)
    show.ssrcs["video"], show.bases["video"], show.numbers["video"] = 2, base + 777_777, 510
    show.send("video", 3.0)
    assert show.told_s("video", 1.0, 3.1) is None
    show.report("video", 3.2)
    assert show.lips_apart_s(3.3) < 0.001


def test_pictures_of_a_former_host_that_wait_are_not_shown(show: Show) -> None:
    """Else one would be the next host's first, and its stream be asked for key frames that never come."""
    picture = show.stage.show.picture
    sent = picture.layers[0].highest
    show.send("video", 2.0, drained=False)
    show.stage.show.set_publisher(None)
    while show.stage.backlog.forward_one():
        continue
    assert picture.source is None
    assert picture.layers[0].highest == sent
    assert show.stage.counters.drops["former_publisher"] == 1


def test_pictures_of_a_former_start_that_wait_are_not_shown(show: Show) -> None:
    """Else the line goes on with their numbers, and all that comes after counts as too early."""
    picture = show.stage.show.picture
    sent = picture.layers[0].highest
    show.send("video", 2.0, drained=False)
    show.numbers["video"] = 10_000
    show.send("video", 2.1, drained=False)
    show.send("video", 2.2, drained=False)
    for tenth in range(3, 8):
        show.send("video", 2 + tenth / 10)
    assert picture.layers[0].highest == sent + 6
    # The first one far away may be an outlier; the waiting one is of the start before.
    assert show.stage.counters.drops["former_start"] == 1
    assert "before_first_packet" not in show.stage.counters.drops


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_stream_may_follow_another_as_often_as_it_likes(show: Show, kind: str) -> None:
    """Those that were followed longest ago are forgotten."""
    stream = show.stage.show.sound if kind == "audio" else show.stage.show.picture.layers[0]
    for change_number in range(3 * MAX_SOURCES):
        before = stream.highest
        show.ssrcs[kind] += 100
        for tenth in range(3):
            show.send(kind, 2 + change_number + tenth / 10)
        assert stream.highest == before + 3
    # The newest are remembered: a sender report about one of them still finds its stream.
    known = show.stage.publisher._sources
    kept = [ssrc for ssrc in known if ssrc not in (1, 2)]
    assert sorted(kept) == [show.ssrcs[kind] - 100 * n for n in reversed(range(len(kept)))]
    show.stage.check()


def test_what_a_former_host_goes_on_to_send_is_not_taken(show: Show) -> None:
    """Its packets may lie read already when another takes over."""
    publisher = Publisher(_session(PUBLISHERS), show.stage.show, show.stage.counters, 2)
    show.stage.show.set_publisher(publisher)
    sent = show.stage.show.sound.highest
    show.send("audio", 2.0)
    show.send("video", 2.0)
    assert show.stage.show.sound.source is None
    assert show.stage.show.picture.source is None
    assert show.stage.show.sound.highest == sent


def test_a_probe_repeats_packets_under_the_numbers_they_were_sent_with(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of another stretch of numbers: the player would take them for what it misses."""
    show.ssrcs["video"] += 100
    for tenth in range(3):
        show.send("video", 1.2 + tenth / 10, picture=VP8_DELTA)
    show.send("video", 1.5)
    show.send("video", 1.6, picture=VP8_DELTA)
    picture, track = show.stage.show.picture, show.stage.viewers[0].tracks["video"]
    seat = picture.seat(track)
    assert seat is not None
    repeated: list[bytes] = []

    def send(_connection: Connection, _header: bytes, payload: bytes) -> bool:
        repeated.append(payload)
        return True

    monkeypatch.setattr(Connection, "send_rtp", send)
    numbered = track.number_shift
    seat.begin_probe(ProbePlan(10_000, 0.02, 1e6))
    seat.send_probe_slice(1.7)
    assert track.number_shift == numbered + len(repeated)
    for payload in repeated:
        sent = track.history.find(track.extend(int.from_bytes(payload[:2], "big")))
        assert sent is not None
        assert sent.packet.payload == payload[2:]
    assert len(repeated) == 2
