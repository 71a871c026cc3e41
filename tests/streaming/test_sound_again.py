"""A socket's full buffer: sound is tried again in order, pictures are left to the players; each counted."""

from collections.abc import Iterator
from typing import Any

import pytest

from streaming import sound_again
from streaming.forwarder import Fanout
from streaming.sound_again import SoundAgain
from streaming.transport import batch_native
from streaming.transport.batch_native import SLOTS, Way
from tests.streaming.test_forwarder import Hall

AGAIN = 11  # EAGAIN
LIMIT = 600


class Narrow:
    """A kernel that has room for so many messages, and then for none."""

    def __init__(self, real: Any) -> None:
        self.room = 0
        self._real = real

    def sendmmsg(self, descriptor: int, messages: Any, total: int, flags: int) -> int:
        """Send what there is room for."""
        fitting = min(self.room, total)
        if not fitting:
            batch_native._ffi.errno = AGAIN
            return -1
        self.room -= fitting
        return int(self._real.sendmmsg(descriptor, messages, fitting, flags))


class FullHall(Hall):
    """A hall whose socket takes nothing while it `is_full`, and but few of the arena's messages."""

    def __init__(self, way: Way, patch: pytest.MonkeyPatch) -> None:
        super().__init__(way)
        self.again = SoundAgain(self.counters, LIMIT)
        self.fanout = Fanout(self.fanout._arena, self.counters, self.again)
        self.kernel = Narrow(batch_native._libc)
        self.is_full = True
        real = self.own.offer
        patch.setattr(batch_native, "_libc", self.kernel)
        patch.setattr(self.fanout._arena.room, "wait", lambda _: False)
        patch.setattr(self.own, "offer", lambda *one: None if self.is_full else real(*one))

    def open(self) -> None:
        """Let there be room."""
        self.is_full, self.kernel.room = False, 1 << 20

    def numbers(self) -> list[list[int]]:
        """The sequence numbers each player has got since the last time, less its first one."""
        return [[packet.sequence - n for packet in one.received()] for n, one in enumerate(self.players)]


@pytest.fixture(params=[Way.SEGMENTED, Way.MANY])
def hall(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FullHall]:
    """Sound for more players than slots."""
    made = FullHall(request.param, monkeypatch)
    made.seat(SLOTS + 3)
    yield made
    made.close()


def test_sound_that_is_refused_goes_out_before_the_next(hall: FullHall) -> None:
    """Part of the players got it at once; all get both, in order, and nothing counts as lost."""
    hall.kernel.room = SLOTS + 1
    hall.send(80)
    assert hall.numbers() == [[0]] * (SLOTS + 1) + [[]] * 2
    hall.open()
    hall.send(80, first=2)
    assert hall.numbers() == [[1]] * (SLOTS + 1) + [[0, 1]] * 2
    assert hall.counters.totals["packets_out"] == 2 * (SLOTS + 3)
    assert hall.counters.totals["sound_sent_again"] == 2
    assert not hall.counters.drops
    assert not hall.again


def test_sound_waits_while_there_is_no_room_and_the_oldest_goes(hall: FullHall) -> None:
    """600 packets are kept, the newest."""
    for number in (1, 2, 3):
        hall.send(80, first=number)
    lost = 3 * (SLOTS + 3) - LIMIT
    assert len(hall.again) == LIMIT
    assert hall.counters.drops["send_buffer_full_audio"] == lost
    hall.open()
    hall.send(80, first=4)
    assert hall.numbers() == [[1, 2, 3]] * lost + [[0, 1, 2, 3]] * (SLOTS + 3 - lost)
    assert sum(hall.counters.drops.values()) == lost


def test_sound_that_nobody_would_play_any_more_is_dropped(
    hall: FullHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And counted."""
    hall.send(80)
    monkeypatch.setattr(sound_again, "KEPT_S", -1.0)
    hall.open()
    hall.send(80, first=2)
    assert hall.numbers() == [[1]] * (SLOTS + 3)
    assert hall.counters.drops == {"send_buffer_full_audio": SLOTS + 3}


def test_pictures_are_not_tried_again(hall: FullHall) -> None:
    """They are lost and counted apart: players ask for what they miss."""
    hall.fanout._again = None
    hall.send(80, 80)
    hall.open()
    hall.send(80, first=3)
    assert hall.numbers() == [[2]] * (SLOTS + 3)
    assert hall.counters.drops == {"send_buffer_full_video": 2 * (SLOTS + 3)}


def test_who_cannot_be_reached_is_no_full_buffer(hall: FullHall) -> None:
    """Nothing goes to port 0; it is not tried again and held against no buffer."""
    hall.open()
    track = hall.players[0].track
    track.connection.address = ("127.0.0.1", 0)
    hall.fanout.refresh(track)
    hall.send(80)
    assert hall.numbers() == [[]] + [[0]] * (SLOTS + 2)
    assert hall.counters.drops == {"no_route": 1}
    assert not hall.again


def test_no_sound_is_kept_where_that_is_set(hall: FullHall) -> None:
    """0 packets: lost at once."""
    hall.fanout._again = again = SoundAgain(hall.counters, 0)
    hall.send(80)
    assert len(again) == 0
    assert hall.counters.drops == {"send_buffer_full_audio": SLOTS + 3}
