"""What only a proxy in front can get wrong: schemes, cookies, addresses, and who sees the inside."""

from collections.abc import Iterator

import httpx
import pytest

from tests.story.conftest import Shop, behind_caddy
from tests.story.market import Api, open_market

ALLOWED_RESETS = 20


@pytest.fixture(scope="module")
def kept_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run one shop for all of them: each looks at another part of it."""
    with behind_caddy(tmp_path_factory.mktemp("caddy")) as shop:
        yield shop


async def test_cookies_are_secure_and_links_are_https(kept_shop: Shop) -> None:
    """The client's own scheme counts, not that of the hop from the proxy."""
    market = await open_market(kept_shop.address)
    async with Api(kept_shop.address) as api:
        answer = await api.http.post("/session", json={"guest_name": "Mei"})
        key = await market.owner.call("GET", f"/shows/{market.show}/stream-key")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("secure", "httponly", "samesite=lax"))
    assert key["whip_url"].startswith("https://localhost:")


async def test_each_client_counts_by_its_own_address(kept_shop: Shop) -> None:
    """One address that asks too often does not shut out another behind the same proxy."""

    async def ask(source: str, number: int) -> int:
        transport = httpx.AsyncHTTPTransport(verify=False, local_address=source)
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.post(
                f"{kept_shop.address}/api/v1/accounts/reset",
                json={"email": f"nobody{number}@example.org"},
            )
        return answer.status_code

    greedy = [await ask("127.0.0.2", number) for number in range(ALLOWED_RESETS + 1)]
    modest = await ask("127.0.0.3", ALLOWED_RESETS + 1)
    assert (greedy[0], greedy[-1], modest) == (204, 429, 204)


async def test_the_inside_is_not_shown_to_the_public(kept_shop: Shop) -> None:
    """Figures and faults are for this machine; what comes through the proxy comes from outside."""
    async with httpx.AsyncClient(verify=False) as client:
        outside = await client.get(f"{kept_shop.address}/metrics")
        ready = await client.get(f"{kept_shop.address}/readyz")
        inside = await client.get(f"{kept_shop.own_port}/metrics")
    assert (outside.status_code, ready.text) == (404, "ready\n")
    assert inside.status_code == 200
