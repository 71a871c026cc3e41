import pytest

from commerce.events import Kind
from commerce.sale.refusals import ReservationEnded
from tests.commerce.sale.a_shop import (
    ANA,
    BEN,
    CAP_POOL,
    MUG_POOL,
    SALE,
    SALE_POOL,
    SHOP,
    Shop,
    cap,
    mug,
    sale_mug,
)

EMAIL, ADDRESS, CARD = "email-hmac-1", "address-hmac-1", "card-hmac-1"


async def test_paying_extends_the_deadline_once(shop: Shop) -> None:
    """A second attempt within the hold belongs to the same order and gets no more time."""
    held = await shop.hold()
    begun = await shop.engine.pay_begin(
        SHOP, person=ANA, key="pay-1", order="or_1", reservations=[held.id], announce=False, extra_ms=7000
    )
    (paying,) = begun.reservations
    assert (paying.state, paying.order) == ("paying", "or_1")
    assert begun.deadline_ms == paying.deadline_ms == held.deadline_ms + 7000
    before = await shop.everything()
    again = await shop.engine.pay_begin(
        SHOP, person=ANA, key="pay-2", order="or_1", reservations=[held.id], announce=False
    )
    assert again == begun
    assert await shop.everything() == before


async def test_a_repeated_payment_answers_the_first_order(shop: Shop) -> None:
    """The key decides, also when the caller made a new order id for the repeat."""
    held = await shop.hold()

    async def begin(order: str) -> str:
        begun = await shop.engine.pay_begin(
            SHOP, person=ANA, key="pay-1", order=order, reservations=[held.id], announce=False
        )
        return begun.order

    assert await begin("or_1") == "or_1"
    before = await shop.everything()
    assert await begin("or_2") == "or_1"
    assert await shop.everything() == before


async def test_several_reservations_become_one_order_and_are_sold_together(shop: Shop) -> None:
    """All of them, each pool's held units sold, each with its entry."""
    one, two = await shop.hold(ANA, mug(2)), await shop.hold(ANA, cap())
    order = await shop.pay(one, two)
    sold = await shop.engine.commit(SHOP, order=order, reservations=[one.id, two.id])
    assert [(each.state, each.order) for each in sold] == [("committed", order)] * 2
    assert await shop.units(MUG_POOL) == (8, 0, 2, 0)
    assert await shop.units(CAP_POOL) == (4, 0, 1, 0)
    entries = [one for one in await shop.engine.ledger_read(SHOP) if one.kind is Kind.COMMIT]
    assert [(one.product, one.quantity, one.order, one.announce, one.ends) for one in entries] == [
        ("pr_mug", 2, order, True, True),
        ("pr_cap", 1, order, True, True),
    ]
    assert await shop.engine.reservations_of(SHOP, ANA) == ()


async def test_a_repeated_commit_answers_and_changes_nothing(shop: Shop) -> None:
    """Webhook and return path may both say it."""
    held = await shop.hold()
    order = await shop.pay(held)
    first = await shop.engine.commit(SHOP, order=order, reservations=[held.id], fingerprint=CARD)
    before = await shop.everything()
    assert await shop.engine.commit(SHOP, order=order, reservations=[held.id], fingerprint=CARD) == first
    assert await shop.everything() == before


async def test_payments_that_are_refused_change_nothing(shop: Shop) -> None:
    """Others' holds, other orders, unknown and ended reservations."""
    held, other = await shop.hold(ANA, mug(2)), await shop.hold(BEN, cap())
    async with shop.refused("not_yours"):
        await shop.engine.pay_begin(
            SHOP, person=ANA, key="k", order="or_1", reservations=[held.id, other.id], announce=False
        )
    async with shop.refused("no_such_reservation"):
        await shop.engine.pay_begin(
            SHOP, person=ANA, key="k", order="or_1", reservations=[held.id, "rs_none"], announce=False
        )
    async with shop.refused("not_yours"):
        await shop.engine.commit(SHOP, order="or_1", reservations=[held.id])
    await shop.pay(held)
    async with shop.refused("already_paying", order="or_1"):
        await shop.pay(held, order="or_2")
    async with shop.refused("not_yours"):
        await shop.engine.commit(SHOP, order="or_2", reservations=[held.id])
    async with shop.refused("no_such_reservation"):
        await shop.engine.commit(SHOP, order="or_1", reservations=[held.id, "rs_none"])
    await shop.engine.release(SHOP, reservation=other.id)
    async with shop.refused("reservation_ended", state="released"):
        await shop.pay(other)


async def test_another_sum_than_the_buyer_saw_is_not_paid(shop: Shop) -> None:
    """The sum of all holds is compared in the step that begins the payment; the right one goes through."""
    held, other = await shop.hold(ANA, mug(2)), await shop.hold(ANA, cap())
    both = held.total_minor + other.total_minor

    async def begin(items_minor: int) -> str:
        begun = await shop.engine.pay_begin(
            SHOP,
            person=ANA,
            key=shop.fresh("key"),
            order="or_1",
            reservations=[held.id, other.id],
            announce=False,
            items_minor=items_minor,
        )
        return begun.order

    for wrong in (0, held.total_minor, both - 1, both + 1):
        async with shop.refused("items_changed", items_minor=both):
            await begin(wrong)
    assert await begin(both) == "or_1"


async def test_what_was_sold_is_neither_released_nor_paid_again(shop: Shop) -> None:
    """Committed is an end."""
    held = await shop.hold()
    order = await shop.pay(held)
    await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    async with shop.refused("reservation_ended", state="committed"):
        await shop.engine.release(SHOP, reservation=held.id, while_paying=True)
    async with shop.refused("reservation_ended", state="committed"):
        await shop.pay(held)
    await shop.overdue(held)
    await shop.engine.redis.zrem(f"{{shop:{SHOP}}}:deadlines", held.id)
    assert (await shop.engine.expire_due(SHOP)).expired == ()


async def test_a_late_success_takes_free_units_again(shop: Shop) -> None:
    """The hold had run out while the provider was slow, and nobody else wanted the units."""
    held = await shop.hold(ANA, mug(2))
    order = await shop.pay(held)
    await shop.overdue(held)
    await shop.engine.expire_due(SHOP)
    assert await shop.units() == (10, 0, 0, 0)
    (sold,) = await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    assert sold.state == "committed"
    assert await shop.units() == (8, 0, 2, 0)


async def test_a_late_success_without_units_is_refused(shop: Shop) -> None:
    """Somebody else has them: the payment must be voided, and all of the order stays unsold."""
    one, two = await shop.hold(ANA, mug(10)), await shop.hold(ANA, cap())
    order = await shop.pay(one, two)
    await shop.overdue(one)
    await shop.engine.expire_due(SHOP)
    await shop.hold(BEN, mug())
    async with shop.refused("reservation_ended", state="expired", reservation=one.id):
        await shop.engine.commit(SHOP, order=order, reservations=[one.id, two.id])


async def test_a_late_success_that_nobody_swept_yet_is_sold(shop: Shop) -> None:
    """The deadline is data: whether the sweep has come does not matter."""
    held = await shop.hold()
    order = await shop.pay(held)
    await shop.overdue(held)
    (sold,) = await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    assert sold.state == "committed"
    assert await shop.units() == (9, 0, 1, 0)


async def test_a_late_success_after_the_sale_ended_fetches_units_from_the_main_pool(shop: Shop) -> None:
    """They are sold in the sale, at its price, and the sums stay."""
    await shop.sale(5)
    held = await shop.hold(ANA, sale_mug(2))
    order = await shop.pay(held)
    await shop.overdue(held)
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    assert await shop.units(MUG_POOL) == (10, 0, 0, 0)
    (sold,) = await shop.engine.commit(SHOP, order=order, reservations=[held.id])
    assert sold.total_minor == 1400
    assert await shop.units(MUG_POOL) == (8, 0, 0, 0)
    assert await shop.units(SALE_POOL) == (0, 0, 2, 0)


async def test_a_late_success_counts_all_of_its_lines_together(shop: Shop) -> None:
    """Two lines that now come from one pool need as much of it as both."""
    await shop.sale(5)
    held = await shop.hold(ANA, mug(4), sale_mug(5))
    order = await shop.pay(held)
    await shop.overdue(held)
    await shop.run_out()
    await shop.engine.expire_due(SHOP)
    await shop.hold(BEN, mug(3))
    async with shop.refused("reservation_ended", state="expired", pool=MUG_POOL):
        await shop.engine.commit(SHOP, order=order, reservations=[held.id])


async def test_a_late_success_over_the_limit_is_refused(shop: Shop) -> None:
    """The buyer bought again meanwhile; the limit holds for both together."""
    await shop.sale(5, limit=1)
    held = await shop.hold(ANA, sale_mug())
    order = await shop.pay(held)
    await shop.overdue(held)
    await shop.engine.expire_due(SHOP)
    again = await shop.hold(ANA, sale_mug())
    await shop.engine.commit(SHOP, order=await shop.pay(again, order="or_2"), reservations=[again.id])
    async with shop.refused("limit_reached", sale=SALE, count=1):
        await shop.engine.commit(SHOP, order=order, reservations=[held.id])


async def test_an_e_mail_and_an_address_count_against_the_limit(shop: Shop) -> None:
    """Another guest with the same mark is refused, until the first one gives up."""
    await shop.sale(5, limit=2)
    first = await shop.hold(ANA, sale_mug(2))
    await shop.pay(first, marks=(EMAIL, ADDRESS))
    second = await shop.hold(BEN, sale_mug())
    async with shop.refused("limit_reached", sale=SALE, limit=2, count=2, mark=1):
        await shop.pay(second, order="or_2", marks=("email-hmac-2", ADDRESS))
    await shop.engine.release(SHOP, reservation=first.id, while_paying=True)
    await shop.pay(second, order="or_2", marks=("email-hmac-2", ADDRESS))


async def test_bought_units_stay_counted_under_the_marks(shop: Shop) -> None:
    """The limit is per buyer, however many guests the buyer is."""
    await shop.sale(5, limit=1)
    first = await shop.hold(ANA, sale_mug())
    order = await shop.pay(first, marks=(EMAIL,))
    await shop.engine.commit(SHOP, order=order, reservations=[first.id])
    second = await shop.hold(BEN, sale_mug())
    async with shop.refused("limit_reached", mark=0):
        await shop.pay(second, order="or_2", marks=(EMAIL,))


async def test_a_card_over_the_limit_is_refused_at_the_commit(shop: Shop) -> None:
    """That is a void: the hold stays as it was and can be paid with another card."""
    await shop.sale(5, limit=1)
    first, second = await shop.hold(ANA, sale_mug()), await shop.hold(BEN, sale_mug())
    one, two = await shop.pay(first), await shop.pay(second, order="or_2")
    await shop.engine.commit(SHOP, order=one, reservations=[first.id], fingerprint=CARD)
    async with shop.refused("limit_reached", sale=SALE, mark=0):
        await shop.engine.commit(SHOP, order=two, reservations=[second.id], fingerprint=CARD)
    (sold,) = await shop.engine.commit(SHOP, order=two, reservations=[second.id], fingerprint="card-hmac-2")
    assert sold.state == "committed"


async def test_releasing_what_is_being_paid_must_be_meant(shop: Shop) -> None:
    """A buyer's stray tap does not take the units from under a payment; cancelling the order does."""
    held = await shop.hold()
    await shop.pay(held)
    async with shop.refused("already_paying", order="or_1"):
        await shop.engine.release(SHOP, reservation=held.id, person=ANA)
    released = await shop.engine.release(SHOP, reservation=held.id, person=ANA, while_paying=True)
    assert released.state == "released"
    with pytest.raises(ReservationEnded):
        await shop.engine.commit(SHOP, order="or_1", reservations=[held.id])
    assert await shop.units() == (10, 0, 0, 0)
