"""Many datagrams in one system call: `sendmmsg` and UDP segmentation through cffi in ABI mode (Linux).

Measured on the reference machine, a datagram of 1,112 B: `socket.sendto` 3.5 us, `sendmmsg` 2.8 us,
`sendmmsg` with `UDP_SEGMENT` (GSO), four packets of one receiver in a message, 1.5 us.

Everything the kernel and libsrtp read lies in numpy arrays, so that a column (all lengths, all addresses)
is written in one step and a row costs no Python.
"""

import errno
import platform
import select
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from struct import pack, pack_into
from typing import Any

import cffi
import numpy as np
from pylibsrtp import _binding

# Longer than any packet, and an odd number of cache lines: at multiples of 2 KiB all headers would fall into
# the same few sets of the cache.
SLOT_BYTES = 2048 + 64
SLOTS = 256
NAME_BYTES = 28
MAX_BURST = 8
ROOM_WAIT_MS = 20
SOL_UDP, UDP_SEGMENT = 17, 103
CONTROL = "=QiiH"
CONTROL_BYTES, CONTROL_SPACE_BYTES = 18, 24
# struct mmsghdr and struct iovec of 64-bit Linux.
MESSAGE = np.dtype(
    [("name", "u8"), ("name_bytes", "u4"), ("_0", "u4"), ("vectors", "u8"), ("vectors_total", "u8"),
     ("control", "u8"), ("control_bytes", "u8"), ("flags", "i4"), ("_1", "u4"), ("sent_bytes", "u4"),
     ("_2", "u4")]
)  # fmt: skip
VECTOR = np.dtype([("base", "u8"), ("bytes", "u8")])
NO_BUFFER = (errno.EAGAIN, errno.ENOBUFS)

_ffi: Any = cffi.FFI()
_ffi.cdef("int sendmmsg(int fd, void *messages, unsigned int count, int flags);")
_libc: Any = _ffi.dlopen(None)


class Way(Enum):
    """How datagrams leave, best first."""

    SEGMENTED = "sendmmsg with UDP segmentation"
    MANY = "sendmmsg"
    ONE = "one sendto for each packet"


def best_way() -> Way:
    """Find out what this system can do."""
    usual = platform.system() == "Linux" and sys.maxsize > 2**32 and sys.byteorder == "little"
    if not usual or not hasattr(_libc, "sendmmsg"):
        return Way.ONE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
        except OSError:
            return Way.MANY
    return Way.SEGMENTED


class Room:
    """Waits for a socket's buffer to drain, as the network card does, so that a burst is not lost half.

    Measured with the 416 KiB Linux grants by default and a line of 1 Gb/s: without it 36% of each frame to
    300 viewers were lost. A line that takes nothing is waited for once, and again only after it took
    something.
    """

    def __init__(self) -> None:
        self._poll = select.poll()
        self._watched = -1
        self._is_stuck = False
        self.waits_total = 0

    def wait(self, descriptor: int) -> bool:
        """Return whether there is room, now or within `ROOM_WAIT_MS`."""
        if self._is_stuck:
            return False
        if descriptor != self._watched:
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLOUT)
            self._watched = descriptor
        self.waits_total += 1
        self._is_stuck = not self._poll.poll(ROOM_WAIT_MS)
        return not self._is_stuck

    def found(self) -> None:
        """Note that something was sent."""
        self._is_stuck = False


class Arena:
    """The slots in which packets are written and protected; one per process.

    256 slots, of which packets fill about half, stay in the second-level cache. `pointers[i]` and
    `lengths[i]` are what libsrtp takes for slot `i`: the length is the low half of the slot's `iov_len`
    (little-endian, packets are short), so that what it writes there is what the kernel sends.
    """

    def __init__(self, way: Way | None = None) -> None:
        self.way = way or best_way()
        self.cells = np.zeros((SLOTS, SLOT_BYTES), np.uint8)
        self._vectors = np.zeros(SLOTS, VECTOR)
        self._control = np.zeros(CONTROL_SPACE_BYTES, np.uint8)
        start, vectors = self.cells.ctypes.data, int(self._vectors.ctypes.data)
        self._vectors_start = vectors
        self._vectors["base"] = start + np.arange(SLOTS, dtype=np.uint64) * SLOT_BYTES
        self.sizes = self._vectors["bytes"]
        cast = _binding.ffi.cast
        self.pointers: list[Any] = [cast("void *", start + slot * SLOT_BYTES) for slot in range(SLOTS)]
        self.lengths: list[Any] = [cast("int *", vectors + slot * 16 + 8) for slot in range(SLOTS)]
        self.room = Room()
        # Called between two runs of pictures, when no slot is in use: sound that has come goes first.
        self.between_runs: Callable[[], None] = _nothing

    def vector_addresses(self, slots: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """Where the kernel finds base and length of these slots."""
        return self._vectors_start + slots.astype(np.uint64) * 16

    def vector_address(self, slot: int) -> int:
        """Where the kernel finds base and length of a slot."""
        return self._vectors_start + slot * 16

    def set_segment(self, size_bytes: int) -> None:
        """Cut every message of a burst into datagrams of this size."""
        pack_into(CONTROL, self._control.data, 0, CONTROL_BYTES, SOL_UDP, UDP_SEGMENT, size_bytes)

    @property
    def control_address(self) -> int:
        """Where the kernel finds the segment size."""
        return int(self._control.ctypes.data)

    def packet(self, slot: int) -> memoryview:
        """Return the packet in a slot, as long as its length says."""
        return memoryview(self.cells[slot])[: int(self.sizes[slot])]


def build_socket_address(address: tuple[Any, ...]) -> bytes:
    """Return a `sockaddr_in` or `sockaddr_in6` for an address as `recvfrom` gives it."""
    host, port = address[0], address[1]
    if ":" in host:
        flow, scope = (address[2], address[3]) if len(address) > 3 else (0, 0)
        family = pack("=H", socket.AF_INET6)
        packed = socket.inet_pton(socket.AF_INET6, host.split("%")[0])
        return family + pack("!HI", port, flow) + packed + pack("=I", scope)
    return pack("=H", socket.AF_INET) + pack("!H", port) + socket.inet_aton(host) + bytes(8)


class Messages:
    """Message headers as the kernel reads them, and how many packets each one's are."""

    __slots__ = ("_start", "headers", "totals")

    def __init__(self, headers: "np.ndarray[Any, Any]", totals: list[int]) -> None:
        self.headers = headers
        self.totals = totals
        self._start = _ffi.cast("char *", headers.ctypes.data)

    def send(self, room: Room, descriptor: int, first: int, end: int) -> tuple[int, int]:
        """Hand messages `first` to `end` to the kernel.

        Returns how many packets went out, and how many there was no room for: those of the last messages.
        The rest has no route. A line slower than we are fills the buffer; then it sets the pace (`Room`).
        """
        at, packets = first, 0
        while at < end:
            sent = _libc.sendmmsg(descriptor, self._start + at * MESSAGE.itemsize, end - at, 0)
            if sent > 0:
                room.found()
                packets += sum(self.totals[at : at + sent])
                at += sent
            elif _ffi.errno == errno.EINTR:
                continue
            elif _ffi.errno in NO_BUFFER:
                if not room.wait(descriptor):
                    return packets, sum(self.totals[at:end])
            else:
                # A device that cannot segment, a path too narrow for it, or a receiver without a route: the
                # packets go one by one, and the other receivers' are not held up.
                packets += self._send_apart(descriptor, at)
                at += 1
        return packets, 0

    def _send_apart(self, descriptor: int, row: int) -> int:
        total = self.totals[row]
        if total == 1:
            return 0
        apart = np.repeat(self.headers[row : row + 1], total)
        apart["vectors"] += np.arange(total, dtype=np.uint64) * 16
        apart["vectors_total"] = 1
        apart["control"] = apart["control_bytes"] = 0
        start = _ffi.cast("char *", apart.ctypes.data)
        steps = range(0, total * MESSAGE.itemsize, MESSAGE.itemsize)
        return sum(_libc.sendmmsg(descriptor, start + step, 1, 0) == 1 for step in steps)


@dataclass(slots=True, frozen=True)
class Run:
    """Rows `first` to `end`, as many as the arena holds at once, and what libsrtp takes for their slots.

    `cells` are the slots as (rows, packets, bytes), `sizes` their lengths as (rows, packets).
    """

    first: int
    end: int
    cells: "np.ndarray[Any, Any]"
    sizes: "np.ndarray[Any, Any]"
    contexts: list[Any]
    pointers: list[Any]
    lengths: list[Any]


class Plan:
    """Message headers for bursts of `burst` packets to each of some receivers.

    Row `i` uses `burst` slots in a row, beginning at `i % rows_at_once * burst`; the rows of one `Run` are
    written, protected and sent together.
    """

    __slots__ = ("_arena", "_messages", "_names", "burst", "runs")

    def __init__(
        self, arena: Arena, burst: int, names: "np.ndarray[Any, Any]", name_bytes: "np.ndarray[Any, Any]",
        contexts: Sequence[Any],
    ) -> None:  # fmt: skip
        rows = len(contexts)
        at_once = SLOTS // burst
        slots = np.arange(rows) % at_once * burst
        headers = np.zeros(rows, MESSAGE)
        headers["name"] = names.ctypes.data + np.arange(rows, dtype=np.uint64) * NAME_BYTES
        headers["name_bytes"] = name_bytes[:rows]
        headers["vectors"] = arena.vector_addresses(slots)
        headers["vectors_total"] = burst
        if burst > 1:
            headers["control"] = arena.control_address
            headers["control_bytes"] = CONTROL_SPACE_BYTES
        self.burst = burst
        self._arena = arena
        self._names = names  # the headers point into it
        self._messages = Messages(headers, [burst] * rows)
        self.runs = [
            self._run(first, min(rows, first + at_once), contexts) for first in range(0, rows, at_once)
        ]

    def _run(self, first: int, end: int, contexts: Sequence[Any]) -> Run:
        arena, rows, slots = self._arena, end - first, (end - first) * self.burst
        cells = arena.cells[:slots].reshape(rows, self.burst, SLOT_BYTES)
        sizes = arena.sizes[:slots].reshape(rows, self.burst)
        each = [context for context in contexts[first:end] for _ in range(self.burst)]
        return Run(first, end, cells, sizes, each, arena.pointers[:slots], arena.lengths[:slots])

    def send(self, descriptor: int, first: int, end: int) -> tuple[int, int]:
        """Send rows `first` to `end` of one run (see `Messages.send`)."""
        return self._messages.send(self._arena.room, descriptor, first, end)


def _nothing() -> None:
    """Nobody has anything that is more urgent."""
