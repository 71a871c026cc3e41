"""Buyer and shop talk about an order: who may, in what order, how much, and what a repeat does."""

import asyncio

import pytest
import sqlalchemy as sa

from commerce.accounts.tables_sql import accounts
from commerce.conversations.conversations import PAGE
from commerce.conversations.tables_sql import conversations
from commerce.orders import orders_sql
from commerce.shops.structs import ShopRequest
from tests.commerce.conversations.talk import Talk
from tests.commerce.orders.a_market import Market


async def test_both_sides_see_what_was_said_in_order(talk: Talk) -> None:
    """The shop's messages carry the name of who wrote; both sides read the same."""
    assert (await talk.seen("buyer"))["messages"] == []
    first = await talk.said("buyer", "Is it  dishwasher safe?\r\nThanks!")
    assert (first["number"], first["side"], first["text"]) == (1, "buyer", "Is it  dishwasher safe?\nThanks!")
    await talk.said("shop", "Yes.")
    for side in ("buyer", "shop"):
        seen = await talk.seen(side)
        assert [(one["side"], one["author"], one["text"]) for one in seen["messages"]] == [
            ("buyer", "Buyer 1", "Is it  dishwasher safe?\nThanks!"),
            ("shop", "Host", "Yes."),
        ]


async def test_the_mailed_link_is_enough_to_write(talk: Talk) -> None:
    """A guest without a session writes and reads by the link; another person or a wrong link does not."""
    path, token = f"/api/v1/orders/{talk.order}/messages", await talk.token()
    http, headers = talk.market.http, {"idempotency-key": "link-key-1"}
    made = await http.post(path, params={"token": token}, json={"text": "Hello"}, headers=headers)
    assert made.status_code == 201, made.text
    assert (await http.get(path, params={"token": token})).json()["messages"][0]["text"] == "Hello"
    before, other = await talk.everything(), talk.market.buyer()
    for answer in (
        await http.get(path, params={"token": "wrong"}),
        await http.post(path, params={"token": "wrong"}, json={"text": "Hello"}, headers=headers),
        await other.call("POST", f"/orders/{talk.order}/messages", {"text": "x"}, "other-key-1"),
        await other.call("POST", f"/orders/{talk.order}/messages/read", {"number": 1}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert await talk.everything() == before


async def test_another_shops_staff_reads_nothing(talk: Talk) -> None:
    """An order of another shop does not exist at a shop's doors."""
    await talk.said("buyer", "Hello")
    services = talk.market.services
    other = await services.accounts.create(
        "other@example.com", "correct horse battery", "Other", confirmed=True
    )
    shop = (await services.shops.found(other, ShopRequest(name="Other", currency="EUR"))).id
    headers = {"authorization": f"Bearer {other}"}
    answer = await talk.market.http.get(f"/api/v1/shops/{shop}/orders/{talk.order}/messages", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_order")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "invalid"),
        ({"text": " \n "}, 422, "invalid"),
        ({"text": "x" * 2_001}, 422, "invalid"),
        ({"text": "x", "attachments": ["af_nothing"]}, 404, "no_such_attachment"),
        ({"text": "x", "attachments": ["af_a", "af_a"]}, 422, "invalid"),
        ({"text": "x", "attachments": [f"af_{n}" for n in range(6)]}, 422, "invalid"),
        ({"text": "x", "more": 1}, 400, "bad_request"),
    ],
)
async def test_what_is_no_message_is_refused(
    talk: Talk, body: dict[str, object], status: int, code: str
) -> None:
    """Empty, too long, or with what was never uploaded: nothing is written."""
    before = await talk.everything()
    answer = await talk.call("buyer", "POST", "messages", json=body, key="bad-body-1")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await talk.everything() == before
    assert (await talk.call("buyer", "POST", "messages", json={"text": "x"})).json()["code"] == (
        "idempotency_key_missing"
    )
    assert await talk.everything() == before


async def test_a_text_may_have_2000_characters(talk: Talk) -> None:
    """The limit itself is allowed, in characters and not in bytes."""
    assert (await talk.said("buyer", "好" * 2_000))["text"] == "好" * 2_000


async def test_a_repeat_writes_nothing_twice(talk: Talk) -> None:
    """Same key: same message; another text under the same key is a conflict; two at once are one."""
    answers = await asyncio.gather(*(talk.say("buyer", "Hello", key="same-key-1") for _ in range(4)))
    good = [one for one in answers if one.status_code == 201]
    assert good
    again = await talk.say("buyer", "Hello", key="same-key-1")
    assert {one.json()["number"] for one in [*good, again]} == {1}
    other = await talk.say("buyer", "Something else", key="same-key-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len((await talk.seen("shop"))["messages"]) == 1


async def test_too_many_messages_at_once_must_wait(talk: Talk) -> None:
    """After a burst a buyer is told how long to wait; what was refused is not written."""
    taken = 0
    while (answer := await talk.say("buyer", f"Message {taken}")).status_code == 201:
        taken += 1
        assert taken <= 20
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_messages")
    assert 0 < answer.json()["retry_after_ms"] <= 6_000
    assert len((await talk.seen("buyer"))["messages"]) == taken >= 10
    await talk.said("shop", "The shop is counted by itself.")


async def test_pages_go_back_to_the_first_message(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest page comes first; each answer names the page before it, the first page none."""
    monkeypatch.setattr("commerce.conversations.conversations.PAGE", 2)
    for number in range(1, 6):
        await talk.said("shop", f"Number {number}")
    texts, before = [], None
    while True:
        page = await talk.seen("buyer", **({} if before is None else {"before": before}))
        texts.append([one["number"] for one in page["messages"]])
        before = page["before"]
        if before is None:
            break
    assert texts == [[4, 5], [2, 3], [1]]
    wrong = await talk.call("buyer", "GET", "messages", params={"before": "x1"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
    assert PAGE == 50


async def test_nothing_new_is_a_304(talk: Talk) -> None:
    """Who asks with the ETag they have gets no body until something changes: a word, a mark, a closing."""
    await talk.said("buyer", "Hello")

    async def asks(etag: str) -> tuple[int, str]:
        answer = await talk.call("buyer", "GET", "messages", headers={"if-none-match": etag})
        assert answer.headers["cache-control"] == "private, no-cache"
        return answer.status_code, answer.headers["etag"]

    _, etag = await asks("")
    assert await asks(etag) == (304, etag)
    for change in (talk.said("shop", "Hi"), talk.read("shop", 1), talk.close()):
        await change
        status, now = await asks(etag)
        assert (status, now != etag) == (200, True)
        etag = now
    assert await asks(etag) == (304, etag)
    stranger = talk.market.buyer()
    headers = {"authorization": f"Bearer {stranger.person}", "if-none-match": etag}
    answer = await talk.market.http.get(f"/api/v1/orders/{talk.order}/messages", headers=headers)
    assert answer.status_code == 403


async def test_a_closed_conversation_takes_nothing_from_the_buyer(talk: Talk) -> None:
    """The shop may still write, the order itself goes on, and who closed it stands in the conversation."""
    await talk.said("buyer", "Rude words")
    assert (await talk.close()).json()["closed"] is True
    assert (await talk.close()).status_code == 200
    before = await talk.everything()
    refused = await talk.say("buyer", "More of them")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    refused = await talk.upload("buyer", b"\x89PNG\r\n\x1a\n")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    assert await talk.everything() == before
    await talk.said("shop", "Good bye")
    asked = await talk.buyer.call("POST", f"/orders/{talk.order}/cancellation", {}, "cancel-key-1")
    assert asked.status_code == 201, asked.text
    seen = await talk.seen("buyer")
    assert [(one["kind"], one["author"]) for one in seen["messages"]] == [
        ("said", "Buyer 1"), ("closed", "Host"), ("said", "Host"),
    ]  # fmt: skip
    assert (await talk.close(closed=False)).json()["closed"] is False
    await talk.said("buyer", "Sorry")


async def test_a_deleted_account_leaves_no_words(market: Market, talk: Talk) -> None:
    """The buyer's texts, name and files go; the shop's own words stay, as its record."""
    account = await market.services.accounts.create(
        "mei@example.com", "correct horse battery", "Mei", confirmed=True
    )
    async with market.services.database.write() as sql:
        await orders_sql.give_to(sql, talk.buyer.person, account)
    talk.buyer.person = account
    await talk.said("buyer", "My secret address")
    await talk.said("shop", "Noted.")
    await market.services.accounts.delete(account, "correct horse battery")
    seen = (await talk.seen("shop"))["messages"]
    assert [(one["author"], one["text"]) for one in seen] == [("", ""), ("Host", "Noted.")]
    async with market.services.database.read() as sql:
        gone = await sql.execute(sa.select(accounts.c.name).where(accounts.c.id == account))
        told = await sql.execute(sa.select(conversations.c.shop_told_ms, conversations.c.buyer_told_ms))
        assert (gone.scalar_one(), told.one()) == ("Deleted account", (None, None))
