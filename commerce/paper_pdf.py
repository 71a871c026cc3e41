"""Pages on paper: text that wraps, rows of a table, page breaks, as a PDF whose bytes are the same each time.

Two fonts that every PDF reader has and that need not be embedded: Helvetica for what Windows-1252 can write,
and STSong-Light (Adobe's simplified Chinese collection, which has Greek and Cyrillic, too) for the rest. A
letter that neither has is written by its base letter (`ő` as `o`), else as `?`.
"""

import functools
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

LATIN: Final = "Helvetica"
LATIN_BOLD: Final = "Helvetica-Bold"
CHINESE: Final = "STSong-Light"
MARGIN: Final = 54.0
"""Points around the page; a point is 1/72 inch."""
FOOT: Final = 30.0
LEADING: Final = 1.35

_PLAIN = str.maketrans("łŁđĐħĦıŋŦŧ", "lLdDhHinTt")

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row: its text, where it begins and how wide it may be (shares of the page's width)."""

    text: str
    start: float
    width: float
    align: Align = "left"


@functools.cache
def _chinese() -> str:
    """Have the font registered once, before anything is measured or drawn in it."""
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    return CHINESE


def font_of(letter: str, *, bold: bool = False) -> str:
    """Return the font that has a letter."""
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return _chinese()
    return LATIN_BOLD if bold else LATIN


def drawable(text: str) -> str:
    """Return the text with letters that neither font has replaced."""
    return "".join(_drawable(letter) for letter in unicodedata.normalize("NFC", text).translate(_PLAIN))


def _drawable(letter: str) -> str:
    for tried in (letter, unicodedata.normalize("NFKD", letter)[:1]):
        for charset in ("cp1252", "gbk"):
            try:
                tried.encode(charset)
            except UnicodeEncodeError:
                continue
            return max(tried, " ")
    return "?"


def runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """Return (font, text) of the pieces that are drawn one after the other."""
    pieces: list[tuple[str, str]] = []
    for letter in text:
        font = font_of(letter, bold=bold)
        if pieces and pieces[-1][0] == font:
            pieces[-1] = (font, pieces[-1][1] + letter)
        else:
            pieces.append((font, letter))
    return pieces


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is, in points."""
    return sum(pdfmetrics.stringWidth(part, font, size) for font, part in runs(text, bold=bold))


def wrapped(text: str, size: float, most: float, *, bold: bool = False) -> list[str]:
    """Return the lines of a text that is at most `most` points wide; Chinese breaks anywhere."""
    lines: list[str] = []
    for paragraph in (drawable(part) for part in text.split("\n")):
        line = ""
        for word in _words(paragraph):
            if width_of((line + word).rstrip(), size, bold=bold) <= most or not line:
                line += word
                while width_of(line.rstrip(), size, bold=bold) > most and len(line) > 1:
                    fits = _fitting(line, size, most, bold=bold)
                    lines.append(line[:fits])
                    line = line[fits:]
            else:
                lines.append(line.rstrip())
                line = word.lstrip()
        lines.append(line.rstrip())
    return lines


def _words(text: str) -> list[str]:
    words: list[str] = []
    for letter in text:
        alone = font_of(letter) == CHINESE
        if words and not alone and not words[-1].endswith(" ") and font_of(words[-1][-1]) != CHINESE:
            words[-1] += letter
        else:
            words.append(letter)
    return words


def _fitting(text: str, size: float, most: float, *, bold: bool) -> int:
    count = 1
    while count < len(text) and width_of(text[: count + 1], size, bold=bold) <= most:
        count += 1
    return count


class Paper:
    """A document that is written from top to bottom. `foot` stands at the bottom of each page."""

    def __init__(self, title: str, *, foot: str = "", author: str = "") -> None:
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._foot = foot
        self._width = A4[0] - 2 * MARGIN
        self._top = A4[1] - MARGIN
        self._y = self._top

    def text(self, text: str, *, size: float = 10, bold: bool = False, width: float = 1.0) -> None:
        """Write a paragraph, over a page's end too; `width` is the share of the page it may take."""
        for line in wrapped(text, size, width * self._width, bold=bold):
            self.row([Cell(line, 0.0, width)], size=size, bold=bold)

    def row(self, cells: Sequence[Cell], *, size: float = 10, bold: bool = False) -> None:
        """Write pieces beside each other; the longest makes the height, and none is torn by a page's end."""
        pieces = [(cell, wrapped(cell.text, size, cell.width * self._width, bold=bold)) for cell in cells]
        height = max(len(lines) for _, lines in pieces) * size * LEADING
        if self._y - height < MARGIN + FOOT and self._y < self._top:
            self.new_page()
        for cell, lines in pieces:
            for place, line in enumerate(lines):
                self._draw(cell, line, self._y - size - place * size * LEADING, size, bold=bold)
        self._y -= height

    def space(self, points: float) -> None:
        """Leave room."""
        self._y -= points

    def rule(self) -> None:
        """Draw a thin line across."""
        self._y -= 4
        self._canvas.setLineWidth(0.5)
        self._canvas.line(MARGIN, self._y, MARGIN + self._width, self._y)
        self._y -= 4

    def box(self, start: float, size: float) -> None:
        """Draw an empty box to tick, beside the row written next; `start` is a share of the width."""
        self._canvas.rect(MARGIN + start * self._width, self._y - size - 1, size, size)

    def new_page(self) -> None:
        """End the page."""
        self._write_foot()
        self._canvas.showPage()
        self._y = self._top

    def end(self) -> bytes:
        """Return the document."""
        self._write_foot()
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def _write_foot(self) -> None:
        foot = " · ".join(part for part in (self._foot, str(self._canvas.getPageNumber())) if part)
        for place, line in enumerate(reversed(wrapped(foot, 8, self._width))):
            self._draw(Cell(line, 0.0, 1.0), line, MARGIN - 12 + place * 11, 8, bold=False)

    def _draw(self, cell: Cell, line: str, y: float, size: float, *, bold: bool) -> None:
        x = MARGIN + cell.start * self._width
        if cell.align == "right":
            x += cell.width * self._width - width_of(line, size, bold=bold)
        for font, part in runs(line, bold=bold):
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, y, part)
            x += pdfmetrics.stringWidth(part, font, size)
