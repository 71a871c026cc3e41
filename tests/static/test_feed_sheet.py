"""Importing and exporting in the studio, in a real browser on a real server."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from tests.fixtures_browser import OpenPage, Shape
from tests.liveshop.running_server import RunningServer
from tests.static.test_studio_pages import sign_in
from tests.story.market import another_market

pytestmark = pytest.mark.browser

LIMIT_MS = 30_000
HEADER = "Handle,Title,Variant Price,Variant Inventory Qty"
SOURCE = f"{HEADER}\nmug,Clay mug,12,3\ncup,Cup,free,1\ntea,White tea,8,40\n"


def csv_file(source: str) -> FilePayload:
    """Make a file to choose."""
    return {"name": "teas.csv", "mimeType": "text/csv", "buffer": source.encode()}


@pytest.mark.parametrize("shape", ["phone", "desktop"])
async def test_a_host_imports_a_file_and_exports_the_shop(
    server: RunningServer, open_page: OpenPage, shape: Shape
) -> None:
    """First what it would do with the faulty line, then the bar, then the products; and a file comes back."""
    market = await another_market(server.address)
    visit = await open_page(shape)
    page = visit.page
    await page.goto(f"{server.address}/host")
    await sign_in(page, market.host.email)
    await page.get_by_role("button", name="Import, export").click(timeout=LIMIT_MS)
    sheet = page.get_by_role("dialog")
    visit.expect_complaint("422.*/imports")
    await sheet.locator("input[type=file]").set_input_files(csv_file("name,colour\nx,y\n"))
    await expect(page.get_by_text("This is neither a Shopify product CSV")).to_be_visible(timeout=LIMIT_MS)

    await sheet.locator("input[type=file]").set_input_files(csv_file(SOURCE))
    row = sheet.get_by_role("row", name="3 Variant Price")
    await expect(row).to_contain_text("This is no price.", timeout=LIMIT_MS)
    await expect(page.get_by_text("White tea")).to_have_count(0)
    await sheet.get_by_role("button", name="Import 2 products").click()
    await expect(sheet.get_by_text("The import is done")).to_be_visible(timeout=LIMIT_MS)
    await sheet.get_by_role("button", name="Done", exact=True).click()
    await expect(page.get_by_role("button", name="White tea")).to_contain_text("40 left", timeout=LIMIT_MS)
    await expect(page.get_by_role("button", name="Cup")).to_have_count(0)

    await page.get_by_role("button", name="Import, export").click()
    async with page.expect_download(timeout=LIMIT_MS) as started:
        await sheet.get_by_role("button", name="Shopify CSV").click()
    download = await started.value
    assert download.suggested_filename == "products.csv"
    kept = Path(await download.path())
    assert "White tea" in await asyncio.to_thread(kept.read_text, encoding="utf-8-sig")
