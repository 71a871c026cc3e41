"""The pages of the story as people use them: by what is written on the buttons."""

import json
from typing import Any

from playwright.async_api import Page, WebSocket, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.story.market import PASSWORD, Market

LIMIT_MS = 30_000
PICTURE = """() => {
  const video = document.querySelector("video");
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 64, 36);
  const { data } = pen.getImageData(0, 0, 64, 36);
  let sum = 0, mark = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += data[i] + data[i + 1] + data[i + 2];
    mark = (mark * 31 + data[i] + 3 * data[i + 1] + 7 * data[i + 2]) % 1000003;
  }
  return { light: sum / (64 * 36 * 3), mark, frames: video.getVideoPlaybackQuality().totalVideoFrames };
}"""
MOVED = f"""([frames, mark]) => {{
  const now = ({PICTURE})();
  return now && now.frames >= frames && now.light > 8 && now.mark !== mark && now;
}}"""
"""The picture once it has so many frames, is not black and is another than the one of this mark."""


class Watcher:
    """Somebody at the viewer page."""

    def __init__(self, page: Page, market: Market, name: str) -> None:
        self.page = page
        self.name = name
        self._market = market
        self.front = ""
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, data: Any) -> None:
        if isinstance(data, str) and data.startswith('{"type":"hello"'):
            self.front = json.loads(data)["front"]

    async def enter(self) -> None:
        """Open the show and wait for the room's hello."""
        self.front = ""
        async with self.page.expect_websocket():
            await self.page.goto(f"{self._market.address}/shows/{self._market.show}")
        await expect(self.page.get_by_role("log").first).to_be_attached(timeout=LIMIT_MS)
        while not self.front:
            await self.page.wait_for_timeout(20)

    async def picture(self) -> dict[str, float]:
        """Return the picture's light (0-255), a mark of its content, and frames decoded so far."""
        found: dict[str, float] | None = await self.page.evaluate(PICTURE)
        assert found is not None, "there is no picture"
        return found

    async def sees_picture_move(self) -> None:
        """Wait until a picture that is not black changes and its frames grow."""
        await self._moved(1, -1)
        before = await self.picture()
        await self._moved(before["frames"] + 15, before["mark"])

    async def _moved(self, frames: float, mark: float) -> None:
        try:
            await self.page.wait_for_function(MOVED, arg=[frames, mark], timeout=LIMIT_MS)
        except PlaywrightTimeout as error:
            seen = await self.page.evaluate(PICTURE)
            raise AssertionError(
                f"no picture of {frames} frames and another mark than {mark}: {seen}"
            ) from error

    async def picture_stands_still(self) -> None:
        """Wait until no new frame came for half a second."""
        still = """() => new Promise((resolve) => {
          const count = () => document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames;
          const before = count();
          setTimeout(() => resolve(count() === before), 500);
        })"""
        await self.page.wait_for_function(still, timeout=LIMIT_MS)

    async def say(self, text: str) -> None:
        """Write a comment, giving a name when asked."""
        await self.page.get_by_label("Your comment").fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).first.click()
        await self.give_name()

    async def give_name(self) -> None:
        """Answer the question for a name, if it is asked."""
        asked = self.page.get_by_role("dialog", name="What shall we call you?")
        try:
            await asked.wait_for(timeout=1_500)
        except Exception:  # noqa: BLE001 - Playwright's time-out: this person has a name already
            return
        await asked.get_by_label("Name in this room").fill(self.name)
        await asked.get_by_role("button", name="Go on").click()
        await asked.wait_for(state="detached", timeout=LIMIT_MS)

    async def buy(self, product: str) -> None:
        """Press Buy in the flash sale and wait for the hold."""
        await self.page.get_by_role("button", name=f"Buy {product}").first.click()
        await expect(self.page.get_by_text("Held for you until").first).to_be_visible(timeout=LIMIT_MS)

    async def pay(self) -> None:
        """Fill in where it goes, pay on the provider's own page, and see that it is paid."""
        dialog = self.page.get_by_role("dialog").last
        await dialog.get_by_label("E-mail").fill(f"{self.name.lower()}@example.org")
        await dialog.get_by_label("Full name").fill(self.name)
        await dialog.get_by_label("Country").select_option("NL")  # the other fields are the country's own
        await dialog.get_by_label("Street and number").fill(f"{self.name} Canal 1")
        await dialog.get_by_label("Postcode").fill("3511 LC")
        await dialog.get_by_label("City").fill("Utrecht")
        async with self.page.expect_popup() as popup:
            await dialog.get_by_role("button", name="Pay").click()
        tab = await popup.value
        await tab.get_by_role("button", name="Approve").click(timeout=LIMIT_MS)
        await expect(self.page.get_by_text("It is yours!").first).to_be_visible(timeout=LIMIT_MS)

    async def back_to_show(self) -> None:
        """Close the sheet."""
        await self.page.get_by_role("button", name="Back to the show").click()

    async def orders_seen(self, name: str) -> int:
        """Return how often "NAME bought" is written on the screen."""
        return await self.page.locator(".comment--order", has_text=f"{name} bought").count()


async def sign_in(page: Page, email: str) -> None:
    """Fill the sign-in form of the studio or the control view."""
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def go_live(page: Page, market: Market) -> None:
    """Open the studio of the show as its host and go on air with the fake camera."""
    await page.goto(f"{market.address}/host#show={market.show}")
    await sign_in(page, market.host.email)
    await (
        page.get_by_role("button", name="Go live")
        .or_(page.get_by_role("button", name="Send my picture"))
        .first.click(timeout=LIMIT_MS)
    )
    await expect(page.locator(".health--good, .health--fair").first).to_be_visible(timeout=LIMIT_MS)


async def launch_sale(page: Page, quantity: int, limit: int, price: str) -> None:
    """Pin the first product and start a flash sale of it."""
    await page.get_by_role("button", name="Pin", exact=True).first.click()
    await expect(page.get_by_role("button", name="Pinned", exact=True).first).to_be_visible(timeout=LIMIT_MS)
    await page.get_by_role("button", name="Flash sale", exact=True).first.click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Price", exact=False).first.fill(price)
    await sheet.get_by_label("Units", exact=False).fill(str(quantity))
    await sheet.get_by_label("Per buyer").fill(str(limit))
    await sheet.get_by_label("Minutes").fill("10")
    await sheet.get_by_role("button", name="Start in 3-2-1").click()
    await expect(page.get_by_text("Flash sale, ends in").first).to_be_visible(timeout=LIMIT_MS)
