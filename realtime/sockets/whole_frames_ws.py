"""Client frames that arrive whole, read without the library's parser.

RFC 6455 section 5.2, RFC 7692 section 7. Nearly every message of a room is one short masked text frame that
comes in a read of its own. websockets' parser takes it apart with five generators and two dataclasses; here
it is a comparison of lengths, one unmasking and at most one inflating. Whatever is not exactly that (part of
a frame, several, a control frame, a reserved bit, a length in eight bytes, a text that is not UTF-8 or too
long) is None: the library judges it.
"""

import zlib
from typing import Final

from websockets.utils import apply_mask

FINAL_TEXT, FINAL_DEFLATED_TEXT = 0x81, 0xC1
MASKED = 0x80
SHORT_MOST_BYTES, NEXT_TWO_BYTES = 125, 126
_EMPTY_BLOCK: Final = b"\x00\x00\xff\xff"


def whole_text(data: bytes, inflate_bits: int, most_bytes: int) -> str | None:
    """Return the text when `data` is exactly one final masked text frame, else None.

    `inflate_bits` is the client's window (8 to 15) when deflated frames are agreed upon and each begins
    anew, 0 otherwise. `most_bytes` bounds the text, inflated.
    """
    if len(data) < 6 or data[1] < MASKED:
        return None
    deflated = data[0] == FINAL_DEFLATED_TEXT
    if not (data[0] == FINAL_TEXT or (deflated and inflate_bits)):
        return None
    length, begin = data[1] - MASKED, 2
    if length == NEXT_TWO_BYTES:
        length, begin = int.from_bytes(data[2:4], "big"), 4
    elif length > SHORT_MOST_BYTES:
        return None
    if len(data) != begin + 4 + length or length > most_bytes:
        return None
    payload = apply_mask(data[begin + 4 :], data[begin : begin + 4])
    try:
        return (_inflated(payload, inflate_bits, most_bytes) if deflated else payload).decode()
    except (UnicodeDecodeError, zlib.error, ValueError):
        return None


def _inflated(payload: bytes, bits: int, most_bytes: int) -> bytes:
    """Inflate one message; ValueError when it is longer than `most_bytes`."""
    inflater = zlib.decompressobj(wbits=-bits)
    text = inflater.decompress(payload + _EMPTY_BLOCK, most_bytes)
    if len(text) >= most_bytes or inflater.unconsumed_tail or inflater.unused_data:
        raise ValueError("too long")
    return text
