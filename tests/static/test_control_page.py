"""The control view in a real browser on a real server: the pause, the keys and Undo."""

import asyncio
import re
import time
from typing import Self

import pytest
from playwright.async_api import Page, Route, expect

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer
from tests.realtime.client import RoomClient
from tests.static.test_studio_pages import LIMIT_MS, sign_in
from tests.story.market import PASSWORD, Api, Market, another_market, new_key

pytestmark = pytest.mark.browser


async def at_the_desk(
    server: RunningServer, open_page: OpenPage, role: str = "moderator"
) -> tuple[Market, Page]:
    """Start a show and sign its moderator, or one with another role, in at the control view."""
    market = await another_market(server.address)
    staff = {"email": market.moderator.email, "role": role}
    await market.owner.call("POST", f"/shops/{market.shop}/staff", staff)
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
    await expect(page.get_by_text("Undone.", exact=True)).to_be_visible(timeout=LIMIT_MS)
    await page.keyboard.press("o")
    events = page.locator(".log-tab")
    await expect(events.get_by_text("Mo banned Lin")).to_have_count(1, timeout=LIMIT_MS)
    await expect(events.get_by_text("Mo undid something about Lin")).to_be_visible(timeout=LIMIT_MS)

    await rows.filter(has_text="And in blue?").click(timeout=LIMIT_MS)
    await page.keyboard.press("t")
    await expect(events.get_by_text("Mo timed out Wu")).to_be_visible(timeout=LIMIT_MS)
    undo = events.get_by_role("button", name="Undo")
    await expect(undo).to_have_count(1)
    await undo.click()
    await expect(events.get_by_text("Mo undid something about Wu")).to_be_visible(timeout=LIMIT_MS)
    await expect(undo).to_have_count(0)


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

    small, half, whole = sorted(await wait_for_layers(market, 3))
    assert small < half < whole

    await pane.get_by_text("Connections, the worst first").focus()
    await page.keyboard.press("Enter")
    row = pane.locator(".sessions__list > li")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("watching")
    await expect(row).to_contain_text(re.compile(r"\d+×\d+"))

    await studio.context.close()
    await expect(pane).to_contain_text("The host is away", timeout=LIMIT_MS)


async def wait_for_layers(market: Market, number: int) -> list[int]:
    """Wait until so many layers of the show's picture have come; returns their widths in pixels."""
    async with asyncio.timeout(LIMIT_MS / 1000):
        while True:
            media = await market.owner.call("GET", f"/shows/{market.show}/media")
            widths = [one["width"] for process in media["processes"] for one in process["layers"]]
            if len(widths) >= number and None not in widths:
                return widths
            await asyncio.sleep(0.2)


async def test_the_room_hears_of_a_new_token_before_the_old_one_runs_out(
    server: RunningServer, open_page: OpenPage
) -> None:
    """With an old one every action would be refused until the socket is closed for it."""
    market = await another_market(server.address)
    visit = await open_page()
    visit.expect_complaint("whep")
    page = visit.page
    told = asyncio.Event()

    def sent(frame: str | bytes) -> None:
        if '"type":"refresh"' in str(frame):
            told.set()

    page.on("websocket", lambda socket: socket.on("framesent", sent))

    async def soon(route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        answer = await route.fetch()
        if not answer.ok:
            await route.fulfill(response=answer)
            return
        body = await answer.json()
        await route.fulfill(response=answer, json=body | {"expires_at_ms": int(time.time() * 1000) + 60_000})

    await page.route("**/api/v1/session", soon)
    await page.goto(f"{server.address}/control/{market.show}")
    await sign_in(page, market.moderator.email)
    await expect(page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)
    await asyncio.wait_for(told.wait(), LIMIT_MS / 1000)


async def test_who_was_signed_out_elsewhere_is_asked_to_sign_in(
    server: RunningServer, open_page: OpenPage
) -> None:
    """The room is closed for good: the page says so, before anything else it asks would tell."""
    market = await another_market(server.address)
    visit = await open_page()
    visit.expect_complaint("whep")
    visit.expect_complaint("401")
    await visit.page.goto(f"{server.address}/control/{market.show}")
    await sign_in(visit.page, market.moderator.email)
    await expect(visit.page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)
    asked = asyncio.Event()

    async def unanswered(_route: Route) -> None:
        asked.set()

    await visit.page.route("**/media?*", unanswered)
    await asyncio.wait_for(asked.wait(), LIMIT_MS / 1000)
    async with Api(server.address) as api:
        await api.enter("/session", {"email": market.moderator.email, "password": PASSWORD})
        await api.call("POST", "/me/sign-out-everywhere", {})
    await expect(visit.page.get_by_text("Your session has ended.")).to_be_visible(timeout=LIMIT_MS)
    await visit.page.unroute_all(behavior="ignoreErrors")
    await sign_in(visit.page, market.moderator.email)
    await expect(visit.page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)


class Talker:
    """A guest in the room, without a browser."""

    def __init__(self, market: Market, name: str) -> None:
        self.market = market
        self.name = name
        self.person = ""
        self.room: RoomClient

    async def enter(self) -> Self:
        """Come in."""
        async with Api(self.market.address) as api:
            await api.enter("/session", {"guest_name": self.name})
            self.person = str(api.person["id"])
            url = self.market.address.replace("http", "ws", 1)
            self.room = RoomClient(url, self.market.show, api.token)
        await self.room.open()
        await self.room.say_hello()
        return self

    async def say(self, text: str) -> str:
        """Say something; returns the comment's id."""
        answer = await self.room.ask("comment", text=text, key=new_key())
        return str(answer["comment"]["id"])


async def choose(page: Page, text: str) -> None:
    """Move to a comment with k, as many times as it takes."""
    await page.keyboard.press("Escape")  # out of a field
    await page.keyboard.press("Escape")  # lets go of what was chosen
    await expect(page.locator(".log tbody tr").filter(has_text=text)).to_have_count(1, timeout=LIMIT_MS)
    chosen = page.locator(".log tr[aria-selected=true]")
    await expect(chosen).to_have_count(0)
    for _ in range(20):
        await page.keyboard.press("k")
        if text in (await chosen.inner_text()):
            return
    raise AssertionError(f"k never reached {text!r}")


async def told(page: Page, words: str) -> None:
    """Wait for the newest toast: one that says again what an older one says takes its place at the end."""
    await expect(page.locator(".toast").last).to_contain_text(words, timeout=LIMIT_MS)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        focused = await page.evaluate(FOCUSED)
        if focused == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name!r}")


FOCUSED = """() => {
  const at = document.activeElement;
  return (at?.getAttribute("aria-label") || at?.labels?.[0]?.innerText || at?.innerText || "").trim();
}"""


async def comments_by_keys(page: Page, lin: Talker) -> None:
    """A comment is deleted and put back, claimed, answered."""
    press = page.keyboard.press
    await lin.say("Does it come in green?")
    await choose(page, "come in green?")
    await press("d")
    await told(page, "Deleted a comment of Lin.")
    await expect(page.locator(".log tbody tr")).to_have_count(0)
    await press("u")
    await told(page, "Undone.")
    await choose(page, "come in green?")
    await press("a")
    await expect(page.locator(".log").get_by_text("Mo is answering")).to_be_visible(timeout=LIMIT_MS)
    await press("r")
    await page.keyboard.type("Green and blue.")
    await press("Enter")
    await expect(page.locator(".control__fresh")).to_be_visible(timeout=LIMIT_MS)
    await press("Escape")
    await press("Escape")
    await expect(page.locator(".log").get_by_text("Green and blue.")).to_be_visible(timeout=LIMIT_MS)


async def people_by_keys(page: Page, wu: Talker) -> None:
    """A person is timed out and let go, and shadow-banned and let go."""
    press = page.keyboard.press
    await choose(page, "come in green?")
    await press("t")
    await told(page, "Lin cannot comment for 5 minutes.")
    await press("u")
    await told(page, "Undone.")
    await wu.say("Cheap watches here")
    await choose(page, "Cheap watches")
    await press("h")
    await told(page, "Nobody but Wu sees what they say.")
    await press("u")
    await told(page, "Undone.")


async def a_card_by_keys(page: Page, wu: Talker) -> None:
    """On a person's card: a note, a warning, a ban with its reason."""
    press = page.keyboard.press
    await wu.say("Cheap watches again")
    await choose(page, "watches again")
    await press("i")
    card = page.get_by_role("dialog", name="Wu")
    await expect(card.get_by_text("guest", exact=False).first).to_be_visible(timeout=LIMIT_MS)
    await tab_to(page, "New note")
    await page.keyboard.type("Sells watches")
    await tab_to(page, "Add note")
    await press("Enter")
    await expect(card.locator(".events").get_by_text("Sells watches")).to_be_visible(timeout=LIMIT_MS)
    await tab_to(page, "Warn")
    await press("Enter")
    await tab_to(page, "What they must read")
    await press("Control+A")
    await page.keyboard.type("No watches, please.")
    await press("Tab")
    await press("Enter")
    await told(page, "Wu must read a warning first.")
    await tab_to(page, "Ban")
    await press("Enter")
    await tab_to(page, "Reason, for the team only (optional)")
    await page.keyboard.type("sells watches")
    await tab_to(page, "Also this device")
    await press("Space")
    await press("Tab")
    await press("Tab")
    await press("Enter")
    await told(page, "Wu is banned.")
    await expect(card.get_by_text("Banned for good: sells watches")).to_be_visible(timeout=LIMIT_MS)
    await press("Escape")
    await expect(card).to_have_count(0)


async def a_queue_by_keys(page: Page, lin: Talker, anna: Talker) -> None:
    """A report is looked at and dismissed."""
    press = page.keyboard.press
    comment = await lin.say("Is this one blue?")
    await anna.room.ask("report", comment=comment, why="spam", key=new_key())
    await expect(page.locator(".tabs__count--some").first).to_be_visible(timeout=LIMIT_MS)
    await press("q")
    await expect(page.locator(".case").first).to_be_focused(timeout=LIMIT_MS)
    await press("x")
    await told(page, "Off the list: Lin.")
    await expect(page.locator(".case")).to_have_count(0, timeout=LIMIT_MS)


async def the_room_by_keys(page: Page) -> None:
    """Shield up and down, then modes set and taken back."""
    press = page.keyboard.press
    await press("s")
    await told(page, "The shield is up for 10 minutes.")
    await expect(page.get_by_role("button", name=re.compile(r"Shield (9|10):\d\d · lower"))).to_be_visible()
    await press("s")
    await told(page, "The shield is down.")
    await press("m")
    await tab_to(page, "Emoji only")
    await press("Space")
    await tab_to(page, "Set modes")
    await press("Enter")
    await told(page, "Modes are set.")
    await expect(page.get_by_role("button", name="Modes: 1 on")).to_be_visible(timeout=LIMIT_MS)
    await press("u")


async def the_rules_by_keys(page: Page, market: Market) -> None:
    """A word is refused from now on; a ready answer is made and said; the team is told."""
    press = page.keyboard.press
    await press("g")
    await tab_to(page, "Word, phrase or pattern")
    await page.keyboard.type("watches")
    await press("Enter")
    await tab_to(page, "Save")
    await press("Enter")
    await told(page, "Saved")
    policy = await market.owner.call("GET", f"/shops/{market.shop}/room-policy")
    assert [one["text"] for one in policy["policy"]["terms"]] == ["watches"]
    await press("Escape")
    await press("Escape")
    await press("e")
    await tab_to(page, "Add an answer")
    await press("Enter")
    await tab_to(page, "Short name")
    await page.keyboard.type("Posting")
    await tab_to(page, "Answer")
    await page.keyboard.type("We post every day.")
    await press("Tab")
    await press("Enter")
    await expect(page.locator(".replies__one")).to_have_count(1, timeout=LIMIT_MS)
    await press("1")
    await expect(page.locator(".log").get_by_text("We post every day.")).to_be_visible(timeout=LIMIT_MS)
    await press("c")
    await page.keyboard.type("Watch out for watches")
    await press("Enter")
    await expect(page.locator(".team").get_by_text("Watch out for watches")).to_be_visible(timeout=LIMIT_MS)
    await press("Escape")


async def the_record_by_keys(page: Page) -> None:
    """The record has it all, copied to SQL from the room's log."""
    press = page.keyboard.press
    await press("l")
    audit = page.get_by_role("dialog", name="Audit log")
    await expect(audit).to_be_visible()
    for _ in range(20):
        if await audit.get_by_text("Mo raised the shield").count():
            break
        await tab_to(page, "Reload")
        await press("Enter")
        await page.wait_for_timeout(500)
    for words in ("Mo banned Wu", "Mo warned Wu", "Mo raised the shield", "Mo dismissed a case"):
        await expect(audit.get_by_text(words).first).to_be_visible(timeout=LIMIT_MS)
    await press("Escape")
    # Who opens the view later finds what was done before, and what the team said.
    await page.wait_for_function("() => !history.state?.liveshop_layer")  # the sheet's entry is left first
    await page.reload()
    await expect(page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)
    await press("o")
    await expect(page.locator(".log-tab").get_by_text("Mo banned Wu")).to_be_visible(timeout=LIMIT_MS)
    await press("c")
    await expect(page.locator(".team").get_by_text("Watch out for watches")).to_be_visible(timeout=LIMIT_MS)


async def test_who_sees_figures_reads_the_room_and_presses_nothing(
    server: RunningServer, open_page: OpenPage
) -> None:
    """Comments, stock and figures, no queue, no button on people; money only once the owner allows it."""
    market, page = await at_the_desk(server, open_page, "stats")
    figures = page.get_by_role("region", name="Figures")
    await expect(figures.get_by_text("Units", exact=True)).to_be_visible(timeout=LIMIT_MS)
    await comment(open_page, market, "Lin", "Does it come in green?")
    said = page.get_by_role("log").get_by_text("Does it come in green?")
    await said.click(timeout=LIMIT_MS)
    for key in ("d", "b", "s", "q"):
        await page.keyboard.press(key)
    await expect(said).to_be_visible()
    for name in ("Delete", "Ban", "Modes", "Shield", "Queues", "Poll", "Audit log"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await expect(figures.get_by_text("Sold", exact=True)).to_have_count(0)
    await figures.get_by_role("button", name="Links").click()
    links = page.get_by_role("dialog", name="Links to this show")
    await expect(links.get_by_role("textbox", name="Your link")).to_be_visible(timeout=LIMIT_MS)
    await expect(links.get_by_text("Amount")).to_have_count(0)
    staff = {"email": market.moderator.email, "role": "stats", "money": True}
    await market.owner.call("POST", f"/shops/{market.shop}/staff", staff)
    await page.reload()
    await expect(figures.get_by_text("Sold", exact=True)).to_be_visible(timeout=LIMIT_MS)


async def test_every_action_is_done_by_keys_alone(server: RunningServer, open_page: OpenPage) -> None:
    """Comments, people, queues, modes, shield, rules, answers, the team and the record: not one click."""
    market, page = await at_the_desk(server, open_page, "producer")
    await expect(page.locator(".control__panes")).to_be_visible(timeout=LIMIT_MS)
    talkers = [await Talker(market, name).enter() for name in ("Lin", "Wu", "Anna")]
    lin, wu, anna = talkers
    await comments_by_keys(page, lin)
    await people_by_keys(page, wu)
    await a_card_by_keys(page, wu)
    await a_queue_by_keys(page, lin, anna)
    await the_room_by_keys(page)
    await the_rules_by_keys(page, market)
    await the_record_by_keys(page)
    for talker in talkers:
        await talker.room.close()
