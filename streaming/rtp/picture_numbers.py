"""The numbers VP8 and VP9 give their pictures, and how they go on where a viewer's packets change.

Each layer of simulcast, and each publisher, counts from somewhere else: the picture (7 or 15 bits) and, with
temporal layers, the newest one of the base layer (TL0PICIDX, 8 bits). Players tell by them which picture
needs which. After a jump backwards libwebrtc takes pictures of the former layer for what the new one's need,
and shows nothing until another key frame comes; so a viewer's go on by one wherever its packets do.

Sources: RFC 7741 section 4.2, RFC 9628 section 4.2; libwebrtc's `rtp_vp8_ref_finder`, which keeps 50 base
layer pictures whatever comes between.
"""

from typing import NamedTuple

VP8_EXTENDED, VP8_HAS_PICTURE, VP8_HAS_BASE = 0x80, 0x80, 0x40
VP9_HAS_PICTURE, VP9_HAS_LAYERS, VP9_FLEXIBLE = 0x80, 0x20, 0x10
IS_LONG = 0x80


class Places(NamedTuple):
    """Where a payload has its picture's number, of one byte or two, and the base layer's; 0 = it has none."""

    picture: int
    picture_bytes: int
    base: int

    @property
    def picture_mask(self) -> int:
        """The bits of the picture's number."""
        return 0x7FFF if self.picture_bytes > 1 else 0x7F


class Numbers(NamedTuple):
    """A picture's number and its base layer's; or what is added to them."""

    picture: int
    base: int


UNCHANGED = Numbers(0, 0)


def find_places(codec: str, payload: bytes) -> Places | None:
    """Return where a packet has its picture's numbers; None for one that has none, or is cut off."""
    if codec == "VP8":
        return _vp8_places(payload)
    return _vp9_places(payload) if codec == "VP9" else None


def _vp8_places(payload: bytes) -> Places | None:
    if len(payload) < 3 or not payload[0] & VP8_EXTENDED or not payload[1] & VP8_HAS_PICTURE:
        return None
    return _places(payload, 2, base_after=0 if payload[1] & VP8_HAS_BASE else None)


def _vp9_places(payload: bytes) -> Places | None:
    if len(payload) < 2 or not payload[0] & VP9_HAS_PICTURE:
        return None
    has_base = payload[0] & VP9_HAS_LAYERS and not payload[0] & VP9_FLEXIBLE
    return _places(payload, 1, base_after=1 if has_base else None)


def _places(payload: bytes, at: int, *, base_after: int | None) -> Places | None:
    """Read how long the number at `at` is; the base layer's lies `base_after` bytes behind it."""
    size = 2 if payload[at] & IS_LONG else 1
    base = 0 if base_after is None else at + size + base_after
    return Places(at, size, base) if max(at + size, base + 1) <= len(payload) else None


def read_numbers(payload: bytes, places: Places) -> Numbers:
    """Return the numbers that lie there; 0 for one that is not there."""
    picture = int.from_bytes(payload[places.picture : places.picture + places.picture_bytes], "big")
    return Numbers(picture & places.picture_mask, payload[places.base] if places.base else 0)


def go_on(last: Numbers, first: Numbers) -> Numbers:
    """Return what is added to numbers from `first` on, so that they follow `last`."""
    return Numbers((last.picture + 1 - first.picture) & 0x7FFF, (last.base + 1 - first.base) & 0xFF)


def numbers_pictures(codec_key: str | None) -> bool:
    """Whether a codec's payloads may carry such numbers."""
    return codec_key is not None and codec_key.startswith(("VP8", "VP9"))


def add(numbers: Numbers, shift: Numbers) -> Numbers:
    """Return moved numbers."""
    return Numbers((numbers.picture + shift.picture) & 0x7FFF, (numbers.base + shift.base) & 0xFF)


def renumbered(payload: bytes, places: Places, shift: Numbers) -> bytes:
    """Return a payload with moved numbers."""
    numbers = add(read_numbers(payload, places), shift)
    moved = bytearray(payload)
    if places.picture_bytes > 1:
        moved[places.picture : places.picture + 2] = (numbers.picture | IS_LONG << 8).to_bytes(2, "big")
    else:
        moved[places.picture] = numbers.picture & places.picture_mask
    if places.base:
        moved[places.base] = numbers.base
    return bytes(moved)
