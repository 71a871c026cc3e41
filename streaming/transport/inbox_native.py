"""Many datagrams of a socket in one system call: `recvmmsg` through cffi in ABI mode (Linux).

From hundreds of viewers a datagram comes every tenth of a millisecond. Taken one by one each costs a system
call and an address put into words; here addresses that were seen before are recognised by their bytes.
"""

import errno
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import cffi
import numpy as np

from streaming.counters import Counters
from streaming.transport.batch_native import MESSAGE, NAME_BYTES, VECTOR, Way, best_way
from streaming.transport.connection import Address
from streaming.transport.srtp_native import MAX_PACKET_BYTES, Scratch

AT_ONCE = 64
MAX_ADDRESSES = 8192
NOTHING_WAITS = (errno.EAGAIN, errno.EINTR)
PORT, V6 = struct.Struct("!H"), struct.Struct("!HI16s")
V4_BYTES = 16

_ffi: Any = cffi.FFI()
_ffi.cdef("int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout);")
_libc: Any = _ffi.dlopen(None)

Received = tuple[Scratch, int, Address]


class Inbox:
    """Buffers for what waits at a socket. One serves several sockets, one after another."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._buffers = [Scratch() for _ in range(AT_ONCE)]
        self._is_possible = best_way() is not Way.ONE and hasattr(_libc, "recvmmsg")
        self._addresses: dict[bytes, Address] = {}
        self._names = np.zeros((AT_ONCE, NAME_BYTES), np.uint8)
        self._vectors = np.zeros(AT_ONCE, VECTOR)
        self._vectors["base"] = [int(_ffi.cast("size_t", one.pointer)) for one in self._buffers]
        self._vectors["bytes"] = MAX_PACKET_BYTES
        rows = np.arange(AT_ONCE, dtype=np.uint64)
        self._headers = headers = np.zeros(AT_ONCE, MESSAGE)
        headers["name"] = self._names.ctypes.data + rows * NAME_BYTES
        headers["vectors"] = self._vectors.ctypes.data + rows * VECTOR.itemsize
        headers["vectors_total"] = 1
        self._start = _ffi.cast("char *", headers.ctypes.data)

    def receive(self, receiver: socket.socket) -> Sequence[Received]:
        """Take what waits, `AT_ONCE` datagrams at most; each lies in a buffer of its own until the next call.

        Errors of earlier sends count, and end the call.
        """
        return self._many(receiver) if self._is_possible else list(self._one_by_one(receiver))

    def _many(self, receiver: socket.socket) -> Sequence[Received]:
        name_bytes = V4_BYTES if receiver.family == socket.AF_INET else NAME_BYTES
        self._headers["name_bytes"] = name_bytes
        total = _libc.recvmmsg(receiver.fileno(), self._start, AT_ONCE, socket.MSG_DONTWAIT, _ffi.NULL)
        if total < 0:
            if _ffi.errno not in NOTHING_WAITS:
                self._counters.drops["receive_error"] += 1
            return ()
        names, known = self._names[:total].tobytes(), self._addresses
        found: list[Received] = []
        for row, length in enumerate(self._headers["sent_bytes"][:total].tolist()):
            name = names[row * NAME_BYTES : row * NAME_BYTES + name_bytes]
            address = known.get(name) or self._note(name)
            found.append((self._buffers[row], length, address))
        return found

    def _note(self, name: bytes) -> Address:
        """Put an address into words, as `recvfrom` does."""
        if len(self._addresses) >= MAX_ADDRESSES:
            self._addresses.clear()
        address = self._addresses[name] = read_socket_address(name)
        return address

    def _one_by_one(self, receiver: socket.socket) -> Iterator[Received]:
        for buffer in self._buffers:
            received = receive_into(receiver, buffer.bytes, self._counters)
            if received is None:
                return
            yield buffer, *received


def receive_into(
    receiver: socket.socket, buffer: bytearray, counters: Counters
) -> tuple[int, Address] | None:
    """Take one datagram, or None when none waits. Errors of earlier sends count and are passed over."""
    try:
        return receiver.recvfrom_into(buffer)
    except BlockingIOError:
        return None
    except OSError:
        counters.drops["receive_error"] += 1
        return None


def read_socket_address(name: bytes) -> Address:
    """Return what `recvfrom` gives for a `sockaddr_in` or a `sockaddr_in6`."""
    if len(name) == V4_BYTES:
        return socket.inet_ntoa(name[4:8]), PORT.unpack_from(name, 2)[0]
    port, flow, host = V6.unpack_from(name, 2)
    scope = int.from_bytes(name[24:28], "little")
    return socket.inet_ntop(socket.AF_INET6, host), port, flow, scope
