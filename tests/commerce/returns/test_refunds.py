"""Refunds: full and partial, once each, never above what was captured, whatever answer is lost."""

import asyncio

from commerce.returns.tables_sql import refunds
from tests.commerce.orders.a_market import Market
from tests.commerce.returns.a_desk import Desk


async def test_everything_goes_back(market: Market, desk: Desk) -> None:
    """Money at the provider, units on the shelf, the state, and a mail in the buyer's language."""
    _, order = await desk.paid(2)
    assert await market.counts() == (3, 0, 2)
    seen = await desk.does(order, "refunds", {"everything": True, "restock": True, "reason": "Broken"})
    assert (seen["order"]["state"], seen["left_minor"], seen["refunded_minor"]) == ("refunded", 0, 2400)
    assert [(one["state"], one["amount_minor"]) for one in seen["refunds"]] == [("done", 2400)]
    assert await desk.given_back() == 2400
    assert await market.counts() == (5, 0, 0)
    told = [mail for mail in market.mails() if "Subject: Refund" in mail]
    assert len(told) == 1
    assert "24.00 EUR" in told[0]
    assert "2 × Mug · Blue" in told[0]
    assert "Reason: Broken" in told[0]


async def test_units_are_refunded_at_what_they_cost_and_may_stay_sold(market: Market, desk: Desk) -> None:
    """One mug of two; it is not put back, and the order is refunded in part."""
    _, order = await desk.paid(2, cap=1)
    seen = await desk.does(order, "refunds", {"lines": [{"position": 0, "quantity": 1}]})
    assert (seen["order"]["state"], seen["refunded_minor"], seen["left_minor"]) == (
        "partly_refunded", 1200, 3700,
    )  # fmt: skip
    assert [line["refundable"] for line in seen["lines"]] == [1, 1]
    assert [line["to_send"] for line in seen["lines"]] == [1, 1]
    assert await market.counts() == (3, 0, 2)
    seen = await desk.does(order, "refunds", {"everything": True})
    assert (seen["order"]["state"], await desk.given_back()) == ("refunded", 4900)


async def test_an_amount_alone_is_refunded(desk: Desk) -> None:
    """For a scratch: no units, and the rest can still be refunded."""
    _, order = await desk.paid(1)
    seen = await desk.does(order, "refunds", {"amount_minor": 150, "reason": "A scratch"})
    assert (seen["refunded_minor"], seen["left_minor"]) == (150, 1050)
    assert seen["refunds"][0]["lines"] == []
    assert await desk.given_back() == 150


async def test_more_than_was_paid_is_refused(desk: Desk) -> None:
    """In money, in units, and of what is not there; and nothing has changed."""
    _, order = await desk.paid(1)
    assert await desk.refused(order, "refunds", {"amount_minor": 1201}) == (409, "refund_too_much")
    assert await desk.refused(order, "refunds", {"amount_minor": 0}) == (422, "invalid")
    assert await desk.refused(order, "refunds", {"amount_minor": -5}) == (422, "invalid")
    assert await desk.refused(order, "refunds", {}) == (422, "invalid")
    for line in (
        {"position": 0, "quantity": 2},
        {"position": 3, "quantity": 1},
        {"position": 0, "quantity": 0},
    ):
        assert await desk.refused(order, "refunds", {"lines": [line]}) == (422, "invalid")
    two = [{"position": 0, "quantity": 1}, {"position": 0, "quantity": 1}]
    assert await desk.refused(order, "refunds", {"lines": two}) == (422, "invalid")


async def test_an_unpaid_order_and_another_shops_have_nothing_to_refund(market: Market, desk: Desk) -> None:
    """Neither money nor a trace."""
    made = await market.buyer().orders_one()
    order = made["order"]["id"]
    assert await desk.refused(order, "refunds", {"everything": True}) == (409, "wrong_state")
    _, paid = await desk.paid(1)
    await desk.set_order(paid, shop="sp_elsewhere")
    answer = await desk.call("POST", f"/orders/{paid}/refunds", {"everything": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_order")
    assert await market.count_rows(refunds) == 0
    await desk.set_order(paid, shop=market.shop)


async def test_a_repeat_refunds_once_and_another_body_is_a_conflict(market: Market, desk: Desk) -> None:
    """The key is the operation; without one nothing happens."""
    _, order = await desk.paid(2)
    body = {"lines": [{"position": 0, "quantity": 1}], "restock": True}
    first = await desk.does(order, "refunds", body, "refund-key-1")
    again = await desk.does(order, "refunds", body, "refund-key-1")
    assert first["refunds"] == again["refunds"]
    answer = await desk.call("POST", f"/orders/{order}/refunds", {"amount_minor": 7}, "refund-key-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    answer = await desk.call("POST", f"/orders/{order}/refunds", body, "short")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert (await desk.given_back(), await market.count_rows(refunds)) == (1200, 1)
    assert await market.counts() == (4, 0, 1)


async def test_refunds_at_once_never_exceed_what_was_captured(market: Market, desk: Desk) -> None:
    """Ten ask for half of it at the same time; two get it."""
    _, order = await desk.paid(2)
    asked = [desk.call("POST", f"/orders/{order}/refunds", {"amount_minor": 1200}) for _ in range(10)]
    answers = await asyncio.gather(*asked)
    assert sorted(one.status_code for one in answers) == [201, 201] + [409] * 8
    assert {one.json()["code"] for one in answers if one.status_code == 409} <= {
        "refund_too_much", "nothing_left",
    }  # fmt: skip
    seen = await desk.see(order)
    assert (await desk.given_back(), seen["left_minor"], seen["order"]["state"]) == (2400, 0, "refunded")


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(market: Market, desk: Desk) -> None:
    """The provider did it and was not heard; the worker asks again and nothing goes back twice."""
    _, order = await desk.paid(1)
    lost = await desk.loses_answers(3)
    seen = await desk.does(order, "refunds", {"everything": True, "restock": True})
    assert (seen["refunds"][0]["state"], seen["order"]["state"], lost.count) == ("pending", "paid", 0)
    assert (await desk.given_back(), seen["left_minor"]) == (1200, 0)
    assert await desk.refused(order, "refunds", {"amount_minor": 1}) == (409, "nothing_left")
    assert min(await desk.patience_ms()) > 0
    await desk.due_now()
    await market.services.after.refunds.carry_on_due()
    seen = await desk.see(order)
    assert (seen["refunds"][0]["state"], seen["order"]["state"]) == ("done", "refunded")
    assert (await desk.given_back(), await market.counts()) == (1200, (5, 0, 0))
    assert len([mail for mail in market.mails() if "Subject: Refund" in mail]) == 1


async def test_a_refused_refund_frees_its_money_and_says_why(market: Market, desk: Desk) -> None:
    """The provider knows of another refund, made in its own dashboard."""
    _, order = await desk.paid(2)
    client = market.services.payments.providers["sandbox"]
    attempt = (await desk.see(order))["order"]["payment"]["id"]
    told = await client.status(attempt, None)
    await client.refund(attempt, told.reference, "made-by-hand", 2000)
    seen = await desk.does(order, "refunds", {"everything": True, "restock": True})
    assert [(one["state"], one["refusal"]) for one in seen["refunds"]] == [("refused", "wrong_state")]
    assert (seen["order"]["state"], seen["left_minor"], seen["lines"][0]["to_send"]) == ("paid", 2400, 2)
    assert await market.counts() == (3, 0, 2)
    seen = await desk.does(order, "refunds", {"amount_minor": 400})
    assert (seen["refunds"][1]["state"], await desk.given_back()) == ("done", 2400)
    assert [one for one in market.mails() if "Subject: Refund" in one and "24.00" in one] == []


async def test_two_workers_finish_a_refund_once(market: Market, desk: Desk) -> None:
    """Both ask the provider, one writes what follows."""
    _, order = await desk.paid(1)
    await desk.loses_answers(3)
    seen = await desk.does(order, "refunds", {"everything": True, "restock": True})
    refund = seen["refunds"][0]["id"]
    carry_on = market.services.after.refunds.carry_on
    await asyncio.gather(*(carry_on(refund) for _ in range(4)))
    assert (await desk.given_back(), await market.counts()) == (1200, (5, 0, 0))
    assert len([mail for mail in market.mails() if "Subject: Refund" in mail]) == 1


async def test_a_forgotten_buyer_gets_their_money_and_no_mail(market: Market, desk: Desk) -> None:
    """Nobody is written to who asked to be forgotten."""
    _, order = await desk.paid(1)
    before = len(market.mails())
    await desk.set_order(order, contact_email=None, contact_name=None)
    seen = await desk.does(order, "refunds", {"everything": True})
    assert (seen["order"]["state"], len(market.mails())) == ("refunded", before)
