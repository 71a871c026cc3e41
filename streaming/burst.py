"""A burst of source packets, and the headers it has for each viewer of a group, as numpy columns."""

from typing import Any, NamedTuple

import numpy as np

from streaming.header_templates import Template
from streaming.rtp.picture_numbers import IS_LONG, Numbers, Places, read_numbers
from streaming.rtp.ring import StoredPacket

Array = Any  # numpy's arrays; their element types say nothing mypy could check here


class Burst:
    """The packets of a burst, and what is written of each, as rows; of one packet the numbers themselves.

    All payloads are as long as the first but the last, which may be shorter: `payloads` fills it up. All
    have the numbers of their pictures in the same `places`.
    """

    __slots__ = ("_numbers", "_stored", "descriptors", "levels", "markers", "packets",
                 "payloads", "places", "sequences", "sizes", "timestamps")  # fmt: skip
    levels: Array
    markers: Array
    payloads: Array
    sequences: Array
    sizes: Array
    timestamps: Array

    def __init__(self, packets: list[StoredPacket]) -> None:
        self.descriptors: list[bytes]
        self.packets = len(packets)
        self.places = packets[0].places
        self._stored = packets
        self._numbers: tuple[Array, Array] | None = None
        if len(packets) == 1:
            self._take_one(packets[0])
            return
        self.sequences = np.array([packet.sequence & 0xFFFF for packet in packets], np.uint32)
        self.timestamps = np.array([packet.timestamp for packet in packets], np.uint32)
        self.markers = np.array([packet.marker << 7 for packet in packets], np.uint8)
        self.levels = [packet.level for packet in packets]
        self.sizes = np.array([len(packet.payload) for packet in packets])
        first_bytes = len(packets[0].payload)
        joined = b"".join([packet.payload for packet in packets]).ljust(first_bytes * len(packets), b"\0")
        self.payloads = np.frombuffer(joined, np.uint8).reshape(len(packets), first_bytes)
        self.descriptors = [packet.descriptor for packet in packets]

    def _take_one(self, packet: StoredPacket) -> None:
        self.sequences = packet.sequence & 0xFFFF
        self.timestamps = packet.timestamp
        self.markers = packet.marker << 7
        self.levels = packet.level
        self.sizes = len(packet.payload)
        self.payloads = np.frombuffer(packet.payload, np.uint8)
        self.descriptors = [packet.descriptor]

    def numbers_at(self, places: Places) -> tuple[Array, Array]:
        """Return the numbers of the pictures and of their base layer, packet by packet."""
        if self._numbers is None:
            pictures, bases = zip(*(read_numbers(one.payload, places) for one in self._stored), strict=True)
            self._numbers = np.array(pictures, np.uint16), np.array(bases, np.uint8)
        return self._numbers


class PictureColumns:
    """What is added to the numbers of the pictures, row by row; nothing for who has had no change."""

    __slots__ = ("_bases", "_is_moved", "_pictures")

    def __init__(self, rows: int) -> None:
        self._pictures = np.zeros(rows, np.uint16)
        self._bases = np.zeros(rows, np.uint8)
        self._is_moved = False

    def grow(self) -> None:
        """Have room for twice as many rows."""
        self._pictures = np.concatenate((self._pictures, np.zeros_like(self._pictures)))
        self._bases = np.concatenate((self._bases, np.zeros_like(self._bases)))

    def row(self, row: int) -> Numbers:
        """Return what is added in a row."""
        return Numbers(int(self._pictures[row]), int(self._bases[row]))

    def set_row(self, row: int, shift: Numbers) -> None:
        """Note what is added in a row."""
        self._pictures[row], self._bases[row] = shift
        self._is_moved = bool(self._pictures.any() or self._bases.any())

    def write(self, payloads: Array, burst: Burst, first: int, end: int) -> None:
        """Write the numbers into the payloads of rows `first` to `end`: (rows, packets, bytes)."""
        places = burst.places
        if places is None or not self._is_moved:
            return
        pictures, bases = burst.numbers_at(places)
        moved = self._pictures[first:end, None] + pictures & places.picture_mask
        if places.picture_bytes > 1:
            payloads[:, :, places.picture] = moved >> 8 | IS_LONG
        payloads[:, :, places.picture + places.picture_bytes - 1] = moved & 0xFF
        if places.base:
            payloads[:, :, places.base] = self._bases[first:end, None] + bases


class Columns(NamedTuple):
    """What differs from viewer to viewer and is added to what a burst brings; each is (rows, 1)."""

    marks: Array
    shift: Array
    later: Array
    number_shift: Array


class Sheet:
    """Headers of one kind for bursts of one length to all rows of a group: (rows, packets, bytes).

    It is kept, and of each burst only what differs is written: numpy's code is no longer in the cache when
    the next packet of sound comes, so each call that it takes costs several microseconds.
    """

    __slots__ = ("_descriptors", "_later", "_levels", "_marks", "_number_shift", "_numbers",
                 "_sequences", "_shift", "_timestamps", "_types", "headers")  # fmt: skip

    def __init__(
        self, heads: Array, layout: Template, descriptor_bytes: int, packets: int, columns: Columns
    ) -> None:
        self._marks, self._shift, self._later, self._number_shift = columns
        self.headers = headers = np.repeat(heads[:, None], packets, axis=1)
        self._types = headers[:, :, 1]
        self._sequences = headers[:, :, 2:4].view(">u2")[:, :, 0]
        self._timestamps = headers[:, :, 4:8].view(">u4")[:, :, 0]
        self._levels = headers[:, :, layout.level_at] if layout.level_at else None
        at, end = layout.number_at, layout.descriptor_at + descriptor_bytes
        self._numbers = headers[:, :, at : at + 2].view(">u2")[:, :, 0] if at else None
        self._descriptors = headers[:, :, layout.descriptor_at : end] if layout.descriptor_at else None

    def write(self, burst: Burst) -> None:
        """Write what is this burst's own."""
        np.bitwise_or(self._marks, burst.markers, out=self._types)
        np.add(self._shift, burst.sequences, out=self._sequences, casting="unsafe")
        np.add(self._later, burst.timestamps, out=self._timestamps, casting="unsafe")
        if self._levels is not None:
            self._levels[:] = burst.levels
        if self._numbers is not None:
            np.add(self._number_shift, burst.sequences, out=self._numbers, casting="unsafe")
        if self._descriptors is not None:
            joined = np.frombuffer(b"".join(burst.descriptors), np.uint8)
            self._descriptors[:] = joined.reshape(burst.packets, -1)
