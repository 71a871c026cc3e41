"""Flash and bell of the demo show: how far picture and sound are apart in the browser."""

import asyncio
import statistics

import pytest

from liveshop.demo.scene import FLASH_BOX
from tests.fixtures_browser import Visit
from tests.streaming.browser.conftest import MediaPage, Start, end_publisher
from tests.streaming.media_server import MediaServer

pytestmark = pytest.mark.browser

APART_LIMIT_MS = 80
MEASURE_MS = 6_000


async def measure(viewer: Visit) -> list[float]:
    """Measure the milliseconds from flash to bell for a few seconds; at least three must be found."""
    apart_ms: list[float] = await viewer.page.evaluate(
        "([box, length]) => flashAndBell(box, length)", [list(FLASH_BOX), MEASURE_MS]
    )
    print("flash to bell, ms:", [round(value) for value in apart_ms])  # noqa: T201 the figure is the point
    assert len(apart_ms) >= 3
    return apart_ms


async def test_flash_and_bell_stay_together_also_after_the_publishers_return(
    media: MediaServer, media_page: MediaPage, show: str, start_publisher: Start
) -> None:
    """At most 80 ms apart, before and after; the viewer presses nothing."""
    url = f"{media.url}/whip/{show}"
    first = start_publisher("demo", url)
    viewer = await media_page(media)
    viewer.expect_complaint("409")  # it comes before the first publish
    await viewer.page.evaluate("show => watch(show)", show)
    await viewer.page.evaluate("moreFrames(60)")
    assert abs(statistics.median(await measure(viewer))) <= APART_LIMIT_MS

    await asyncio.to_thread(end_publisher, first)
    await viewer.page.evaluate("reach('away', 10000)")
    start_publisher("demo", url)
    await viewer.page.evaluate("reach('playing', 15000)")
    await viewer.page.evaluate("moreFrames(60)")
    assert abs(statistics.median(await measure(viewer))) <= APART_LIMIT_MS
