"""One accepted ICE-TCP connection (RFC 6544): what comes in is cut into packets, what goes out waits.

Whatever is sent is framed into one buffer and leaves in one system call at the loop's next turn, so the
packets of a frame share it. The buffer has three marks, because TCP turns loss into delay:

    over the bound            full: video is left out to the next key frame, sound goes on
    over for `tcp_slow_s`     the peer is too slow and is sent away (`MediaTcp.tick`)
    `SOUND_BYTES` above it    nothing more fits: the peer is sent away at the next tick
"""

import asyncio
import socket
from collections.abc import Callable
from struct import pack
from time import monotonic

from streaming.counters import Counters
from streaming.transport.connection import Address, Connection
from streaming.transport.framing import Deframer, frame

KERNEL_BUFFER_BYTES = 128 << 10
SOUND_BYTES = 256 << 10


class TcpPath:
    """The `Way` of one peer. `on_lost` is called once, when the stream ended or broke."""

    is_stream = True

    __slots__ = (
        "_counters", "_flush_due", "_limit_bytes", "_loop", "_on_lost", "_socket", "_waiting", "_writing",
        "accepted_s", "address", "by_address", "closed", "deframer", "descriptor", "full_since_s",
        "overflowed", "proven",
    )  # fmt: skip

    def __init__(
        self,
        accepted: socket.socket,
        address: Address,
        limit_bytes: int,
        counters: Counters,
        on_lost: Callable[["TcpPath"], None],
    ) -> None:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        self._socket = accepted
        self._loop = asyncio.get_running_loop()
        self._limit_bytes = limit_bytes
        self._counters = counters
        self._on_lost = on_lost
        self._waiting = bytearray()
        self._flush_due = self._writing = False
        self.descriptor = accepted.fileno()
        self.address = address
        self.by_address: dict[Address, Connection] = {}
        self.deframer = Deframer()
        self.accepted_s = monotonic()
        self.full_since_s: float | None = None
        self.closed = self.overflowed = self.proven = False

    @property
    def is_full(self) -> bool:
        """Whether more waits than the bound, or did and not yet less than half of it."""
        return self.full_since_s is not None

    def receive_into(self, buffer: bytearray) -> int:
        """Read what is there; 0 when nothing is, -1 at the end of the stream."""
        try:
            return self._socket.recv_into(buffer) or -1
        except BlockingIOError:
            return 0
        except OSError:
            return -1

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Take one packet to send soon; False when the stream is gone or its buffer overflows."""
        del address
        if self.closed:
            self._counters.drops["send_failed"] += 1
            return False
        if len(self._waiting) > self._limit_bytes + SOUND_BYTES:
            self.overflowed = True
            self._counters.drops["tcp_overflow"] += 1
            return False
        self._waiting += frame(data)
        if self.full_since_s is None and len(self._waiting) > self._limit_bytes:
            self._try_to_make_room()
        if not self._flush_due and not self._writing:
            self._flush_due = True
            self._loop.call_soon(self._flush)
        return True

    def released(self) -> None:
        """Close: its peer is gone."""
        if not self.by_address:
            self.close()

    def close(self, *, reset: bool = False) -> None:
        """Send what still fits and close; with `reset` nothing is sent and nothing lingers."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self.descriptor)
        if self._writing:
            self._loop.remove_writer(self.descriptor)
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        else:
            self._write()
        self._socket.close()
        self._waiting.clear()
        self._on_lost(self)

    def _try_to_make_room(self) -> None:
        """Only what the kernel does not take makes a stream full, not a burst within one turn of the loop."""
        if not self._writing:
            self._write()
        if len(self._waiting) > self._limit_bytes:
            self.full_since_s = monotonic()
            self._counters.totals["tcp_paths_full"] += 1

    def _write(self) -> bool:
        """Give the kernel what it takes; False when the stream is broken."""
        try:
            sent = self._socket.send(self._waiting)
        except BlockingIOError:
            return True
        except OSError:
            return False
        del self._waiting[:sent]
        if self.full_since_s is not None and len(self._waiting) < self._limit_bytes // 2:
            self.full_since_s = None
        return True

    def _flush(self) -> None:
        self._flush_due = False
        if self.closed:
            return
        if not self._write():
            self.close(reset=True)
            return
        if bool(self._waiting) is self._writing:
            return
        self._writing = not self._writing
        if self._writing:
            self._loop.add_writer(self.descriptor, self._flush)
        else:
            self._loop.remove_writer(self.descriptor)
