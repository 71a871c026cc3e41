"""The process's UDP sockets: one per advertised address, for all peers.

A datagram is told apart by its first byte (RFC 7983): 0 to 3 STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP.
STUN finds its peer by our user fragment; the rest by the address a valid check came from. Whatever fits
nothing is dropped and counted, and never answered.

Raw non-blocking sockets under `add_reader`, the same under asyncio and uvloop: a datagram endpoint would
cost a callback and an allocation for each datagram. Handshakes wait in a bounded queue and are admitted
one at a time between the packets of the picture, so that a join storm does not stop it.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

from streaming.counters import Counters
from streaming.transport.connection import Address, Connection
from streaming.transport.srtp_native import MAX_PACKET_BYTES, Scratch
from streaming.transport.stun_aioice import build_answer, is_genuine, read_check

DRAIN_DATAGRAMS = 64
SOCKET_BUFFER_BYTES = 8 << 20
MAX_HANDSHAKE_BACKLOG = 2048
MAX_PATHS_PER_PEER = 16


class MediaSocket:
    """One bound socket, its advertised address, and who sends to it from where."""

    def __init__(self, bind: str, port: int, advertised: str, counters: Counters) -> None:
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_BYTES)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self._socket.bind((bind, port))
        self.descriptor = self._socket.fileno()
        self.candidate: tuple[str, int] = (advertised, self._socket.getsockname()[1])
        self.by_address: dict[Address, Connection] = {}
        self._counters = counters

    def receive_into(self, buffer: bytearray) -> tuple[int, Address] | None:
        """Take one datagram, or None when none waits. Errors of earlier sends count and are passed over."""
        try:
            return self._socket.recvfrom_into(buffer)
        except BlockingIOError:
            return None
        except OSError:
            self._counters.drops["receive_error"] += 1
            return None

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Send one datagram; a full buffer or an unreachable peer loses it, counted."""
        try:
            self._socket.sendto(data, address)
        except OSError:
            self._counters.drops["send_failed"] += 1
            return False
        return True

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class MediaUdp:
    """All sockets of the process and the table of user fragments.

    `backlog` is called between datagrams to do one slice of waiting work (video) and says whether more
    waits.
    """

    def __init__(self, counters: Counters, backlog: Callable[[], bool]) -> None:
        self._counters = counters
        self._backlog = backlog
        self._sockets: list[MediaSocket] = []
        self._fragments: dict[str, tuple[Connection, bytes]] = {}
        self._paths: dict[Connection, list[tuple[MediaSocket, Address]]] = {}
        self._handshakes: deque[tuple[Connection, bytes]] = deque()
        self._receive = Scratch()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled = False

    @property
    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Advertised addresses and ports, best first."""
        return tuple(one.candidate for one in self._sockets)

    def open(self, binds: Sequence[tuple[str, str]], port: int) -> None:
        """Bind (address, advertised address) pairs; port 0 takes a free one for each. Raises OSError."""
        self._loop = asyncio.get_running_loop()
        for bind, advertised in binds:
            media_socket = MediaSocket(bind, port, advertised, self._counters)
            self._sockets.append(media_socket)
            self._loop.add_reader(media_socket.descriptor, self._on_readable, media_socket)

    def close(self) -> None:
        """Stop reading and close every socket."""
        for media_socket in self._sockets:
            if self._loop is not None:
                self._loop.remove_reader(media_socket.descriptor)
            media_socket.close()
        self._sockets.clear()

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
        for media_socket, address in self._paths.pop(connection, ()):
            if media_socket.by_address.get(address) is connection:
                del media_socket.by_address[address]

    def schedule(self) -> None:
        """Run the backlog soon, after a look at the sockets."""
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._run_backlog)

    def _run_backlog(self) -> None:
        self._scheduled = False
        more = self._backlog()
        if self._handshakes:
            connection, datagram = self._handshakes.popleft()
            connection.on_dtls(datagram, monotonic())
        if more or self._handshakes:
            self.schedule()

    def _on_readable(self, media_socket: MediaSocket) -> None:
        buffer = self._receive
        for _ in range(DRAIN_DATAGRAMS):
            received = media_socket.receive_into(buffer.bytes)
            if received is None:
                return
            length, address = received
            if length < 2 or length >= MAX_PACKET_BYTES:
                self._counters.drops["bad_size"] += 1
                continue
            first = buffer.bytes[0]
            if 128 <= first <= 191:
                connection = media_socket.by_address.get(address)
                if connection is None:
                    self._counters.drops["media_from_unknown"] += 1
                else:
                    connection.on_media(buffer, length, monotonic())
            elif first <= 3:
                self._on_stun(media_socket, bytes(buffer.view[:length]), address)
            elif 20 <= first <= 63:
                self._on_dtls(media_socket, bytes(buffer.view[:length]), address)
            else:
                self._counters.drops["unknown_protocol"] += 1

    def _on_stun(self, media_socket: MediaSocket, datagram: bytes, address: Address) -> None:
        check = read_check(datagram)
        if check is None:
            self._counters.drops["bad_stun"] += 1
            return
        known = self._fragments.get(check.local_ufrag)
        if known is None:
            self._counters.drops["stun_unknown_fragment"] += 1
            return
        connection, password = known
        if not is_genuine(check, password):
            self._counters.drops["stun_bad_integrity"] += 1
            return
        self._learn(connection, media_socket, address)
        media_socket.send(build_answer(check, password, (address[0], address[1])), address)
        connection.on_check(check, media_socket, address, monotonic())

    def _learn(self, connection: Connection, media_socket: MediaSocket, address: Address) -> None:
        if media_socket.by_address.get(address) is connection:
            return
        media_socket.by_address[address] = connection
        paths = self._paths.setdefault(connection, [])
        paths.append((media_socket, address))
        if len(paths) > MAX_PATHS_PER_PEER:
            keep = (connection.socket, connection.address)
            oldest = next(path for path in paths if path != keep)
            paths.remove(oldest)
            if oldest[0].by_address.get(oldest[1]) is connection:
                del oldest[0].by_address[oldest[1]]

    def _on_dtls(self, media_socket: MediaSocket, datagram: bytes, address: Address) -> None:
        connection = media_socket.by_address.get(address)
        if connection is None:
            self._counters.drops["dtls_from_unknown"] += 1
        elif len(self._handshakes) >= MAX_HANDSHAKE_BACKLOG:
            self._counters.drops["handshake_backlog_full"] += 1
        else:
            self._handshakes.append((connection, datagram))
            self.schedule()
