"""What people did just before Ctrl-C is there after the next start."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.liveshop.running_server import all_gone, running, until
from tests.realtime.client import RoomClient
from tests.story.buyers import Buyer, Press
from tests.story.market import PASSWORD, PRICE_MINOR, Api, Json, Market, open_market

pytestmark = pytest.mark.together

Record = Callable[[str, object], None]
PAYING = {"LIVESHOP_PAYMENTS": "sandbox"}


async def act_and_leave(address: str, after: Callable[[], int]) -> tuple[Market, Json]:
    """Talk, order, pay and hold; then call `after` at once: the last two are moments old."""
    market = await open_market(address)
    await market.owner.call("POST", f"/shows/{market.show}/start")
    # Two people, so that each has one hold of the pool.
    buyer = await guest(market, 0)
    holder = await guest(market, 1)
    line = {"variant": market.variant, "sale": None, "quantity": 2, "price_version": 1}
    reserved = await buyer.api.call("POST", f"/shops/{market.shop}/reservations", reserve(market, line))
    buyer.presses.append(Press(reservation=reserved))
    to_pay = await buyer.check_out()
    await buyer.act(to_pay, "approve")
    order = await buyer.order_state(to_pay["order"]["id"], {"paid"})
    assert buyer.room is not None
    await asyncio.gather(
        buyer.room.comment("Said at the last moment"),
        holder.api.call("POST", f"/shops/{market.shop}/reservations", reserve(market, line)),
    )
    code = await asyncio.to_thread(after)
    assert code == 0
    for one in (buyer, holder):
        if one.room:
            await one.room.close()
    return market, order


async def guest(market: Market, number: int) -> Buyer:
    """Open a guest's session; the first also joins the room."""
    api = await Api(market.address).enter("/session", {"guest_name": f"Guest {number}"})
    room = None
    if number == 0:
        room = RoomClient(market.address.replace("http", "ws", 1), market.show, api.token)
        await room.open()
        await room.say_hello()
    return Buyer(number, market, api, room)


def reserve(market: Market, line: Json) -> Json:
    """Return the body of a reservation."""
    return {"show": market.show, "lines": [line]}


async def look_again(address: str, market: Market) -> tuple[Json, list[Json], Json]:
    """Return the product's stock, the shop's orders, and the room's snapshot."""
    async with Api(address) as api:
        await api.enter("/session", {"email": "owner@example.org", "password": PASSWORD})
        show = await api.call("GET", f"/shows/{market.show}")
        orders = await api.call("GET", f"/shops/{market.shop}/orders")
        async with RoomClient(address.replace("http", "ws", 1), market.show, api.token) as room:
            snapshot: Json = room.hello["snapshot"]
        stock: Json = show["products"][0]["variants"][0]["stock"]
        found: list[Json] = orders["orders"]
        return stock, found, snapshot


async def test_comment_order_and_hold_survive_ctrl_c(tmp_path: Path, record_property: Record) -> None:
    """All three are there after the next start on the same data, and no child stayed behind."""
    data = tmp_path / "data"
    with running(data, **PAYING) as server:
        marks = server.marks()
        began_s: list[float] = []

        def press_ctrl_c() -> int:
            began_s.append(time.monotonic())
            return server.interrupt()

        market, order = await act_and_leave(server.address, press_ctrl_c)
        record_property("end_after_ctrl_c_s", round(time.monotonic() - began_s[0], 2))
        until(lambda: all_gone(marks), 20, "the end of all children")
    started_s = time.monotonic()
    with running(data, **PAYING) as again:
        record_property("next_start_s", round(time.monotonic() - started_s, 2))
        stock, orders, snapshot = await look_again(again.address, market)
    assert {name: stock[name] for name in ("available", "held", "sold", "total")} == {
        "available": 36,
        "held": 2,
        "sold": 2,
        "total": 40,
    }
    assert [(one["id"], one["state"], one["total_minor"]) for one in orders] == [
        (order["id"], "paid", 2 * PRICE_MINOR)
    ]
    assert [comment["text"] for comment in snapshot["comments"]] == ["Said at the last moment"]
