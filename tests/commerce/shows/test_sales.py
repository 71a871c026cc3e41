"""Flash sales: units move once, times go by the shop's clock, a refused sale never comes about."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway

from commerce.errors import (
    BadPrice,
    BadQuantity,
    BadTimes,
    Busy,
    CommerceError,
    IdempotencyConflict,
    KeyMissing,
    NoSuchShow,
    NoSuchVariant,
    NotEnoughStock,
    SaleRunning,
    WrongState,
)
from commerce.sale.refusals import NoSuchSale, SaleEnded, SaleNotOpen
from commerce.sale.types import Line, Reservation
from commerce.services import CommerceServices
from commerce.shows.structs import Sale, SaleRequest
from tests.commerce.builders import Stall, new_guest, new_product, new_stall


def wanted(variant: str, **changes: int) -> SaleRequest:
    """Ask for 5 units at 700, limit 1, for a minute, at once."""
    values: dict[str, Any] = {
        "price_minor": 700,
        "quantity": 5,
        "limit": 1,
        "duration_s": 60,
        "starts_in_s": 0,
    } | changes
    return SaleRequest(variant=variant, **values)


async def launch(commerce: CommerceServices, stall: Stall, key: str = "launch-1", **changes: int) -> Sale:
    """Launch a sale of the stall's variant."""
    return await commerce.sales.create(stall.show, stall.owner, wanted(stall.variant, **changes), key)


async def press_buy(commerce: CommerceServices, stall: Stall, sale: Sale) -> Reservation:
    """Reserve one unit of a sale as a fresh guest."""
    guest, _ = await new_guest(commerce)
    line = Line(variant=stall.variant, quantity=1, price_version=sale.price_version, sale=sale.id)
    return await commerce.engine.reserve(
        stall.shop, person=guest.id, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
    )


async def units(commerce: CommerceServices, stall: Stall, sale: Sale) -> tuple[int, int | None]:
    """Answer what is available in the main pool and in the sale's."""
    pools = await commerce.engine.pools(stall.shop, [f"po_{stall.variant}", sale.pool])
    own = pools.get(sale.pool)
    return pools[f"po_{stall.variant}"].available, own.available if own else None


async def test_a_launched_sale_is_open_and_took_its_units(commerce: CommerceServices) -> None:
    """Units moved from the main pool; the price is stamped; everybody sees the same record."""
    stall = await new_stall(commerce)
    sale = await launch(commerce, stall)
    assert (sale.state, sale.pool, sale.currency) == ("open", f"po_{sale.id}", "USD")
    assert sale.ends_at_ms - sale.starts_at_ms == 60_000
    assert await units(commerce, stall, sale) == (5, 5)
    held = await press_buy(commerce, stall, sale)
    assert held.total_minor == 700
    assert await commerce.sales.of_show(stall.show) == (sale,)
    kinds = [entry.kind for entry in await commerce.engine.ledger_read(stall.shop)]
    assert "sale" in kinds


async def test_a_countdown_keeps_the_sale_shut(commerce: CommerceServices) -> None:
    """Before its start nobody buys, and the refusal says when it opens."""
    stall = await new_stall(commerce)
    sale = await launch(commerce, stall, starts_in_s=30)
    assert sale.state == "scheduled"
    with pytest.raises(SaleNotOpen) as caught:
        await press_buy(commerce, stall, sale)
    assert caught.value.facts["starts_at_ms"] == sale.starts_at_ms
    assert await units(commerce, stall, sale) == (5, 5)


async def test_the_same_key_launches_once(commerce: CommerceServices) -> None:
    """Repeats, also at the same moment, answer the one sale; another body under the key is a conflict."""
    stall = await new_stall(commerce)
    sales = await asyncio.gather(*(launch(commerce, stall) for _ in range(4)))
    assert len({sale.id for sale in sales}) == 1
    with pytest.raises(IdempotencyConflict):
        await launch(commerce, stall, quantity=4)
    assert await units(commerce, stall, sales[0]) == (5, 5)
    assert len(await commerce.sales.of_show(stall.show)) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"price_minor": -1}, BadPrice),
        ({"price_minor": 10**13}, BadPrice),
        ({"quantity": 0}, BadQuantity),
        ({"quantity": -5}, BadQuantity),
        ({"quantity": 1_000_001}, BadQuantity),
        ({"limit": -1}, BadQuantity),
        ({"limit": 1_000}, BadQuantity),
        ({"duration_s": 0}, BadTimes),
        ({"duration_s": 10**9}, BadTimes),
        ({"starts_in_s": -1}, BadTimes),
        ({"starts_in_s": 10**9}, BadTimes),
    ],
)
async def test_a_sale_that_cannot_be_right_moves_nothing(
    commerce: CommerceServices, changes: dict[str, int], error: type[CommerceError]
) -> None:
    """Each number is judged before anything is written."""
    stall = await new_stall(commerce)
    with pytest.raises(error):
        await commerce.sales.create(stall.show, stall.owner, wanted(stall.variant, **changes), "launch-1")
    assert (await commerce.engine.pools(stall.shop, [f"po_{stall.variant}"]))[
        f"po_{stall.variant}"
    ].available == 10
    assert await commerce.sales.of_show(stall.show) == ()


async def test_a_sale_of_more_than_there_is_never_comes_about(commerce: CommerceServices) -> None:
    """The refusal says how many there are; the key may be used again, for a smaller sale."""
    stall = await new_stall(commerce, quantity=4)
    for _ in range(2):
        with pytest.raises(NotEnoughStock) as caught:
            await launch(commerce, stall)
        assert caught.value.facts["available"] == 4
    assert await commerce.sales.of_show(stall.show) == ()
    sale = await launch(commerce, stall, quantity=4)
    assert await units(commerce, stall, sale) == (0, 4)


async def test_a_variant_has_one_sale_at_a_time(commerce: CommerceServices) -> None:
    """A second one waits for the end of the first; another variant need not."""
    stall = await new_stall(commerce)
    first = await launch(commerce, stall)
    with pytest.raises(SaleRunning) as caught:
        await launch(commerce, stall, "launch-2", quantity=1)
    assert caught.value.facts["sale"] == first.id
    assert await units(commerce, stall, first) == (5, 5)
    other = await new_product(commerce, stall.shop, stall.owner)
    request = wanted(other.variants[0].id)
    second = await commerce.sales.create(stall.show, stall.owner, request, "launch-3")
    page = await commerce.screens.show(stall.show)
    assert [product.id for product in page.products] == [stall.product.id, other.id]
    await commerce.sales.end(stall.show, first.id)
    third = await launch(commerce, stall, "launch-4")
    assert {sale.id for sale in await commerce.sales.of_show(stall.show)} == {first.id, second.id, third.id}


async def test_ending_early_returns_what_is_free(commerce: CommerceServices) -> None:
    """Held units stay held at their price; ending again changes nothing; nobody buys any more."""
    stall = await new_stall(commerce)
    sale = await launch(commerce, stall)
    await press_buy(commerce, stall, sale)
    ended = await commerce.sales.end(stall.show, sale.id)
    assert (ended.state, ended.ended_at_ms is not None) == ("ended", True)
    assert await units(commerce, stall, sale) == (9, 0)
    assert await commerce.sales.end(stall.show, sale.id) == ended
    with pytest.raises(SaleEnded):
        await press_buy(commerce, stall, sale)
    assert (await commerce.engine.audit(stall.shop)).sound


async def test_what_is_not_there_cannot_be_sold_or_ended(commerce: CommerceServices) -> None:
    """Unknown shows, other shops' variants, other shows' sales, ended shows, missing keys."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    sale = await launch(commerce, stall)
    create = commerce.sales.create
    with pytest.raises(NoSuchShow):
        await create("sh_nowhere", stall.owner, wanted(stall.variant), "launch-2")
    for variant in (other.variant, "va_nothing"):
        with pytest.raises(NoSuchVariant):
            await create(stall.show, stall.owner, wanted(variant), "launch-2")
    with pytest.raises(KeyMissing):
        await create(stall.show, stall.owner, wanted(stall.variant), None)
    with pytest.raises(NoSuchSale):
        await commerce.sales.end(other.show, sale.id)
    with pytest.raises(NoSuchSale):
        await commerce.sales.end(stall.show, "fs_nothing")
    await commerce.shows.end(other.show)
    with pytest.raises(WrongState):
        await create(other.show, other.owner, wanted(other.variant), "launch-2")
    assert await commerce.sales.of_show(stall.show) == (sale,)
    assert await commerce.sales.of_show(other.show) == ()


async def test_a_sale_that_redis_did_not_take_in_time_is_called_off(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is told so, and when Redis is back nothing opens and no unit moves."""
    stall = await new_stall(commerce)
    put = commerce.engine.sale_put

    async def away(*_words: object, **_named: object) -> None:
        raise RedisAway

    monkeypatch.setattr(commerce.engine, "sale_put", away)
    with pytest.raises(Busy):
        await launch(commerce, stall)
    monkeypatch.setattr(commerce.engine, "sale_put", put)
    await commerce.outbox.send([f"shop:{stall.shop}"])
    assert await commerce.outbox.waiting() == 0
    assert await commerce.sales.of_show(stall.show) == ()
    pool = f"po_{stall.variant}"
    assert (await commerce.engine.pools(stall.shop, [pool]))[pool].available == 10
    sale = await launch(commerce, stall)
    assert await units(commerce, stall, sale) == (5, 5)


async def test_a_called_off_sale_whose_answer_was_lost_gives_its_units_back(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis took the units, the answer was lost: the repeat finds the sale given up and ends it."""
    stall = await new_stall(commerce)
    put = commerce.engine.sale_put

    async def lost(*words: object, **named: object) -> None:
        await put(*words, **named)  # type: ignore[arg-type]  # passed on as they came
        raise RedisAway

    monkeypatch.setattr(commerce.engine, "sale_put", lost)
    with pytest.raises(Busy):
        await launch(commerce, stall)
    pool = f"po_{stall.variant}"
    assert (await commerce.engine.pools(stall.shop, [pool]))[pool].available == 5
    monkeypatch.setattr(commerce.engine, "sale_put", put)
    await commerce.outbox.send([f"shop:{stall.shop}"])
    assert (await commerce.engine.pools(stall.shop, [pool]))[pool].available == 10
    assert (await commerce.engine.audit(stall.shop)).sound


async def test_a_shows_end_ends_its_sales(commerce: CommerceServices) -> None:
    """What is left goes back to the main pool at once."""
    stall = await new_stall(commerce)
    await commerce.shows.start(stall.show)
    sale = await launch(commerce, stall)
    await commerce.shows.end(stall.show)
    assert await units(commerce, stall, sale) == (10, 0)
    assert [one.state for one in await commerce.sales.of_show(stall.show)] == ["ended"]


async def test_the_lobby_tells_the_pinned_products_sale(commerce: CommerceServices) -> None:
    """A card shows what the show sells at: its sale while one is coming or open, and none afterwards."""
    stall = await new_stall(commerce)
    sale = await launch(commerce, stall)
    await commerce.shows.start(stall.show)
    assert (await commerce.screens.lobby()).shows[0].pinned_sales == (), "nothing is pinned"
    await commerce.shows.pin(stall.show, stall.product.id)
    assert (await commerce.screens.lobby()).shows[0].pinned_sales == (sale,)
    await commerce.sales.end(stall.show, sale.id)
    assert (await commerce.screens.lobby()).shows[0].pinned_sales == ()
