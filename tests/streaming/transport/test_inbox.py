"""What waits at a socket, taken many at a time: the same as one by one."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from streaming.counters import Counters
from streaming.transport import inbox_native
from streaming.transport.inbox_native import AT_ONCE, MAX_ADDRESSES, Inbox, read_socket_address
from streaming.transport.srtp_native import MAX_PACKET_BYTES

WAYS = pytest.mark.parametrize("at_once", [True, False], ids=["many", "one by one"])
Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def sockets(request: pytest.FixtureRequest) -> Iterator[Sockets]:
    """One that receives, and one that sends to it."""
    host = "127.0.0.1" if request.param == socket.AF_INET else "::1"
    with (
        closing(socket.socket(request.param, socket.SOCK_DGRAM)) as receiver,
        closing(socket.socket(request.param, socket.SOCK_DGRAM)) as sender,
    ):
        receiver.setblocking(False)
        receiver.bind((host, 0))
        sender.bind((host, 0))
        sender.connect(receiver.getsockname())
        yield receiver, sender


def inbox(monkeypatch: pytest.MonkeyPatch, at_once: bool) -> tuple[Inbox, Counters]:
    """An inbox on a system that has the call, or has not."""
    if not at_once:
        monkeypatch.setattr(inbox_native, "_libc", object())
    counters = Counters()
    return Inbox(counters), counters


@WAYS
def test_all_that_waits_is_taken_in_order_with_the_senders_address(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """So many at a time; addresses are those `recvfrom` gives, the second time as the first."""
    receiver, sender = sockets
    box, counters = inbox(monkeypatch, at_once)
    for _ in range(2):
        for number in range(AT_ONCE + 3):
            sender.send(b"%d" % number * (1 + number))
        taken = []
        for total in (AT_ONCE, 3, 0):
            received = box.receive(receiver)
            assert len(received) == total
            taken += [(bytes(buffer.view[:length]), address) for buffer, length, address in received]
        assert taken == [(b"%d" % n * (1 + n), sender.getsockname()) for n in range(AT_ONCE + 3)]
    assert not counters.drops


@WAYS
def test_what_is_too_long_is_seen_to_be(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """Its length is the buffer's, which no packet has."""
    receiver, sender = sockets
    box, _ = inbox(monkeypatch, at_once)
    sender.send(bytes(3000))
    sender.send(b"")
    assert [length for _, length, _ in box.receive(receiver)] == [MAX_PACKET_BYTES, 0]


@WAYS
def test_an_error_of_an_earlier_send_is_counted(monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    """The port it was sent to is closed; what comes afterwards is taken."""
    box, counters = inbox(monkeypatch, at_once)
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as gone:
        gone.bind(("127.0.0.1", 0))
        address = gone.getsockname()
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as one:
        one.setblocking(False)
        one.connect(address)
        one.send(b"anybody?")
        assert list(box.receive(one)) == []
        assert counters.drops["receive_error"] == 1
        assert list(box.receive(one)) == []
        assert counters.drops["receive_error"] == 1


def test_strangers_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are kept for those who come again, so many at most."""
    monkeypatch.setattr(inbox_native, "MAX_ADDRESSES", 4)
    assert MAX_ADDRESSES > 4
    box, _ = inbox(monkeypatch, at_once=True)
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as receiver:
        receiver.setblocking(False)
        receiver.bind(("127.0.0.1", 0))
        for _ in range(10):
            with closing(socket.socket(type=socket.SOCK_DGRAM)) as stranger:
                stranger.sendto(b"hello", receiver.getsockname())
                ((_, _, address),) = box.receive(receiver)
                assert address == ("127.0.0.1", stranger.getsockname()[1])
        assert len(box._addresses) <= 4


def test_an_address_with_a_scope_is_read_as_the_system_writes_it() -> None:
    """Link-local ones belong to an interface."""
    name = b"\x0a\x00" + (4242).to_bytes(2, "big") + bytes(4) + b"\xfe\x80" + bytes(13) + b"\x01"
    assert read_socket_address(name + (3).to_bytes(4, "little")) == ("fe80::1", 4242, 0, 3)
