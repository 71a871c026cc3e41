"""What buyers ask for is told to who may answer: one mail a burst, nothing left out, nothing told twice."""

from typing import Any

import sqlalchemy as sa

from commerce.outbox_tables_sql import outbox
from commerce.returns.notices import BURST_MS, FIRST_MS, OUTBOX_KIND
from commerce.returns.tables_sql import returns
from commerce.shops import staff_sql
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.returns.a_desk import Desk
from tests.commerce.returns.test_returning import ONE, ask, refused, sent

SUBJECTS = ("A buyer wants", "A buyer withdrew", "requests of buyers")


async def waiting(market: Market) -> list[int]:
    """Return after how long each notice in the outbox is due, in milliseconds."""
    query = sa.select(outbox.c.due_at_ms - outbox.c.created_at_ms).where(outbox.c.kind == OUTBOX_KIND)
    async with market.services.database.read() as sql:
        return [int(one) for one in (await sql.execute(query.order_by(outbox.c.created_at_ms))).scalars()]


async def notices_are_due(market: Market) -> None:
    """Let the time come for what waits in the outbox, and let the worker send it."""
    async with market.services.database.write() as sql:
        await sql.execute(sa.update(outbox).where(outbox.c.kind == OUTBOX_KIND).values(due_at_ms=0))
    await market.services.outbox.send_due()
    await market.services.outbox.send_due()


def told(market: Market) -> list[str]:
    """Return the mails that tell staff of requests."""
    return [mail for mail in market.mails() if any(f"Subject: {one}" in mail or f"{one} wait" in mail
                                                   for one in SUBJECTS)]  # fmt: skip


async def staff(market: Market, name: str, role: str) -> None:
    """Take somebody on."""
    person = await market.services.accounts.create(
        f"{name}@example.com", "correct horse battery", name, confirmed=True
    )
    async with market.services.database.write() as sql:
        await staff_sql.put_staff(sql, market.shop, person, role, 1)


async def returning(desk: Desk) -> tuple[Buyer, str, Any]:
    """Return a buyer who asked to return something of an order, the order, and the answer."""
    buyer, order = await sent(desk, 1)
    asked = await ask(buyer, order, "returns", {"lines": ONE, "reason": "A secret reason"})
    assert asked.status_code == 201, asked.text
    return buyer, order, asked.json()


async def test_one_mail_tells_of_a_burst(market: Market, desk: Desk) -> None:
    """Two minutes after the first request; it names orders and what is asked, and no word of the buyers."""
    _, _, first = await returning(desk)
    buyer, order = await sent(desk, 1)
    await ask(buyer, order, "withdrawal", {"confirm": True})
    assert await waiting(market) == [FIRST_MS]
    assert told(market) == []
    await notices_are_due(market)
    (mail,) = told(market)
    assert "To: host@example.com" in mail
    assert "Subject: 2 requests of buyers wait for you" in mail
    number = (await buyer.order(order))["number"]
    assert f"{first['order']['number']}: wants to return goods" in mail
    assert f"{number}: withdrew from the contract" in mail
    assert "14 days" in mail
    assert f"/host/orders#shop={market.shop}&state=asked" in mail
    for words in ("secret", "Buyer 1", "buyer1@example.com"):
        assert words not in mail
    await notices_are_due(market)
    assert len(told(market)) == 1


async def test_the_next_mail_waits_and_leaves_nothing_out(market: Market, desk: Desk) -> None:
    """What comes within the hour after a mail is told at its end, all of it, and what was told is not."""
    _, _, first = await returning(desk)
    await notices_are_due(market)
    _, _, second = await returning(desk)
    _, _, third = await returning(desk)
    (due_ms,) = await waiting(market)
    assert FIRST_MS < due_ms <= BURST_MS
    await notices_are_due(market)
    _, mail = told(market)
    assert second["order"]["number"] in mail
    assert third["order"]["number"] in mail
    assert first["order"]["number"] not in mail


async def test_who_may_answer_is_told(market: Market, desk: Desk) -> None:
    """Hosts and owners; moderators and producers may not, and are not."""
    for name, role in (("ho", "host"), ("mo", "moderator"), ("pro", "producer"), ("own", "owner")):
        await staff(market, name, role)
    await returning(desk)
    await notices_are_due(market)
    to = {line for mail in told(market) for line in mail.splitlines() if line.startswith("To: ")}
    assert to == {"To: host@example.com", "To: ho@example.com", "To: own@example.com"}


async def test_what_was_answered_meanwhile_is_not_told(market: Market, desk: Desk) -> None:
    """The host was quicker than the mail; the request counts as told."""
    _, order, asked = await returning(desk)
    await desk.does(order, f"returns/{asked['returns'][0]['id']}", {"action": "decline"})
    await notices_are_due(market)
    assert told(market) == []
    async with market.services.database.read() as sql:
        assert (await sql.execute(sa.select(returns.c.told_ms))).scalar_one() is not None


async def test_a_refused_request_tells_nobody(market: Market, desk: Desk) -> None:
    """And a repeated one tells once."""
    buyer, order = await sent(desk, 1)
    assert (await refused(market, buyer, order, "returns", {"lines": []}))[0] == 422
    assert await waiting(market) == []
    for _ in range(2):
        await ask(buyer, order, "returns", {"lines": ONE}, "key-returning")
    assert await waiting(market) == [FIRST_MS]


async def test_the_shop_reads_its_own_language(market: Market, desk: Desk) -> None:
    """That in which its staff wrote last; a cancellation is told like a return."""
    buyer, order = await desk.paid(1)
    path = f"/api/v1/shops/{market.shop}/orders/{order}/messages"
    headers = {"authorization": f"Bearer {market.owner}", "idempotency-key": "key-message",
               "accept-language": "zh"}  # fmt: skip
    said = await market.http.post(path, json={"text": "您好"}, headers=headers)
    assert said.status_code in {200, 201}, said.text
    await ask(buyer, order, "cancellation", {})
    await notices_are_due(market)
    assert [mail for mail in market.mails() if "买家申请取消" in mail and "To: host@example.com" in mail]
