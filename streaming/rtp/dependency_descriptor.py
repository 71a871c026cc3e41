"""Which layer of a scalable stream (SVC) a packet belongs to: the dependency descriptor header extension.

Source: "RTP Payload Format For AV1" v1.0.0, appendix A (the same extension serves VP9). Key frames carry the
template structure, which later packets refer to by number; so a reader keeps the newest one.
"""

from dataclasses import dataclass

from streaming.frames.bits import BitReader
from streaming.frames.frame import BrokenFrameError

DEPENDENCY_DESCRIPTOR = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)
MANDATORY_BYTES = 3
MAX_TEMPLATES = 64
MAX_FRAME_JUMP = 3000
NEXT_TEMPORAL, NEXT_SPATIAL, NO_MORE = 1, 2, 3
Size = tuple[int, int]


@dataclass(slots=True, frozen=True)
class Template:
    """What frames of one template have in common. `wanted[d]`: whether decode target `d` contains them."""

    spatial: int
    temporal: int
    wanted: tuple[bool, ...]


@dataclass(slots=True, frozen=True)
class Structure:
    """The templates of a coded sequence.

    `ranked[s]` are the decode targets whose highest spatial layer is `s`, the best first. `sizes` are the
    layers' width and height, the lowest layer's first; empty when not told.
    """

    first_id: int
    templates: tuple[Template, ...]
    ranked: tuple[tuple[int, ...], ...]
    sizes: tuple[Size, ...]

    @property
    def targets(self) -> tuple[int, ...]:
        """The best decode target of each spatial layer."""
        return tuple(targets[0] for targets in self.ranked)

    def active_targets(self, active: int) -> tuple[int | None, ...]:
        """Return each spatial layer's best target of those that are still sent; None = none of it is.

        `active` has a bit for each decode target.
        """
        return tuple(next((one for one in ranked if active >> one & 1), None) for ranked in self.ranked)

    @property
    def decode_targets(self) -> int:
        """How many decode targets there are."""
        return len(self.templates[0].wanted)


@dataclass(slots=True, frozen=True)
class Descriptor:
    """What one packet says of its frame.

    `wanted` is by decode target. `structure` is the new one, None in most packets; `active` has a bit for
    each decode target that is still sent, None when the packet says nothing about it.
    """

    starts_frame: bool
    ends_frame: bool
    frame_number: int
    spatial: int
    wanted: tuple[bool, ...]
    structure: Structure | None
    active: int | None


class FrameLine:
    """One line of frame numbers (16 bits) for all publishers of a show: players drop what seems to be older.

    A descriptor says of other frames only how far they are away, so it may be renumbered.
    """

    __slots__ = ("_newest", "_shift")

    def __init__(self) -> None:
        self._newest = 0
        self._shift: int | None = None

    def restart(self) -> None:
        """Note that the next descriptor is another publisher's."""
        self._shift = None

    def place(self, data: bytes) -> bytes:
        """Return a descriptor with its number on the line; empty for what is none."""
        if len(data) < MANDATORY_BYTES:
            return b""
        number = int.from_bytes(data[1:MANDATORY_BYTES], "big")
        ahead = self._ahead(number)
        if self._shift is None or abs(ahead) > MAX_FRAME_JUMP:
            self._shift = self._newest + 1 - number
            ahead = 1
        number = (number + self._shift) & 0xFFFF
        if ahead > 0:
            self._newest = number
        return data[:1] + number.to_bytes(2, "big") + data[MANDATORY_BYTES:]

    def _ahead(self, number: int) -> int:
        """How many frames a number of the publisher's is ahead of the newest."""
        return ((number + (self._shift or 0) - self._newest + 0x8000) & 0xFFFF) - 0x8000


def parse_descriptor(data: bytes, known: Structure | None) -> Descriptor | None:
    """Read one packet's descriptor; None when it refers to a structure that has not come yet.

    Raises `BrokenFrameError` when it is cut off or contradicts itself.
    """
    bits = BitReader(data)
    starts, ends = bits.flag(), bits.flag()
    template_id, frame_number = bits.read(6), bits.read(16)
    structure, active, has_own_wants = None, None, False
    if len(data) > MANDATORY_BYTES:
        has_structure, has_active, has_own_wants = bits.flag(), bits.flag(), bits.flag()
        bits.read(2)  # own frame differences and chains follow what is read here
        if has_structure:
            structure = known = _structure(bits)
            active = (1 << structure.decode_targets) - 1
        if has_active and known is not None:
            active = bits.read(known.decode_targets)
    if known is None:
        return None
    place = (template_id - known.first_id) % MAX_TEMPLATES
    if place >= len(known.templates):
        raise BrokenFrameError("a dependency descriptor names a template that its structure has not")
    template = known.templates[place]
    wanted = _wants(bits, known.decode_targets) if has_own_wants else template.wanted
    return Descriptor(starts, ends, frame_number, template.spatial, wanted, structure, active)


def _structure(bits: BitReader) -> Structure:
    first_id = bits.read(6)
    targets = bits.read(5) + 1
    layers = _layers(bits)
    wanted = [_wants(bits, targets) for _ in layers]
    for _ in layers:
        while bits.flag():  # frame differences
            bits.read(4)
    _skip_chains(bits, targets, len(layers))
    spatial_layers = layers[-1][0] + 1
    sizes: list[Size] = []
    if bits.flag():
        sizes = [(bits.read(16) + 1, bits.read(16) + 1) for _ in range(spatial_layers)]
    templates = tuple(Template(s, t, w) for (s, t), w in zip(layers, wanted, strict=True))
    ranked = tuple(_ranked_targets(templates, spatial, targets) for spatial in range(spatial_layers))
    return Structure(first_id, templates, ranked, tuple(sizes))


def _layers(bits: BitReader) -> list[tuple[int, int]]:
    """(spatial, temporal) of each template; one after another they say how the next one differs."""
    spatial = temporal = 0
    layers: list[tuple[int, int]] = []
    while len(layers) < MAX_TEMPLATES:
        layers.append((spatial, temporal))
        step = bits.read(2)
        if step == NO_MORE:
            return layers
        if step == NEXT_TEMPORAL:
            temporal += 1
        elif step == NEXT_SPATIAL:
            spatial, temporal = spatial + 1, 0
    raise BrokenFrameError("a dependency descriptor has at most 64 templates")


def _wants(bits: BitReader, targets: int) -> tuple[bool, ...]:
    """Read decode target indications: 0 means that the target does not contain the frame."""
    return tuple(bits.read(2) != 0 for _ in range(targets))


def _skip_chains(bits: BitReader, targets: int, templates: int) -> None:
    chains = _non_symmetric(bits, targets + 1)
    if chains:
        for _ in range(targets):
            _non_symmetric(bits, chains)
        bits.read(4 * chains * templates)


def _non_symmetric(bits: BitReader, values: int) -> int:
    """Read a number below `values` in as few bits as it takes (AV1 bitstream specification, ns(n))."""
    width = values.bit_length()
    short = (1 << width) - values
    value = bits.read(width - 1)
    return value if value < short else (value << 1) - short + bits.read(1)


def _ranked_targets(templates: tuple[Template, ...], spatial: int, targets: int) -> tuple[int, ...]:
    """Find the decode targets whose highest spatial layer this is, those of most temporal layers first."""
    contents = {
        target: [(one.spatial, one.temporal) for one in templates if one.wanted[target]]
        for target in range(targets)
    }
    fitting = {
        target: max(temporal for _, temporal in layers)
        for target, layers in contents.items()
        if layers and max(layer for layer, _ in layers) == spatial
    }
    if not fitting:
        raise BrokenFrameError("a spatial layer of a dependency descriptor has no decode target")
    return tuple(sorted(fitting, key=lambda target: fitting[target], reverse=True))
