"""What the story needs to be there before it begins: a shop with staff, a product, a show."""

import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Any, Self

import httpx

PASSWORD = "correct horse battery staple"
UNITS = 40
PRICE_MINOR = 1200
Json = dict[str, Any]


def new_key() -> str:
    """Return a fresh idempotency key."""
    return secrets.token_urlsafe(12)


class Api:
    """The JSON API with one person's token."""

    def __init__(self, address: str, **options: Any) -> None:
        # Caddy's certificate is of its own making.
        self.http = httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=20, verify=False, **options)
        self.session: Json = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def token(self) -> str:
        """The access token."""
        return str(self.session["access_token"])

    @property
    def person(self) -> Json:
        """Who this is."""
        person: Json = self.session["person"]
        return person

    async def enter(self, path: str, body: Json) -> Self:
        """Open a session by `/setup`, `/accounts` or `/session`."""
        self.session = await self.call("POST", path, body)
        self.http.headers["authorization"] = f"Bearer {self.token}"
        return self

    async def call(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """Call a route that must succeed; returns its answer."""
        answer = await self.try_call(method, path, body, key)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        decoded: Json = answer.json() if answer.content else {}
        return decoded

    async def try_call(
        self, method: str, path: str, body: Json | None = None, key: str | None = None
    ) -> httpx.Response:
        """Call a route that may refuse."""
        headers = {"idempotency-key": key or new_key()}
        return await self.http.request(method, path, json=body, headers=headers)


@dataclass(frozen=True)
class Staff:
    """An account that works in the shop."""

    email: str
    person: str


@dataclass(frozen=True)
class Market:
    """The shop the story plays in."""

    address: str
    owner: Api
    shop: str
    show: str
    product: str
    variant: str
    host: Staff
    moderator: Staff

    @property
    def socket_options(self) -> Json:
        """What a websocket client needs to accept Caddy's own certificate."""
        if not self.address.startswith("https:"):
            return {}
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}

    async def sale(self) -> Json:
        """Return the show's open flash sale."""
        show = await self.owner.call("GET", f"/shows/{self.show}")
        (sale,) = [one for one in show["sales"] if one["state"] == "open"]
        found: Json = sale
        return found

    async def stock(self, pool: str) -> Json:
        """Return the counters of a pool of the show's open sales or products."""
        show = await self.owner.call("GET", f"/shows/{self.show}")
        stocks = {v["pool"]: v["stock"] for product in show["products"] for v in product["variants"]}
        found: Json = stocks[pool]
        return found


async def open_market(address: str, currency: str = "USD") -> Market:
    """Set up a fresh server: the owner by the first-run page's call, staff by e-mail."""
    owner = await Api(address).enter(
        "/setup",
        {
            "email": "owner@example.org",
            "password": PASSWORD,
            "name": "Olive",
            "shop_name": "Mei's Tea",
            "currency": currency,
        },
    )
    shop = owner.person["shops"][0]["id"]
    host = await _staff(address, owner, shop, "Mei", "host")
    moderator = await _staff(address, owner, shop, "Mo", "moderator")
    product = await owner.call(
        "POST",
        f"/shops/{shop}/products",
        {
            "title": "Oolong 100 g",
            "description": "Roasted over charcoal.",
            "variants": [{"title": "Bag", "price_minor": PRICE_MINOR, "quantity": UNITS}],
        },
    )
    show = await owner.call(
        "POST",
        f"/shops/{shop}/shows",
        {
            "title": "Spring teas",
            "description": "From the stall.",
            "starts_at_ms": time.time_ns() // 1_000_000,
        },
    )
    await owner.call("PUT", f"/shows/{show['id']}/run-of-show", {"products": [product["id"]]})
    variant = product["variants"][0]["id"]
    return Market(address, owner, shop, show["id"], product["id"], variant, host, moderator)


async def _staff(address: str, owner: Api, shop: str, name: str, role: str) -> Staff:
    email = f"{name.lower()}@example.org"
    async with Api(address) as api:
        await api.enter("/accounts", {"email": email, "password": PASSWORD, "name": name})
        person = str(api.person["id"])
    await owner.call("POST", f"/shops/{shop}/staff", {"email": email, "role": role})
    return Staff(email, person)
