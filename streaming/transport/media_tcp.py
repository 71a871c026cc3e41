"""The TCP twins of the media ports: passive ICE-TCP (RFC 6544) with RFC 4571 frames.

Anybody may connect, so a connection proves itself first: its first frame must be a genuine check for one of
our fragments, within seconds. Until then it holds one small buffer and gets no byte back; how many may be
in that state is bounded, for each address too. What does not keep to that is reset and counted.

    accepted --genuine check--> proven --session ends, stream breaks, too slow--> closed
    accepted --anything else, or `tcp_proof_s` over--> reset
"""

import asyncio
import socket
from collections import defaultdict

from streaming.admission import address_key
from streaming.counters import Counters
from streaming.settings import Limits
from streaming.transport.connection import Address
from streaming.transport.demux import Demux
from streaming.transport.framing import FrameTooLongError
from streaming.transport.ice_lite import MAX_CHECK_BYTES
from streaming.transport.path_tcp import TcpPath
from streaming.transport.srtp_native import MAX_PACKET_BYTES, Scratch

READ_BYTES = 16 << 10
ACCEPTS_A_TURN = 32
BACKLOG = 256
TICK_S = 0.25


class MediaTcp:
    """All listeners of the process and the connections they accepted."""

    def __init__(self, counters: Counters, demux: Demux, limits: Limits) -> None:
        self._counters = counters
        self._demux = demux
        self._limits = limits
        self._listeners: list[socket.socket] = []
        self._paused: list[socket.socket] = []
        self._candidates: list[tuple[str, int]] = []
        self._paths: dict[TcpPath, None] = {}
        self._unproven: defaultdict[str, int] = defaultdict(int)
        self._bytes = bytearray(READ_BYTES)
        self._view = memoryview(self._bytes)
        self._packet = Scratch()
        self._tick_due_s = 0.0

    @property
    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Advertised addresses and ports, best first."""
        return tuple(self._candidates)

    def gauges(self) -> dict[str, float]:
        """Present values for /metrics."""
        return {"tcp_connections": len(self._paths), "tcp_unproven": sum(self._unproven.values())}

    def add(self, listener: socket.socket, advertised: tuple[str, ...]) -> None:
        """Accept from a bound socket from now on; it is closed with the rest."""
        listener.setblocking(False)
        listener.listen(BACKLOG)
        port = listener.getsockname()[1]
        self._listeners.append(listener)
        self._candidates += [(address, port) for address in advertised]
        asyncio.get_running_loop().add_reader(listener.fileno(), self._on_acceptable, listener)

    def close(self) -> None:
        """Close every connection and listener."""
        for path in list(self._paths):
            path.close()
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener.fileno())
            listener.close()
        self._listeners.clear()

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so: the limits of time."""
        if now_s < self._tick_due_s:
            return
        self._tick_due_s = now_s + TICK_S
        while self._paused:
            listener = self._paused.pop()
            asyncio.get_running_loop().add_reader(listener.fileno(), self._on_acceptable, listener)
        for path in list(self._paths):
            if not path.proven:
                if now_s - path.accepted_s > self._limits.tcp_proof_s:
                    self._refuse(path, "tcp_proof_timeout")
            elif path.overflowed or (
                path.full_since_s is not None and now_s - path.full_since_s > self._limits.tcp_slow_s
            ):
                self._evict(path)

    # --- coming and going

    def _on_acceptable(self, listener: socket.socket) -> None:
        for _ in range(ACCEPTS_A_TURN):
            try:
                accepted, address = listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # Out of descriptors, say: the listener would be readable for ever, so it rests for a moment.
                self._counters.drops["tcp_accept_failed"] += 1
                asyncio.get_running_loop().remove_reader(listener.fileno())
                self._paused.append(listener)
                return
            self._accept(accepted, address)

    def _accept(self, accepted: socket.socket, address: Address) -> None:
        path = TcpPath(accepted, address, self._limits.tcp_buffer_bytes, self._counters, self._lost)
        key = address_key(address[0])
        reason = self._full(key)
        self._paths[path] = None
        self._unproven[key] += 1
        if reason:
            self._refuse(path, reason)
            return
        self._counters.totals["tcp_accepted"] += 1
        asyncio.get_running_loop().add_reader(path.descriptor, self._on_readable, path)

    def _full(self, key: str) -> str:
        """Name the bound that keeps one more connection out, or ""."""
        if len(self._paths) >= self._limits.tcp_connections:
            return "tcp_connections_full"
        if sum(self._unproven.values()) >= self._limits.tcp_unproven:
            return "tcp_unproven_full"
        if self._unproven.get(key, 0) >= self._limits.tcp_unproven_per_address:
            return "tcp_unproven_per_address"
        return ""

    def _refuse(self, path: TcpPath, reason: str) -> None:
        self._counters.drops[reason] += 1
        path.close(reset=True)

    def _evict(self, path: TcpPath) -> None:
        self._counters.totals["tcp_evicted"] += 1
        for connection in list(path.by_address.values()):
            if connection.socket is path:
                connection.close("too_slow")
        path.close(reset=True)

    def _lost(self, path: TcpPath) -> None:
        self._paths.pop(path, None)
        if not path.proven:
            self._settle(path)
        self._demux.forget_way(path)

    def _settle(self, path: TcpPath) -> None:
        """Take a connection off the list of those that have proved nothing."""
        key = address_key(path.address[0])
        self._unproven[key] -= 1
        if not self._unproven[key]:
            del self._unproven[key]

    # --- packets

    def _on_readable(self, path: TcpPath) -> None:
        size = path.receive_into(self._bytes)
        if size < 0:
            path.close()
            return
        path.deframer.feed(self._view[:size])
        try:
            while not path.closed:
                packet = path.deframer.take(MAX_PACKET_BYTES - 1 if path.proven else MAX_CHECK_BYTES)
                if packet is None:
                    return
                self._on_packet(path, packet)
        except FrameTooLongError:
            self._refuse(path, "tcp_frame_too_long")

    def _on_packet(self, path: TcpPath, packet: bytes) -> None:
        buffer = self._packet
        buffer.view[: len(packet)] = packet
        if path.proven:
            self._demux.take(path, buffer, len(packet), path.address)
            return
        if packet and packet[0] <= 3:
            self._demux.take(path, buffer, len(packet), path.address)
        if path.by_address:
            path.proven = True
            self._settle(path)
        else:
            self._refuse(path, "tcp_not_a_check")
