"""Host gone and back, packets dropped, media process killed: pictures again, nothing pressed."""

import asyncio

import pytest

from tests.fixtures_browser import Visit, lead_through_link
from tests.lossy_link import Address, LinkConditions, candidate_address, lossy_link
from tests.streaming.browser.conftest import MediaPage, Mortal, Start
from tests.streaming.media_server import MediaServer

pytestmark = [pytest.mark.browser, pytest.mark.together]

CUT = LinkConditions(cut=True)
RETURN_LIMIT_MS = 15_000


async def see_pictures(viewer: Visit, show: str) -> None:
    """Watch and wait for the first pictures."""
    await viewer.page.evaluate("show => watch(show)", show)
    await viewer.page.evaluate("moreFrames(10)")


async def test_a_host_who_leaves_and_returns_is_seen_again(
    media: MediaServer, media_page: MediaPage, show: str
) -> None:
    """The viewer is told that the picture is away, and has it back when the host publishes again."""
    host, viewer = await media_page(media), await media_page(media)
    await host.page.evaluate("show => publish(show)", show)
    await see_pictures(viewer, show)
    await host.page.evaluate("publisher.leave()")
    await viewer.page.evaluate("reach('away', 10000)")
    await host.page.evaluate("show => publish(show)", show)
    await viewer.page.evaluate("limit => reach('playing', limit)", RETURN_LIMIT_MS)
    await viewer.page.evaluate("moreFrames(10)")
    assert (await viewer.page.evaluate("examine()"))["changed"] > 20


async def test_a_host_whose_packets_are_dropped_comes_back_by_itself(
    media: MediaServer, media_page: MediaPage, show: str
) -> None:
    """The host's way is cut for some seconds, then mended: host and viewers go on."""
    host, viewer = await media_page(media), await media_page(media)
    async with lossy_link(media.candidates[0]) as link:

        async def address(answer: str) -> Address:
            assert candidate_address(answer)[1] == media.candidates[0][1]
            return link.address

        await lead_through_link(host.page, f"**/whip/{show}*", address)
        host.expect_complaint("409")  # the server may remember the lost session for a moment
        await host.page.evaluate("show => publish(show)", show)
        await see_pictures(viewer, show)
        link.change(up=CUT, down=CUT)
        await viewer.page.evaluate("reach('away', 10000)")
        link.change(up=LinkConditions(), down=LinkConditions())
        await viewer.page.evaluate("limit => reach('playing', limit)", RETURN_LIMIT_MS)
        await viewer.page.evaluate("moreFrames(10)")
        assert await host.page.evaluate("publisher.state") == "live"


async def test_two_hosts_do_not_kick_each_other_out_for_ever(
    media: MediaServer, media_page: MediaPage, show: str
) -> None:
    """The second is asked; after a takeover the first gives way and stays away."""
    first, second = await media_page(media), await media_page(media)
    for visit in (first, second):
        visit.expect_complaint("409")
    assert await first.page.evaluate("show => publish(show)", show) == "live"
    assert await second.page.evaluate("show => publish(show)", show) == "occupied"
    assert await first.page.evaluate("publisher.state") == "live"
    await second.page.evaluate("publisher.takeOver()")
    await first.page.wait_for_function("publisher.state === 'occupied'", timeout=RETURN_LIMIT_MS)
    assert await second.page.evaluate("publisher.state") == "live"


async def test_pictures_return_after_the_media_process_was_killed(
    mortal_media: Mortal, media_page: MediaPage, show: str, start_publisher: Start
) -> None:
    """Kill -9 and a start at the same ports: the demo publisher and the viewer find back by themselves."""
    media = mortal_media.server
    start_publisher("demo", f"{media.url}/whip/{show}")
    viewer = await media_page(media)
    # Before the first publish, while nobody listens, and at the end of a session that the dead process had.
    viewer.expect_complaint("409|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|404")
    await see_pictures(viewer, show)
    await asyncio.to_thread(mortal_media.kill)
    await asyncio.to_thread(mortal_media.start)
    took_ms = await viewer.page.evaluate("limit => moreFrames(10, limit)", RETURN_LIMIT_MS)
    print(f"pictures {took_ms:.0f} ms after the media process was back")  # noqa: T201 the figure is the point
    await viewer.page.evaluate("reach('playing', 5000)")
    states = [entry["state"] for entry in await viewer.page.evaluate("states")]
    assert "failed" not in states
