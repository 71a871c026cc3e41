"""Catching up on the newest group of pictures: real SRTP keys, real datagrams, each way of sending."""

import os
from collections.abc import Iterator
from itertools import pairwise
from time import monotonic

import numpy as np
import pytest

from streaming.counters import Counters
from streaming.forwarder import MAX_PAYLOAD_BYTES
from streaming.replays import REPLAY_PACKETS, Replays, replay_times
from streaming.rtp.ring import PacketRing, StoredPacket
from streaming.transport import batch_native, series_native
from streaming.transport.batch_native import Arena, Way
from streaming.transport.media_udp import MediaSocket
from streaming.transport.srtp_native import protect
from tests.streaming.fan_out_player import Player

FRAME_TICKS, FOREVER_S, NO_TIME_S = 3000, float("inf"), 0.0
FIRST, RATE_HZ = 1000, 90_000


class Group:
    """A ring with a group of pictures, packets of these sizes, four a picture, and viewers who join late."""

    def __init__(self, way: Way, sizes: list[int], viewers: int) -> None:
        self.counters = Counters()
        self.ring = PacketRing(4096)
        self.packets = [self._put(place, size) for place, size in enumerate(sizes)]
        self.highest = FIRST + len(sizes) - 1
        self.own = MediaSocket("127.0.0.1", 0, "127.0.0.1", self.counters)
        self.arena = Arena(way)
        self.replays = Replays(self.arena, self.counters)
        self.players = [Player(number, self.own, self.counters, 0, "1") for number in range(viewers)]
        times = replay_times(self.packets, 0, RATE_HZ)
        self.times = list(times.values())
        for player in self.players:
            player.track.start_at(FIRST, player.track.line)  # type: ignore[arg-type]
            self.replays.begin(player.track, FIRST, times)

    def _put(self, place: int, size: int) -> StoredPacket:
        time = FRAME_TICKS * (place // 4)
        packet = StoredPacket(FIRST + place, time, place % 4 == 3, "VP8", os.urandom(size), False, 0.0)
        self.ring.put(packet)
        return packet

    def step(self, until_s: float = FOREVER_S) -> int:
        """Send a slice; returns how many have caught up with it."""
        return len(self.replays.step(self.ring, self.highest, until_s))

    def close(self) -> None:
        """Give every port back."""
        self.own.close()
        for player in self.players:
            player.socket.close()


@pytest.fixture(params=list(Way), ids=lambda way: str(way.name).lower())
def way(request: pytest.FixtureRequest) -> Way:
    """Each way datagrams can leave."""
    found: Way = request.param
    return found


@pytest.fixture
def opened() -> Iterator[list[Group]]:
    """Close what a test has made."""
    groups: list[Group] = []
    yield groups
    for group in groups:
        group.close()


SIZES = [
    [1100] * 4 * 30,  # as the benchmark's encoder
    [1100, 1100, 1100, 300] * 30,  # FFmpeg: full packets and a rest
    [1099, 1099, 1100, 1100] * 30,  # libwebrtc: about equal
    [40, 1100, 40, 1100, 1100, 41, 40] * 9,
    [700],
]


@pytest.mark.parametrize("sizes", SIZES, ids=len)
def test_a_joiner_gets_the_group_whole_and_in_order(way: Way, opened: list[Group], sizes: list[int]) -> None:
    """Payloads, markers, numbers without a gap, and squeezed times that only grow."""
    group = Group(way, sizes, 3)
    opened.append(group)
    steps = -(-len(sizes) // REPLAY_PACKETS)
    assert [group.step() for _ in range(steps)] == [0] * (steps - 1) + [3]
    assert len(group.replays) == 0
    for player in group.players:
        packets = player.received()
        assert [packet.payload for packet in packets] == [packet.payload for packet in group.packets]
        assert [packet.marker for packet in packets] == [packet.marker for packet in group.packets]
        assert all(later.sequence - one.sequence == 1 for one, later in pairwise(packets))
        shift = player.track.timestamp_shift
        times = list(dict.fromkeys((packet.timestamp - shift) & 0xFFFFFFFF for packet in packets))
        assert times == [time & 0xFFFFFFFF for time in group.times]
        assert player.track.extra_packets == len(sizes)
        assert player.track.extra_octets == sum(sizes)
        assert player.track.replay is not None
        assert player.track.replay.end == group.highest + 1, "what comes live keeps its time"
    assert not group.counters.drops
    assert group.counters.totals["replays"] == 3


def test_packets_of_one_size_leave_as_one_message(opened: list[Group]) -> None:
    """Eight at most; a shorter one ends a message, a longer one begins the next."""
    group = Group(Way.SEGMENTED, [1100] * 20 + [300] + [900, 1100, 1100], 1)
    opened.append(group)
    group.step()
    series = group.replays._series
    assert series is not None
    assert series._messages.totals == [8, 8, 5, 1, 2]
    assert len(group.players[0].received()) == 24


def test_however_many_catch_up_a_step_is_one_slice(way: Way, opened: list[Group]) -> None:
    """Without time it is one viewer's turn, the first one's until it has arrived."""
    group = Group(way, [500] * (REPLAY_PACKETS + 10), 5)
    opened.append(group)
    for turn in range(5):
        for arrived, packets in ((0, REPLAY_PACKETS), (1, 10)):
            assert group.step(NO_TIME_S) == arrived
            got = [len(player.received()) for player in group.players]
            assert got == [packets if number == turn else 0 for number in range(5)]
    assert group.step(monotonic() + 1) == 0


def test_a_slow_one_does_not_keep_the_others_waiting(
    opened: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its place, and those behind it are served."""
    group = Group(Way.SEGMENTED, [500] * 20, 2)
    opened.append(group)
    slow = group.players[0].track
    monkeypatch.setattr(type(slow), "is_full", property(lambda track: track is slow))
    assert group.step(NO_TIME_S) == 1
    assert [len(player.received()) for player in group.players] == [0, 20]
    assert slow in group.replays


def test_a_refused_packet_does_not_leave_as_plaintext(
    way: Way, opened: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What libsrtp refuses is counted, and the packets around it arrive."""
    group = Group(way, [800] * 12, 1)
    opened.append(group)
    calls = iter(range(1000))

    def refuse_fifth(context: object, pointer: object, length: object) -> int:
        return 1 if next(calls) == 4 else int(original(context, pointer, length))

    original = protect
    monkeypatch.setattr(series_native, "protect", refuse_fifth)
    group.step()
    got = [packet.payload for packet in group.players[0].received()]
    expected = [packet.payload for packet in group.packets]
    if way is not Way.ONE:
        del expected[4]
        assert group.counters.drops["protect_refused"] == 1
    assert got == expected


def test_an_oversized_packet_of_the_group_is_counted(way: Way, opened: list[Group]) -> None:
    """What fits is sent to who catches up, what does not is left out."""
    group = Group(way, [500, MAX_PAYLOAD_BYTES + 1, 500], 2)
    opened.append(group)
    group.step()
    assert [len(player.received()) for player in group.players] == [2, 2]
    assert dict(group.counters.drops) == {"payload_too_long": 2}


def test_what_cannot_be_cut_up_leaves_one_by_one(
    opened: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path whose device cannot segment takes the packets all the same."""
    group = Group(Way.SEGMENTED, [800] * 12, 1)
    opened.append(group)
    sendmmsg = batch_native._libc.sendmmsg

    class NoSegments:
        """Refuses what has a control message."""

        def sendmmsg(self, descriptor: int, start: object, total: int, flags: int) -> int:
            """Fail with EINVAL where the first message is to be cut up."""
            rows = np.frombuffer(
                batch_native._ffi.buffer(start, batch_native.MESSAGE.itemsize * total), batch_native.MESSAGE
            )
            if rows["control_bytes"][0]:
                batch_native._ffi.errno = 22
                return -1
            return int(sendmmsg(descriptor, start, total, flags))

    monkeypatch.setattr(batch_native, "_libc", NoSegments())
    group.step()
    assert len(group.players[0].received()) == 12
    assert not group.counters.drops


def test_a_full_buffer_loses_and_counts(opened: list[Group], monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that takes nothing is not waited for by every viewer's packets."""
    group = Group(Way.SEGMENTED, [800] * 12, 1)
    opened.append(group)
    monkeypatch.setattr(group.arena.room, "wait", lambda _: False)

    class Full:
        """Takes nothing."""

        def sendmmsg(self, *_: object) -> int:
            """Fail with EAGAIN."""
            batch_native._ffi.errno = 11
            return -1

    monkeypatch.setattr(batch_native, "_libc", Full())
    assert group.step() == 1
    assert group.counters.drops["send_buffer_full_video"] == 12


def test_who_leaves_gets_nothing_more(way: Way, opened: list[Group]) -> None:
    """And who stays everything."""
    group = Group(way, [500] * (REPLAY_PACKETS + 10), 2)
    opened.append(group)
    group.step()
    assert group.replays.drop(group.players[0].track)
    assert not group.replays.drop(group.players[0].track)
    group.step()
    assert [len(player.received()) for player in group.players] == [REPLAY_PACKETS, REPLAY_PACKETS + 10]
