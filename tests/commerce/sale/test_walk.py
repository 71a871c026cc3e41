"""A random walk through the sale beside a pure model of it: same answers, same units, books that agree."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commerce.errors import CommerceError
from commerce.events import EFFECTS
from commerce.sale.calls_redis import write_client
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.types import Line
from tests.commerce.sale.a_shop import SHOP, Shop, cap, mug, sale_mug
from tests.commerce.sale.model import CAP, MUG, SALE, SALE_LIMIT, Lines, Model

Answer = TypeVar("Answer")
PEOPLE = ("ac_1", "ac_2", "gu_1")
LINE = {MUG: mug, CAP: cap, SALE: sale_mug}
pools = st.sampled_from((MUG, CAP, SALE))
people = st.sampled_from(PEOPLE)
keys = st.integers(1, 20).map("k{}".format)
quantities = st.integers(1, 3)
bags = st.dictionaries(pools, quantities, min_size=1, max_size=2).map(lambda bag: tuple(bag.items()))


class Walk(RuleBasedStateMachine):
    """Every rule does one thing to both; `url` is set by the test."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.engine = SaleEngine(write_client(self.url))
        self.shop = Shop(self.engine)
        self.model = Model()
        self.unswept = False

    def run(self, work: Awaitable[Answer]) -> Answer:
        """Run one piece of work on this walk's loop."""
        return self.loop.run_until_complete(work)

    def done(self, work: Awaitable[Any]) -> Any:
        """Run a call; answers what it answered, or the code of its refusal."""
        try:
            return self.run(work)
        except CommerceError as error:
            return error.code

    def state(self, work: Awaitable[Any]) -> str:
        """Run a call; answers the reservation's state, or the code of the refusal."""
        answer = self.done(work)
        return str(answer if isinstance(answer, str) else answer.state)

    def served(self, state: str) -> None:
        """What came free is offered by every call that was not refused; a refused one changes nothing."""
        if state in {"ok", "open", "paying", "committed", "released", "expired"}:
            self.model.serve()

    def pick(self, data: st.DataObject) -> str:
        """Draw one of the reservations made so far, mostly of the newest."""
        newest_first = list(reversed(self.model.bookings))
        return data.draw(st.sampled_from(newest_first[:3]) | st.sampled_from(newest_first))

    @initialize()
    def open_shop(self) -> None:
        """8 mugs of which 3 go into the sale, and 3 caps."""
        self.run(self.engine.redis.flushall())
        self.run(self.shop.stock("va_mug", 8))
        self.run(self.shop.stock("va_cap", 3))
        self.run(self.shop.sale(3, limit=SALE_LIMIT, lasts_ms=3600_000))

    @rule(person=people, key=keys, bag=bags)
    def reserve(self, person: str, key: str, bag: Lines) -> None:
        """Somebody presses Buy, perhaps with a key used before."""
        booking = self.shop.fresh("rs")
        lines: list[Line] = [LINE[pool](quantity) for pool, quantity in bag]
        answer = self.done(
            self.engine.reserve(SHOP, person=person, key=key, reservation=booking, lines=lines)
        )
        expected = self.model.reserve(person, key, bag, booking)
        assert (answer if isinstance(answer, str) else answer.id) == expected
        if expected == booking:
            self.model.serve()

    @rule(person=people, pool=pools, quantity=st.integers(1, 2))
    def join(self, person: str, pool: str, quantity: int) -> None:
        """Somebody wants to wait."""
        booking, before = self.shop.fresh("rs"), len(self.model.waits[pool])
        answer = self.done(
            self.engine.wait_join(
                SHOP,
                person=person,
                key=self.shop.fresh("key"),
                reservation=booking,
                line=LINE[pool](quantity),
            )
        )
        position = self.model.join(person, pool, quantity, booking)
        assert (answer if isinstance(answer, str) else answer.position) == position
        if len(self.model.waits[pool]) > before:
            self.model.serve()

    @precondition(lambda self: any(self.model.waits.values()))
    @rule(person=people, pool=pools)
    def leave(self, person: str, pool: str) -> None:
        """Somebody waits no longer."""
        left = self.run(self.engine.wait_leave(SHOP, person=person, pool=pool))
        assert left == self.model.leave(person, pool)
        self.model.serve()

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), pool=pools, quantity=st.integers(0, 4))
    def change(self, data: st.DataObject, pool: str, quantity: int) -> None:
        """Somebody changes the bag."""
        booking = self.pick(data)
        state = self.state(
            self.engine.change(
                SHOP,
                person=self.model.bookings[booking].person,
                key=self.shop.fresh("key"),
                reservation=booking,
                pool=pool,
                quantity=quantity,
            )
        )
        assert state == self.model.change(booking, pool, quantity)
        self.served(state)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        """Somebody goes to the provider."""
        booking = self.pick(data)
        answer = self.done(
            self.engine.pay_begin(
                SHOP,
                person=self.model.bookings[booking].person,
                key=self.shop.fresh("key"),
                order=f"or_{booking}",
                reservations=[booking],
                announce=True,
            )
        )
        state = answer if isinstance(answer, str) else answer.reservations[0].state
        assert state == self.model.pay(booking)
        self.served(state)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        """Let the provider say yes, perhaps late, perhaps twice."""
        booking = self.pick(data)
        sold_before = self.model.bookings[booking].state == "committed"
        answer = self.done(self.engine.commit(SHOP, order=f"or_{booking}", reservations=[booking]))
        state = answer if isinstance(answer, str) else answer[0].state
        assert state == self.model.commit(booking)
        if not sold_before:
            self.served(state)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Cancel an order."""
        booking = self.pick(data)
        state = self.state(self.engine.release(SHOP, reservation=booking, while_paying=True))
        assert state == self.model.release(booking)
        self.served(state)

    @precondition(lambda self: any(one.live for one in self.model.bookings.values()))
    @rule(data=st.data())
    def overdue(self, data: st.DataObject) -> None:
        """Let a deadline pass; nobody sweeps yet."""
        live = sorted(name for name, one in self.model.bookings.items() if one.live)
        booking = data.draw(st.sampled_from(live))
        held = self.run(self.engine.reservation(SHOP, booking))
        assert held is not None
        self.run(self.shop.overdue(held))
        self.model.expire(booking)
        self.unswept = True

    @precondition(lambda self: self.model.sale_open and self.model.pools[SALE].held)
    @rule()
    def end_sale(self) -> None:
        """Let the sale's time pass; nobody drains it yet."""
        self.run(self.shop.run_out())
        self.model.end_sale()
        self.unswept = True

    @rule()
    def sweep(self) -> None:
        """Let the expiry sweep come round."""
        self.run(self.engine.expire_due(SHOP))
        self.model.serve()
        self.unswept = False

    @rule()
    def restock(self) -> None:
        """Find a mug."""
        operation = self.shop.fresh("ob")
        self.run(self.engine.restock(SHOP, operation=operation, variant="va_mug", quantity=1))
        self.model.restock(1)
        self.model.serve()

    @rule(pool=pools)
    def return_sold(self, pool: str) -> None:
        """Take a sold unit back."""
        variant = LINE[pool](1).variant
        operation = self.shop.fresh("ob")
        answer = self.done(
            self.engine.return_sold(SHOP, operation=operation, pool=pool, variant=variant, quantity=1)
        )
        state = answer if isinstance(answer, str) else "ok"
        assert state == self.model.return_sold(pool)
        self.served(state)

    @precondition(lambda self: len(self.model.bookings) > 4)
    @rule()
    def withdraw(self, quantity: int = 1) -> None:
        """Break a mug."""
        answer = self.done(
            self.engine.withdraw(SHOP, operation=self.shop.fresh("ob"), variant="va_mug", quantity=quantity)
        )
        state = answer if isinstance(answer, str) else "ok"
        assert state == self.model.withdraw(MUG, quantity)
        self.served(state)

    @rule()
    def merge(self) -> None:
        """Sign the guest in."""
        self.run(self.engine.expire_due(SHOP))
        self.model.serve()
        self.unswept = False
        self.run(
            self.engine.person_merge(SHOP, operation=self.shop.fresh("ob"), guest="gu_1", account="ac_1")
        )
        self.model.merge("gu_1", "ac_1")

    @invariant()
    def the_books_agree(self) -> None:
        """Compare unit for unit; the audit finds nothing."""
        assert self.run(self.engine.audit(SHOP)).sound
        if self.unswept:
            return
        found = self.run(self.engine.pools(SHOP, list(self.model.pools)))
        for pool, units in self.model.pools.items():
            seen = found[pool]
            assert (seen.available, seen.held, seen.sold) == (units.available, units.held, units.sold)
            assert seen.total == units.total
            assert seen.waiting == len(self.model.waits[pool])

    def teardown(self) -> None:
        """Replay the ledger: it alone must lead to the same counters. Then close."""
        replayed: dict[str, list[int]] = {}
        for entry in self.run(self.engine.ledger_read(SHOP, count=10_000)):
            if entry.kind in EFFECTS and entry.pool is not None and entry.counters is not None:
                units = replayed.setdefault(entry.pool, [0] * 5)
                for place, by in enumerate(EFFECTS[entry.kind]):
                    units[place] += by * entry.quantity
                after = entry.counters
                assert units == [after.available, after.held, after.sold, after.withdrawn, after.total]
        assert len(replayed) == len(self.model.pools)
        self.run(self.engine.redis.aclose())
        self.loop.close()


@pytest.mark.parametrize("server", ["plain", "cluster"])
def test_a_random_walk_agrees_with_the_model(server: str, request: pytest.FixtureRequest) -> None:
    """Whatever is done in whatever order, answers and units are those of the model."""
    url = request.getfixturevalue(f"redis_{server}_url")
    machine = type("WalkHere", (Walk,), {"url": url})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    # No shrinking: on real servers it takes minutes. To look for a short walk, add Phase.shrink by hand.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    bounds = settings(max_examples=30, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(machine, settings=settings(bounds, phases=phases, suppress_health_check=checks))
