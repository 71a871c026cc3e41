"""What the story needs to be there before it begins: a shop with staff, a product, a show."""

import itertools
import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Any, Self

import httpx

PASSWORD = "correct horse battery staple"
SHOP_NAME = "Mei's Tea"
SET_UP = {
    "email": "owner@example.org",
    "password": PASSWORD,
    "name": "Olive",
    "shop_name": SHOP_NAME,
    "currency": "USD",
}
TITLE = "Spring teas"
UNITS = 40
PRICE_MINOR = 1200
Json = dict[str, Any]
NONE_KEPT = httpx.Limits(max_keepalive_connections=0)
_numbers = itertools.count(1)


def new_key() -> str:
    """Return a fresh idempotency key."""
    return secrets.token_urlsafe(12)


class Api:
    """The JSON API with one person's token. No connection stays open, so none is left where a test fails."""

    def __init__(self, address: str, *, local_address: str | None = None, **options: Any) -> None:
        # Caddy's certificate is of its own making.
        transport = httpx.AsyncHTTPTransport(verify=False, limits=NONE_KEPT, local_address=local_address)
        base_url = f"{address}/api/v1"
        self.http = httpx.AsyncClient(base_url=base_url, timeout=20, transport=transport, **options)
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
    title: str = TITLE

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
    owner = await Api(address).enter("/setup", SET_UP | {"currency": currency})
    return await _furnished(owner, address, owner.person["shops"][0]["id"])


async def another_market(address: str) -> Market:
    """Found one more shop on a server that is set up: people, product and show are its own.

    Their e-mails and the show's title carry a number, so that no other market's are taken for them.
    """
    number = next(_numbers)
    owner = await _api(address, number).enter("/accounts", _account("Olive", number))
    shop = await owner.call("POST", "/shops", {"name": SHOP_NAME, "currency": "USD"})
    return await _furnished(owner, address, shop["id"], number)


def _api(address: str, number: int) -> Api:
    """Call a server, for a numbered market from an address of its own: few accounts are made from one."""
    if number == 0:
        return Api(address)
    there = f"127.1.{number // 200}.{number % 200 + 1}"
    return Api(address, local_address=there)


def _account(name: str, number: int) -> Json:
    """Say who wants an account."""
    mark = f"-{number:04}" if number else ""
    return {"email": f"{name.lower()}{mark}@example.org", "password": PASSWORD, "name": name}


async def _furnished(owner: Api, address: str, shop: str, number: int = 0) -> Market:
    """Take on staff, and make a product and a show of it."""
    title = f"{TITLE} {number:04}" if number else TITLE
    host = await _staff(owner, address, shop, number, "host")
    moderator = await _staff(owner, address, shop, number, "moderator")
    bag = {"title": "Bag", "price_minor": PRICE_MINOR, "quantity": UNITS}
    tea = {"title": "Oolong 100 g", "description": "Roasted over charcoal.", "variants": [bag]}
    product = await owner.call("POST", f"/shops/{shop}/products", tea)
    now_ms = time.time_ns() // 1_000_000
    planned = {"title": title, "description": "From the stall.", "starts_at_ms": now_ms}
    show = await owner.call("POST", f"/shops/{shop}/shows", planned)
    await owner.call("PUT", f"/shows/{show['id']}/run-of-show", {"products": [product["id"]]})
    variant = product["variants"][0]["id"]
    return Market(address, owner, shop, show["id"], product["id"], variant, host, moderator, title)


async def _staff(owner: Api, address: str, shop: str, number: int, role: str) -> Staff:
    account = _account({"host": "Mei", "moderator": "Mo"}[role], number)
    async with _api(address, number) as api:
        await api.enter("/accounts", account)
        person = str(api.person["id"])
    await owner.call("POST", f"/shops/{shop}/staff", {"email": account["email"], "role": role})
    return Staff(account["email"], person)
