"""The waitlist over HTTP: joining, being offered what comes free, being told, and paying it."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from commerce.orders.offers import AWAY_MS, offer_letter
from commerce.outbox_tables_sql import outbox
from commerce.sale.messages import HoldView, ReservationView
from tests.commerce.orders.a_market import Buyer, Market, until

LISTEN_S = 10.0


async def waits(buyer: Buyer, key: str | None = None, **body: Any) -> Any:
    """Join the line for a mug."""
    wanted = {"variant": buyer.market.mug, **body}
    path = f"/shops/{buyer.market.shop}/waitlist"
    return await buyer.call("POST", path, wanted, key or buyer.market.fresh_key())


async def places(buyer: Buyer) -> list[dict[str, Any]]:
    """What the buyer waits for."""
    answer = await buyer.call("GET", f"/shops/{buyer.market.shop}/waitlist")
    found: list[dict[str, Any]] = answer.json()["places"]
    return found


async def give_back(buyer: Buyer, reservation: str) -> None:
    """Give a reservation back."""
    await buyer.call("DELETE", f"/shops/{buyer.market.shop}/reservations/{reservation}")


async def test_who_waits_is_offered_what_comes_free_and_pays_it(market: Market) -> None:
    """The offer is an ordinary hold: checkout and payment know nothing of a waitlist."""
    ana, ben = market.buyer(), market.buyer()
    held = await ana.holds(5)
    joined = await waits(ben)
    assert joined.status_code == 201, joined.text
    assert (joined.json()["position"], joined.json()["title"]) == (1, "Mug")
    refused = await market.buyer().reserve()
    assert (refused.status_code, refused.json()["code"]) == (409, "all_held")
    await give_back(ana, held["id"])
    listed = await ben.call("GET", f"/shops/{market.shop}/reservations")
    (offer,) = listed.json()["reservations"]
    assert (offer["offered"], offer["state"]) == (True, "open")
    assert await places(ben) == []
    made = (await ben.check_out(offer["id"])).json()
    await ben.act(made["pay_url"])

    async def is_paid() -> bool:
        return bool((await ben.mine())[0]["state"] == "paid")

    await until(is_paid, "the order is paid")
    assert await market.counts() == (4, 0, 1)


async def test_an_offer_is_told_to_its_person(market: Market) -> None:
    """By the channel every front listens to, as soon as the ledger is copied."""
    ana, ben = market.buyer(), market.buyer()
    held = await ana.holds(5)
    await waits(ben)
    await give_back(ana, held["id"])
    async with market.services.redis.pubsub() as listening:
        await listening.subscribe(f"{{shop:{market.shop}}}:people")
        await market.services.jobs.sweep.copy_ledgers()
        told = await _heard(listening, ben.person)
    assert (told["event"], told["reservation"]["offered"]) == ("reservation", True)


async def _heard(listening: Any, person: str) -> dict[str, Any]:
    async with asyncio.timeout(LISTEN_S):
        while True:
            message = await listening.get_message(timeout=1)
            if message is not None and message["type"] == "message":
                told: dict[str, Any] = msgspec.json.decode(message["data"])
                if told["person"] == person:
                    return told


@pytest.mark.parametrize("there", [True, False])
async def test_who_is_away_is_told_by_mail(market: Market, *, there: bool) -> None:
    """An account whose offer lies untouched gets one mail; who was there and gave it back gets none."""
    ana, ben = market.buyer(), market.buyer()
    ben.person = await market.services.accounts.create(
        "ben@example.com", "correct horse battery", "Ben", confirmed=True
    )
    held = await ana.holds(5)
    await waits(ben)
    await give_back(ana, held["id"])
    await market.work()
    assert not [mail for mail in market.mails() if "ben@example.com" in mail]
    if there:
        (offer,) = (await ben.call("GET", f"/shops/{market.shop}/reservations")).json()["reservations"]
        await give_back(ben, offer["id"])
    await _let_time_pass(market)
    await market.work()
    await market.work()
    mails = [mail for mail in market.mails() if "ben@example.com" in mail]
    assert len(mails) == (0 if there else 1)
    if mails:
        assert "Mug" in mails[0]


async def _let_time_pass(market: Market) -> None:
    async with market.services.database.write() as sql:
        await sql.execute(sa.update(outbox).values(due_at_ms=outbox.c.due_at_ms - AWAY_MS))


async def test_joining_is_judged_and_repeated_like_buying(market: Market) -> None:
    """A key, units that are free, a product nobody may buy; a repeat answers the first place."""
    ana, ben = market.buyer(), market.buyer()
    free = await waits(ben)
    assert (free.status_code, free.json()["code"]) == (409, "units_free")
    await ana.holds(5)
    unknown = await waits(ben, variant="va_none")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_variant")
    keyless = await ben.call("POST", f"/shops/{market.shop}/waitlist", {"variant": market.mug})
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    assert await places(ben) == []
    first = await waits(ben, key="join-key-1")
    assert (await waits(ben, key="join-key-1")).json() == first.json()
    other = await waits(ben, key="join-key-1", quantity=2)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert [place["position"] for place in await places(ben)] == [1]


async def test_a_place_can_be_given_up(market: Market) -> None:
    """Once and again."""
    ana, ben = market.buyer(), market.buyer()
    held = await ana.holds(5)
    pool = (await waits(ben)).json()["pool"]
    left = [await ben.call("DELETE", f"/shops/{market.shop}/waitlist/{pool}") for _ in range(2)]
    assert [one.json() for one in left] == [{"left": True}, {"left": False}]
    await give_back(ana, held["id"])
    assert await market.counts() == (5, 0, 0)


@pytest.mark.parametrize(("language", "word"), [("en", "Hello Ben"), ("zh", "Ben，您好")])
def test_the_letter_says_what_and_until_when(language: str, word: str) -> None:
    """In the reader's language, with a link to the show."""
    line = HoldView("po_1", "va_1", None, "pr_1", "Mug", "Blue", 1, 1200, 1)
    offer = ReservationView("rs_1", "sp_1", "sh_1", "ac_1", "open", 51_120_000, [line], 1200, "EUR")
    subject, text = offer_letter("Ben", offer, "https://shop.example.org", language)
    assert "Mug Blue" in subject
    assert "14:12 UTC" in text
    assert word in text
    assert "https://shop.example.org/shows/sh_1" in text
