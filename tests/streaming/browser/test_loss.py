"""A bad network between server and viewer: 3% of all packets lost, with retransmission stream and without."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.fixtures_browser import Visit, lead_through_link
from tests.lossy_link import Address, LinkConditions, LossyLink, candidate_address, lossy_link
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.media_server import MediaServer

pytestmark = pytest.mark.browser

LOSS = LinkConditions(loss=0.03, delay_s=0.02)
WATCH_S = 20


async def watch_through_loss(visit: Visit, show: str, links: AsyncExitStack, seed: int) -> LossyLink:
    """Watch a show through a link that loses 3% in both directions."""
    opened: list[LossyLink] = []

    async def address(answer: str) -> Address:
        link = lossy_link(candidate_address(answer), up=LOSS, down=LOSS, seed=seed)
        opened.append(await links.enter_async_context(link))
        return opened[-1].address

    await lead_through_link(visit.page, f"**/whep/{show}", address)
    await visit.page.evaluate("show => watch(show)", show)
    return opened[0]


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
