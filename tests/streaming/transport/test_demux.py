"""The demultiplexer's tables when they are full: what does not fit is dropped and counted."""

import pytest
from aioice import stun

from streaming.counters import Counters
from streaming.transport.connection import Address, Connection
from streaming.transport.demux import (
    MAX_HANDSHAKE_BACKLOG,
    MAX_HANDSHAKE_BACKLOG_PER_PEER,
    MAX_PATHS_PER_PEER,
    Demux,
)
from streaming.transport.srtp_native import Scratch
from tests.streaming.transport_ends import idle_end
from tests.waiting import until

DTLS = b"\x17\xfe\xfd\x00\x01" + bytes(8) + b"\x00\x10" + bytes(16)
PASSWORD = "a password of our own"


class Port:
    """A socket that keeps nothing of what it is to send."""

    descriptor = -1
    is_stream = is_full = False

    def __init__(self) -> None:
        self.by_address: dict[Address, Connection] = {}

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Lose a datagram."""
        return bool(data and address)

    def released(self) -> None:
        """Note nothing."""


class Tables:
    """A demultiplexer, its port, and peers that have checked from an address each."""

    def __init__(self, peers: int) -> None:
        self.counters = Counters()
        self.demux = Demux(self.counters, lambda: False)
        self.port = Port()
        self.peers = [Connection(idle_end(), Scratch(), self.counters, 0.0) for _ in range(peers)]
        for number, connection in enumerate(self.peers):
            self.demux.register(f"peer{number}", PASSWORD, connection)
            self.check(number, address(number))

    def take(self, datagram: bytes, whence: Address) -> None:
        """Hand in a datagram."""
        buffer = Scratch()
        buffer.view[: len(datagram)] = datagram
        self.demux.take(self.port, buffer, len(datagram), whence)

    def check(self, number: int, whence: Address) -> None:
        """Send a peer's genuine check from an address."""
        attributes = {"USERNAME": f"peer{number}:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 1}
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity(PASSWORD.encode())
        self.take(bytes(message), whence)


def address(number: int) -> Address:
    """Return one of many addresses."""
    return "127.0.0.1", 10_000 + number


async def test_of_handshakes_so_many_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one peer a few flights, of all together the backlog; each refusal has its name, the rest is read."""
    peers = MAX_HANDSHAKE_BACKLOG // MAX_HANDSHAKE_BACKLOG_PER_PEER
    tables = Tables(peers + 1)
    read: list[Connection] = []
    monkeypatch.setattr(Connection, "on_dtls", lambda connection, _datagram, _now_s: read.append(connection))
    drops = tables.counters.drops
    for number in range(peers):
        for _ in range(MAX_HANDSHAKE_BACKLOG_PER_PEER):
            tables.take(DTLS, address(number))
        if number == 0:
            tables.take(DTLS, address(number))
    assert dict(drops) == {"handshake_backlog_of_peer_full": 1}
    assert tables.demux.gauges()["dtls_waiting"] == MAX_HANDSHAKE_BACKLOG
    for _ in range(3):
        tables.take(DTLS, address(peers))
    assert dict(drops) == {"handshake_backlog_of_peer_full": 1, "handshake_backlog_full": 3}
    await until(lambda: len(read) == MAX_HANDSHAKE_BACKLOG)
    tables.take(DTLS, address(peers))
    await until(lambda: read[-1] is tables.peers[peers])
    assert sum(drops.values()) == 4


def test_of_paths_a_peer_keeps_so_many_and_each_pushed_out_is_counted() -> None:
    """The one it is sent over stays, the oldest other goes; checks from known paths push nothing out."""
    tables = Tables(1)
    for number in range(1, MAX_PATHS_PER_PEER):
        tables.check(0, address(number))
        tables.check(0, address(number))
    assert not tables.counters.drops
    for number in range(MAX_PATHS_PER_PEER, MAX_PATHS_PER_PEER + 3):
        tables.check(0, address(number))
    assert dict(tables.counters.drops) == {"too_many_paths": 3}
    kept = [address(0), *map(address, range(4, MAX_PATHS_PER_PEER + 3))]
    assert list(tables.port.by_address) == kept
    assert tables.demux.gauges()["paths"] == MAX_PATHS_PER_PEER == len(kept)
