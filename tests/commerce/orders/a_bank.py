"""A market whose buyers pay through a provider, and the provider's double beside it."""

from typing import Any

import httpx
import pytest

from commerce.settings import AlipayKeys, WechatPayKeys
from tests.commerce.orders.a_market import Buyer, Market, until
from tests.doubles import alipay_double as alipay
from tests.doubles import wechat_pay_double as wechat


class PaidMarket:
    """A market and the double of the provider through which its buyers pay."""

    def __init__(self, market: Market, double: Any) -> None:
        self.market = market
        self.double = double

    async def order(self, quantity: int = 1) -> tuple[Buyer, dict[str, Any]]:
        """Hold and check out as somebody new."""
        buyer = self.market.buyer()
        held = await buyer.holds(quantity)
        answer = await buyer.check_out(held["id"], method=self.double.name)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        assert self.double.is_page(made["pay_url"])
        return buyer, made

    async def settle(self) -> None:
        """Let everything that is under way or due be done."""
        for _ in range(2):
            await self.double.idle()
            await self.market.quiet()
            await self.market.due_now()
            await self.market.work()

    async def state(self, buyer: Buyer, order: str) -> str:
        """Return an order's state without asking the provider."""
        return next(str(one["state"]) for one in await buyer.mine() if one["id"] == order)

    async def becomes(self, buyer: Buyer, order: str, state: str) -> None:
        """Wait until an order is in a state, without asking the provider."""

        async def there() -> bool:
            return await self.state(buyer, order) == state

        await until(there, state)
        await self.double.idle()
        await self.market.quiet()

    async def expire(self, buyer: Buyer, order: str) -> None:
        """Let the worker notice that the hold has run out."""

        async def noticed() -> bool:
            await self.market.services.jobs.sweep.expire_due()
            await self.market.services.jobs.sweep.copy_ledgers()
            return await self.state(buyer, order) == "expired"

        await until(noticed, "the hold has run out")

    async def take_holds(self, buyer: Buyer) -> None:
        """End a buyer's holds under their order, as a sweep with another clock would."""
        engine, shop = self.market.services.engine, self.market.shop
        for reservation in await engine.reservations_of(shop, buyer.person):
            await engine.release(shop, reservation=reservation.id, while_paying=True)


class World(PaidMarket):
    """A market in CNY whose buyers pay with Alipay or WeChat Pay, where money is taken at once."""

    async def arrive(self, made: dict[str, Any]) -> int:
        """Open the provider's page, or scan its code."""
        status: int = await self.double.arrive(made["pay_url"])
        return status

    async def press(self, made: dict[str, Any], action: str) -> httpx.Response:
        """Press a button there: pay, give_up, or pay with a card that the bank refuses (fail)."""
        answer: httpx.Response = await self.double.press(made["order"]["payment"]["id"], action)
        return answer

    async def confirm(self, made: dict[str, Any]) -> int:
        """Pay there."""
        return (await self.press(made, "pay")).status_code

    async def pay(self, made: dict[str, Any]) -> None:
        """Open the page and pay."""
        assert await self.arrive(made) == 200
        assert await self.confirm(made) == 200

    def later(self, monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
        """Let time pass for the process of orders."""
        settlement = self.market.services.orders.settlement
        real = self.market.services.now_ms
        monkeypatch.setattr(settlement, "_now_ms", lambda: real() + ms)


def alipay_settings(double: alipay.AlipayDouble) -> dict[str, Any]:
    """Return what switches Alipay on."""
    keys_there = AlipayKeys(
        alipay.APP_ID, alipay.merchant_private(), alipay.alipay_public(), alipay.SELLER_ID, double.url
    )
    return {"payments": ("alipay",), "alipay": keys_there}


def wechat_settings(double: wechat.WechatPayDouble) -> dict[str, Any]:
    """Return what switches WeChat Pay on."""
    keys_there = WechatPayKeys(
        wechat.MERCHANT_ID, wechat.APP_ID, wechat.merchant_private(), wechat.SERIAL, wechat.API_KEY,
        wechat.wechat_public(), wechat.PUBLIC_KEY_ID, double.url,
    )  # fmt: skip
    return {"payments": ("wechat_pay",), "wechat_pay": keys_there}


BANKS: dict[str, tuple[Any, Any]] = {
    "alipay": (alipay.alipay_double, alipay_settings),
    "wechat_pay": (wechat.wechat_pay_double, wechat_settings),
}
