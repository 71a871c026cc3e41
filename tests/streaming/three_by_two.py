"""Three spatial and two temporal layers (L3T2) as their dependency descriptors tell them.

By the rules of "RTP Payload Format For AV1", appendix A.8 and A.10: templates sorted by spatial and temporal
layer; a decode target for each pair of layers, the lower layers first; a chain for each spatial layer's base.
Every second picture is of the upper temporal layer.
"""

from typing import NamedTuple

from tests.streaming.scalable import FIRST_ID, SIZES, BitWriter, write_non_symmetric


class Template(NamedTuple):
    """A kind of frame: by target `-` not there, D discardable, S a switch, R required; what it refers to."""

    spatial: int
    temporal: int
    indications: str
    frame_differences: tuple[int, ...]
    chain_differences: tuple[int, int, int]


TEMPLATES = (
    Template(0, 0, "SSSSSS", (), (0, 0, 0)),
    Template(0, 0, "SSSSSS", (6,), (6, 5, 4)),
    Template(0, 1, "-D-R-R", (3,), (3, 2, 1)),
    Template(1, 0, "--SSSS", (1,), (1, 1, 1)),
    Template(1, 0, "--SSSS", (6, 1), (1, 6, 5)),
    Template(1, 1, "---D-R", (3, 1), (4, 3, 2)),
    Template(2, 0, "----SS", (1,), (2, 1, 1)),
    Template(2, 0, "----SS", (6, 1), (2, 1, 6)),
    Template(2, 1, "-----D", (3, 1), (5, 4, 3)),
)
TARGETS, CHAINS = 6, 3


def descriptor(template: int, frame: int, *, key: bool = False, active: int | None = None) -> bytes:
    """One frame's descriptor, of one packet; a `key` one carries the structure."""
    bits = BitWriter()
    for value, width in ((1, 1), (1, 1), ((FIRST_ID + template) % 64, 6), (frame, 16)):
        bits.write(value, width)
    if key or active is not None:
        for flag in (key, active is not None, False, False, False):
            bits.write(int(flag), 1)
    if key:
        _write_structure(bits)
    if active is not None:
        bits.write(active, TARGETS)
    return bits.done()


def _write_structure(bits: BitWriter) -> None:
    bits.write(FIRST_ID, 6)
    bits.write(TARGETS - 1, 5)
    _write_layers(bits)
    for template in TEMPLATES:
        for indication in template.indications:
            bits.write("-DSR".index(indication), 2)
    for template in TEMPLATES:
        for difference in template.frame_differences:
            bits.write(0b10000 | (difference - 1), 5)
        bits.write(0, 1)
    _write_chains(bits)
    bits.write(1, 1)
    for size in SIZES:
        for side in size:
            bits.write(side - 1, 16)


def _write_layers(bits: BitWriter) -> None:
    for here, following in zip(TEMPLATES, (*TEMPLATES[1:], None), strict=True):
        if following is None:
            bits.write(3, 2)
        elif following.spatial > here.spatial:
            bits.write(2, 2)
        else:
            bits.write(int(following.temporal > here.temporal), 2)


def _write_chains(bits: BitWriter) -> None:
    write_non_symmetric(bits, CHAINS, TARGETS + 1)
    for target in range(TARGETS):
        write_non_symmetric(bits, target // 2, CHAINS)
    for template in TEMPLATES:
        for difference in template.chain_differences:
            bits.write(difference, 4)
