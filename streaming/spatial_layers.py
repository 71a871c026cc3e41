"""One scalable stream (SVC) taken apart: for each spatial layer a line of its own with all it needs.

A publisher of simulcast sends a stream a layer; a publisher of SVC sends one, whose frames say by the
dependency descriptor who needs them. Taken apart here, both look the same to `streaming.picture`: line `s`
has the packets of the best decode target still sent whose highest spatial layer is `s`, numbered without
gaps, and its frames' ends are marked. The payloads are shared, not copied.

To number a line one must know which packets are not in it, so a scalable stream waits for what is missing
(the publisher is asked to repeat it meanwhile), `HOLD_S` at most; then the gap becomes a gap of every line.
A stream of one spatial layer passes through untouched.
"""

from dataclasses import replace
from typing import NamedTuple

from streaming.frames.frame import BrokenFrameError
from streaming.rtp.dependency_descriptor import (
    MANDATORY_BYTES,
    Descriptor,
    Size,
    Structure,
    parse_descriptor,
)
from streaming.rtp.packet import RtpPacket

HOLD_S = 0.15
MAX_HELD = 512
MAX_SPATIAL_LAYERS = 4
HAS_STRUCTURE = 0x80


class Part(NamedTuple):
    """A packet as one line has it. `size` is the line's picture, None when not told."""

    layer: int
    number: int
    packet: RtpPacket
    size: Size | None


class SpatialLayers:
    """The lines of one incoming stream. `descriptor_id` is the header extension's id."""

    __slots__ = ("_descriptor_id", "_held", "_left_out", "_next", "_structure", "_targets")

    def __init__(self, descriptor_id: int) -> None:
        self._descriptor_id = descriptor_id
        self._structure: Structure | None = None
        self._targets: tuple[int | None, ...] = ()
        # By line: how many packets it has left out.
        self._left_out = [0] * MAX_SPATIAL_LAYERS
        self._held: dict[int, tuple[RtpPacket, float]] = {}
        self._next: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the stream has shown to be scalable, and is taken apart."""
        return self._next is not None

    def take(self, extended: int, packet: RtpPacket, now_s: float) -> list[Part]:
        """Take the next packet; returns what can go on, of this and of those that waited."""
        if self._next is None:
            if not self._begins_layers(packet):
                return [Part(0, extended - self._left_out[0], packet, None)]
            self._next = extended
        if extended < self._next:
            return []  # given up already
        self._held[extended] = (packet, now_s)
        parts: list[Part] = []
        while self._held:
            held = self._held.pop(self._next, None)
            if held is not None:
                parts += self._split(self._next, held[0])
                self._next += 1
            elif self._must_go_on(now_s):
                self._next = min(self._held)
            else:
                break
        return parts

    def skip_to(self, extended: int) -> None:
        """Wait for nothing before this number."""
        self._held.clear()
        if self._next is not None:
            self._next = max(self._next, extended)

    def _must_go_on(self, now_s: float) -> bool:
        _, arrived_s = next(iter(self._held.values()))
        return now_s - arrived_s > HOLD_S or len(self._held) > MAX_HELD

    def _begins_layers(self, packet: RtpPacket) -> bool:
        data = packet.extensions.get(self._descriptor_id, b"")
        if len(data) <= MANDATORY_BYTES or not data[MANDATORY_BYTES] & HAS_STRUCTURE:
            return False
        found = self._read(packet)
        structure = found.structure if found is not None else None
        return structure is not None and 1 < len(structure.targets) <= MAX_SPATIAL_LAYERS

    def _read(self, packet: RtpPacket) -> Descriptor | None:
        data = packet.extensions.get(self._descriptor_id)
        try:
            return parse_descriptor(data, self._structure) if data else None
        except BrokenFrameError:
            return None

    def _split(self, number: int, packet: RtpPacket) -> list[Part]:
        if not packet.payload:  # padding is in no line
            self._left_out = [one + 1 for one in self._left_out]
            return []
        found = self._read(packet)
        if found is None:
            # It belongs nobody knows where, like what never came.
            return []
        if found.structure is not None:
            self._structure = found.structure
        structure = self._structure
        assert structure is not None
        if found.active is not None:
            self._targets = structure.active_targets(found.active)
        parts = []
        for layer, target in enumerate(self._targets[:MAX_SPATIAL_LAYERS]):
            if target is None or not found.wanted[target]:
                self._left_out[layer] += 1
                continue
            ends = packet.marker or (found.ends_frame and found.spatial == layer)
            own = packet if ends == packet.marker else replace(packet, marker=ends)
            size = structure.sizes[layer] if structure.sizes else None
            parts.append(Part(layer, number - self._left_out[layer], own, size))
        return parts
