"""The plan of a rebuild, for any books and any orders: it adds up, and made again it corrects nothing."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from commerce.events import EFFECTS, Counters, Entry, Kind
from commerce.sale.books import COUNTERS, Books, HeldUnits, Live, Pool
from commerce.sale.rebuild import KnownOrder, OrderLine, Plan, plan_rebuild

NOW_MS = 1_000
MAIN, SALE_POOL = "po_va_mug", "po_fs_one"
units = st.integers(0, 6)


@st.composite
def some_books(draw: st.DrawFn) -> Books:
    """Draw books of one variant with a sale, perhaps with more promised than there is."""
    books = Books()
    books.sales["fs_one"] = {"id": "fs_one", "ends_at_ms": 5_000, "drained": draw(st.booleans())}
    for pool, sale in ((MAIN, None), (SALE_POOL, "fs_one")):
        books.pools[pool] = Pool("va_mug", sale, sold=draw(units), withdrawn=draw(units), total=draw(units))
    for number in range(draw(st.integers(0, 4))):
        pool = draw(st.sampled_from([MAIN, SALE_POOL]))
        held = HeldUnits(pool, "va_mug", books.pools[pool].sale, "pr_mug", draw(st.integers(1, 3)), 100, 1)
        order = draw(st.sampled_from([None, f"or_{number}"]))
        live = Live(f"rs_{number}", f"ac_{number}", None, number, 9_000, order, {pool: held})
        books.live[live.id] = live
        books.pools[pool].held += held.quantity
        if held.sale is not None:
            books.counts[live.person, held.sale] += held.quantity
    for one in books.pools.values():
        one.available = one.total - one.held - one.sold - one.withdrawn
    return books


@st.composite
def some_orders(draw: st.DrawFn) -> list[KnownOrder]:
    """Draw orders of the books' reservations, and of some that the ledger never knew."""
    orders = []
    for number in draw(st.lists(st.integers(0, 7), unique=True, max_size=5)):
        pool = draw(st.sampled_from([MAIN, SALE_POOL]))
        sale = None if pool == MAIN else "fs_one"
        line = OrderLine(f"rs_{number}", pool, "va_mug", sale, "pr_mug", draw(st.integers(1, 3)), 100, 1)
        person, deadline_ms = f"ac_{number}", draw(st.sampled_from([500, 9_000]))
        sold, paid_for = draw(st.booleans()), draw(st.booleans())
        orders.append(
            KnownOrder(
                f"or_{number}",
                f"N{number}",
                person,
                None,
                number,
                deadline_ms,
                sold,
                paid_for,
                (line,),
            )
        )
    return orders


def replayed(before: Books, plan: Plan) -> Books:
    """Take a plan's corrections as the ledger entries they become."""
    for number, (kind, fields) in enumerate(plan.entries):
        known = {name: value for name, value in fields.items() if name != "counters"}
        before.take(Entry(id=f"{number}-0", kind=kind, counters=Counters(**fields["counters"]), **known))
    return before


@given(some_books(), some_orders())
def test_every_plan_adds_up(books: Books, orders: list[KnownOrder]) -> None:
    """No counter is below zero, held is what live reservations hold, sold orders are sold."""
    before = copy.deepcopy(books)
    owned = sum(pool.total for pool in before.pools.values())
    plan = plan_rebuild(books, orders, {}, NOW_MS, "sr_1")
    for name, pool in plan.books.pools.items():
        assert pool.available + pool.held + pool.sold + pool.withdrawn == pool.total
        assert min(pool.available, pool.held, pool.sold, pool.withdrawn) >= 0
        assert pool.held == sum(
            live.holds[name].quantity for live in plan.books.live.values() if name in live.holds
        )
    assert {order.id for order in orders if order.sold} <= plan.books.committed
    restocked = sum(one.quantity for one in plan.report.restocked)
    assert sum(pool.total for pool in plan.books.pools.values()) == owned + restocked
    after = replayed(before, plan)
    for name, pool in after.pools.items():
        assert pool == plan.books.pools[name]
    assert {one: live.holds for one, live in after.live.items()} == {
        one: live.holds for one, live in plan.books.live.items()
    }


@given(some_books(), some_orders())
def test_a_plan_made_again_corrects_nothing(books: Books, orders: list[KnownOrder]) -> None:
    """A repair that died after its entries were written is begun again from them."""
    before = copy.deepcopy(books)
    first = plan_rebuild(books, orders, {}, NOW_MS, "sr_1")
    dropped = {one.reservation for one in first.report.dropped}
    left = [one for one in orders if not {line.reservation for line in one.lines} & dropped]
    again = plan_rebuild(replayed(before, first), left, {}, NOW_MS, "sr_1")
    assert again.entries == []
    assert (again.report.restocked, again.report.dropped) == ((), ())


@given(some_books(), some_orders())
def test_nothing_is_given_up_or_made_up_where_there_is_enough(books: Books, orders: list[KnownOrder]) -> None:
    """A hold is only dropped, and a unit only added, when the variant's pools together are short."""
    promised = sum(line.quantity for order in orders for line in order.lines)
    if sum(pool.available for pool in books.pools.values()) < promised:
        return
    plan = plan_rebuild(books, orders, {}, NOW_MS, "sr_1")
    assert (plan.report.restocked, plan.report.dropped) == ((), ())


def test_the_effects_of_the_books_are_those_of_the_ledger() -> None:
    """The names of the counters stand in the order of the table of effects."""
    assert len(COUNTERS) == len(EFFECTS[Kind.RESERVE])
    assert EFFECTS[Kind.COMMIT][COUNTERS.index("sold")] == 1
