"""Whatever is not sent beside the fan-out is counted once, by what was in the way."""

import errno
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from streaming.counters import Counters
from streaming.transport.connection import Connection
from streaming.transport.media_udp import MediaSocket
from streaming.transport.srtp_native import MAX_PACKET_BYTES, PROFILES, Scratch, SrtpEnd
from streaming.trunk.keys_crypto import GivenKeys, derive
from streaming.trunk.path_udp import TrunkPath
from tests.streaming.transport_ends import idle_end
from tests.waiting import until

HEADER = b"\x80\x60\x00\x01" + bytes(8)
REPORT = b"\x80\xc9\x00\x01" + bytes(4)
DATAGRAMS = 400


@pytest.fixture
def counters() -> Counters:
    """Nothing counted."""
    return Counters()


@pytest.fixture
def media(counters: Counters) -> Iterator[MediaSocket]:
    """A media socket."""
    made = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], counters)
    yield made
    made.close()


@pytest.fixture
def connection(media: MediaSocket, counters: Counters) -> Connection:
    """A peer with keys and a path: the socket itself."""
    made = Connection(idle_end(), Scratch(), counters, 0.0)
    profile = PROFILES[0]
    made.tx = SrtpEnd(profile, os.urandom(profile.key_bytes + profile.salt_bytes), inbound=False)
    made.socket, made.address = media, ("127.0.0.1", media.port)
    return made


def test_what_is_sent_is_not_counted_as_lost(connection: Connection, counters: Counters) -> None:
    """Media and reports."""
    assert connection.send_rtp(HEADER, b"payload")
    assert connection.send_rtcp(REPORT)
    assert not counters.drops


@pytest.mark.parametrize("missing", ["tx", "socket"])
def test_without_keys_or_path_nothing_is_sent(
    connection: Connection, counters: Counters, missing: str
) -> None:
    """Each is counted."""
    setattr(connection, missing, None)
    assert not connection.send_rtp(HEADER, b"payload")
    assert not connection.send_rtcp(REPORT)
    assert counters.drops == {"no_keys_or_path": 2}


def test_what_is_too_long_is_not_sent(connection: Connection, counters: Counters) -> None:
    """Neither media nor reports."""
    assert not connection.send_rtp(HEADER, bytes(MAX_PACKET_BYTES))
    assert not connection.send_rtcp(REPORT + bytes(MAX_PACKET_BYTES))
    assert counters.drops == {"payload_too_long": 2}


def test_what_libsrtp_refuses_is_not_sent(
    connection: Connection, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not leave as plaintext."""
    for name in ("protect", "protect_rtcp"):
        monkeypatch.setattr(SrtpEnd, name, lambda *_: 0)
    assert not connection.send_rtp(HEADER, b"payload")
    assert not connection.send_rtcp(REPORT)
    assert counters.drops == {"protect_refused": 2}


class Full:
    """A socket whose buffer is full."""

    def sendto(self, data: bytes, address: tuple[Any, ...]) -> int:
        """Take nothing."""
        raise BlockingIOError(errno.EAGAIN, f"{len(data)} bytes to {address}")


def test_a_full_buffer_and_no_way_are_told_apart(
    media: MediaSocket, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes to port 0."""
    assert not media.send(b"x", ("127.0.0.1", 0))
    assert counters.drops == {"send_failed": 1}
    with monkeypatch.context() as patch:
        patch.setattr(media, "_socket", Full())
        assert not media.send(b"x", ("127.0.0.1", 9))
    assert counters.drops == {"send_failed": 1, "send_buffer_full": 1}


async def test_what_did_not_fit_a_trunks_socket_is_counted(counters: Counters) -> None:
    """Of a flood from the owner every datagram is read or counted, once, also after the trunk's end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as owner:
        owner.bind(("127.0.0.1", 0))
        keys = derive(b"k" * 32, "s1", b"edge", b"owner", is_edge=True).keys
        connection = Connection(GivenKeys(keys), Scratch(), counters, 0.0)
        path = TrunkPath(connection, [owner.getsockname()], "u:v", "p" * 22, Scratch(), counters, 0.0)
        [own] = path._sockets.values()
        own._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(DATAGRAMS):
            owner.sendto(b"datagram", ("127.0.0.1", own.port))
        path.tick(1.0)
        lost = counters.drops["trunk_receive_buffer_full"]
        assert lost > 0
        await until(lambda: counters.totals["datagrams_in"] + lost == DATAGRAMS)
        path.tick(2.0)
        assert counters.drops["trunk_receive_buffer_full"] == lost
        for _ in range(DATAGRAMS):
            owner.sendto(b"datagram", ("127.0.0.1", own.port))
        path.close()
        assert counters.drops["trunk_receive_buffer_full"] > lost
