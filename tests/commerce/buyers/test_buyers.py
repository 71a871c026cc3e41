"""What a buyer lets us remember: only when asked, used for the next purchase, and forgotten when told."""

from typing import Any

from commerce.buyers.tables_sql import saved_buyers, saved_means, saved_shipping
from commerce.orders.tables_sql import orders
from commerce.payments.sandbox.tables_sql import sandbox_means
from tests.commerce.orders.a_market import Buyer, Market, until

NOTHING: dict[str, Any] = {"contact": None, "address": None, "shipping": {}, "means": []}
TABLES = (saved_buyers, saved_shipping, saved_means, sandbox_means)


async def saved(buyer: Buyer) -> dict[str, Any]:
    """Ask what is remembered."""
    answer = await buyer.call("GET", "/me/buying")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def paid(buyer: Buyer, order: str) -> None:
    """Wait until the buyer sees the order as paid."""

    async def is_paid() -> bool:
        return any(one["id"] == order and one["state"] == "paid" for one in await buyer.mine())

    await until(is_paid, "the order is paid")
    await buyer.market.quiet()


async def first_purchase(buyer: Buyer, *, card: str | None = None, **changes: Any) -> str:
    """Buy a mug on the provider's page and ask to be remembered; returns the order."""
    held = await buyer.holds()
    made = (await buyer.check_out(held["id"], **({"save": True} | changes))).json()
    await buyer.act(made["pay_url"], card=card)
    await paid(buyer, made["order"]["id"])
    order: str = made["order"]["id"]
    return order


async def second_purchase(buyer: Buyer) -> dict[str, Any]:
    """Buy with what is remembered: one request, no page of the provider."""
    kept = await saved(buyer)
    held = await buyer.holds(variant=buyer.market.cap)
    answer = await buyer.check_out(
        held["id"],
        contact=kept["contact"],
        address=kept["address"],
        shipping=kept["shipping"][buyer.market.shop],
        means=kept["means"][0]["id"],
        total_minor=2500,
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def rows(market: Market) -> list[int]:
    """Count everything that is remembered, here and at the provider."""
    return [await market.count_rows(table) for table in TABLES]


async def test_nothing_is_remembered_unasked(market: Market) -> None:
    """A purchase without the box leaves nothing behind but its order."""
    buyer = market.buyer()
    await first_purchase(buyer, save=False)
    assert await saved(buyer) == NOTHING
    assert await rows(market) == [0, 0, 0, 0]


async def test_the_second_purchase_needs_no_page(market: Market) -> None:
    """Contact, address, shipping and card are there, and one request ends at paid."""
    buyer = market.buyer()
    await first_purchase(buyer, card="4242")
    kept = await saved(buyer)
    assert kept["contact"]["email"] == f"buyer{buyer.number}@example.com"
    assert kept["address"]["postcode"] == "YO1 7EP"
    assert kept["shipping"] == {market.shop: "standard"}
    assert [(one["provider"], one["label"]) for one in kept["means"]] == [("sandbox", "TEST 4242")]
    made = await second_purchase(buyer)
    assert (made["order"]["state"], made["pay_url"]) == ("paid", None)
    await market.quiet()
    assert await market.book() == [("captured", 1200), ("captured", 2500)]
    assert len((await saved(buyer))["means"]) == 1
    assert await market.counts(market.cap) == (4, 0, 1)


async def test_the_same_request_again_charges_once(market: Market) -> None:
    """A repeat with the same key answers the same order; the card is charged once."""
    buyer = market.buyer()
    await first_purchase(buyer)
    kept = await saved(buyer)
    held = await buyer.holds(variant=market.cap)
    means = kept["means"][0]["id"]
    first = await buyer.check_out(held["id"], key="key-same-same", means=means)
    again = await buyer.check_out(held["id"], key="key-same-same", means=means)
    assert first.json()["order"]["id"] == again.json()["order"]["id"]
    await market.quiet()
    assert [state for state, _ in await market.book()] == ["captured", "captured"]


async def test_a_remembered_card_that_is_declined_leaves_the_page(market: Market) -> None:
    """The hold stands, and the next attempt goes to the provider's page."""
    buyer = market.buyer()
    await first_purchase(buyer, card="once 4000")
    made = await second_purchase(buyer)
    assert (made["order"]["state"], made["order"]["payment"]["state"]) == ("pending", "declined")
    assert await market.counts(market.cap) == (4, 1, 0)
    again = (await buyer.call("POST", f"/orders/{made['order']['id']}/pay")).json()
    assert again["pay_url"]
    await buyer.act(again["pay_url"])
    await paid(buyer, made["order"]["id"])


async def test_a_card_the_provider_lost_is_a_declined_attempt(market: Market) -> None:
    """It was forgotten at the provider behind our back: declined, nothing is charged, the hold stands."""
    buyer = market.buyer()
    await first_purchase(buyer)
    async with market.services.database.write() as sql:
        await sql.execute(sandbox_means.delete())
    made = await second_purchase(buyer)
    assert made["order"]["payment"]["state"] == "declined"
    assert await market.counts(market.cap) == (4, 1, 0)
    assert await market.book() == [("captured", 1200)]


async def test_nobody_pays_with_what_is_not_theirs(market: Market) -> None:
    """Somebody else's card, or an unknown one: refused, and nothing is begun."""
    owner, thief = market.buyer(), market.buyer()
    await first_purchase(owner)
    means = (await saved(owner))["means"][0]["id"]
    held = await thief.holds(variant=market.cap)
    for wrong in (means, "me_unknown", ""):
        answer = await thief.check_out(held["id"], means=wrong)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "invalid",
            "means",
        )
    assert await market.count_rows(orders) == 1
    assert (await market.services.door.mine(thief.person, market.shop))[0].state == "open"
    assert len((await saved(owner))["means"]) == 1


async def test_details_can_be_changed(market: Market) -> None:
    """Another address is kept in place of the first; a wrong one changes nothing."""
    buyer = market.buyer()
    await first_purchase(buyer)
    kept = await saved(buyer)
    moved = {"line1": "Hauptstr. 1", "city": "Berlin", "postcode": "10115", "country": "DE"}
    body = {"contact": kept["contact"], "address": moved}
    changed = (await buyer.call("PUT", "/me/buying", body)).json()
    assert (changed["address"]["city"], changed["means"]) == ("Berlin", kept["means"])
    wrong = await buyer.call("PUT", "/me/buying", {**body, "address": {**moved, "postcode": "1"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "address.postcode")
    assert await saved(buyer) == changed
    without = (await buyer.call("PUT", "/me/buying", {"contact": kept["contact"]})).json()
    assert without["address"] is None


async def test_a_card_is_forgotten_here_and_at_its_provider(market: Market) -> None:
    """Both rows go; the address stays; forgetting again is harmless."""
    buyer = market.buyer()
    await first_purchase(buyer)
    means = (await saved(buyer))["means"][0]["id"]
    for _ in range(2):
        answer = await buyer.call("DELETE", f"/me/buying/means/{means}")
        assert (answer.status_code, answer.json()["means"]) == (200, [])
    assert (await saved(buyer))["address"]["city"] == "York"
    assert await rows(market) == [1, 1, 0, 0]


async def test_forgetting_takes_everything(market: Market) -> None:
    """By the buyer's wish, and when their account is deleted; others keep theirs."""
    buyer, other = market.buyer(), market.buyer()
    await first_purchase(other)
    await first_purchase(buyer)
    assert (await buyer.call("DELETE", "/me/buying")).status_code == 204
    assert await saved(buyer) == NOTHING
    assert await rows(market) == [1, 1, 1, 1]
    async with market.services.database.write() as sql:
        for hook in market.services.accounts.forget_hooks:
            await hook(sql, other.person)
    await market.services.outbox.send_due()
    assert await saved(other) == NOTHING
    assert await rows(market) == [0, 0, 0, 0]


async def test_signing_in_brings_what_the_guest_had_and_keeps_ones_own(market: Market) -> None:
    """A guest's details become the account's; where the account has its own, those stay."""
    guest, account = market.buyer(), Buyer(market, market.owner, 90)
    await first_purchase(guest)
    await merge(market, guest, account)
    assert await saved(guest) == NOTHING
    merged = await saved(account)
    assert merged["contact"]["email"] == f"buyer{guest.number}@example.com"
    assert len(merged["means"]) == 1
    second = market.buyer()
    await first_purchase(second)
    await merge(market, second, account)
    assert (await saved(account))["contact"] == merged["contact"]
    assert len((await saved(account))["means"]) == 2
    assert await rows(market) == [1, 1, 2, 2]


async def merge(market: Market, guest: Buyer, account: Buyer) -> None:
    """Do what signing in does."""
    async with market.services.database.write() as sql:
        for hook in market.services.sessions.merge_hooks:
            await hook(sql, guest.person, account.person)


async def test_who_fetches_keeps_an_earlier_address(market: Market) -> None:
    """A pick-up has no address, and does not take away the one that is remembered."""
    buyer = market.buyer()
    await first_purchase(buyer)
    host = Buyer(market, market.owner, 0)
    counter = {"name": "Counter", "price_minor": 0, "kind": "pickup", "places": ["DE"]}
    table = (await host.call("PUT", f"/shops/{market.shop}/shipping", {"methods": [counter]})).json()
    method = table["methods"][0]["id"]
    await first_purchase(buyer, shipping=method, address={})
    kept = await saved(buyer)
    assert kept["address"]["city"] == "York"
    assert kept["shipping"] == {market.shop: method}
