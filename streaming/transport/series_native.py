"""Many packets for one receiver: written one after another, handed to the kernel in one call.

What a joiner is sent at once of the newest group of pictures are some hundred packets. Packets of equal size
leave as one message that the kernel cuts up, as in `batch_native`, whose arena they share.
"""

from collections.abc import Iterable
from struct import pack_into
from typing import Any

import numpy as np

from streaming.transport.batch_native import (
    CONTROL,
    CONTROL_BYTES,
    CONTROL_SPACE_BYTES,
    MAX_BURST,
    MESSAGE,
    NAME_BYTES,
    SLOT_BYTES,
    SLOTS,
    SOL_UDP,
    UDP_SEGMENT,
    Arena,
    Messages,
    Way,
    build_socket_address,
)
from streaming.transport.srtp_native import SrtpEnd, protect

MAX_SERIES = 64
_SEGMENT_AT = 16


class Series:
    """Sends up to 64 packets to one receiver at a time."""

    __slots__ = ("_arena", "_cells", "_controls", "_messages", "_name", "_segments")

    def __init__(self, arena: Arena) -> None:
        assert MAX_SERIES <= SLOTS
        self._arena = arena
        self._cells = arena.cells.data.cast("B")
        self._name = np.zeros(NAME_BYTES, np.uint8)
        self._controls = np.zeros((MAX_SERIES, CONTROL_SPACE_BYTES), np.uint8)
        for row in self._controls:
            pack_into(CONTROL, row.data, 0, CONTROL_BYTES, SOL_UDP, UDP_SEGMENT, 0)
        self._segments = self._controls[:, _SEGMENT_AT : _SEGMENT_AT + 2].view("=u2")[:, 0]
        self._messages = Messages(np.zeros(MAX_SERIES, MESSAGE), [])
        self._messages.headers["name"] = self._name.ctypes.data

    @property
    def is_possible(self) -> bool:
        """Whether this system takes several packets in one call."""
        return self._arena.way is not Way.ONE

    def send(
        self, descriptor: int, address: tuple[Any, ...], end: SrtpEnd, packets: Iterable[tuple[bytes, bytes]]
    ) -> tuple[int, int, int]:
        """Send (header, payload) pairs.

        Returns how many went out, how many libsrtp refused and how many there was no room for.

        A packet and what `end` adds to it fit a slot; the caller sees to that.
        """
        sizes, refused = self._write(end, packets)
        self._divide(sizes, MAX_BURST if self._arena.way is Way.SEGMENTED else 1)
        name = build_socket_address(address)
        self._name[: len(name)] = np.frombuffer(name, np.uint8)
        self._messages.headers["name_bytes"] = len(name)
        sent, full = self._messages.send(self._arena.room, descriptor, 0, len(self._messages.totals))
        return sent, refused, full

    def _write(self, end: SrtpEnd, packets: Iterable[tuple[bytes, bytes]]) -> tuple[list[int], int]:
        """Write and protect packets in the first slots; their sizes, and how many were refused."""
        cells, pointers, lengths = self._cells, self._arena.pointers, self._arena.lengths
        sizes: list[int] = []
        refused = 0
        for header, payload in packets:
            slot = len(sizes)  # a refused packet's is written over
            at = slot * SLOT_BYTES
            body = at + len(header)
            cells[at:body] = header
            cells[body : body + len(payload)] = payload
            length = lengths[slot]
            length[0] = len(header) + len(payload)
            if protect(end.context, pointers[slot], length) == 0:
                sizes.append(length[0])
            else:
                refused += 1
        return sizes, refused

    def _divide(self, sizes: list[int], most: int) -> None:
        """Lay out messages of packets of one size, of which the last may be shorter."""
        totals: list[int] = []
        first = 0
        while first < len(sizes):
            end, limit = first + 1, min(len(sizes), first + most)
            while end < limit and sizes[end] == sizes[first]:
                end += 1
            if end < limit and sizes[end] < sizes[first]:
                end += 1
            number, is_cut = len(totals), end - first > 1
            row = self._messages.headers[number]
            row["vectors"], row["vectors_total"] = self._arena.vector_address(first), end - first
            row["control"] = self._controls[number].ctypes.data if is_cut else 0
            row["control_bytes"] = CONTROL_SPACE_BYTES if is_cut else 0
            self._segments[number] = sizes[first]
            totals.append(end - first)
            first = end
        self._messages.totals = totals
