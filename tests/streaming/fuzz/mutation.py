"""Changes to valid messages, as damage and malice make them. Chance comes in, so a run can be repeated."""

from collections.abc import Sequence
from random import Random

EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
MAX_BYTES = 2000


def mutate(data: bytes, random: Random, others: Sequence[bytes] = (b"",)) -> bytes:
    """Return `data` with one to four changes; `others` are what pieces may be taken from."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed) + 1)
        length = min(random.choice((1, 2, 4, 8, 40)), len(changed) - at)
        piece = changed[at : at + length]
        what = random.randrange(8)
        if what == 0 and length:
            changed[at] ^= 1 << random.randrange(8)
        elif what == 1 and length:
            changed[at] = random.choice(EDGES)
        elif what == 2 and length > 1:
            changed[at : at + 2] = random.choice((0, 1, 0x7FFF, 0xFFFF, len(data))).to_bytes(2, "big")
        elif what == 3:
            del changed[at:]
        elif what == 4:
            del changed[at : at + length]
        elif what == 5:
            changed[at:at] = piece * random.choice((1, 2, 30))
        elif what == 6:
            changed[at:at] = random.randbytes(length)
        else:
            other = random.choice(others)
            begin = random.randrange(len(other) + 1)
            changed[at : at + length] = other[begin : begin + random.choice((2, 20, 200))]
    return bytes(changed[:MAX_BYTES])
