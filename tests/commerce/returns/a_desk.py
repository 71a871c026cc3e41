"""The host of the market, who speaks HTTP like its buyers, and paid orders to work on."""

from typing import Any

import httpx
import sqlalchemy as sa

from commerce.orders.tables_sql import orders
from commerce.payments.sandbox.tables_sql import sandbox_payments
from commerce.returns.tables_sql import refunds
from tests.commerce.orders.a_market import Buyer, Market, until
from tests.commerce.orders.test_settlement import LosesAnswers, lose_answers


class Desk:
    """What a host does with orders."""

    def __init__(self, market: Market) -> None:
        self.market = market

    async def paid(
        self, quantity: int = 1, *, cap: int = 0, buyer: Buyer | None = None, **changes: Any
    ) -> tuple[Buyer, str]:
        """Return a buyer and their paid order of mugs (12.00 each) and caps (25.00 each)."""
        buyer = buyer or self.market.buyer()
        held = [(await buyer.holds(quantity))["id"]]
        if cap:
            held.append((await buyer.holds(cap, variant=self.market.cap))["id"])
        answer = await buyer.check_out(*held, **changes)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        await buyer.act(made["pay_url"])
        order = str(made["order"]["id"])

        async def is_paid() -> bool:
            return bool((await buyer.order(order))["state"] == "paid")

        await until(is_paid, "the order is paid")
        await self.market.quiet()
        return buyer, order

    async def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Make one call of the API as the shop's owner."""
        headers = {"authorization": f"Bearer {self.market.owner}"}
        if method == "POST":
            headers["idempotency-key"] = key or self.market.fresh_key()
        url = f"/api/v1/shops/{self.market.shop}{path}"
        return await self.market.http.request(method, url, json=body, headers=headers)

    async def does(self, order: str, what: str, body: Any = None, key: str | None = None) -> dict[str, Any]:
        """Do something about an order that works; answers the order after it."""
        answer = await self.call("POST", f"/orders/{order}/{what}", body or {}, key)
        assert answer.status_code in {200, 201}, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def refused(self, order: str, what: str, body: Any = None) -> tuple[int, str]:
        """Do something about an order that is refused; answers status and code, and nothing has changed."""
        before = await self.everything(order)
        answer = await self.call("POST", f"/orders/{order}/{what}", body or {})
        assert answer.status_code >= 400, answer.text
        assert await self.everything(order) == before
        return answer.status_code, str(answer.json()["code"])

    async def everything(self, order: str) -> Any:
        """Return all that can be seen of an order, its stock and its money."""
        return (await self.see(order), await self.market.counts(), await self.given_back())

    async def see(self, order: str) -> dict[str, Any]:
        """Look at an order."""
        answer = await self.call("GET", f"/orders/{order}")
        assert answer.status_code == 200, answer.text
        seen: dict[str, Any] = answer.json()
        return seen

    async def given_back(self) -> int:
        """Return the money the provider's book says went back."""
        query = sa.select(sa.func.coalesce(sa.func.sum(sandbox_payments.c.refunded_minor), 0))
        async with self.market.services.database.read() as sql:
            return int((await sql.execute(query)).scalar_one())

    async def loses_answers(self, count: int) -> LosesAnswers:
        """Let the answers of the next calls for a refund be lost, though the provider does its work."""
        await self.market.services.payments.providers["sandbox"]._http._transport.aclose()
        return lose_answers(self.market, "/refund", count)

    async def patience_ms(self) -> list[int]:
        """How long after it was written down a worker will ask for each refund nobody has answered."""
        async with self.market.services.database.read() as sql:
            found = await sql.execute(
                sa.select(refunds.c.next_step_at_ms - refunds.c.updated_at_ms).where(
                    refunds.c.next_step_at_ms.is_not(None)
                )
            )
        return [int(wait_ms) for (wait_ms,) in found]

    async def due_now(self) -> None:
        """Let the time come for every refund somebody must ask for."""
        async with self.market.services.database.write() as sql:
            pending = refunds.c.next_step_at_ms.is_not(None)
            await sql.execute(sa.update(refunds).where(pending).values(next_step_at_ms=0))

    async def set_order(self, order: str, **values: Any) -> None:
        """Change what stands of an order, as time or forgetting would."""
        async with self.market.services.database.write() as sql:
            await sql.execute(sa.update(orders).where(orders.c.id == order).values(**values))
