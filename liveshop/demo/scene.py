"""What the demo show looks like at any moment: a small market stall for tea, told as numbers.

Pure: `moment_at` turns a time into places and brightness; `scene_image.py` draws them and `sound.py` makes
the sound of the same clock. The middle lantern lights up in the first tenth of every second, when the bell
sounds: whoever measures how far picture and sound are apart looks at `FLASH_BOX` and listens for `BELL_HZ`.
"""

import time
from dataclasses import dataclass
from math import pi, sin

WIDTH_PX = 540
HEIGHT_PX = 960
FRAMES_PER_S = 24
"""An even divisor of the second, so that a frame falls exactly on each flash."""

FLASH_S = 0.125
FLASH_BOX = (0.463, 0.184, 0.537, 0.226)
"""Left, top, right, bottom of the middle lantern's body, as shares of width and height."""

CARD_S = 8.0
SLIDE_S = 0.6
BACKDROP_PX_PER_S = 12.0


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """One product as the show presents it: a name and a price ready to print."""

    name: str
    price: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that moves, at one moment.

    `backdrop_px` is how far the backdrop has wandered. `product` counts up for ever; `slide` is the share
    of the way a product has come in (0 = outside on the right, 1 = on the table), `leave` the share of the
    way out. `sway_px` lets the lanterns swing and `float_px` lifts the product a little.
    """

    backdrop_px: float
    product: int
    slide: float
    leave: float
    clock: str
    flash: bool
    sway_px: float
    float_px: float


def moment_at(time_s: float) -> Moment:
    """Describe the stall at a wall-clock time in seconds since 1970 (local time is shown on its clock)."""
    since_card_s = time_s % CARD_S
    return Moment(
        backdrop_px=time_s * BACKDROP_PX_PER_S,
        product=int(time_s // CARD_S),
        slide=_ease_out(since_card_s / SLIDE_S),
        leave=_ease_out((since_card_s - CARD_S + SLIDE_S) / SLIDE_S),
        clock=time.strftime("%H:%M:%S", time.localtime(time_s)),
        flash=time_s % 1.0 < FLASH_S,
        sway_px=3 * sin(time_s * 2 * pi / 5),
        float_px=4 * sin(time_s * 2 * pi / 3),
    )


def _ease_out(share: float) -> float:
    """Slow down towards the end: cubic, clamped to 0..1."""
    left = 1 - min(1.0, max(0.0, share))
    return 1 - left * left * left
