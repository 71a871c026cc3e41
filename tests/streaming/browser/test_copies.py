"""Chromium watches at a media process that copies the show from the one Chromium publishes at."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tests.streaming.browser.conftest import MediaPage
from tests.streaming.trunk.two_processes import two_processes

pytestmark = [pytest.mark.browser, pytest.mark.together]


@pytest_asyncio.fixture(loop_scope="session")
async def redis(redis_plain_url: str) -> AsyncIterator[Any]:
    """A client with retries off, as liveshop's is."""
    client = Redis.from_url(redis_plain_url, retry=Retry(NoBackoff(), 0), retry_on_error=[])
    yield client
    await client.aclose()


async def test_a_browser_sees_the_show_at_another_process(
    redis: Any, media_page: MediaPage, show: str
) -> None:
    """Moving pictures from a browser's host, and again after the host has left and come back."""
    async with two_processes(redis) as (owner, edge):
        host, viewer = await media_page(owner.server), await media_page(edge.server)
        await host.page.evaluate("show => publish(show)", show)
        await viewer.page.evaluate("show => watch(show)", show)
        await viewer.page.evaluate("moreFrames(30)")
        assert (await viewer.page.evaluate("examine()"))["changed"] > 5
        assert owner.relay.gauges()["trunks"] == edge.relay.gauges()["edges"] == 1
        assert owner.relay.gauges()["viewers"] == 0
        await host.page.evaluate("publisher.leave()")
        await host.page.evaluate("show => publish(show)", show)
        await viewer.page.evaluate("reach('playing', 15000)")
        await viewer.page.evaluate("moreFrames(30)")
        assert (await viewer.page.evaluate("examine()"))["changed"] > 5
        await viewer.page.close()
        await host.page.close()


async def test_a_copy_of_a_scalable_show_has_all_of_its_layers(
    redis: Any, media_page: MediaPage, show: str
) -> None:
    """AV1: the whole picture for who takes dependency descriptors there, else the lowest layer."""
    async with two_processes(redis) as (owner, edge):
        host, able, plain = [await media_page(one.server) for one in (owner, edge, edge)]
        await host.page.evaluate("window.scalable = 'L2T1'")
        await plain.page.evaluate("delete RTCRtpTransceiver.prototype.getHeaderExtensionsToNegotiate")
        wish = {"codec": "video/AV1", "size": {"width": 640, "height": 360, "frameRate": 15}}
        await host.page.evaluate("([show, wish]) => publish(show, wish)", [show, wish])
        for viewer, width_px in ((able, 640), (plain, 320)):
            await viewer.page.evaluate("show => watch(show)", show)
            await viewer.page.evaluate("width => widthIs(width, width, 60_000)", width_px)
            await viewer.page.evaluate("moreFrames(40)")
        assert edge.relay.gauges()["edges"] == 1
        assert owner.relay.gauges()["viewers"] == 0
        for visit in (able, plain, host):
            await visit.page.close()
