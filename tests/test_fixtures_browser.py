"""The browser fixture: what it opens, and that it hears complaints."""

import pytest

from tests.fixtures_browser import OpenPage, Shape, Visit

pytestmark = pytest.mark.browser

MOBILE = "<meta name=viewport content='width=device-width'>"
COMPLAIN = "<script>console.error('stock is low'); setTimeout(() => { throw new Error('sold out') })</script>"


async def complained(visit: Visit) -> None:
    """Load a page that complains twice and wait until both were heard."""
    async with visit.page.expect_event("pageerror"):
        await visit.page.set_content(COMPLAIN)


@pytest.mark.parametrize(("shape", "seen"), [("phone", [390, 844, True]), ("desktop", [1440, 900, False])])
async def test_a_page_has_the_shape_asked_for(open_page: OpenPage, shape: Shape, seen: list[object]) -> None:
    """Phone and desktop differ in size and touch."""
    visit = await open_page(shape)
    await visit.page.set_content(MOBILE)
    assert await visit.page.evaluate("[innerWidth, innerHeight, navigator.maxTouchPoints > 0]") == seen


async def test_console_errors_and_uncaught_exceptions_are_heard(open_page: OpenPage) -> None:
    """Both kinds of complaint are kept, and only expected ones are forgiven."""
    visit = await open_page()
    await complained(visit)
    assert any("stock is low" in text for text in visit.unexpected())
    visit.expect_complaint("stock is low")
    assert len(visit.unexpected()) == 1
    assert "sold out" in visit.unexpected()[0]
    visit.expect_complaint("sold out")
    assert visit.unexpected() == []
