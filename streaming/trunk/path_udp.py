"""The edge's way to an owner: a socket for each family, checks to every address; the first to answer is it.

Each trunk has ports of its own at the edge. Over the two media ports, two shows between the same two
processes would meet at one pair of addresses and could not be told apart. What comes from elsewhere than the
owner's addresses is dropped and counted.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from time import monotonic

from streaming.counters import Counters
from streaming.transport.connection import Address, Connection
from streaming.transport.inbox_native import AT_ONCE
from streaming.transport.media_udp import MediaSocket
from streaming.transport.srtp_native import MAX_PACKET_BYTES, Scratch
from streaming.transport.stun_aioice import answered_check, build_check

SEARCH_INTERVAL_S = 0.05
CONSENT_INTERVAL_S = 0.5
MAX_OPEN_CHECKS = 64
ANY_ADDRESS = {4: "0.0.0.0", 6: "::"}


class TrunkPath:
    """Sends the checks and reads the sockets of one trunk. Raises `OSError` when it gets no port.

    `on_found` is called when the first check has been answered; `on_round_trip` hears how many seconds each
    took.
    """

    def __init__(
        self,
        connection: Connection,
        candidates: Sequence[tuple[str, int]],
        ufrag: str,
        password: str,
        buffer: Scratch,
        counters: Counters,
        now_s: float,
    ) -> None:
        self._connection = connection
        self._ufrag, self._password = ufrag, password.encode()
        self._buffer = buffer
        self._counters = counters
        self._checks: dict[bytes, tuple[MediaSocket, Address, float]] = {}
        self._check_due_s = now_s
        self._lost_total = 0
        self.is_found = False
        self.on_found: Callable[[], None] = _nothing
        self.on_round_trip: Callable[[float], None] = _ignore
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[int, MediaSocket] = {}
        self._ends: list[tuple[MediaSocket, tuple[str, int]]] = []
        for host, port in candidates:
            self._add_end(host, port)
        if not self._ends:
            raise OSError("none of the owner's addresses can be reached from here")
        connection.settle(*self._ends[0], now_s)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so."""
        if now_s < self._check_due_s:
            return
        self._note_lost()
        self._check_due_s = now_s + (CONSENT_INTERVAL_S if self.is_found else SEARCH_INTERVAL_S)
        if not self.is_found:
            for media_socket, address in self._ends:
                self._check(media_socket, address, now_s)
        elif isinstance(self._connection.socket, MediaSocket):
            self._check(self._connection.socket, self._connection.address, now_s)

    def look(self, buffer: Scratch) -> None:
        """Take what has come meanwhile, with a buffer of the caller's: a packet may lie in this one's."""
        for media_socket in list(self._sockets.values()):
            self._read(media_socket, buffer)

    def close(self) -> None:
        """Give the ports back."""
        self._note_lost()
        for media_socket in self._sockets.values():
            self._loop.remove_reader(media_socket.descriptor)
            media_socket.close()
        self._sockets.clear()

    def _note_lost(self) -> None:
        """Take over how many datagrams the kernel has dropped because nobody had read those before."""
        lost = sum(one.lost_total() for one in self._sockets.values())
        if lost > self._lost_total:
            self._counters.drops["trunk_receive_buffer_full"] += lost - self._lost_total
            self._lost_total = lost

    def _add_end(self, host: str, port: int) -> None:
        try:
            address = ipaddress.ip_address(host)
            self._ends.append((self._socket(address.version), (str(address), port)))
        except (ValueError, OSError):
            self._counters.drops["trunk_no_such_way"] += 1  # a family this machine does not have

    def _socket(self, version: int) -> MediaSocket:
        if version not in self._sockets:
            made = self._sockets[version] = MediaSocket(ANY_ADDRESS[version], 0, (), self._counters)
            self._loop.add_reader(made.descriptor, self._read, made, self._buffer)
        return self._sockets[version]

    def _check(self, media_socket: MediaSocket, address: Address, now_s: float) -> None:
        while len(self._checks) >= MAX_OPEN_CHECKS:
            del self._checks[next(iter(self._checks))]
        transaction, datagram = build_check(self._ufrag, self._password, nominates=self.is_found)
        self._checks[transaction] = (media_socket, address, now_s)
        media_socket.send(datagram, address)

    def _read(self, media_socket: MediaSocket, buffer: Scratch) -> None:
        for _ in range(AT_ONCE):
            if media_socket not in self._sockets.values():
                return  # what was read before ended the trunk
            received = media_socket.receive_into(buffer.bytes)
            if received is None:
                return
            self._take(media_socket, buffer, *received)

    def _take(self, media_socket: MediaSocket, buffer: Scratch, length: int, address: Address) -> None:
        self._counters.totals["datagrams_in"] += 1
        if (media_socket, address[:2]) not in self._ends:
            self._counters.drops["trunk_from_unknown"] += 1
        elif not 2 <= length < MAX_PACKET_BYTES:
            self._counters.drops["bad_size"] += 1
        elif 128 <= buffer.bytes[0] <= 191:
            self._connection.on_media(buffer, length, monotonic())
        else:
            self._on_answer(bytes(buffer.view[:length]), monotonic())

    def _on_answer(self, datagram: bytes, now_s: float) -> None:
        transaction = answered_check(datagram, self._password)
        known = self._checks.pop(transaction, None) if transaction is not None else None
        if known is None:
            self._counters.drops["bad_stun"] += 1
            return
        media_socket, address, sent_s = known
        self._connection.last_valid_s = now_s
        self.on_round_trip(now_s - sent_s)
        if not self.is_found:
            self.is_found = True
            self._connection.settle(media_socket, address, now_s)
            self.on_found()


def _nothing() -> None:
    """Nobody waits for the way."""


def _ignore(seconds: float) -> None:
    """Nobody wants to know."""
