"""The demo show's clock: what is seen and heard at which moment."""

import pytest

from liveshop.demo.scene import (
    CARD_S,
    FLASH_BOX,
    FLASH_S,
    FRAMES_PER_S,
    HEIGHT_PX,
    WIDTH_PX,
    DemoProduct,
    moment_at,
)
from liveshop.demo.scene_image import Stall
from liveshop.demo.sound import BELL_S, LOOP_S, SAMPLES_PER_S, loop_samples

NOON_S = 1_767_225_600.0


@pytest.fixture(scope="module")
def stall() -> Stall:
    """Set up a stall whose lines are not padded."""
    return Stall("Mei's Tea", (DemoProduct("Oolong", "$8.00"),), (WIDTH_PX, WIDTH_PX // 2))


def test_the_flash_begins_on_a_frame_of_every_second() -> None:
    """A whole number of frames a second puts one exactly on the flash; it is over before the next second."""
    flashes = [moment_at(NOON_S + number / FRAMES_PER_S).flash for number in range(2 * FRAMES_PER_S)]
    assert flashes[0]
    assert flashes[FRAMES_PER_S]
    assert sum(flashes) == 2 * round(FLASH_S * FRAMES_PER_S)


def test_the_clock_runs_with_the_seconds() -> None:
    """One second later the clock shows one more second."""
    first, second = (int(moment_at(NOON_S + at_s).clock[-2:]) for at_s in (7.9, 8.0))
    assert (second - first) % 60 == 1


def test_a_product_comes_in_stays_and_leaves() -> None:
    """Products change at fixed times, outside the picture."""
    start, middle, end = (moment_at(NOON_S + at_s) for at_s in (0.0, CARD_S / 2, CARD_S - 0.001))
    assert (start.slide, start.leave) == (0, 0)
    assert (middle.slide, middle.leave) == (1, 0)
    assert end.leave > 0.99
    assert moment_at(NOON_S + CARD_S).product == start.product + 1


def test_the_flash_is_seen_where_measurements_look(stall: Stall) -> None:
    """The box is dark without the flash and bright with it; the rest of the picture is much the same."""
    box = [round(share * side) for share, side in zip(FLASH_BOX, (WIDTH_PX, HEIGHT_PX) * 2, strict=True)]

    def brightness(at_s: float) -> float:
        lines = stall.planes(moment_at(NOON_S + at_s))[0]
        inside = [
            value
            for y in range(box[1], box[3])
            for value in lines[y * WIDTH_PX + box[0] : y * WIDTH_PX + box[2]]
        ]
        return sum(inside) / len(inside)

    assert brightness(1.0) > 200
    assert brightness(1.5) < 100


def test_the_picture_moves(stall: Stall) -> None:
    """Two frames in a row differ: backdrop and lanterns move, also while no product does."""
    planes = [stall.planes(moment_at(NOON_S + 4.5 + number / 4)) for number in range(2)]
    changed = sum(1 for before, after in zip(planes[0][0], planes[1][0], strict=True) if before != after)
    assert changed > WIDTH_PX * HEIGHT_PX // 10


def test_the_bell_rings_with_the_second_and_stands_out() -> None:
    """Each second begins with the bell; between bells the sound is quiet, and nothing clips."""
    samples = loop_samples()
    assert len(samples) == LOOP_S * SAMPLES_PER_S
    for second in range(LOOP_S):
        start = second * SAMPLES_PER_S
        bell = max(map(abs, samples[start : start + SAMPLES_PER_S // 20]))
        rest = max(map(abs, samples[start + round(BELL_S * SAMPLES_PER_S) : start + SAMPLES_PER_S]))
        assert 6 * rest < bell < 32_767
