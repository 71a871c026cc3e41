"""The media port's sockets: what comes from whom lands where."""

import itertools
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from time import monotonic

import pytest

from streaming.counters import Counters
from streaming.transport.connection import Connection
from streaming.transport.demux import Demux
from streaming.transport.inbox_native import AT_ONCE
from streaming.transport.media_udp import MAX_LOOKED_AT, Attention, MediaSocket, MediaUdp, in_turn
from streaming.transport.srtp_native import Scratch
from tests.streaming.transport_ends import idle_end
from tests.waiting import until

Peer = Callable[[], socket.socket]


@pytest.fixture
def media() -> Iterator[MediaSocket]:
    """Bind a media port on loopback."""
    one = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], Counters())
    yield one
    one.close()


@pytest.fixture
def peer(media: MediaSocket) -> Iterator[Peer]:
    """Make sockets that send to the media port."""
    with ExitStack() as stack:

        def make() -> socket.socket:
            one = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
            one.bind(("127.0.0.1", 0))
            one.connect(("127.0.0.1", media.port))
            return one

        yield make


def waiting(one: socket.socket) -> list[bytes]:
    """Take what lies in a socket."""
    found = []
    while True:
        try:
            found.append(one.recv(2000))
        except BlockingIOError:
            return found


def test_every_host_has_a_queue_of_its_own_and_strangers_have_none(media: MediaSocket, peer: Peer) -> None:
    """Twenty shows on one port: no host waits behind another, nor behind those who watch."""
    hosts = [peer() for _ in range(20)]
    with ExitStack() as stack:
        queues = [stack.enter_context(closing(media.open_queue(host.getsockname()))) for host in hosts]
        for number, host in enumerate(hosts):
            host.send(b"host %d" % number)
        strangers = [peer() for _ in range(50)]
        for stranger in strangers:
            stranger.send(b"stranger")
        assert [waiting(queue) for queue in queues] == [[b"host %d" % number] for number in range(20)]
        buffer, taken = bytearray(2000), 0
        while (received := media.receive_into(buffer)) is not None:
            assert bytes(buffer[: received[0]]) == b"stranger"
            taken += 1
        assert taken == len(strangers)


def test_nobody_else_gets_the_port_while_hosts_have_queues(media: MediaSocket, peer: Peer) -> None:
    """Not even by asking to share it."""
    with (
        closing(media.open_queue(peer().getsockname())),
        closing(socket.socket(type=socket.SOCK_DGRAM)) as other,
    ):
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", media.port))


def narrow(one: socket.socket) -> None:
    """Let a socket keep only a few datagrams."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)


async def test_what_did_not_fit_a_hosts_queue_is_counted_also_when_the_queue_is_gone(
    media: MediaSocket, peer: Peer
) -> None:
    """Of three floods, from a stranger and twice from the host, every datagram is read or counted."""
    counters = Counters()
    udp = MediaUdp(counters, Demux(counters, lambda: False))
    udp.add(media)
    host, stranger = peer(), peer()
    connection = Connection(idle_end(), Scratch(), counters, 0.0)
    connection.socket, connection.address = media, host.getsockname()
    narrow(media._socket)
    lost = [0]
    for sender in (stranger, host, host):
        udp.give_queue(connection)
        narrow(udp._queues[connection])
        for _ in range(200):
            sender.send(b"datagram")
        udp.note_lost()
        lost.append(counters.drops["receive_buffer_full"])
        assert lost[-1] > lost[-2]
        await until(lambda: counters.totals["datagrams_in"] + lost[-1] == 200 * (len(lost) - 1))
    udp.take_queue(connection)
    udp.note_lost()
    assert counters.drops["receive_buffer_full"] == lost[-1]
    udp.close()


async def test_in_a_crowd_sockets_are_read_every_few_milliseconds(media: MediaSocket, peer: Peer) -> None:
    """Waking up for each would cost more; nothing is lost by it, and afterwards it is as before."""
    counters = Counters()
    udp = MediaUdp(counters, Demux(counters, lambda: False))
    udp.add(media)
    sender, sent = peer(), 0

    def crowd() -> bool:
        nonlocal sent
        for _ in range(AT_ONCE):
            sender.send(b"datagram")
        sent += AT_ONCE
        udp.watch(closely=True)
        return udp.attention is Attention.POLLING

    await until(crowd)
    await until(lambda: counters.totals["datagrams_in"] == sent)
    sender.send(b"one more")
    await until(lambda: counters.totals["datagrams_in"] == sent + 1)

    def calm() -> bool:
        udp.watch(closely=True)
        return udp.attention is Attention.AT_ONCE

    await until(calm)
    sender.send(b"another")
    await until(lambda: counters.totals["datagrams_in"] == sent + 2)
    udp.close()


async def test_a_crowd_that_nothing_is_under_way_for_is_read_in_passing(
    media: MediaSocket, peer: Peer
) -> None:
    """From every kind of attention to every other, in any order, and each reads."""
    counters = Counters()
    udp = MediaUdp(counters, Demux(counters, lambda: False))
    udp.add(media)
    sender, sent = peer(), 0
    for is_crowd, closely in itertools.product((True, False), repeat=2):
        for now_crowd, now_closely in itertools.product((True, False), repeat=2):
            for udp._is_crowd, wanted in ((is_crowd, closely), (now_crowd, now_closely)):
                udp._judged_s = monotonic()
                udp.watch(closely=wanted)
            sender.send(b"datagram")
            sent += 1

            def has_come() -> bool:
                udp.read_in_passing()
                return counters.totals["datagrams_in"] == sent  # noqa: B023 called in this turn alone

            await until(has_come)
    udp.close()


def test_where_there_are_too_many_to_look_at_they_take_turns() -> None:
    """None is left out, and the first ones are not served twice as often."""
    everybody, looked_at, at = list(range(20)), Counter[int](), 0
    for _ in range(5):
        now, at = in_turn(everybody, at)
        assert len(now) == MAX_LOOKED_AT
        looked_at.update(now)
    assert set(looked_at.values()) == {4}
    assert in_turn(everybody[:MAX_LOOKED_AT], at) == (everybody[:MAX_LOOKED_AT], 0)
    # Some may have left since.
    assert in_turn(list(range(17)), 19)[0][0] == 2
