"""Whose packet it is: the table of user fragments, for every way packets come in, and the work in between.

A packet is told apart by its first byte (RFC 7983): 0 to 3 STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP.
STUN finds its peer by our user fragment; the rest by the address a valid check came from. Whatever fits
nothing is dropped and counted, and never answered: a stranger gets no byte back, and costs a look at the
packet's head and no more.

Handshakes wait in a bounded queue, of one peer not more than a few flights, and are admitted one at a time
between the packets of the picture, so that a join storm does not stop it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from streaming.counters import Counters
from streaming.faults import Faults
from streaming.transport.connection import Address, Connection, Socket
from streaming.transport.ice_lite import build_answer, is_genuine, named_fragment, read_check
from streaming.transport.srtp_native import MAX_PACKET_BYTES, Scratch

MAX_HANDSHAKE_BACKLOG = 2048
MAX_HANDSHAKE_BACKLOG_PER_PEER = 32
MAX_PATHS_PER_PEER = 16


class Way(Socket, Protocol):
    """A socket as the demultiplexer sees it. `by_address` says who sends from where."""

    by_address: dict[Address, Connection]

    def released(self) -> None:
        """Note that one of its peers is gone."""


class Demux:
    """Tables of one process, for all its sockets.

    `backlog` is called between packets to do one slice of waiting work (video) and says whether more waits.
    """

    def __init__(self, counters: Counters, backlog: Callable[[], bool]) -> None:
        self._counters = counters
        self._faults = Faults(counters)
        self._backlog = backlog
        self._fragments: dict[str, tuple[Connection, bytes]] = {}
        self._paths: dict[Connection, list[tuple[Way, Address]]] = {}
        self._handshakes: deque[tuple[Connection, bytes]] = deque()
        self._waiting: Counter[Connection] = Counter()
        self._scheduled = False
        self._soon: asyncio.TimerHandle | None = None
        # Called before each slice of waiting work: whoever reads sockets may look at the hosts' once more.
        self.look: Callable[[], None] = _nothing

    def register(self, fragment: str, password: str, connection: Connection) -> None:
        """Answer checks for this fragment on behalf of a connection."""
        self._fragments[fragment] = (connection, password.encode())

    def forget_fragment(self, fragment: str) -> None:
        """Stop answering checks for a fragment (after an ICE restart)."""
        self._fragments.pop(fragment, None)

    def forget(self, connection: Connection, fragments: Sequence[str]) -> None:
        """Remove a closed connection from every table."""
        for fragment in fragments:
            self._fragments.pop(fragment, None)
        for way, address in self._paths.pop(connection, ()):
            _release(way, address, connection)

    def forget_way(self, way: Way) -> None:
        """Note that a stream to a peer broke: its packets must take another path."""
        for address, connection in list(way.by_address.items()):
            paths = self._paths.get(connection, [])
            if (way, address) in paths:
                paths.remove((way, address))
            del way.by_address[address]
            connection.on_path_lost(way, monotonic())

    def gauges(self) -> dict[str, float]:
        """Present values for /metrics: how full the tables are."""
        return {
            "fragments": len(self._fragments),
            "paths": sum(map(len, self._paths.values())),
            "dtls_waiting": len(self._handshakes),
        }

    def schedule(self) -> None:
        """Run the backlog soon, after a look at the sockets."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._run_backlog)

    def schedule_soon(self, delay_s: float) -> None:
        """Run the backlog after a short while, if nothing schedules it before."""
        if not self._scheduled and self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(delay_s, self._run_backlog)

    def take(self, way: Way, buffer: Scratch, length: int, address: Address) -> None:
        """Take the packet in `buffer`, which came over `way` from `address`. Raises nothing."""
        try:
            self._take(way, buffer, length, address)
        except Exception as fault:  # noqa: BLE001 - written down with its traceback
            self._faults.note("a datagram", fault)

    def _take(self, way: Way, buffer: Scratch, length: int, address: Address) -> None:
        self._counters.totals["datagrams_in"] += 1
        if length < 2 or length >= MAX_PACKET_BYTES:
            self._counters.drops["bad_size"] += 1
            return
        first = buffer.bytes[0]
        if 128 <= first <= 191:
            connection = way.by_address.get(address)
            if connection is None:
                self._counters.drops["media_from_unknown"] += 1
            else:
                connection.on_media(buffer, length, monotonic())
        elif first <= 3:
            self._on_stun(way, buffer, length, address)
        elif 20 <= first <= 63:
            self._on_dtls(way, buffer, length, address)
        else:
            self._counters.drops["unknown_protocol"] += 1

    def _run_backlog(self) -> None:
        self._scheduled = False
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        self._faults.shield("a look at the hosts", self.look)
        more = self._backlog()
        if self._handshakes:
            connection, datagram = self._handshakes.popleft()
            self._waiting[connection] -= 1
            if not self._waiting[connection]:
                del self._waiting[connection]
            self._faults.shield("a handshake", connection.on_dtls, datagram, monotonic())
        if more or self._handshakes:
            self.schedule()

    def _on_stun(self, way: Way, buffer: Scratch, length: int, address: Address) -> None:
        fragment = named_fragment(buffer.bytes, length)
        if fragment is None:
            self._counters.drops["bad_stun"] += 1
            return
        known = self._fragments.get(fragment)
        if known is None:
            self._counters.drops["stun_unknown_fragment"] += 1
            return
        connection, password = known
        check = read_check(bytes(buffer.view[:length]))
        if check is None or check.local_ufrag != fragment:
            self._counters.drops["bad_stun"] += 1
            return
        if not is_genuine(check, password):
            self._counters.drops["stun_bad_integrity"] += 1
            return
        self._counters.totals["checks_answered"] += 1
        self._learn(connection, way, address)
        way.send(build_answer(check, password, (address[0], address[1])), address)
        connection.on_check(check, way, address, monotonic())

    def _learn(self, connection: Connection, way: Way, address: Address) -> None:
        if way.by_address.get(address) is connection:
            return
        way.by_address[address] = connection
        paths = self._paths.setdefault(connection, [])
        paths.append((way, address))
        if len(paths) > MAX_PATHS_PER_PEER:
            keep = (connection.socket, connection.address)
            oldest = next(path for path in paths if path != keep)
            paths.remove(oldest)
            _release(*oldest, connection)
            self._counters.drops["too_many_paths"] += 1

    def _on_dtls(self, way: Way, buffer: Scratch, length: int, address: Address) -> None:
        connection = way.by_address.get(address)
        if connection is None:
            self._counters.drops["dtls_from_unknown"] += 1
        elif len(self._handshakes) >= MAX_HANDSHAKE_BACKLOG:
            self._counters.drops["handshake_backlog_full"] += 1
        elif self._waiting[connection] >= MAX_HANDSHAKE_BACKLOG_PER_PEER:
            self._counters.drops["handshake_backlog_of_peer_full"] += 1
        else:
            self._counters.totals["dtls_in"] += 1
            self._waiting[connection] += 1
            self._handshakes.append((connection, bytes(buffer.view[:length])))
            self.schedule()


def _release(way: Way, address: Address, connection: Connection) -> None:
    if way.by_address.get(address) is connection:
        del way.by_address[address]
        way.released()


def _nothing() -> None:
    """Nobody reads sockets yet."""
