"""A fault that one peer or show brings out is nobody else's matter. The faults are planted: none is known."""

import logging
from collections.abc import Callable

import httpx
import pytest

from streaming.counters import Counters
from streaming.faults import Faults
from streaming.peers import Publisher
from streaming.show_media import ShowMedia
from streaming.transport.demux import Demux
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import publisher, viewer
from tests.streaming.test_picture_backlog import NoShow, Queue


def _raises(*_: object) -> None:
    raise ZeroDivisionError("planted")


def _for_some(whom: Callable[[object], bool], call: Callable[..., None]) -> Callable[..., None]:
    """Let a method raise for some of its arguments."""

    def called(*values: object) -> None:
        if any(whom(value) for value in values):
            _raises()
        call(*values)

    return called


async def test_datagrams_read_with_one_that_raises_are_taken(
    http: httpx.AsyncClient,
    media: MediaServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In one call of the system, and each in turn."""
    async with publisher(http) as host, viewer(http) as player:
        on_stun = _for_some(lambda value: value == 21, Demux._on_stun)
        monkeypatch.setattr(Demux, "_on_stun", on_stun)
        with caplog.at_level(logging.ERROR, "streaming.faults"):
            for number in range(1, 5):
                host.ice.send(bytes(21))
                await host.send_audio(number, b"%d" % number)
                assert (await player.next_rtp(111)).payload == b"%d" % number
        assert media.inside.relay.counters.drops.pop("own_fault") == 4
    assert "planted" in caplog.text


async def test_the_clocks_of_all_shows_go_on(
    http: httpx.AsyncClient, media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A show's tick that raises does not keep another one's publisher from being asked again."""
    asked: list[Publisher] = []
    monkeypatch.setattr(Publisher, "send_nacks", lambda self, _: asked.append(self))
    monkeypatch.setattr(
        ShowMedia, "tick", _for_some(lambda one: getattr(one, "show", "") == "s1", ShowMedia.tick)
    )
    async with publisher(http, "s1"), publisher(http, "s2") as other:
        relay = media.inside.relay
        for number in range(1, 100):
            await other.send_audio(number, b"x")
            relay.tick(float(number))
            if asked:
                break
        assert relay.counters.drops.pop("own_fault") > 0
        assert {one.session.show for one in asked} == {"s2"}


@pytest.mark.parametrize("what", ["push", "flush"])
def test_a_small_shows_fault_breaks_no_other_shows_burst(what: str) -> None:
    """Its pictures go out between the runs of another's."""
    queue, large, small = Queue(), NoShow(500), NoShow(5)
    setattr(small.picture, what, _raises)

    def runs(_source: object, extended: int, *_: object) -> None:
        queue.backlog.forward_small()
        large.picture.pushed.append(extended)

    large.picture.push = runs  # type: ignore[assignment, method-assign]
    for show in (large, large, small):
        queue.put(show, 1)
    while queue.backlog.forward_one():
        pass
    assert (large.picture.pushed, large.picture.flushes) == ([1, 1], 1)
    assert queue.counters.drops["own_fault"] == 1


def test_a_flood_of_faults_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """One a second is written, all are counted."""
    counters = Counters()
    faults = Faults(counters)
    with caplog.at_level(logging.ERROR, "streaming.faults"):
        for _ in range(1000):
            faults.shield("a test", _raises)
    assert counters.drops["own_fault"] == 1000
    assert 1 <= caplog.text.count("Traceback") <= 2
