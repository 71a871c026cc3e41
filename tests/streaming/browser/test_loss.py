"""Bad networks before the server and behind it: packets lost, and repaired before anybody sees it."""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import fmean, median

import pytest

from tests.fixtures_browser import Visit, lead_through_link
from tests.lossy_link import Address, LinkConditions, LossyLink, candidate_address, lossy_link
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.in_pairs]

LOSS = LinkConditions(loss=0.03, delay_s=0.02)
WATCH_S = 20
# The aim is 1% of the time. A machine that stumbles for a moment freezes the picture in one window or two, a
# repair that does not work in all of them: so the middle one of five keeps the aim, and all of them together
# five times the aim. Without anything else running it was 0 to 1.2%.
WINDOWS, WINDOW_S = 5, 6
FROZEN_SHARE = 0.01
BUSY_FROZEN_SHARE = 0.05


async def lead_through_loss(
    visit: Visit, door: str, links: AsyncExitStack, weather: LinkConditions, seed: int
) -> Callable[[], LossyLink]:
    """Lead what a page sends and gets at a door through a link; call the result for the link once it is."""
    opened: list[LossyLink] = []

    async def address(answer: str) -> Address:
        link = lossy_link(candidate_address(answer), up=weather, down=weather, seed=seed)
        opened.append(await links.enter_async_context(link))
        return opened[-1].address

    await lead_through_link(visit.page, f"**{door}", address)
    return lambda: opened[0]


async def watch_through_loss(visit: Visit, show: str, links: AsyncExitStack, seed: int) -> LossyLink:
    """Watch a show through a link that loses 3% in both directions."""
    link = await lead_through_loss(visit, f"/whep/{show}", links, LOSS, seed)
    await visit.page.evaluate("show => watch(show)", show)
    return link()


async def frozen_share(viewer: Visit, seconds: float) -> float:
    """Watch for some seconds; returns the share of them for which the picture stood still."""
    frozen_s = "rawVideo().then(raw => raw.totalFreezesDuration)"
    before_s = await viewer.page.evaluate(frozen_s)
    await viewer.page.evaluate("s => new Promise(r => setTimeout(r, s * 1000))", seconds)
    return float((await viewer.page.evaluate(frozen_s) - before_s) / seconds)


async def count(visit: Visit) -> dict[str, float]:
    """Read frames decoded, freezes and retransmitted packets of a viewer."""
    raw = await visit.page.evaluate("rawVideo()")
    names = ("framesDecoded", "freezeCount", "retransmittedPacketsReceived")
    return {name: float(raw.get(name, 0)) for name in names}


async def test_three_percent_loss_costs_hardly_a_frame(
    media: MediaServer, media_page: MediaPage, show: str
) -> None:
    """Two viewers, one with RTX and one without: above 95% of the source's frames, at most one freeze."""
    host, rtx, plain = await media_page(media), await media_page(media), await media_page(media)
    await host.page.evaluate("show => publish(show, { codec: 'video/VP8' })", show)
    await plain.page.evaluate("window.withoutRtx = true")
    async with AsyncExitStack() as links:
        link = await watch_through_loss(rtx, show, links, seed=3)
        await watch_through_loss(plain, show, links, seed=4)
        await asyncio.gather(*(visit.page.evaluate("moreFrames(15)") for visit in (rtx, plain)))
        before = [await count(visit) for visit in (rtx, plain)]
        sent = await host.page.evaluate(
            "async s => { const n = await framesSent(); await new Promise(r => setTimeout(r, s * 1000)); "
            "return await framesSent() - n }",
            WATCH_S,
        )
        after = [await count(visit) for visit in (rtx, plain)]
        assert link.totals("down").lost >= 5, "the link must have lost something"
    assert sent > 0.8 * 15 * WATCH_S, "the camera must have run"
    for first, last in zip(before, after, strict=True):
        assert last["framesDecoded"] - first["framesDecoded"] > 0.95 * sent
        assert last["freezeCount"] - first["freezeCount"] <= 1
    assert after[0]["retransmittedPacketsReceived"] > 0, "lost packets come again by RTX"
    assert "a=rtpmap" in await plain.page.evaluate("connections.at(-1).localDescription.sdp")
    assert "rtx/" not in await plain.page.evaluate("connections.at(-1).localDescription.sdp")


@pytest.mark.parametrize(("side", "loss"), [("viewer", 0.05), ("host", 0.10)])
async def test_the_picture_stands_still_for_less_than_one_percent_of_the_time(
    media: MediaServer,
    media_page: MediaPage,
    show: str,
    side: str,
    loss: float,
    record_property: Callable[[str, object], None],
) -> None:
    """5% lost between server and viewer, or 10% between host and server: repaired in time nearly always."""
    weather = LinkConditions(loss=loss, delay_s=0.02)
    host, viewer = await media_page(media), await media_page(media)
    async with AsyncExitStack() as links:
        at, door = (viewer, f"/whep/{show}") if side == "viewer" else (host, f"/whip/{show}")
        link = await lead_through_loss(at, door, links, weather, seed=5)
        size = {"width": 480, "height": 270, "frameRate": 30}
        options = {"codec": "video/VP8", "size": size}
        await host.page.evaluate("([show, options]) => publish(show, options)", [show, options])
        await viewer.page.evaluate("show => watch(show)", show)
        await viewer.page.evaluate("moreFrames(30)")
        shares = [await frozen_share(viewer, WINDOW_S) for _ in range(WINDOWS)]
        totals = link().totals("down" if side == "viewer" else "up")
        assert totals.lost > 0.5 * loss * totals.offered, "the link must have lost something"
    share = fmean(shares)
    record_property("frozen_share", share)
    print(f"{loss:.0%} lost on the {side}'s side: still for {share:.2%} of the time; {shares}")  # noqa: T201
    assert median(shares) < FROZEN_SHARE
    assert share < BUSY_FROZEN_SHARE


async def test_a_narrow_lossy_cable_costs_hardly_a_frame_and_one_without_udp_is_no_obstacle(
    record_property: Callable[[str, object], None],
) -> None:
    """3% dropped by nft behind 3 Mb/s of tc's tbf, then all UDP: the kernel's weather, not ours; needs root.

    Without UDP who watches goes on over ICE-TCP, and who comes then comes in over it.
    """
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", sys.executable, "-m", "tests.streaming.browser.lossy_network_process",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(120):
        said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    seen = json.loads(said)
    print("over the cable:", seen)  # noqa: T201 the figures are the point
    for name, value in seen.items():
        record_property(name, value)
    assert seen["dropped"] > 20, "the cable must have lost something"
    assert seen["decoded_share"] > 0.95
    assert seen["frozen_share"] < BUSY_FROZEN_SHARE
    without_udp = seen["without_udp"]
    assert (seen["path"], without_udp["stayed"], without_udp["came"]) == ("udp", "tcp", "tcp")
    assert without_udp["dropped"] > 0, "UDP must have been tried"
    assert without_udp["changed"] > 20
    assert without_udp["loudness"] > 0.01
