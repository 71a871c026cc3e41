"""A shop with goods on real parts, buyers who speak HTTP to it, and a sandbox that answers over HTTP."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from commerce.catalogue.structs import ProductRequest, VariantRequest
from commerce.orders.tables_sql import orders, payments
from commerce.payments.sandbox.tables_sql import sandbox_payments
from commerce.sale.types import PoolCounters
from commerce.services import CommerceServices
from commerce.shops.structs import ShopRequest

LIMIT_S = 20.0


async def until(true: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something holds; fails after a limit."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not await true():  # noqa: ASYNC110 - what is waited for is in another process or table
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"not within {LIMIT_S} s: {what}")


class Buyer:
    """Somebody who buys over HTTP; `mail` and house number are their own."""

    def __init__(self, market: "Market", person: str, number: int) -> None:
        self.market = market
        self.person = person
        self.number = number

    async def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Make one call of the API."""
        headers = {"authorization": f"Bearer {self.person}"} | ({"idempotency-key": key} if key else {})
        return await self.market.http.request(method, f"/api/v1{path}", json=body, headers=headers)

    async def reserve(self, quantity: Any = 1, *, variant: str | None = None, key: str | None = None,
                      price_version: int = 1) -> httpx.Response:  # fmt: skip
        """Press Buy."""
        line = {"variant": variant or self.market.mug, "quantity": quantity, "price_version": price_version}
        body = {"lines": [line]}
        path = f"/shops/{self.market.shop}/reservations"
        return await self.call("POST", path, body, key or self.market.fresh_key())

    async def holds(self, quantity: int = 1, *, variant: str | None = None) -> dict[str, Any]:
        """Press Buy and get it."""
        answer = await self.reserve(quantity, variant=variant)
        assert answer.status_code == 201, answer.text
        held: dict[str, Any] = answer.json()
        return held

    def checkout_body(self, *reservations: str, **changes: Any) -> dict[str, Any]:
        """Fill in the checkout form."""
        return {
            "reservations": list(reservations),
            "contact": {"email": f"buyer{self.number}@example.com", "name": f"Buyer {self.number}"},
            "address": {"line1": f"{self.number} High Street", "city": "York", "postcode": "YO1 7EP",
                        "country": "GB"},
            "method": "sandbox",
            "return_url": "/shows/sh_1?tab=bag",
        } | changes  # fmt: skip

    async def check_out(self, *reservations: str, key: str | None = None, **changes: Any) -> httpx.Response:
        """Send the checkout form."""
        body = self.checkout_body(*reservations, **changes)
        return await self.call(
            "POST", f"/shops/{self.market.shop}/orders", body, key or self.market.fresh_key()
        )

    async def orders_one(self, quantity: int = 1) -> dict[str, Any]:
        """Hold and check out: a pending order with its `pay_url`."""
        held = await self.holds(quantity)
        answer = await self.check_out(held["id"])
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def act(
        self, pay_url: str, action: str = "approve", webhook: str = "normal", **more: Any
    ) -> httpx.Response:
        """Press a button on the provider's page."""
        payment = pay_url.rpartition("/")[2]
        body = {"action": action, "webhook": webhook, **more}
        return await self.market.http.post(f"/api/sandbox/payments/{payment}/act", json=body)

    async def order(self, order: str) -> dict[str, Any]:
        """Look at an order as its owner (which also asks the provider)."""
        answer = await self.call("GET", f"/orders/{order}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def mine(self) -> list[dict[str, Any]]:
        """Look at "my orders" (which asks nobody)."""
        found: list[dict[str, Any]] = (await self.call("GET", "/orders")).json()["orders"]
        return found


class Market:
    """The shop; `mug` costs 12.00 and there are 5, `cap` costs 25.00 and there are 5."""

    def __init__(self, services: CommerceServices, http: httpx.AsyncClient) -> None:
        self.services = services
        self.http = http
        self.shop = self.owner = self.mug = self.cap = ""
        self._numbers = itertools.count(1)

    async def open(self, currency: str = "EUR") -> None:
        """Found the shop and fill its shelves."""
        self.owner = await self.services.accounts.create(
            "host@example.com", "correct horse battery", "Host", confirmed=True
        )
        request = ShopRequest(
            name="Clay & Co", currency=currency, legal_name="Clay GmbH", legal_address="Weg 1\n10115 Berlin",
            contact_email="shop@example.com",
        )  # fmt: skip
        self.shop = (await self.services.shops.found(self.owner, request)).id
        self.mug = await self._product("Mug", 1200)
        self.cap = await self._product("Cap", 2500)

    async def _product(self, title: str, price_minor: int) -> str:
        request = ProductRequest(title=title, variants=(VariantRequest("Blue", price_minor, quantity=5),))
        product = await self.services.catalogue.add(self.shop, self.owner, request)
        return product.variants[0].id

    def buyer(self) -> Buyer:
        """Somebody new."""
        number = next(self._numbers)
        return Buyer(self, f"gu_buyer{number}", number)

    def fresh_key(self) -> str:
        """Make an idempotency key never used before."""
        return f"key-{next(self._numbers):08d}"

    async def stock(self, variant: str | None = None) -> PoolCounters:
        """Count a variant's main pool."""
        pool = f"po_{variant or self.mug}"
        return (await self.services.engine.pools(self.shop, [pool]))[pool]

    async def counts(self, variant: str | None = None) -> tuple[int, int, int]:
        """Return available, held and sold."""
        pool = await self.stock(variant)
        return pool.available, pool.held, pool.sold

    async def work(self) -> None:
        """Do once what a worker does in its periods, but not before its time."""
        await self.services.jobs.sweep.expire_due()
        await self.services.jobs.sweep.copy_ledgers()
        await self.services.orders.settle_due()
        await self.services.payments.inbox.apply_waiting()
        await self.services.outbox.send_due()

    async def quiet(self) -> None:
        """Wait for what runs after answers."""
        await self.services.payments.background.idle()

    async def due_now(self) -> None:
        """Let the time come for every order that somebody must look at."""
        async with self.services.database.write() as sql:
            await sql.execute(
                sa.update(orders).where(orders.c.next_step_at_ms.is_not(None)).values(next_step_at_ms=0)
            )

    async def attempts(self, order: str) -> list[str]:
        """Return the states of an order's payment attempts."""
        async with self.services.database.read() as sql:
            query = sa.select(payments.c.state).where(payments.c.order == order).order_by(payments.c.attempt)
            return list((await sql.execute(query)).scalars())

    async def book(self) -> list[tuple[str, int]]:
        """Return state and captured money of every payment in the provider's book."""
        async with self.services.database.read() as sql:
            table = sandbox_payments
            query = sa.select(table.c.state, table.c.captured_minor).order_by(
                table.c.created_at_ms, table.c.id
            )
            return [(row.state, row.captured_minor) for row in await sql.execute(query)]

    async def count_rows(self, table: sa.Table) -> int:
        """Count a table's rows."""
        async with self.services.database.read() as sql:
            return int((await sql.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())

    def mails(self) -> list[str]:
        """Return the mails in the data folder: headers, text and HTML, decoded."""
        folder = Path(self.services.settings.data_folder, "mail")
        found = []
        for path in sorted(folder.glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            headers = [f"{name}: {value}" for name, value in mail.items()]
            parts = list(mail.iter_parts()) or [mail]  # without HTML, a mail is its own only part
            found.append("\n".join([*headers, *(str(part.get_content()) for part in parts)]))
        return found
