"""Lost stock is found, the sale frozen, and rebuilt so that nobody loses what they were told."""

from typing import Any

import pytest
import sqlalchemy as sa

from commerce.errors import Busy
from commerce.orders import ledger_sql
from commerce.orders.rebuild_tables_sql import stock_rebuilds
from commerce.orders.refusals import LedgerGap
from commerce.orders.tables_sql import ledger_entries
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.keys import key_of, keys_of
from commerce.sale.refusals import Frozen
from commerce.sale.types import Line
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.orders.test_offers import give_back, places, waits

Kept = dict[bytes, bytes]


async def keep(market: Market) -> Kept:
    """Keep all of the shop's keys as they are: what a backup holds."""
    redis = market.services.redis
    return {key: dumped for key in await redis.keys("*") if (dumped := await redis.dump(key)) is not None}


async def put_back(market: Market, kept: Kept) -> None:
    """Put an older state back, as an operator does with a backup, or a crash with what it had on disk."""
    redis = market.services.redis
    await redis.flushdb()
    for key, dumped in kept.items():
        await redis.restore(key, 0, dumped)


async def buy(market: Market, quantity: int = 1) -> tuple[Buyer, str]:
    """Buy and pay; answers the order. The ledger is copied only by `market.work`."""
    buyer = market.buyer()
    made = await buyer.orders_one(quantity)
    await buyer.act(made["pay_url"])
    await market.quiet()
    assert (await buyer.order(made["order"]["id"]))["state"] == "paid"
    return buyer, made["order"]["id"]


async def records(market: Market) -> list[Any]:
    """Read what is written down about lost stock."""
    async with market.services.database.read() as sql:
        return list(await sql.execute(sa.select(stock_rebuilds).order_by(stock_rebuilds.c.found_at_ms)))


async def assert_frozen(market: Market, reason: str) -> None:
    """Nobody can buy, the code is stable, and SQL knows why."""
    before = await market.services.engine.pools(market.shop, [f"po_{market.mug}", f"po_{market.cap}"])
    refused = await market.buyer().reserve()
    assert (refused.status_code, refused.json()["code"]) == (503, "frozen")
    assert await market.services.engine.pools(market.shop, list(before)) == before
    await market.work()
    (record,) = await records(market)
    assert (record.open_for, record.reason, record.repaired_at_ms) == (market.shop, reason, None)


async def test_an_older_state_is_found_by_the_next_press(market: Market) -> None:
    """The front has seen more writes than there are: not one unit is sold from the old counters."""
    await market.buyer().holds()
    kept = await keep(market)
    await buy(market, 3)
    await market.work()
    await put_back(market, kept)
    await assert_frozen(market, "lost_writes")
    report = await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (1, 1, 3)
    assert (report.oversold, report.dropped) == ((), ())
    assert (await market.buyer().reserve()).status_code == 201


async def test_an_older_state_is_found_by_the_copier(market: Market) -> None:
    """Also when no process is left that saw more: the entry copied last is not there."""
    kept = await keep(market)
    held = await market.buyer().holds(2)
    await market.work()
    await put_back(market, kept)
    market.services.engine._seen.clear()
    await market.services.jobs.sweep.copy_ledgers()
    await assert_frozen(market, "older_ledger")
    await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (3, 2, 0)
    engine = market.services.engine
    again = await engine.reservation(market.shop, held["id"])
    assert again is not None
    assert again.deadline_ms == held["deadline_ms"]
    await engine.release(market.shop, reservation=held["id"])
    assert await market.counts() == (5, 0, 0)


async def test_deleted_pools_are_found_by_the_comparison(market: Market) -> None:
    """The ledger is whole, the counters are gone: closed, never made up."""
    await buy(market)
    await market.work()
    await market.services.redis.delete(key_of(market.shop, "pools"))
    assert (await market.buyer().reserve()).json()["code"] == "no_such_pool"
    await market.services.jobs.sweep.compare()
    refused = await market.buyer().reserve()
    assert refused.json()["code"] == "frozen"
    await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (4, 0, 1)
    (record,) = await records(market)
    assert (record.reason, record.open_for) == ("lost_pools", None)


async def test_a_redis_that_lost_everything_serves_again(market: Market) -> None:
    """Prices, bans, sales and holds come back with the counters."""
    banned = market.buyer()
    await banned.holds()
    await market.services.engine.release(market.shop, reservation=(await _first(market, banned)).id)
    buyer, _ = await buy(market)
    held = await buyer.holds(2, variant=market.cap)
    await market.work()
    await market.services.redis.delete(*keys_of(market.shop))
    market.services.engine._seen.clear()
    await market.services.jobs.sweep.copy_ledgers()
    await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (4, 0, 1)
    assert await market.counts(market.cap) == (3, 2, 0)
    made = await buyer.check_out(held["id"])
    assert made.status_code == 201, made.text
    assert (await market.buyer().reserve()).status_code == 201


async def _first(market: Market, buyer: Buyer) -> Any:
    return (await market.services.engine.reservations_of(market.shop, buyer.person))[0]


async def test_what_was_sold_twice_is_listed_for_the_host(market: Market) -> None:
    """After the loss, before it was found, four more were sold of five that were sold already."""
    kept = await keep(market)
    first = [(await buy(market, 2))[1], (await buy(market, 2))[1]]
    await market.work()
    await put_back(market, kept)
    market.services.engine._seen.clear()
    again = (await buy(market, 4))[1]
    await market.services.jobs.sweep.copy_ledgers()
    report = await market.services.jobs.repair.repair(market.shop)
    assert [(one.variant, one.quantity) for one in report.restocked] == [(market.mug, 3)]
    assert sum(one.quantity for one in report.oversold) == 3
    assert {one.order for one in report.oversold} <= {again, *first}
    assert report.oversold[0].order == again, "who came last goes without first"
    assert await market.counts() == (0, 0, 8)
    assert (await market.buyer().reserve()).json()["code"] == "sold_out"


async def test_open_holds_give_way_to_what_is_sold(market: Market) -> None:
    """Nobody who paid goes without while somebody only looks."""
    kept = await keep(market)
    await buy(market, 4)
    await market.work()
    await put_back(market, kept)
    market.services.engine._seen.clear()
    looking = market.buyer()
    held = await looking.holds(3)
    await market.services.jobs.sweep.copy_ledgers()
    report = await market.services.jobs.repair.repair(market.shop)
    assert [(one.reservation, one.order) for one in report.dropped] == [(held["id"], None)]
    assert report.oversold == ()
    assert await market.counts() == (1, 0, 4)


async def test_a_sale_that_only_sql_knows_is_sold_again(market: Market) -> None:
    """Redis died after the order was marked and before its ledger entries were copied."""
    await market.work()
    kept = await keep(market)
    _, order = await buy(market, 2)
    await put_back(market, kept)
    report = await market.services.jobs.repair.repair(market.shop)
    assert report.sold_again == (order,)
    assert await market.counts() == (3, 0, 2)


async def test_an_order_being_paid_keeps_its_units(market: Market) -> None:
    """Its hold was lost before it was copied; the payment comes, and it is sold as if nothing had been."""
    await market.work()
    kept = await keep(market)
    buyer = market.buyer()
    made = await buyer.orders_one(2)
    await put_back(market, kept)
    report = await market.services.jobs.repair.repair(market.shop)
    assert report.held_again == (made["order"]["id"],)
    assert await market.counts() == (3, 2, 0)
    await buyer.act(made["pay_url"])
    await market.quiet()
    assert (await buyer.order(made["order"]["id"]))["state"] == "paid"
    assert await market.counts() == (3, 0, 2)


@pytest.mark.parametrize("step", ["clear", "put", "tell", "open"])
async def test_a_repair_that_died_is_begun_again(
    market: Market, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever it died the shop stays closed; the second run ends with the same stock and nothing doubled."""
    kept = await keep(market)
    await buy(market, 2)
    await market.work()
    await put_back(market, kept)
    market.services.engine._seen.clear()
    await buy(market, 4)
    engine, real = market.services.engine, SaleEngine._step

    async def dies(self: SaleEngine, shop: str, argument: dict[str, object]) -> str:
        """Do the step, then lose the answer."""
        done = await real(self, shop, argument)
        if argument["step"] == step:
            raise Busy(retry_after_s=1.0)
        return done

    monkeypatch.setattr(SaleEngine, "_step", dies)
    with pytest.raises(Busy):
        await market.services.jobs.repair.repair(market.shop)
    monkeypatch.setattr(SaleEngine, "_step", real)
    if step != "open":
        with pytest.raises(Frozen):
            await engine.expire_due(market.shop)
    await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (0, 0, 6)
    (record,) = await records(market)
    assert record.open_for is None
    assert '"quantity":1' in record.report
    again = await market.services.jobs.repair.repair(market.shop)
    assert (again.restocked, again.sold_again, again.dropped) == ((), (), ())
    assert await market.counts() == (0, 0, 6)


async def test_a_gap_in_the_ledger_is_not_papered_over(market: Market) -> None:
    """SQL came back older than what Redis had trimmed by then: the stock cannot be worked out."""
    await market.buyer().holds()
    await market.work()
    tail = await market.services.engine.ledger_tail(market.shop)
    await market.services.engine.ledger_trim(market.shop, below=tail)
    async with market.services.database.write() as sql:
        await sql.execute(sa.delete(ledger_entries))
        await ledger_sql.start_from(sql, market.shop, "1-0", 0)
    before = await market.counts()
    with pytest.raises(LedgerGap):
        await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == before
    async with market.services.database.write() as sql:
        await ledger_sql.start_from(sql, market.shop, ledger_sql.START, 0)
        await sql.execute(sa.text("DELETE FROM ledger_positions"))
    await market.services.redis.delete(key_of(market.shop, "ledger"))


async def test_facts_for_the_rooms_go_on_while_a_shop_is_frozen(market: Market) -> None:
    """A host can pin and change prices; only stock stands still, and the staff's hands are tied too."""
    engine = market.services.engine
    await market.services.jobs.repair.freeze(market.shop, "lost_writes")
    await engine.note(market.shop, operation="ob_1", kind="pin", body={"product": None})
    with pytest.raises(Frozen):
        await engine.restock(market.shop, operation="ob_2", variant=market.mug, quantity=1)
    with pytest.raises(Frozen):
        await engine.reserve(
            market.shop, person="ac_a", key="key-1", reservation="rs_a", lines=[Line(market.mug, 1, 1)]
        )
    assert await market.counts() == (5, 0, 0)
    await market.services.jobs.repair.repair(market.shop)
    assert await market.counts() == (5, 0, 0)


async def test_the_host_reads_of_the_loss_until_they_say_so(market: Market) -> None:
    """Paused while it is frozen, then what the repair did; what is not repaired is not read away."""
    path = f"/api/v1/shops/{market.shop}/stock-rebuilds"
    headers = {"authorization": f"Bearer {market.owner}"}
    await market.services.jobs.repair.freeze(market.shop, "older_ledger")

    async def told() -> dict[str, Any]:
        (found,) = (await market.http.get(path, headers=headers)).json()["rebuilds"]
        return dict(found)

    paused = await told()
    assert (paused["reason"], paused["repaired_at_ms"], paused["report"]) == ("older_ledger", None, None)
    early = await market.http.post(f"{path}/{paused['id']}/seen", headers=headers)
    assert (early.status_code, early.json()["code"]) == (404, "no_such_rebuild")
    assert await told() == paused
    await market.services.jobs.repair.repair(market.shop)
    repaired = await told()
    assert repaired["repaired_at_ms"] >= repaired["found_at_ms"]
    assert (repaired["report"]["pools"], repaired["report"]["oversold"], repaired["seen_at_ms"]) == (
        2,
        [],
        None,
    )
    for _ in range(2):
        assert (await market.http.post(f"{path}/{paused['id']}/seen", headers=headers)).status_code == 204
    seen_at_ms = (await told())["seen_at_ms"]
    assert seen_at_ms is not None
    assert (await market.http.post(f"{path}/sr_other/seen", headers=headers)).status_code == 404
    assert (await told())["seen_at_ms"] == seen_at_ms


@pytest.mark.parametrize("lost", [("pools",), ("pools", "waitlist"), ("pools", "people")])
async def test_the_waitlist_outlives_the_repair_as_far_as_it_is_there(
    market: Market, lost: tuple[str, ...]
) -> None:
    """A place of which line and person both tell stays and is served; a half one is gone and hurts nobody."""
    ana, ben = market.buyer(), market.buyer()
    held = await ana.holds(5)
    assert (await waits(ben)).status_code == 201
    await market.work()
    redis = market.services.redis
    await redis.delete(*(key_of(market.shop, name) for name in lost))
    await market.services.jobs.sweep.compare()
    await market.services.jobs.repair.repair(market.shop)
    stays = lost == ("pools",)
    assert len(await places(ben)) == int(stays)
    assert await market.services.jobs.sweep.faults(market.shop) == []
    await give_back(ana, held["id"])
    assert await market.counts() == ((4, 1, 0) if stays else (5, 0, 0))
    assert await market.services.jobs.sweep.faults(market.shop) == []
