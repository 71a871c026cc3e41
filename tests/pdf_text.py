"""Reads the text back out of our PDFs: enough of the format for what `commerce.paper_pdf` writes."""

import base64
import re
import zlib

_STREAM = re.compile(
    rb"<<[^>]*?/Filter \[ /ASCII85Decode /FlateDecode \].*?>>\s*stream\r?\n(.*?)endstream", re.DOTALL
)
_DRAWN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(pdf: bytes) -> list[list[str]]:
    """Return the texts of each page, in the order in which they are drawn."""
    assert pdf.startswith(b"%PDF-")
    wide = set(re.findall(rb"/BaseFont /STSong-Light.*?/Name /F(\d+)", pdf, re.DOTALL))
    return [
        _texts(zlib.decompress(base64.a85decode(b"<~" + one.strip(), adobe=True)), wide)
        for one in _STREAM.findall(pdf)
    ]


def _texts(content: bytes, wide: set[bytes]) -> list[str]:
    found, font, pieces = [], b"", []
    for line in content.split(b"ET"):
        for match in _DRAWN.finditer(line):
            if match[1] is not None:
                font = match[1]
            else:
                raw = _unescaped(match[2])
                pieces.append(raw.decode("utf-16-be") if font in wide else raw.decode("cp1252"))
        if pieces:
            found.append("".join(pieces))
            pieces = []
    return found


def _unescaped(text: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        what = match[1]
        return bytes([int(what, 8)]) if what.isdigit() else _ESCAPES.get(what, what)

    return re.sub(rb"\\([0-7]{3}|.)", one, text, flags=re.DOTALL)
