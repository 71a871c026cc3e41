"""Pages of other people's making in Chromium, at another origin than the server's, as in real life."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, Response

from tests.fixtures_browser import OpenPage, Visit
from tests.streaming.browser.conftest import serve_files
from tests.streaming.media_server import MediaServer

SCRIPT = f"/{Path(__file__).parent.relative_to(Path(__file__).parents[3])}/eyevinn.js"
VIDEO = "<video id='video' autoplay playsinline></video>"


@dataclass
class Statuses:
    """What the server answered to a page, as `METHOD status`."""

    seen: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Write down from now on."""
        page.on("response", self._heard)

    def _heard(self, response: Response) -> None:
        if "/whip/" in response.url or "/whep/" in response.url:
            self.seen.append(f"{response.request.method} {response.status}")


async def open_eyevinn(open_page: OpenPage, server: MediaServer) -> tuple[Visit, Statuses]:
    """Open a page at `localhost` whose server is at 127.0.0.1, with Eyevinn's packages at hand.

    The page itself comes from the server and not from a file: Chromium lets no page of an unknown address
    speak to the loopback.
    """
    visit = await open_page()
    for pattern in ("**/static/**", "**/pages/**", "**/tests/**", "**/node_modules/**"):
        await visit.context.route(pattern, serve_files)
    visit.expect_complaint("favicon")
    await visit.page.goto(server.url.replace("127.0.0.1", "localhost"))
    await visit.page.evaluate("document.body.innerHTML = VIDEO".replace("VIDEO", repr(VIDEO)))
    await visit.page.add_script_tag(url="/pages/media.js", type="module")
    await visit.page.wait_for_function("window.ready")
    await visit.page.add_script_tag(url=SCRIPT)
    await visit.page.wait_for_function("window.eyevinnReady")
    statuses = Statuses()
    statuses.listen(visit.page)
    return visit, statuses


def chromium_version(visit: Visit) -> str:
    """Name the browser of a visit."""
    assert visit.context.browser is not None
    return f"Chromium {visit.context.browser.version}"
