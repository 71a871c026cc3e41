"""Writes what a publisher of scalable video sends: dependency descriptors, bit by bit."""

# Spatial and temporal layer of each template: two of each.
KEY_LAYERS = ((0, 0), (0, 1), (1, 0), (1, 1))
SIZES = ((320, 180), (640, 360), (1280, 720))
FIRST_ID = 61  # so that template numbers wrap around at 64


class BitWriter:
    """Bits, the highest first."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, value: int, bits: int) -> None:
        """Add a number."""
        self._text += f"{value:0{bits}b}" if bits else ""

    def done(self) -> bytes:
        """Return the bytes, filled up with zeros."""
        text = self._text + "0" * (-len(self._text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


def descriptor(
    layers: tuple[tuple[int, int], ...],
    layer: tuple[int, int],
    *,
    key: bool = False,
    starts: bool = True,
    ends: bool = True,
    frame: int = 1,
    active: int | None = None,
    chains: bool = False,
) -> bytes:
    """One packet's descriptor; a `key` one carries the structure made from `layers`."""
    bits = BitWriter()
    for value, width in ((starts, 1), (ends, 1), ((FIRST_ID + layers.index(layer)) % 64, 6), (frame, 16)):
        bits.write(int(value), width)
    if key or active is not None:
        for flag in (key, active is not None, False, False, False):
            bits.write(int(flag), 1)
    if key:
        _write_structure(bits, layers, chains=chains)
    if active is not None:
        bits.write(active, len(layers))
    return bits.done()


def _write_structure(bits: BitWriter, layers: tuple[tuple[int, int], ...], *, chains: bool) -> None:
    """One decode target for each template: it wants all layers up to that one's."""
    bits.write(FIRST_ID, 6)
    bits.write(len(layers) - 1, 5)
    for here, following in zip(layers, (*layers[1:], None), strict=True):
        step = 3 if following is None else 2 if following[0] > here[0] else 1 if following[1] > here[1] else 0
        bits.write(step, 2)
    for spatial, temporal in layers:
        for most_spatial, most_temporal in layers:
            bits.write(2 if spatial <= most_spatial and temporal <= most_temporal else 0, 2)
    for _ in layers:
        bits.write(0b1_0001_0, 6)  # one frame difference of 2
    _write_chains(bits, len(layers), 2 if chains else 0)
    bits.write(1, 1)
    for spatial in range(layers[-1][0] + 1):
        for side in SIZES[spatial]:
            bits.write(side - 1, 16)


def _write_chains(bits: BitWriter, targets: int, chains: int) -> None:
    write_non_symmetric(bits, chains, targets + 1)
    if chains:
        for target in range(targets):
            write_non_symmetric(bits, target % chains, chains)
        for _ in range(targets * chains):
            bits.write(5, 4)


def write_non_symmetric(bits: BitWriter, value: int, values: int) -> None:
    """Add a number below `values` in as few bits as it takes (ns(n) of the AV1 specification)."""
    width = values.bit_length()
    short = (1 << width) - values
    if value < short:
        bits.write(value, width - 1)
    else:
        bits.write(value + short, width)
