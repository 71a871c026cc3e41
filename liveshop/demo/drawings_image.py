"""The drawings of the demo show: street, stall, lanterns, goods, cards and figures, each made once.

They are drawn at twice their size and reduced, which is the cheapest smooth edge there is.
"""

from collections.abc import Callable
from math import pi, sin
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from liveshop.demo.scene import HEIGHT_PX, WIDTH_PX, DemoProduct

Box = tuple[float, float, float, float]

PAPER = (255, 246, 230)
INK = (58, 34, 22)
SAFFRON = (240, 138, 30)
BRICK = (190, 62, 44)
WOOD = (134, 82, 48)
WOOD_DARK = (104, 60, 34)
GLOW = (255, 236, 170)
TABLE_TOP_PX = 668
AWNING_BOTTOM_PX = 150
SIGN_BOX = (70, 78, 470, 138)
LANTERN_XS = (70, 170, 270, 370, 470)
PRODUCT_SIZE_PX = 300
CARD_SIZE_PX = (360, 96)
_SMOOTH = 2


def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface: it is there on every machine."""
    return ImageFont.load_default(size_px)


def _drawn(size_px: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw, int], None]) -> Image.Image:
    """Draw at twice the size on a clear ground and reduce; `draw` gets the scale."""
    big = Image.new("RGBA", (size_px[0] * _SMOOTH, size_px[1] * _SMOOTH), (0, 0, 0, 0))
    draw(ImageDraw.Draw(big), _SMOOTH)
    return big.resize(size_px, Image.Resampling.LANCZOS)


def _times(box: Box, scale: int) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)


def draw_backdrop() -> Image.Image:
    """Draw an evening street in soft focus, twice as wide as the picture, whose ends meet."""
    width = WIDTH_PX * 2
    sky = Image.linear_gradient("L").resize((width, HEIGHT_PX))
    street = Image.merge(
        "RGB", [sky.point(_ramp(low, high)) for low, high in ((92, 214), (46, 128), (62, 66))]
    )
    light = ImageDraw.Draw(street, "RGBA")
    chance = Random(11)
    for _ in range(70):
        radius = chance.uniform(10, 46)
        x, y = chance.uniform(0, width), chance.uniform(150, 640)
        colour = chance.choice((SAFFRON, GLOW, (255, 190, 120), (236, 96, 70)))
        for shift in (-width, 0, width):
            light.ellipse(
                (x + shift - radius, y - radius, x + shift + radius, y + radius),
                fill=(*colour, chance.randint(28, 40) if shift == 0 else 34),
            )
    # The blur must see the other end, or the seam shows.
    wide = Image.new("RGB", (width + 80, HEIGHT_PX))
    for x in (-width + 40, 40, width + 40):
        wide.paste(street, (x, 0))
    return wide.filter(ImageFilter.GaussianBlur(5)).crop((40, 0, 40 + width, HEIGHT_PX))


def _ramp(low: int, high: int) -> Callable[[int], float]:
    return lambda value: low + (high - low) * value / 255


def draw_stall(shop_name: str) -> Image.Image:
    """Draw awning, sign and table: what stands still in front of the street."""

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        _draw_awning(pen, scale)
        _draw_table(pen, scale)
        pen.rounded_rectangle(
            _times(SIGN_BOX, scale), 16 * scale, fill=PAPER, outline=WOOD_DARK, width=4 * scale
        )
        centre = ((SIGN_BOX[0] + SIGN_BOX[2]) / 2 * scale, (SIGN_BOX[1] + SIGN_BOX[3]) / 2 * scale)
        size_px = 34
        while pen.textlength(shop_name, font=_font(size_px * scale)) > 370 * scale and size_px > 12:
            size_px -= 2
        pen.text(centre, shop_name, fill=INK, font=_font(size_px * scale), anchor="mm")
        pen.line(
            [(x * scale, (158 + 10 * sin(x / WIDTH_PX * pi)) * scale) for x in range(0, WIDTH_PX + 1, 9)],
            fill=(*WOOD_DARK, 255),
            width=2 * scale,
        )

    return _drawn((WIDTH_PX, HEIGHT_PX), draw)


def _draw_awning(pen: ImageDraw.ImageDraw, scale: int) -> None:
    stripe = WIDTH_PX / 9
    for number in range(9):
        colour = BRICK if number % 2 == 0 else PAPER
        left, right = number * stripe, (number + 1) * stripe
        pen.rectangle(_times((left, 0, right, AWNING_BOTTOM_PX - 40), scale), fill=colour)
        pen.pieslice(
            _times((left, AWNING_BOTTOM_PX - 70, right, AWNING_BOTTOM_PX - 10), scale), 0, 180, fill=colour
        )
    pen.rectangle(_times((0, 0, WIDTH_PX, 10), scale), fill=WOOD_DARK)


def _draw_table(pen: ImageDraw.ImageDraw, scale: int) -> None:
    pen.rectangle(_times((0, TABLE_TOP_PX, WIDTH_PX, HEIGHT_PX), scale), fill=WOOD)
    pen.rectangle(_times((0, TABLE_TOP_PX, WIDTH_PX, TABLE_TOP_PX + 12), scale), fill=(168, 108, 66))
    for row, y in enumerate(range(TABLE_TOP_PX + 74, HEIGHT_PX, 64)):
        pen.rectangle(_times((0, y, WIDTH_PX, y + 3), scale), fill=WOOD_DARK)
        for x in range(90 + 130 * (row % 2), WIDTH_PX, 260):
            pen.rectangle(_times((x, y - 61, x + 3, y), scale), fill=WOOD_DARK)


def draw_lantern(lit: bool) -> Image.Image:
    """Draw a paper lantern of 100x120 px; lit, it has a halo and a body near white."""
    body = (30, 28, 70, 84)

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        pen.line(_times((50, 0, 50, 24), scale), fill=WOOD_DARK, width=2 * scale)
        if lit:
            for radius, alpha in ((48, 40), (42, 60), (36, 80)):
                pen.ellipse(
                    _times((50 - radius, 56 - radius, 50 + radius, 56 + radius), scale), fill=(*GLOW, alpha)
                )
        pen.rounded_rectangle(_times(body, scale), 18 * scale, fill=(255, 252, 240) if lit else (150, 52, 34))
        for x in (40, 50, 60):
            pen.line(
                _times((x, 30, x, 82), scale), fill=(255, 240, 200) if lit else (124, 40, 28), width=scale
            )
        pen.rectangle(_times((40, 22, 60, 29), scale), fill=INK)
        pen.rectangle(_times((40, 83, 60, 89), scale), fill=INK)
        pen.line(_times((50, 89, 50, 110), scale), fill=SAFFRON, width=3 * scale)

    return _drawn((100, 120), draw)


def _draw_tin(colour: tuple[int, int, int]) -> Callable[[ImageDraw.ImageDraw, int], None]:
    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        dark = (colour[0] * 3 // 4, colour[1] * 3 // 4, colour[2] * 3 // 4)
        pen.rounded_rectangle(_times((70, 60, 230, 292), scale), 14 * scale, fill=colour)
        pen.rectangle(_times((192, 70, 218, 288), scale), fill=dark)
        pen.rounded_rectangle(_times((62, 36, 238, 84), scale), 12 * scale, fill=dark)
        pen.ellipse(_times((96, 120, 204, 228), scale), fill=PAPER)
        for angle in (-34, 0, 34):
            x = 150 + angle
            pen.ellipse(_times((x - 13, 146 + abs(angle) * 0.5, x + 13, 206), scale), fill=(96, 142, 74))
        pen.line(_times((150, 160, 150, 214), scale), fill=(60, 96, 52), width=3 * scale)

    return draw


def _draw_pot(pen: ImageDraw.ImageDraw, scale: int) -> None:
    clay, dark = (172, 84, 54), (136, 62, 40)
    pen.arc(_times((204, 120, 292, 240), scale), -110, 110, fill=dark, width=18 * scale)
    pen.polygon([(x * scale, y * scale) for x, y in ((78, 210), (12, 130), (34, 118), (100, 168))], fill=dark)
    pen.ellipse(_times((54, 112, 246, 288), scale), fill=clay)
    pen.ellipse(_times((98, 96, 202, 138), scale), fill=dark)
    pen.ellipse(_times((134, 70, 166, 104), scale), fill=clay)
    pen.arc(_times((76, 130, 190, 270), scale), 150, 230, fill=(208, 124, 88), width=8 * scale)


def _draw_cup(pen: ImageDraw.ImageDraw, scale: int) -> None:
    glaze, shade = (150, 196, 178), (116, 164, 148)
    pen.ellipse(_times((20, 232, 280, 292), scale), fill=shade)
    pen.ellipse(_times((44, 232, 256, 276), scale), fill=glaze)
    pen.pieslice(_times((62, 40, 238, 268), scale), 0, 180, fill=glaze)
    pen.ellipse(_times((62, 122, 238, 188), scale), fill=shade)
    pen.ellipse(_times((76, 132, 224, 180), scale), fill=(196, 128, 44))
    for x in (116, 150, 184):
        pen.arc(_times((x - 14, 30, x + 14, 74), scale), 90, 270, fill=(*PAPER, 190), width=5 * scale)
        pen.arc(_times((x - 14, 72, x + 14, 116), scale), -90, 90, fill=(*PAPER, 190), width=5 * scale)


def draw_products() -> list[Image.Image]:
    """Draw the things on the table, 300x300 px each; product n shows drawing n modulo their number."""
    size = (PRODUCT_SIZE_PX, PRODUCT_SIZE_PX)
    tins = [_drawn(size, _draw_tin(colour)) for colour in ((38, 92, 84), (214, 108, 72))]
    return [tins[0], _drawn(size, _draw_pot), _drawn(size, _draw_cup), tins[1]]


def draw_card(product: DemoProduct) -> Image.Image:
    """Draw the sign in front of a product: name and price."""

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        width, height = CARD_SIZE_PX
        pen.rounded_rectangle(_times((0, 0, width - 1, height - 1), scale), 20 * scale, fill=(*PAPER, 245))
        pen.rounded_rectangle(_times((0, 0, 12, height - 1), scale), 6 * scale, fill=SAFFRON)
        size_px = 30
        while pen.textlength(product.name, font=_font(size_px * scale)) > 320 * scale and size_px > 12:
            size_px -= 2
        pen.text((30 * scale, 32 * scale), product.name, fill=INK, font=_font(size_px * scale), anchor="lm")
        pen.text((30 * scale, 69 * scale), product.price, fill=BRICK, font=_font(28 * scale), anchor="lm")

    return _drawn(CARD_SIZE_PX, draw)


CLOCK_SIZE_PX = (232, 64)


def draw_clock_ground() -> Image.Image:
    """Draw the dark pill behind the clock."""

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        pen.rounded_rectangle(_times((0, 0, 231, 63), scale), 32 * scale, fill=(*INK, 190))

    return _drawn(CLOCK_SIZE_PX, draw)


def draw_figure(character: str) -> Image.Image:
    """Draw one figure of the clock; all digits are equally wide, so the clock does not tremble."""
    width_px = 14 if character == ":" else 28

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        pen.text(
            (width_px / 2 * scale, 24 * scale), character, fill=PAPER, font=_font(42 * scale), anchor="mm"
        )

    return _drawn((width_px, 48), draw)
