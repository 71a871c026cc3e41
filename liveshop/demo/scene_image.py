"""Puts the demo show together: the drawings once, then a few pastes for each frame."""

from liveshop.demo.drawings_image import (
    CARD_SIZE_PX,
    CLOCK_SIZE_PX,
    LANTERN_XS,
    PRODUCT_SIZE_PX,
    TABLE_TOP_PX,
    draw_backdrop,
    draw_card,
    draw_clock_ground,
    draw_figure,
    draw_lantern,
    draw_products,
    draw_stall,
)
from liveshop.demo.planes_image import Canvas, Layer
from liveshop.demo.scene import FLASH_BOX, HEIGHT_PX, WIDTH_PX, DemoProduct, Moment

TOP_HEIGHT_PX = 180
CLOCK_TOP_PX = 272
LANTERN_TOP_PX = round((FLASH_BOX[1] + FLASH_BOX[3]) / 2 * HEIGHT_PX) - 56
"""The body's middle is 56 px below the top of the lantern's drawing."""


class Stall:
    """The whole scene, ready to be put together for any moment."""

    def __init__(
        self, shop_name: str, products: tuple[DemoProduct, ...], line_sizes: tuple[int, int]
    ) -> None:
        self._canvas = Canvas(line_sizes, HEIGHT_PX)
        self._backdrop = Layer(draw_backdrop())
        stall = draw_stall(shop_name)
        # Two strips instead of one sheet: the clear middle of a full-size mask would be blended for nothing.
        self._top = Layer(stall.crop((0, 0, WIDTH_PX, TOP_HEIGHT_PX)))
        self._table = Layer(stall.crop((0, TABLE_TOP_PX, WIDTH_PX, HEIGHT_PX)).convert("RGB"))
        self._lanterns = {lit: Layer(draw_lantern(lit)) for lit in (False, True)}
        self._things = [Layer(drawing) for drawing in draw_products()]
        self._cards = [Layer(draw_card(product)) for product in products]
        self._figures = {character: Layer(draw_figure(character)) for character in "0123456789:"}
        self._clock_ground = Layer(draw_clock_ground())

    def planes(self, moment: Moment) -> tuple[bytes, bytes, bytes]:
        """Put one frame together: brightness and two colour planes, `HEIGHT_PX` lines of the given sizes."""
        left = int(moment.backdrop_px) % self._backdrop.width
        self._canvas.paste(self._backdrop, -left, 0)
        if left > self._backdrop.width - WIDTH_PX:
            self._canvas.paste(self._backdrop, self._backdrop.width - left, 0)
        self._canvas.paste(self._table, 0, TABLE_TOP_PX)
        self._canvas.paste(self._top, 0, 0)
        self._hang_lanterns(moment)
        self._show_clock(moment.clock)
        self._show_product(moment)
        return self._canvas.planes()

    def _hang_lanterns(self, moment: Moment) -> None:
        for number, x in enumerate(LANTERN_XS):
            middle = number == len(LANTERN_XS) // 2
            # The middle one hangs still: it is what measurements look at.
            sway_px = 0 if middle else round(moment.sway_px * (1 if number % 2 else -1))
            self._canvas.paste(self._lanterns[middle and moment.flash], x - 50 + sway_px, LANTERN_TOP_PX)

    def _show_clock(self, clock: str) -> None:
        self._canvas.paste(self._clock_ground, (WIDTH_PX - CLOCK_SIZE_PX[0]) // 2, CLOCK_TOP_PX)
        x = (WIDTH_PX - sum(self._figures[character].width for character in clock)) // 2
        for character in clock:
            self._canvas.paste(self._figures[character], x, CLOCK_TOP_PX + 8)
            x += self._figures[character].width

    def _show_product(self, moment: Moment) -> None:
        thing = self._things[moment.product % len(self._things)]
        card = self._cards[moment.product % len(self._cards)]
        shift_px = round(WIDTH_PX * (1 - moment.slide) - WIDTH_PX * moment.leave)
        thing_y = TABLE_TOP_PX - PRODUCT_SIZE_PX + 14 + round(moment.float_px)
        self._canvas.paste(thing, (WIDTH_PX - PRODUCT_SIZE_PX) // 2 + shift_px, thing_y)
        self._canvas.paste(card, (WIDTH_PX - CARD_SIZE_PX[0]) // 2 + shift_px, TABLE_TOP_PX + 34)
