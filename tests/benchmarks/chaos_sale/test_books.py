"""The comparison sees each kind of fault, and none where there is none."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos_sale.books import Books, Charge, OrderFacts, Verdict, compare, live_holds
from benchmarks.chaos_sale.diary import Diary
from commerce.sale.types import Hold, PoolCounters, Reservation, ReservationState

STOCK = {"va_1": 3}


def reservation(state: str, name: str = "rs_1") -> Reservation:
    """Return a hold of two units."""
    hold = Hold("po_va_1", "va_1", 2, 500, 1)
    return Reservation(name, "gu_1", ReservationState(state), 0, 1, (hold,))


SOUND = Books(
    pools={"po_va_1": PoolCounters("va_1", available=1, held=0, sold=2, withdrawn=0, total=3)},
    reservations={"rs_1": reservation("committed"), "rs_2": reservation("expired", "rs_2")},
    audit_faults=(),
    orders={"or_1": OrderFacts("paid", "committed", 1000, at_rest=True, units={"po_va_1": 2})},
    payments={"pa_1": "or_1", "pa_2": "or_1"},
    charges=(Charge("pa_1", "captured", 1000), Charge("pa_2", "declined", 0)),
    ledger={"po_va_1": 2},
)


def diary() -> Diary:
    """Return what was promised to the buyer of the sound books."""
    return Diary(holds={"rs_1": "gu_1", "rs_2": "gu_2"}, orders={"or_1": "rs_1"}, paid={"or_1"})


def judged(**changes: Any) -> Verdict:
    """Compare the sound books with something changed."""
    return compare(replace(SOUND, **changes), diary(), STOCK)


def order(state: str, stock: str = "committed", *, at_rest: bool = True) -> dict[str, OrderFacts]:
    """Return the one order in another state."""
    return {"or_1": OrderFacts(state, stock, 1000, at_rest=at_rest, units={"po_va_1": 2})}


def test_sound_books_have_no_fault() -> None:
    """All counts are 0, and what was sold is counted."""
    assert judged() == Verdict(sold=2)
    assert live_holds(SOUND) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {
                "pools": {"po_va_1": PoolCounters("va_1", 0, 0, 5, 0, 5)},
                "ledger": {"po_va_1": 5},
                "orders": {"or_1": OrderFacts("paid", "committed", 1000, at_rest=True, units={"po_va_1": 5})},
            },
            {"sold": 5, "oversold": 2, "books_differ": 1},
        ),
        ({"ledger": {"po_va_1": 1}}, {"books_differ": 1}),
        ({"audit_faults": ("a deadline of nobody",)}, {"books_differ": 1}),
        ({"orders": order("paid", "held")}, {"books_differ": 1}),
        (
            {"orders": order("capture_failed")},
            {"paid_without_order": 1, "acknowledged_lost": 1},
        ),
        (
            {"orders": order("authorised", at_rest=False)},
            {"paid_without_order": 1, "acknowledged_lost": 1, "orders_at_work": 1},
        ),
        ({"payments": {"pa_2": "or_1"}}, {"paid_without_order": 1, "order_without_payment": 1}),
        ({"charges": (Charge("pa_1", "captured", 900),)}, {"order_without_payment": 1}),
        (
            {"charges": (Charge("pa_1", "captured", 1000), Charge("pa_2", "captured", 1000))},
            {"charged_twice": 1},
        ),
        (
            {"charges": (Charge("pa_1", "captured", 1000), Charge("pa_2", "authorised", 0))},
            {"money_left": 1},
        ),
        (
            {
                "charges": (
                    Charge("pa_1", "captured", 1000),
                    Charge("pa_2", "authorised", 0, capture_refused=True),
                )
            },
            {},
        ),
        ({"reservations": {"rs_1": reservation("committed")}}, {"acknowledged_lost": 1}),
    ],
)
def test_each_fault_is_counted_by_its_name(changes: dict[str, Any], found: dict[str, int]) -> None:
    """One thing wrong is told by the counts that concern it, each with a sentence, and by no other."""
    verdict = judged(**changes)
    counts: dict[str, Any] = {"sold": 2, **found}
    expected = Verdict(**counts)
    faults, verdict.faults = verdict.faults, []
    assert verdict == expected
    counted = sum(found.values()) - found.get("sold", 0) - found.get("orders_at_work", 0)
    assert len(faults) == counted - max(0, found.get("oversold", 0) - 1)


def test_broken_promises_are_lost() -> None:
    """An order that is gone, one that is not cancelled after all, and a hold that was given back and sold."""
    promised = diary()
    promised.orders["or_9"] = "rs_1"
    promised.cancelled.add("or_1")
    promised.released.add("rs_1")
    verdict = compare(SOUND, promised, STOCK)
    assert verdict.acknowledged_lost == 3
    assert verdict.faults == [
        "lost: order or_9",
        "lost: order or_1 is paid, not cancelled",
        "lost: rs_1 was given back and is committed",
    ]


def test_a_hold_that_stands_is_seen_whatever_its_deadline() -> None:
    """A record that still says open or paying holds units."""
    stuck = replace(SOUND, reservations={"rs_1": reservation("paying"), "rs_2": reservation("open", "rs_2")})
    assert live_holds(stuck) == ["rs_1", "rs_2"]
