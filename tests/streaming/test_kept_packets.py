"""How much of a stream is kept, and what of it is replayed, is what the settings say."""

from collections.abc import Iterator

import pytest

from streaming.settings import Limits
from tests.streaming.fan_out_player import Player
from tests.streaming.studio import Studio

DELTA = b"\x10\x01" + bytes(998)


@pytest.fixture
def studio() -> Iterator[Studio]:
    """One layer."""
    made = Studio(640)
    yield made
    made.close()


def test_a_ring_holds_so_many_bytes_and_no_more(studio: Studio) -> None:
    """However little time has passed."""
    stream = studio.picture.layers[0]
    stream._limits = Limits(ring_bytes=300_000)
    studio.frame(0, key=True)
    for _ in range(1000):
        studio.packet(0, DELTA)
    assert 290_000 < stream._ring.bytes_total <= 300_000


@pytest.mark.parametrize(("seconds", "kept"), [(1, 31), (4, 121)])
def test_a_ring_holds_so_many_seconds(studio: Studio, seconds: int, kept: int) -> None:
    """When the group is too old to be replayed."""
    stream = studio.picture.layers[0]
    stream._limits = Limits(ring_s=seconds, replay_s=0)
    studio.frame(0, key=True)
    for _ in range(320):
        studio.packet(0, DELTA)
        studio.now_s += 1 / 30
    found = [one for one in range(stream.highest + 1) if stream.stored(one) is not None]
    assert kept - 1 <= len(found) <= kept + 16


@pytest.mark.parametrize(
    ("limits", "replays"),
    [
        (Limits(), 1),
        (Limits(replay_bytes=9_000), 0),
        (Limits(replay_bytes=11_000), 1),
        (Limits(replay_s=0), 0),
    ],
)
def test_a_group_is_replayed_while_it_is_short(studio: Studio, limits: Limits, replays: int) -> None:
    """In bytes and in seconds; who gets none waits for a key frame."""
    stream = studio.picture.layers[0]
    stream._limits = limits
    studio.frame(0, key=True)
    for _ in range(10):
        studio.packet(0, DELTA)
    player = Player(0, studio.own, studio.counters, 0, "1")
    studio.players.append(player)
    player.track.started = False
    studio.picture.add_viewer(player.track, studio.now_s)
    assert studio.counters.totals["replays"] == replays
    assert stream.requests.wanted
