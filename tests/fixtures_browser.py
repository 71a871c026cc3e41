"""A real Chromium for tests: one browser process and one driver a session, fresh contexts a test.

The driver belongs to an event loop, and its start costs half a second: all tests marked `browser` run in the
session's loop, and so do their asynchronous fixtures (`loop_scope="session"`). `open_page` gives a page in
the shape of a phone or a desktop and keeps what the page complained about; at the end of the test nothing may
have been complained about that was not expected with `Visit.expect_complaint`.

    async def test_something(open_page: OpenPage) -> None:
        visit = await open_page("phone")
        await visit.page.goto(...)
"""

import asyncio
import contextlib
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Route,
    async_playwright,
)
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

from tests.ended_process import end
from tests.lossy_link import Address, through_link

Shape = Literal["phone", "desktop"]

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
STOP_LIMIT_S = 5.0
START_LIMIT_S = 30.0
LOOK_AGAIN_S = 0.05
CONNECT_TRIES, CONNECT_LIMIT_MS = 4, 20_000
GIVES_UNASKED = "--use-fake-ui-for-media-stream"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    GIVES_UNASKED,
    "--use-fake-device-for-media-stream",
    # Pages of a test do not come to the front in turn; none of them may be slowed for being "in the back".
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--mute-audio",
)
SHAPES: dict[Shape, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}


@dataclass
class Chromium:
    """A running Chromium process and the address of its debugging port."""

    process: subprocess.Popen[bytes]
    endpoint: str

    def kill(self) -> None:
        """End it like a crash: nothing is said to any peer."""
        self.process.kill()
        self.process.wait()


@dataclass
class Visit:
    """One page and what it complained about: console errors and uncaught exceptions, with their text."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect_complaint(self, pattern: str) -> None:
        """Allow complaints that match, such as a 409 the test provokes (Chromium logs failed requests)."""
        self.expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """List the complaints that no expected pattern matches."""
        return [text for text in self.complaints if not any(known.search(text) for known in self.expected)]


class OpenPage(Protocol):
    """Opens a page in a fresh context; further keywords go to Playwright's `new_context`."""

    def __call__(self, shape: Shape = "desktop", **context: Any) -> Awaitable[Visit]: ...


async def wait_for_promise(page: Page, script: str, *, limit_s: float = START_LIMIT_S) -> None:
    """Wait until what an asynchronous function of the page promises is true.

    Playwright's `wait_for_function` takes the promise itself for true, and does not ask again.
    """
    async with asyncio.timeout(limit_s):
        while not await page.evaluate(script):  # noqa: ASYNC110 the page cannot tell by itself
            await asyncio.sleep(LOOK_AGAIN_S)


async def go_back_from_sheet(page: Page) -> None:
    """Press back once the open sheet has its entry in the history, a moment after it is seen."""
    await page.wait_for_function("() => history.state?.liveshop_layer > 0")
    await page.go_back()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests in the session's loop, where the driver is."""
    for item in items:
        if item.get_closest_marker("browser") and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def chromium_path() -> str:
    """Find the system's Chromium, else the one Playwright has installed."""
    if SYSTEM_CHROMIUM.exists():
        return str(SYSTEM_CHROMIUM)
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@contextlib.contextmanager
def running_chromium(executable: str, *extra_flags: str, gives_unasked: bool = True) -> Iterator[Chromium]:
    """Start a Chromium of its own, for tests that kill one; most take the fixture `browser`.

    With `gives_unasked` pages get camera and microphone whatever is allowed, else what their context allows.
    """
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [
            executable,
            *(flag for flag in FLAGS if gives_unasked or flag != GIVES_UNASKED),
            *extra_flags,
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Chromium(process, _endpoint(Path(profile), process))
        finally:
            end(process, STOP_LIMIT_S)


def _endpoint(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until Chromium has written its debugging port into its profile."""
    port_file = profile / "DevToolsActivePort"
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s:
        if port_file.exists() and (lines := port_file.read_text().splitlines()):
            return f"http://127.0.0.1:{lines[0]}"
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"Chromium ended with {process.wait(timeout=0.05)} before it was ready")
    raise RuntimeError(f"Chromium was not ready within {START_LIMIT_S} s")


@pytest.fixture(scope="session")
def chromium_executable() -> str:
    """Give the path of the Chromium that tests drive."""
    return chromium_path()


@pytest.fixture(scope="session")
def chromium(chromium_executable: str) -> Iterator[Chromium]:
    """Run one Chromium process for all tests of the session."""
    with running_chromium(chromium_executable) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Run Playwright's driver for all tests of the session."""
    async with async_playwright() as running:
        yield running


async def connect(playwright: Playwright, chromium: Chromium) -> Browser:
    """Drive a Chromium; one that does not answer at once (its first page still loads) is asked again."""
    for _ in range(CONNECT_TRIES - 1):
        with contextlib.suppress(PlaywrightTimeout):
            return await playwright.chromium.connect_over_cdp(chromium.endpoint, timeout=CONNECT_LIMIT_MS)
    return await playwright.chromium.connect_over_cdp(chromium.endpoint, timeout=CONNECT_LIMIT_MS)


@pytest_asyncio.fixture(loop_scope="session")
async def browser(playwright: Playwright, chromium: Chromium) -> AsyncIterator[Browser]:
    """Connect to the session's Chromium; contexts opened by the test are closed with it."""
    connected = await connect(playwright, chromium)
    yield connected
    await connected.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open pages that must stay without console errors and uncaught exceptions."""
    visits: list[Visit] = []

    async def open_one(shape: Shape = "desktop", **context: Any) -> Visit:
        visits.append(await open_visit(browser, shape, **context))
        return visits[-1]

    yield open_one
    for visit in visits:
        await visit.context.close()
    complaints = [text for visit in visits for text in visit.unexpected()]
    assert not complaints, complaints


async def open_visit(browser: Browser, shape: Shape = "desktop", **context: Any) -> Visit:
    """Open one page in a fresh context of any browser and begin to write down its complaints."""
    usual = {**SHAPES[shape], "locale": "en-GB", "permissions": ["camera", "microphone"]}
    fresh = await browser.new_context(**{**usual, **context})
    visit = Visit(await fresh.new_page(), fresh)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    visit.page.on("console", heard)
    visit.page.on("pageerror", lambda error: visit.complaints.append(f"uncaught: {error}"))
    return visit


async def lead_through_link(
    page: Page, url_pattern: str, address: Callable[[str], Awaitable[Address]]
) -> None:
    """Lead a page's media through a lossy link by rewriting the answers to its POSTs at `url_pattern`.

    `address` is asked with each answer and gives the link's address, so that a test can open the link to the
    server that the answer names (`candidate_address`).
    """

    async def rewrite(route: Route) -> None:
        if route.request.method != "POST":
            await route.fallback()
            return
        response = await route.fetch()
        body = await response.text()
        if response.status == 201:
            body = through_link(body, await address(body))
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        await route.fulfill(status=response.status, headers=headers, body=body)

    await page.route(url_pattern, rewrite)
