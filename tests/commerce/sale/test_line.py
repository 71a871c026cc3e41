"""The line before an overrun sale: order, draw, one place a person, and who is told that nothing is left."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.sale.line import Line, Waiter

POOL = "po_fs_sale"
MOST = 1_000


def in_line(*people: str, most: int = MOST) -> Line[str]:
    """Let people stand in line for a unit each; the draw turns the order round."""
    line: Line[str] = Line(most, lambda lots: lots.reverse())
    for person in people:
        line.join(waiter(person))
    return line


def waiter(
    person: str, units: int = 1, *, pool: str | None = POOL, drawn_at_s: float | None = None
) -> Waiter[str]:
    """Somebody with a request."""
    return Waiter(person, f"request of {person}", pool, units, drawn_at_s)


def order(line: Line[str]) -> list[str]:
    """Let everybody in."""
    found = []
    while (one := line.pop()) is not None:
        found.append(one.person)
    return found


def stock(units: int | None) -> Callable[[str], int | None]:
    """Know that so many units can still come."""
    return lambda _: units


def test_first_come_is_first_let_in() -> None:
    """And a place counts who is before it."""
    line = in_line("a", "b", "c")
    line.count(stock(None))
    assert [one.ahead for one in map(line.of, "abc") if one is not None] == [0, 1, 2]
    assert order(line) == ["a", "b", "c"]


def test_a_person_has_one_place() -> None:
    """Asking again moves nobody, and does not make the line longer."""
    line = in_line("a", "b")
    line.join(waiter("a", 5))
    assert len(line) == 2
    assert order(line) == ["a", "b"]


def test_who_comes_in_the_first_moments_is_drawn() -> None:
    """They stand before those who came later, in the order of the draw and not of their coming."""
    line = in_line()
    for person in "abc":
        line.join(waiter(person, drawn_at_s=2.0))
    line.draw(1.9)
    assert (line.pop(), line.next_draw_s()) == (None, 2.0)
    line.draw(2.0)
    line.join(waiter("late"))
    assert line.next_draw_s() is None
    assert order(line) == ["c", "b", "a", "late"]


def test_another_draw_does_not_hold_up_the_line() -> None:
    """Who wants something else is let in while lots are gathered."""
    line = in_line()
    line.join(waiter("lot", drawn_at_s=9.0))
    line.join(waiter("other", pool="po_va_cap"))
    assert order(line) == ["other"]
    assert len(line) == 1


def test_who_can_get_nothing_is_told_at_once() -> None:
    """As many as there are units may stay; a smaller wish behind a greater one is still served."""
    line = in_line("a", "b", "c")
    line.join(waiter("greedy", 5))
    line.join(waiter("modest", 1))
    gone = line.count(stock(4))
    assert [one.person for one in gone] == ["greedy"]
    assert [line.of(person).ahead for person in ("a", "modest")] == [0, 3]  # type: ignore[union-attr]  # both stand
    assert [one.person for one in line.count(stock(2))] == ["c", "modest"]
    assert order(line) == ["a", "b"]


def test_nobody_is_told_anything_while_the_stock_is_not_known() -> None:
    """Nor who wants several things at once."""
    line = in_line("a")
    line.join(waiter("b", pool=None))
    assert line.count(stock(None)) == []
    assert [one.person for one in line.count(stock(0))] == ["a"]
    assert order(line) == ["b"]


@pytest.mark.parametrize("drawn_at_s", [None, 5.0])
def test_a_place_can_be_given_up(drawn_at_s: float | None) -> None:
    """Before the draw and after; twice is once."""
    line = in_line()
    line.join(waiter("a", drawn_at_s=drawn_at_s))
    line.leave("a")
    line.leave("a")
    assert (len(line), line.next_draw_s(), line.of("a")) == (0, None, None)


def test_a_full_line_says_so() -> None:
    """Those gathered for a draw count too."""
    line = in_line("a", most=2)
    assert not line.full
    line.join(waiter("b", drawn_at_s=5.0))
    assert line.full


@given(st.lists(st.tuples(st.sampled_from("jldpc"), st.integers(0, 9)), max_size=60))
def test_whatever_happens_nobody_is_lost_or_twice_in_line(steps: list[tuple[str, int]]) -> None:
    """Everybody who joined is let in, has left, was told, or still stands; and each of them once."""
    line, now_s = in_line(), 0.0
    joined, over = set[str](), set[str]()
    for step, number in steps:
        person = f"p{number}"
        if step == "j":
            line.join(waiter(person, drawn_at_s=now_s + 1 if number % 2 else None))
            joined.add(person)
            over.discard(person)
        elif step == "l":
            line.leave(person)
            over.add(person)
        elif step == "d":
            now_s += 1
            line.draw(now_s)
        elif step == "p":
            one = line.pop()
            over |= set() if one is None else {one.person}
        else:
            over |= {one.person for one in line.count(stock(number))}
        standing = {one for one in joined if line.of(one) is not None}
        assert standing == joined - over
        assert len(line) == len(standing)
