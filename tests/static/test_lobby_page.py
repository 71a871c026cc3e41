import pytest

from tests.fixtures_browser import OpenPage
from tests.liveshop.running_server import RunningServer


@pytest.mark.browser
async def test_a_new_server_leads_to_its_set_up(fresh_server: RunningServer, open_page: OpenPage) -> None:
    """Who opens a fresh server finds the first-run page, whatever address they typed first."""
    visit = await open_page("phone")
    await visit.page.goto(fresh_server.address)
    await visit.page.wait_for_url("**/setup", timeout=30_000)
    await visit.page.get_by_role("button", name="Set up").wait_for(timeout=30_000)
