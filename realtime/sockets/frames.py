"""Websocket frames that are made once and written to many sockets (RFC 6455 section 5.2, RFC 7692).

A frame is deflated with a fresh context, so it decodes on every socket that negotiated permessage-deflate
with a window of at least `WINDOW_BITS`, with or without context takeover. Deflated texts that end in a sync
flush can be put one behind the other: none refers to bytes before its own start. So a hello is a few bytes
of its own around a snapshot that was deflated once for everybody.
"""

import zlib
from collections.abc import Sequence

WINDOW_BITS = 12
SHARED_FROM_BYTES, OWN_FROM_BYTES = 128, 1024
"""Deflating pays from here: once for thousands, or for one."""
_SYNC_TAIL = b"\x00\x00\xff\xff"
_TEXT_FINAL = 0x81
_COMPRESSED = 0x40


def deflate(text: bytes) -> bytes:
    """Return the text deflated with a fresh window, ending in a sync flush."""
    packer = zlib.compressobj(level=6, wbits=-WINDOW_BITS, memLevel=8)
    return packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)


def frame(payload: bytes, *, compressed: bool) -> bytes:
    """Return a whole unmasked text frame around the payload."""
    first = _TEXT_FINAL | (_COMPRESSED if compressed else 0)
    size_bytes = len(payload)
    if size_bytes < 126:
        return bytes((first, size_bytes)) + payload
    if size_bytes < 65536:
        return bytes((first, 126)) + size_bytes.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size_bytes.to_bytes(8, "big") + payload


class SharedText:
    """A piece of JSON used by many frames; deflated at most once."""

    __slots__ = ("_deflated", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """The text deflated, with the sync flush at its end."""
        if self._deflated is None:
            self._deflated = deflate(self.text)
        return self._deflated


class SharedFrame:
    """A text message of one or more pieces; both kinds of frame are made on first use and kept.

    Texts of less than `deflate_from_bytes` go plain on every socket.
    """

    __slots__ = ("_compressed", "_deflate", "_plain", "pieces")

    def __init__(self, pieces: Sequence[SharedText], deflate_from_bytes: int = SHARED_FROM_BYTES) -> None:
        self.pieces = pieces
        self._deflate = sum(len(piece.text) for piece in pieces) >= deflate_from_bytes
        self._plain: bytes | None = None
        self._compressed: bytes | None = None

    @classmethod
    def of(cls, text: bytes) -> "SharedFrame":
        """Return a frame of one piece for many."""
        return cls((SharedText(text),))

    @classmethod
    def for_one(cls, text: bytes) -> "SharedFrame":
        """Return a frame of one piece for one person."""
        return cls((SharedText(text),), OWN_FROM_BYTES)

    @property
    def text(self) -> bytes:
        """The message's JSON."""
        return b"".join(piece.text for piece in self.pieces)

    def wire(self, *, compressed: bool) -> bytes:
        """Return the bytes to write to a socket."""
        if compressed and self._deflate:
            if self._compressed is None:
                payload = b"".join(piece.deflated for piece in self.pieces).removesuffix(_SYNC_TAIL)
                self._compressed = frame(payload, compressed=True)
            return self._compressed
        if self._plain is None:
            self._plain = frame(self.text, compressed=False)
        return self._plain
