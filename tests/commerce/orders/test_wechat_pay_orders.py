"""What is WeChat Pay's own in orders: its codes, its renewed pages, its notifications, its slow refunds."""

import asyncio
import time

from commerce.payments.tables_sql import payment_inbox
from commerce.qr_pdf import qr_svg
from tests.commerce.orders.a_bank import World
from tests.doubles import wechat_pay_double as wechat


async def test_wechat_pay_locks_out_who_did_not_pay_in_time(wechat_pay: World) -> None:
    """It knows the trade from the start: opened or not, it is closed with the hold, or a cancellation."""
    (left, one), (gone, two) = await wechat_pay.order(), await wechat_pay.order()
    await wechat_pay.take_holds(left)
    await wechat_pay.expire(left, one["order"]["id"])
    cancelled = await gone.call("POST", f"/orders/{two['order']['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    await wechat_pay.settle()
    for made in (one, two):
        assert await wechat_pay.market.attempts(made["order"]["id"]) == ["voided"]
        assert await wechat_pay.confirm(made) == 410
    assert wechat_pay.double.money() == [("closed", 0), ("closed", 0)]
    assert await wechat_pay.market.counts() == (5, 0, 0)


async def test_a_phones_page_is_renewed(wechat_pay: World) -> None:
    """WeChat Pay's address opens for five minutes; paying again gives a fresh one of the same trade."""
    wechat_pay.market.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 16) Mobile"
    buyer, made = await wechat_pay.order()
    order = made["order"]["id"]
    assert "redirect_url=" in made["pay_url"]
    assert await wechat_pay.arrive(made) == 200
    wechat_pay.double.age_pages()
    assert await wechat_pay.arrive(made) == 410
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    assert again["order"]["payment"]["id"] == made["order"]["payment"]["id"]
    assert again["order"]["payment"]["pay_url"] == again["pay_url"]
    await wechat_pay.pay(again)
    await wechat_pay.becomes(buyer, order, "paid")
    assert await wechat_pay.market.attempts(order) == ["captured"]
    assert wechat_pay.double.money() == [("paid", 0)]
    assert [page["scene_info"]["payer_client_ip"] for page in wechat_pay.double.pages] == ["127.0.0.1"] * 2


async def test_a_page_that_cannot_be_renewed_stands(wechat_pay: World) -> None:
    """Another kind of page is refused there for the same trade: the code on the desk still pays."""
    buyer, made = await wechat_pay.order()
    order = made["order"]["id"]
    wechat_pay.market.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 16) Mobile"
    again = (await buyer.call("POST", f"/orders/{order}/pay")).json()
    assert again["pay_url"] == made["pay_url"]
    assert await wechat_pay.market.attempts(order) == ["pending"]
    await wechat_pay.pay(made)
    await wechat_pay.becomes(buyer, order, "paid")


async def test_wechat_pays_forged_notifications_change_nothing(wechat_pay: World) -> None:
    """By somebody else, changed, old, sealed with another key, for another merchant: 400, not stored."""
    double = wechat_pay.double
    double.notifications = "held"
    buyer, made = await wechat_pay.order()
    await wechat_pay.pay(made)
    ((url, event),) = double.held
    trade = double.trades[made["order"]["payment"]["id"]]
    stranger = double.told(trade) | {"mchid": "1900000009"}
    for sent in (
        double.send(url, event, key=wechat.keys()[0]),
        double.send(url, event, change=lambda body: body.replace(b"SUCCESS", b"CLOSED!")),
        double.send(url, event, at_s=int(time.time()) - 301),
        double.send(url, event, at_s=int(time.time()) + 320),
        double.send(url, event | {"resource": wechat.seal(double.told(trade), "x" * 32)}),
        double.send(url, event | {"resource": wechat.seal(stranger)}),
    ):
        assert "bad_signature" in await sent
    assert set(double.statuses) == {400}
    assert await wechat_pay.market.count_rows(payment_inbox) == 0
    assert await wechat_pay.state(buyer, made["order"]["id"]) == "pending"
    await asyncio.gather(*(double.send(url, event) for _ in range(3)))
    await wechat_pay.becomes(buyer, made["order"]["id"], "paid")
    assert await wechat_pay.market.count_rows(payment_inbox) == 1
    assert set(double.statuses[6:]) == {204}


async def test_a_refund_that_is_under_way_is_watched_to_its_end(wechat_pay: World) -> None:
    """WeChat Pay gives money back in its own time: the order says so only when it is done."""
    double = wechat_pay.double
    double.notifications = "held"
    late, made = await wechat_pay.order(5)
    await wechat_pay.pay(made)
    await wechat_pay.take_holds(late)
    await wechat_pay.market.buyer().holds(5)
    double.slow_refunds = 4
    await double.deliver_held()
    await wechat_pay.market.quiet()
    assert await wechat_pay.market.attempts(made["order"]["id"]) == ["captured"]
    for _ in range(2):
        await wechat_pay.settle()
    assert await wechat_pay.market.attempts(made["order"]["id"]) == ["refunded"]
    assert double.money() == [("refunded", 6000)]
    assert len(double.refunds) == 1


async def test_a_code_is_shown_until_it_is_paid(wechat_pay: World) -> None:
    """The page reads the books, not its address: the code, the sum, the seller; nobody's name or address."""
    market, double = wechat_pay.market, wechat_pay.double
    buyer, made = await wechat_pay.order()
    payment = made["order"]["payment"]["id"]
    page, _, code = made["pay_url"].partition("#")
    assert page == f"{market.services.settings.public_url}/pay/scan/{payment}"
    shown = (await market.http.get(f"/api/v1/payments/{payment}/scan")).json()
    assert (shown["open"], shown["method"], shown["amount_minor"]) == (True, "wechat_pay", 1200)
    assert (shown["seller_name"], shown["currency"]) == ("Clay & Co", "CNY")
    assert f"order={made['order']['id']}" in shown["return_url"]
    assert "Buyer" not in str(shown)
    drawn = await market.http.get(f"/api/v1/payments/{payment}/code.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.content == qr_svg(code)
    double.notifications = "normal"
    await wechat_pay.pay(made)
    await wechat_pay.becomes(buyer, made["order"]["id"], "paid")
    shown = (await market.http.get(f"/api/v1/payments/{payment}/scan")).json()
    assert (shown["open"], shown["state"], shown["deadline_ms"]) == (False, "paid", None)
    assert (await market.http.get(f"/api/v1/payments/{payment}/code.svg")).status_code == 404


async def test_other_payments_have_no_code(alipay: World) -> None:
    """A provider's own page is not drawn, and an unknown payment is none."""
    _, made = await alipay.order()
    for payment in (made["order"]["payment"]["id"], "pa_nobody"):
        for what in ("scan", "code.svg"):
            answer = await alipay.market.http.get(f"/api/v1/payments/{payment}/{what}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_order")
