"""The process's UDP sockets, for all peers: one per advertised address, or one per family behind NAT.

Raw non-blocking sockets under `add_reader`, the same under asyncio and uvloop: a datagram endpoint would
cost a callback and an allocation for each datagram. What a datagram is and whose, `Demux` finds out.

A publisher gets a queue of its own: a second socket on the same port, connected to it, to which the kernel
prefers to give what comes from there. A flood of strangers fills the common buffer and not the host's, and
each turn of the loop reads from both. Whatever lands in which, it is treated the same.

Between the host's packets, what viewers send would wake the process one by one, which costs more than what
there is to do. So while nothing is under way that could need it sooner, the common sockets are not watched:
they are read in passing, when a host's packet or a timer has woken the process anyway (`watch`). And while
something is under way, but so much comes that one would never rest (hundreds of viewers that report on
layers), they are read every 5 ms, as Linux does with busy network cards (NAPI). Each time many datagrams
are read in one call (`inbox_native`).
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from enum import Enum
from struct import Struct
from time import monotonic
from typing import TypeVar
from weakref import WeakSet

from streaming.counters import Counters
from streaming.transport.batch_native import NO_BUFFER
from streaming.transport.connection import Address, Connection
from streaming.transport.demux import Demux
from streaming.transport.inbox_native import AT_ONCE, Inbox, Received, receive_into

T = TypeVar("T")
MAX_LOOKED_AT = 16
# A look that finds nothing costs 10 us; what has come waits for the next one so long at most.
LOOK_AGAIN_S = 0.0005
# Common sockets that are not watched are read so often at most.
PASSING_S = 0.010
# Common sockets of which more comes than this are read so often while they should be watched.
CROWD_PER_S, CROWD_IS_OVER_PER_S, POLL_S = 1500.0, 750.0, 0.005
JUDGE_S = 0.1
SOCKET_BUFFER_BYTES = 8 << 20
# Linux: nine numbers about a socket's memory, the last of which counts what did not fit.
SO_MEMINFO, MEMORY = 55, Struct("=9I")


class Attention(Enum):
    """When the common sockets are read."""

    AT_ONCE = "at once"
    POLLING = "every few milliseconds"
    IN_PASSING = "in passing"


class MediaSocket:
    """One bound socket, the addresses it is advertised under, and who sends to it from where."""

    is_stream = False
    is_full = False

    def __init__(self, bind: str, port: int, advertised: Sequence[str], counters: Counters) -> None:
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_BYTES)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind((bind, port))
        except OSError:
            self._socket.close()
            raise
        self.descriptor = self._socket.fileno()
        self.bind = bind
        self.advertised = tuple(advertised)
        self.port: int = self._socket.getsockname()[1]
        self.by_address: dict[Address, Connection] = {}
        self._counters = counters
        self._queues: WeakSet[socket.socket] = WeakSet()

    def lost_total(self) -> int:
        """How many datagrams did not fit, those of peers with a queue of their own apart."""
        return lost_total(self._socket)

    def open_queue(self, address: Address) -> socket.socket:
        """Return a socket on the same port that gets what one peer sends. Raises `OSError`."""
        queue = socket.socket(self._socket.family, socket.SOCK_DGRAM)
        try:
            queue.setblocking(False)
            queue.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            if self._socket.family == socket.AF_INET6:
                queue.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._queues.add(queue)
            self._share_port(shared=True)
            try:
                queue.bind(self._socket.getsockname())
            finally:
                self._share_port(shared=False)
            queue.connect(address)
        except OSError:
            queue.close()
            raise
        return queue

    def _share_port(self, *, shared: bool) -> None:
        """Let sockets share the port while one is bound; at other times another process could take it so."""
        for one in (self._socket, *(queue for queue in self._queues if queue.fileno() >= 0)):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))

    def receive_into(self, buffer: bytearray) -> tuple[int, Address] | None:
        """Take one datagram, or None when none waits."""
        return receive_into(self._socket, buffer, self._counters)

    def receive_many(self, inbox: Inbox) -> Sequence[Received]:
        """Take what waits, as much as `inbox` holds."""
        return inbox.receive(self._socket)

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Send one datagram; a full buffer or an unreachable peer loses it, counted."""
        taken = self.offer(data, address)
        if taken is None:
            self._counters.drops["send_buffer_full"] += 1
        return bool(taken)

    def offer(self, data: bytes | memoryview, address: Address) -> bool | None:
        """Send one datagram; None when the buffer is full, False when it cannot be sent at all, counted."""
        try:
            self._socket.sendto(data, address)
        except OSError as error:
            if error.errno in NO_BUFFER:
                return None
            self._counters.drops["send_failed"] += 1
            return False
        return True

    def released(self) -> None:
        """Do nothing: the socket serves others."""

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def lost_total(receiver: socket.socket) -> int:
    """How many datagrams the kernel has dropped because nobody had read those before (Linux)."""
    try:
        return int(MEMORY.unpack(receiver.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMORY.size))[-1])
    except OSError:
        return 0


def granted_buffer_bytes() -> int:
    """How much of `SOCKET_BUFFER_BYTES` the system grants a media socket, the smaller of both directions."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        granted = []
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            probe.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_BYTES)
            granted.append(probe.getsockopt(socket.SOL_SOCKET, option))
    return min(SOCKET_BUFFER_BYTES, *granted)


class MediaUdp:
    """All UDP sockets of the process."""

    def __init__(self, counters: Counters, demux: Demux) -> None:
        self._counters = counters
        self._demux = demux
        self._inbox = Inbox(counters)
        # A look is taken while packets may still lie in the first.
        self._looking = Inbox(counters)
        self._is_looking = False
        self._looked_s = self._passed_s = 0.0
        self._looked_at = 0
        self.attention = Attention.AT_ONCE
        self._is_crowd = False
        self._judged_s, self._judged_total, self._read_total = 0.0, 0, 0
        self._poll_handle: asyncio.TimerHandle | None = None
        # Called when more waits than is read at a time.
        self.on_crowded: Callable[[], None] = _nothing
        self._loop: asyncio.AbstractEventLoop | None = None
        self.sockets: list[MediaSocket] = []
        self._queues: dict[Connection, socket.socket] = {}
        # What did not fit queues that are closed by now.
        self._lost_before = 0

    @property
    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Advertised addresses and ports, best first."""
        return tuple((address, one.port) for one in self.sockets for address in one.advertised)

    @property
    def queues_total(self) -> int:
        """Peers with a queue of their own."""
        return len(self._queues)

    def note_lost(self) -> None:
        """Take over how many datagrams the kernel has dropped; call now and then."""
        lost = self._lost_before + sum(map(lost_total, self._queues.values()))
        lost += sum(media_socket.lost_total() for media_socket in self.sockets)
        if lost:
            self._counters.drops["receive_buffer_full"] = lost

    def add(self, media_socket: MediaSocket) -> None:
        """Read from a socket from now on; it is closed with the rest."""
        self._loop = asyncio.get_running_loop()
        self.sockets.append(media_socket)
        if self.attention is Attention.AT_ONCE:
            self._loop.add_reader(media_socket.descriptor, self.read, media_socket)

    def watch(self, *, closely: bool) -> None:
        """Read the common sockets when something comes (or often, in a crowd), or only in passing.

        To be called every 20 to 60 ms: how much comes is judged then.
        """
        self._judge(monotonic())
        wanted = Attention.POLLING if self._is_crowd else Attention.AT_ONCE
        if not closely:
            wanted = Attention.IN_PASSING
        if wanted is self.attention or self._loop is None:
            return
        before, self.attention = self.attention, wanted
        if before is Attention.AT_ONCE:
            self._stop_watching(self._loop)
        elif self._poll_handle is not None:
            self._poll_handle.cancel()
            self._poll_handle = None
        if wanted is Attention.AT_ONCE:
            for media_socket in self.sockets:
                self._loop.add_reader(media_socket.descriptor, self.read, media_socket)
        elif wanted is Attention.POLLING:
            self._poll_handle = self._loop.call_later(POLL_S, self._poll)

    def _stop_watching(self, loop: asyncio.AbstractEventLoop) -> None:
        for media_socket in self.sockets:
            loop.remove_reader(media_socket.descriptor)

    def _judge(self, now_s: float) -> None:
        passed_s = now_s - self._judged_s
        if passed_s >= JUDGE_S:
            limit = CROWD_IS_OVER_PER_S if self._is_crowd else CROWD_PER_S
            self._is_crowd = self._read_total - self._judged_total > limit * passed_s
            self._judged_s, self._judged_total = now_s, self._read_total

    def _poll(self) -> None:
        assert self._loop is not None
        began_total = self._read_total
        # First the timer: whoever is read may change when the sockets are read.
        self._poll_handle = self._loop.call_later(POLL_S, self._poll)
        for media_socket in self.sockets:
            self.read(media_socket)
        is_more = self._read_total - began_total >= AT_ONCE
        if is_more and self._poll_handle is not None:
            self._poll_handle.cancel()
            self._poll_handle = self._loop.call_later(0.0, self._poll)

    def read_in_passing(self) -> None:
        """Read the common sockets if nobody watches them and the last time was a while ago."""
        now_s = monotonic()
        if self.attention is not Attention.IN_PASSING or now_s - self._passed_s < PASSING_S:
            return
        self._passed_s = now_s
        for media_socket in self.sockets:
            self.read(media_socket)

    def give_queue(self, connection: Connection) -> None:
        """Give a peer a queue of its own for the path it sends over now; where that fails it has none."""
        self.take_queue(connection)
        media_socket = connection.socket
        if not isinstance(media_socket, MediaSocket) or self._loop is None:
            return
        try:
            queue = media_socket.open_queue(connection.address)
        except OSError:
            self._counters.drops["no_queue_of_its_own"] += 1
            return
        self._queues[connection] = queue
        self._loop.add_reader(queue.fileno(), self._on_queue_readable, media_socket, queue)

    def take_queue(self, connection: Connection) -> None:
        """Close a peer's queue, if it has one."""
        queue = self._queues.pop(connection, None)
        if queue is not None and self._loop is not None:
            self._loop.remove_reader(queue.fileno())
            self._lost_before += lost_total(queue)
            queue.close()

    def close(self) -> None:
        """Stop reading and close every socket."""
        for connection in list(self._queues):
            self.take_queue(connection)
        if self._poll_handle is not None:
            self._poll_handle.cancel()
        if self._loop is not None and self.attention is Attention.AT_ONCE:
            self._stop_watching(self._loop)
        for media_socket in self.sockets:
            media_socket.close()
        self.sockets.clear()

    def look(self) -> None:
        """Take what hosts have sent meanwhile: sound goes first, and pictures go out in longer bursts."""
        now_s = monotonic()
        if self._is_looking or now_s - self._looked_s < LOOK_AGAIN_S:
            return
        self._is_looking = True
        try:
            connections, self._looked_at = in_turn(list(self._queues), self._looked_at)
            for connection in connections:
                if isinstance(connection.socket, MediaSocket) and connection in self._queues:
                    self._take(connection.socket, self._looking.receive(self._queues[connection]))
        finally:
            self._is_looking = False
            self._looked_s = monotonic()

    def _on_queue_readable(self, media_socket: MediaSocket, queue: socket.socket) -> None:
        self._take(media_socket, self._inbox.receive(queue))
        self.read_in_passing()

    def _take(self, media_socket: MediaSocket, received: Sequence[Received]) -> None:
        take = self._demux.take
        for buffer, length, address in received:
            take(media_socket, buffer, length, address)

    def read(self, media_socket: MediaSocket) -> None:
        """Take what waits at a socket, so much at a time that others have their turn."""
        received = media_socket.receive_many(self._inbox)
        self._read_total += len(received)
        self._take(media_socket, received)
        if len(received) == AT_ONCE:
            self.on_crowded()


def in_turn(all_there_are: list[T], at: int) -> tuple[list[T], int]:
    """Return those whose turn it is, from place `at` on, `MAX_LOOKED_AT` at most, and who is next."""
    if len(all_there_are) <= MAX_LOOKED_AT:
        return all_there_are, 0
    first = at % len(all_there_are)
    return (all_there_are + all_there_are)[first : first + MAX_LOOKED_AT], first + MAX_LOOKED_AT


def _nothing() -> None:
    """Nobody listens yet."""
