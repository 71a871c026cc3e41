"""Sound of a copied show does not wait for a burst of pictures: its trunk is looked at in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from streaming.transport.connection import Connection
from streaming.transport.srtp_native import Scratch
from streaming.trunk.path_udp import TrunkPath
from tests.streaming.raw_peer import RawPeer, publisher, viewer
from tests.streaming.trunk.test_copies import begin
from tests.streaming.trunk.two_processes import Place, two_processes
from tests.waiting import until


@asynccontextmanager
async def unread(redis: Any) -> AsyncIterator[tuple[Place, Place, TrunkPath, RawPeer, RawPeer]]:
    """Owner, edge and its trunk, host and viewer; the edge's loop has no turn for what the trunk brings."""
    async with two_processes(redis) as (owner, edge), publisher(owner.http) as host:
        await host.send_audio(999)
        async with viewer(edge.http) as player:
            await begin(host, edge)
            path = edge.relay.edges._edges["s1"].path
            assert path is not None
            for media_socket in path._sockets.values():
                asyncio.get_running_loop().remove_reader(media_socket.descriptor)
            edge.relay.demux.look = edge.relay.udp.look
            yield owner, edge, path, host, player


async def test_sound_is_taken_between_two_runs_of_a_burst(redis: Any) -> None:
    """As that of hosts is."""
    async with unread(redis) as (owner, edge, _path, host, player):
        taken, sent = edge.relay.counters.totals, owner.relay.counters.totals
        before, to_send = taken["packets_in"], sent["packets_out"] + 1
        await host.send_audio(1001, b"sound")
        await until(lambda: sent["packets_out"] >= to_send)
        assert taken["packets_in"] == before
        edge.relay._arena.between_runs()
        assert taken["packets_in"] > before
        while (await player.next_rtp(111)).payload != b"sound":
            pass


async def test_looks_keep_a_distance(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that finds nothing costs as well; half a millisecond lies between them, here an hour."""
    async with unread(redis) as (_, edge, path, _host, _player):
        looks: list[Scratch] = []
        monkeypatch.setattr(path, "look", looks.append)
        monkeypatch.setattr("streaming.trunk.edge.LOOK_AGAIN_S", 3600.0)
        edge.relay.edges._looked_s = float("-inf")
        for _ in range(3):
            edge.relay._arena.between_runs()
        assert len(looks) == 1


async def test_a_fault_in_a_look_does_not_reach_the_burst(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted, and the burst goes on."""
    async with unread(redis) as (_, edge, path, _host, _player):

        def fail(buffer: Scratch) -> None:
            raise RuntimeError(f"a fault with {buffer}")

        monkeypatch.setattr(path, "look", fail)
        edge.relay.edges._looked_s = float("-inf")
        edge.relay._arena.between_runs()
        assert edge.relay.counters.drops["own_fault"] == 1


async def test_a_look_in_the_middle_of_a_packet_leaves_it_whole(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a packet brings about may send pictures, and so look: both packets reach the viewer."""
    async with unread(redis) as (owner, edge, path, host, player):
        sent = owner.relay.counters.totals["packets_out"]
        for number in (1, 2):
            await host.send_audio(1000 + number, b"number %d" % number)
        await until(lambda: owner.relay.counters.totals["packets_out"] >= sent + 2)
        take, edges, trunk = Connection.on_media, edge.relay.edges, path._connection

        def look_first(connection: Connection, buffer: Scratch, length: int, now_s: float) -> None:
            if connection is trunk:
                edges._looked_s = float("-inf")
                edges.look()
            take(connection, buffer, length, now_s)

        monkeypatch.setattr(Connection, "on_media", look_first)
        for media_socket in path._sockets.values():
            path._read(media_socket, path._buffer)
        heard: list[bytes] = []
        while len(heard) < 2:
            heard += (
                [payload] if (payload := (await player.next_rtp(111)).payload).startswith(b"number") else []
            )
        assert sorted(heard) == [b"number 1", b"number 2"]
