"""What each side has not read: counted, found, and told by mail once a burst."""

import sqlalchemy as sa

from commerce.conversations.notices import BURST_MS, UNREAD_MS
from commerce.conversations.tables_sql import conversations
from commerce.orders.tables_sql import orders
from commerce.outbox_tables_sql import outbox
from tests.commerce.conversations.talk import Talk


async def unread(talk: Talk) -> tuple[int, int, int, int]:
    """Return unread for the buyer and the shop, in the conversation and in the lists of orders."""
    mine = (await talk.buyer.call("GET", "/orders")).json()["unread"]
    book = (await talk.desk.call("GET", "/orders")).json()["unread"]
    return (
        (await talk.seen("buyer"))["unread"], mine.get(talk.order, 0),
        (await talk.seen("shop"))["unread"], book.get(talk.order, 0),
    )  # fmt: skip


async def test_counts_go_up_and_down_on_both_sides(talk: Talk) -> None:
    """Each side counts the other's messages, until it says up to which it has read."""
    assert await unread(talk) == (0, 0, 0, 0)
    await talk.said("buyer", "One")
    await talk.said("buyer", "Two")
    await talk.said("shop", "Three")
    assert await unread(talk) == (1, 1, 2, 2)
    await talk.read("shop", 1)
    assert await unread(talk) == (1, 1, 1, 1)
    await talk.read("shop", 3)
    await talk.read("shop", 1)
    await talk.read("buyer", 99)
    assert await unread(talk) == (0, 0, 0, 0)
    assert ((await talk.seen("buyer"))["seen"], (await talk.seen("shop"))["seen"]) == (3, 3)


async def test_the_desk_finds_orders_with_unread_messages(talk: Talk) -> None:
    """The filter `unread` and the count beside it hold the orders whose buyers wrote, no others."""
    _, other = await talk.desk.paid(1)

    async def found() -> tuple[list[str], int]:
        page = (await talk.desk.call("GET", "/orders?state=unread")).json()
        count = (await talk.desk.call("GET", "/unread-messages")).json()["orders"]
        return [one["id"] for one in page["orders"]], count

    assert await found() == ([], 0)
    await talk.said("buyer", "Hello")
    assert await found() == ([talk.order], 1)
    assert other not in (await found())[0]
    await talk.read("shop", 1)
    assert await found() == ([], 0)


async def test_one_mail_tells_of_a_burst(talk: Talk) -> None:
    """Some minutes after the first of several messages one mail goes out: a link, and no word of them."""
    await talk.said("shop", "A secret colour")
    await talk.said("shop", "A second one")
    assert talk.mails("wrote to you") == []
    async with talk.market.services.database.read() as sql:
        rows = (await sql.execute(sa.select(outbox).where(outbox.c.kind == "unread_message"))).all()
    assert [row.due_at_ms - row.created_at_ms for row in rows] == [UNREAD_MS]
    await talk.outbox_is_due()
    (mail,) = talk.mails("wrote to you")
    assert "buyer1@example.com" in mail
    assert f"/orders/{talk.order}#token={await talk.token()}" in mail
    assert "secret colour" not in mail
    await talk.said("shop", "A third one")
    await talk.outbox_is_due()
    assert len(talk.mails("wrote to you")) == 1


async def test_who_has_read_gets_no_mail(talk: Talk) -> None:
    """Reading before the time takes the mail back; the next message begins a new burst."""
    await talk.said("shop", "One")
    await talk.read("buyer", 1)
    await talk.outbox_is_due()
    assert talk.mails("wrote to you") == []
    await talk.said("shop", "Two")
    await talk.outbox_is_due()
    assert len(talk.mails("wrote to you")) == 1


async def test_a_later_burst_is_told_again(talk: Talk) -> None:
    """An hour after the mail, another message that stays unread is told by another mail."""
    await talk.said("shop", "One")
    await talk.outbox_is_due()
    async with talk.market.services.database.write() as sql:
        earlier = conversations.c.buyer_told_ms - BURST_MS
        await sql.execute(sa.update(conversations).values(buyer_told_ms=earlier))
    await talk.said("shop", "Two")
    await talk.outbox_is_due()
    assert len(talk.mails("wrote to you")) == 2


async def test_owners_are_told_until_somebody_of_the_staff_answers(talk: Talk) -> None:
    """The mail to the shop goes to its owners, in the language of the order, with the desk's link."""
    async with talk.market.services.database.write() as sql:
        await sql.execute(sa.update(orders).values(language="zh"))
    await talk.said("buyer", "A secret wish")
    await talk.outbox_is_due()
    (mail,) = talk.mails("买家发来了关于订单")
    assert "host@example.com" in mail
    assert f"/host/orders#shop={talk.market.shop}&order={talk.order}" in mail
    assert "secret wish" not in mail


async def test_a_forgotten_buyer_gets_no_mail(talk: Talk) -> None:
    """Without an address there is nobody to tell, and the outbox is done with it."""
    await talk.said("shop", "One")
    await talk.desk.set_order(talk.order, contact_email=None)
    await talk.outbox_is_due()
    assert talk.mails("wrote to you") == []
    assert await talk.market.services.outbox.waiting() == 0
