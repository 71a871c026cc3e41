"""The pictures of the demo's products, shops and shows: flat drawings in a warm palette, made by code.

Each is drawn at twice its size and reduced, which smooths its edges. Every function answers PNG bytes.
"""

import io
from collections.abc import Callable
from math import cos, pi, sin

from PIL import Image, ImageDraw

SIDE = 640
_SMOOTH = 2

PAPER = "#fbf3e4"
SAND = "#f0dcb8"
SAFFRON = "#f2a31b"
AMBER = "#c9761a"
BRICK = "#b8482f"
CLAY = "#a65a3a"
CLAY_DARK = "#7d3f28"
LEAF = "#5f7f3a"
LEAF_DARK = "#3f5c2c"
CELADON = "#a9c6ae"
CELADON_DARK = "#7ba387"
INK = "#3a2216"
NIGHT = "#4a3350"
ROSE = "#e6b3a0"
STRAW = "#dcb978"
WHITE = "#fffaf0"


class Pen:
    """Draws in units of a thousandth of the picture's width."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float) -> None:
        self.draw = draw
        self.scale = scale

    def _at(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """Fill an ellipse around (x, y)."""
        self.draw.ellipse(self._at([(x - rx, y - ry), (x + rx, y + ry)]), fill=fill)

    def ring(self, x: float, y: float, rx: float, ry: float, width: float, colour: str) -> None:
        """Draw an ellipse's line around (x, y)."""
        box = self._at([(x - rx, y - ry), (x + rx, y + ry)])
        self.draw.ellipse(box, outline=colour, width=round(width * self.scale))

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: str, round_by: float = 0
    ) -> None:
        """Fill a rectangle, its corners rounded."""
        box = self._at([(left, top), (right, bottom)])
        self.draw.rounded_rectangle(box, round_by * self.scale, fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: str) -> None:
        """Fill a polygon."""
        self.draw.polygon(self._at(points), fill=fill)

    def line(self, points: list[tuple[float, float]], width: float, colour: str) -> None:
        """Draw a line through points, with round joints."""
        self.draw.line(self._at(points), fill=colour, width=round(width * self.scale), joint="curve")

    def leaf(self, x: float, y: float, length: float, turn: float, fill: str) -> None:
        """Fill a leaf that grows from (x, y); `turn` is in parts of a full turn, 0 points right."""
        steps = [step / 12 for step in range(13)]
        upper = [(step * length, sin(step * pi) * length * 0.24) for step in steps]
        outline = upper + [(along, -across) for along, across in reversed(upper)]
        angle = turn * 2 * pi
        self.shape(
            [
                (x + along * cos(angle) - across * sin(angle), y + along * sin(angle) + across * cos(angle))
                for along, across in outline
            ],
            fill,
        )

    def steam(self, x: float, y: float, height: float, colour: str) -> None:
        """Draw a wavering thread of steam that rises from (x, y)."""
        points = [(x + 22 * sin(step / 16 * 3 * pi), y - height * step / 16) for step in range(17)]
        self.line(points, 14, colour)


def _made(width: int, height: int, ground: str, paint: Callable[[Pen], None]) -> bytes:
    big = Image.new("RGB", (width * _SMOOTH, height * _SMOOTH), ground)
    paint(Pen(ImageDraw.Draw(big), width * _SMOOTH / 1000))
    out = io.BytesIO()
    big.reduce(_SMOOTH).save(out, "PNG", compress_level=3)
    return out.getvalue()


def _table(pen: Pen, cloth: str, sun: str) -> None:
    """Draw a round light behind and a table in front."""
    pen.oval(500, 430, 370, 370, sun)
    pen.box(0, 760, 1000, 1000, cloth)
    pen.oval(500, 790, 330, 42, _darker(cloth))


def _darker(colour: str) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{int(part * 0.88):02x}" for part in parts)


def _tin(pen: Pen, body: str, label: str) -> None:
    """Draw a round tea tin with a lid and a label."""
    pen.box(310, 330, 690, 780, body, 36)
    pen.oval(500, 338, 190, 44, _darker(body))
    pen.box(296, 250, 704, 340, _darker(body), 26)
    pen.oval(500, 256, 204, 46, body)
    pen.oval(500, 250, 120, 24, _darker(body))
    pen.box(370, 430, 630, 690, label, 20)


def _oolong(pen: Pen) -> None:
    _table(pen, SAND, "#f7d58c")
    _tin(pen, LEAF_DARK, WHITE)
    for turn, length in ((0.66, 130), (0.75, 160), (0.84, 130)):
        pen.leaf(500, 660, length, turn, LEAF)
    for x in (230, 275, 735, 790):
        pen.oval(x, 790, 26, 20, LEAF_DARK)


def _jasmine(pen: Pen) -> None:
    _table(pen, "#e9d3c6", "#fff5dc")
    pen.shape([(270, 470), (730, 470), (650, 790), (350, 790)], "#d7e2cf")
    pen.oval(500, 470, 230, 66, "#eef3e6")
    for row, count in enumerate((5, 6, 5)):
        for column in range(count):
            pen.oval(
                500 + (column - (count - 1) / 2) * 68,
                445 + row * 26,
                32,
                28,
                LEAF if (row + column) % 2 else "#8aa35c",
            )
    for x, y, size in ((250, 690, 60), (760, 640, 70), (690, 300, 54)):
        for petal in range(5):
            angle = petal / 5 * 2 * pi - pi / 2
            pen.oval(
                x + cos(angle) * size * 0.6, y + sin(angle) * size * 0.6, size * 0.48, size * 0.48, WHITE
            )
        pen.oval(x, y, size * 0.3, size * 0.3, SAFFRON)


def _puerh(pen: Pen) -> None:
    _table(pen, "#d9a066", "#f3c27a")
    pen.oval(500, 560, 310, 250, "#3e2417")
    pen.oval(500, 545, 310, 240, "#5b3520")
    for ring in range(4):
        pen.ring(500, 545, 270 - ring * 62, 205 - ring * 48, 10, "#4a2a1a")
    pen.shape([(500, 545), (820, 470), (830, 640)], "#d9a066")
    pen.shape([(745, 700), (900, 660), (915, 760), (780, 790)], "#5b3520")
    pen.box(396, 500, 560, 600, BRICK, 14)
    pen.oval(478, 550, 30, 30, WHITE)


def _genmaicha(pen: Pen) -> None:
    _table(pen, "#c8b88a", "#f6ecc6")
    pen.shape([(280, 360), (720, 360), (690, 790), (310, 790)], STRAW)
    pen.shape([(300, 300), (700, 300), (720, 372), (280, 372)], _darker(STRAW))
    pen.line([(290, 372), (710, 372)], 14, CLAY_DARK)
    pen.oval(500, 570, 120, 120, PAPER)
    for turn in range(6):
        pen.leaf(500, 570, 92, turn / 6, LEAF)
    pen.oval(500, 570, 26, 26, SAFFRON)
    for x, y in ((200, 800), (240, 830), (770, 815), (820, 840), (730, 850), (285, 860)):
        pen.oval(x, y, 18, 12, WHITE)


def _teapot(pen: Pen) -> None:
    _table(pen, SAND, "#f4b08a")
    pen.shape([(690, 520), (880, 420), (900, 455), (720, 650)], CLAY_DARK)
    pen.ring(290, 580, 120, 130, 40, CLAY_DARK)
    pen.oval(500, 600, 250, 190, CLAY)
    pen.oval(500, 420, 130, 40, CLAY_DARK)
    pen.oval(500, 405, 120, 34, CLAY)
    pen.oval(500, 355, 34, 34, CLAY_DARK)
    pen.oval(420, 540, 60, 90, "#b96d49")
    pen.steam(900, 410, 190, WHITE)


def _celadon(pen: Pen) -> None:
    _table(pen, "#cdb58c", "#f7e7c2")
    for x, y, size in ((350, 640, 1.0), (660, 600, 1.22)):
        pen.shape(
            [
                (x - 150 * size, y - 120 * size),
                (x + 150 * size, y - 120 * size),
                (x + 90 * size, y + 150 * size),
                (x - 90 * size, y + 150 * size),
            ],
            CELADON,
        )
        pen.oval(x, y + 146 * size, 92 * size, 24 * size, CELADON_DARK)
        pen.oval(x, y - 120 * size, 150 * size, 40 * size, CELADON_DARK)
        pen.oval(x, y - 116 * size, 128 * size, 30 * size, AMBER)
    pen.steam(350, 480, 170, WHITE)
    pen.steam(640, 420, 200, WHITE)


def _tray(pen: Pen) -> None:
    _table(pen, "#b98a5b", "#f5d9a8")
    pen.shape([(190, 560), (810, 560), (930, 740), (70, 740)], "#7a4b2c")
    pen.shape([(70, 740), (930, 740), (920, 800), (80, 800)], "#5b3620")
    for slat in range(9):
        x = 235 + slat * 66
        spread = (x - 500) * 0.36
        pen.line([(x, 585), (x + spread, 720)], 9, "#5b3620")
    pen.oval(400, 600, 84, 46, WHITE)
    pen.oval(400, 584, 84, 36, "#efe3cf")
    pen.oval(400, 588, 62, 24, AMBER)
    pen.oval(625, 630, 84, 46, WHITE)
    pen.oval(625, 614, 84, 36, "#efe3cf")
    pen.oval(625, 618, 62, 24, AMBER)


def _moon_jar(pen: Pen) -> None:
    _table(pen, "#8d6e74", "#5d4463")
    pen.oval(690, 270, 90, 90, "#f6e3a8")
    pen.oval(480, 570, 260, 236, WHITE)
    pen.oval(400, 520, 90, 130, "#fffdf6")
    pen.box(400, 310, 560, 380, "#f1e7d6", 20)
    pen.oval(480, 316, 84, 24, "#d8c9b2")
    pen.line([(480, 316), (520, 200), (640, 120)], 12, CLAY_DARK)
    for x, y in ((520, 205), (575, 160), (640, 122), (548, 250)):
        pen.oval(x, y, 26, 26, ROSE)
        pen.oval(x, y, 10, 10, BRICK)


_PRODUCTS: dict[str, tuple[str, Callable[[Pen], None]]] = {
    "oolong": (PAPER, _oolong),
    "jasmine": ("#f6e6dc", _jasmine),
    "puerh": ("#f6dfb9", _puerh),
    "genmaicha": ("#eee6c4", _genmaicha),
    "teapot": (PAPER, _teapot),
    "celadon": ("#f4ead2", _celadon),
    "tray": ("#f7e8cd", _tray),
    "moon-jar": (NIGHT, _moon_jar),
}
SUBJECTS = tuple(_PRODUCTS)
"""What can be drawn."""


def draw_product(subject: str) -> bytes:
    """Draw one of `SUBJECTS` on a square of 640 pixels."""
    ground, paint = _PRODUCTS[subject]
    return _made(SIDE, SIDE, ground, paint)


def draw_avatar(subject: str, ground: str) -> bytes:
    """Draw a shop's round mark, 400 pixels square, around a smaller drawing of what it sells."""

    def paint(pen: Pen) -> None:
        pen.oval(500, 500, 470, 470, ground)
        _PRODUCTS[subject][1](_Smaller(pen, 0.8, 100, 80))

    return _made(400, 400, PAPER, paint)


def draw_poster(subject: str, ground: str, awning: str) -> bytes:
    """Draw a show's poster, 540 by 960: a stall's awning over what is shown."""

    def paint(pen: Pen) -> None:
        for stripe in range(8):
            colour = awning if stripe % 2 == 0 else WHITE
            pen.box(stripe * 125, 0, stripe * 125 + 125, 250, colour)
            pen.oval(stripe * 125 + 62.5, 250, 62.5, 62.5, colour)
        pen.box(0, 1250, 1000, 1780, CLAY_DARK)
        for plank in range(5):
            pen.line([(0, 1330 + plank * 105), (1000, 1330 + plank * 105)], 8, "#6b341f")
        _PRODUCTS[subject][1](_Smaller(pen, 0.9, 50, 575))
        for x in (150, 850):
            pen.line([(x, 300), (x, 430)], 8, INK)
            pen.oval(x, 500, 62, 76, BRICK)
            pen.oval(x, 500, 34, 76, "#d9663f")
            pen.box(x - 26, 424, x + 26, 442, SAFFRON)
            pen.box(x - 26, 560, x + 26, 578, SAFFRON)

    return _made(540, 960, ground, paint)


class _Smaller(Pen):
    """A pen that draws a whole product smaller, somewhere in another picture."""

    def __init__(self, pen: Pen, share: float, left: float, top: float) -> None:
        super().__init__(pen.draw, pen.scale)
        self._share = share
        self._left = left
        self._top = top

    def _at(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        moved = [(self._left + x * self._share, self._top + y * self._share) for x, y in points]
        return super()._at(moved)

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: str, round_by: float = 0
    ) -> None:
        """Fill a rectangle, unless it is the product's own table: the picture around has one."""
        if left > 0 or right < 1000:
            super().box(left, top, right, bottom, fill, round_by * self._share)
