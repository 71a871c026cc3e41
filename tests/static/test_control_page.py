"""The control view in a real browser on a real server: the pause, the keys and Undo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures_browser import OpenPage
from tests.free_ports import free_port
from tests.liveshop.running_server import RunningServer, running
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import Market, open_market

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """Run a fresh liveshop."""
    with running(tmp_path / "data", LIVESHOP_MEDIA_PORT=str(free_port())) as started:
        yield started


async def at_the_desk(server: RunningServer, open_page: OpenPage) -> tuple[Market, Page]:
    """Start a show and sign its moderator in at the control view."""
    market = await open_market(server.address)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    control = await open_page()
    control.expect_complaint("whep")
    await control.page.goto(f"{server.address}/control/{market.show}")
    await sign_in(control.page, market.moderator.email)
    return market, control.page


async def comment(open_page: OpenPage, market: Market, name: str, text: str) -> None:
    """Say something as a new guest."""
    visit = await open_page("phone")
    visit.expect_complaint("whep")
    page = visit.page
    await page.goto(f"{market.address}/shows/{market.show}")
    await page.get_by_label("Your comment").fill(text, timeout=LIMIT_MS)
    await page.get_by_role("button", name="Send", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="What shall we call you?")
    await dialog.get_by_label("Name in this room").fill(name)
    await dialog.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("log").first).to_contain_text(text, timeout=LIMIT_MS)


async def test_it_pauses_only_for_what_is_new_and_a_ban_can_be_undone(
    server: RunningServer, open_page: OpenPage
) -> None:
    """The pause bar comes with the first new comment; b bans without a question, and Undo lifts the ban.

    When Undo is gone, the log still lifts what was done last to a person.
    """
    market, page = await at_the_desk(server, open_page)
    await comment(open_page, market, "Lin", "Does it come in green?")
    rows = page.locator(".log tbody tr")
    await rows.filter(has_text="Does it come in green?").click(timeout=LIMIT_MS)
    paused = page.locator(".control__fresh")
    await expect(paused).to_have_count(0)

    await comment(open_page, market, "Wu", "And in blue?")
    await expect(paused).to_contain_text("1 new comment", timeout=LIMIT_MS)
    await expect(rows.filter(has_text="And in blue?")).to_have_count(0)

    await page.keyboard.press("b")
    await page.get_by_role("button", name="Undo").click(timeout=LIMIT_MS)
    await expect(page.get_by_text("Undone: Lin may take part again.")).to_be_visible(timeout=LIMIT_MS)
    events = page.locator(".events")
    await expect(events.get_by_text("Mo banned Lin")).to_have_count(1, timeout=LIMIT_MS)
    await expect(events.get_by_text("Mo let Lin take part again")).to_be_visible(timeout=LIMIT_MS)

    await rows.filter(has_text="And in blue?").click(timeout=LIMIT_MS)
    await page.keyboard.press("t")
    await expect(events.get_by_text("Mo timed out Wu")).to_be_visible(timeout=LIMIT_MS)
    lift = events.get_by_role("button", name="Lift")
    await expect(lift).to_have_count(1)
    await lift.click()
    await expect(events.get_by_text("Mo let Wu take part again")).to_be_visible(timeout=LIMIT_MS)
    await expect(lift).to_have_count(0)
    await market.owner.http.aclose()


async def test_the_stream_pane_tells_how_the_picture_fares(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Nobody yet; then the host's picture in words and the viewers; then that the host is away."""
    market, page = await at_the_desk(server, open_page)
    pane = page.get_by_role("region", name="Stream")
    await expect(pane).to_contain_text("No stream yet", timeout=LIMIT_MS)

    studio = await open_page()
    await studio.page.goto(f"{server.address}/host#show={market.show}")
    await sign_in(studio.page, market.host.email)
    await studio.page.get_by_role("button", name="Send my picture").click(timeout=LIMIT_MS)
    await expect(pane).to_contain_text(re.compile(r"picture \d+×\d+"), timeout=LIMIT_MS)
    await expect(pane).to_contain_text(re.compile(r"[\d.]+ [kM]b/s"))
    await expect(pane).to_contain_text("1 watching", timeout=LIMIT_MS)
    # Chromium answers the server's question (RFC 3611) although nothing in the offer says so.
    host_stream = pane.locator(".facts-line").first
    await expect(host_stream).to_contain_text(re.compile(r"round trip \d+ ms"), timeout=LIMIT_MS)

    await pane.get_by_text("Connections, the worst first").focus()
    await page.keyboard.press("Enter")
    row = pane.locator(".sessions__list > li")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("watching")
    await expect(row).to_contain_text(re.compile(r"\d+×\d+"))

    await studio.context.close()
    await expect(pane).to_contain_text("The host is away", timeout=LIMIT_MS)
    await market.owner.http.aclose()
