"""Questions of the same moment share a call; a failure, a leaver and an end reach the right people."""

import asyncio
from collections.abc import Sequence

import pytest

from realtime.together import Together
from tests.waiting import until


class Oracle:
    """Answers a word with its length when it is let; remembers each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def ask_all(self, subject: str, questions: Sequence[str]) -> list[int]:
        """Raises `ValueError` for a call that holds "bad"."""
        self.calls.append((subject, list(questions)))
        await self.open.wait()
        if "bad" in questions:
            raise ValueError("bad")
        return [len(question) for question in questions]


@pytest.fixture
async def oracle() -> Oracle:
    """One whose door is open."""
    return Oracle()


async def test_a_crowd_costs_few_calls(oracle: Oracle) -> None:
    """Up to so many in one call, each subject apart, and everybody hears their own answer."""
    together = Together(oracle.ask_all, most=3)
    words = ["a", "bb", "ccc", "dddd", "eeeee"]
    answers = await asyncio.gather(*(together.ask("x", word) for word in words), together.ask("y", "seven.."))
    assert answers == [1, 2, 3, 4, 5, 7]
    assert [asked for subject, asked in oracle.calls if subject == "x"] == [words[:3], words[3:]]
    assert ("y", ["seven.."]) in oracle.calls


async def test_a_call_that_never_ends_holds_up_nobody_for_ever(oracle: Oracle) -> None:
    """Those of that call hear so, and the next call is made."""
    oracle.open.clear()
    together = Together(oracle.ask_all, most=10, limit_s=0.05)
    first = asyncio.create_task(together.ask("x", "a"))
    await until(lambda: oracle.calls == [("x", ["a"])])
    second = asyncio.create_task(together.ask("x", "bb"))
    with pytest.raises(TimeoutError):
        await first
    oracle.open.set()
    assert await second == 2


async def test_what_comes_meanwhile_is_in_the_next_call(oracle: Oracle) -> None:
    """Nobody is asked for twice, and one alone does not wait for others."""
    oracle.open.clear()
    together = Together(oracle.ask_all, most=10)
    first = asyncio.create_task(together.ask("x", "a"))
    await until(lambda: oracle.calls == [("x", ["a"])])
    later = [asyncio.create_task(together.ask("x", word)) for word in ("bb", "ccc")]
    await asyncio.sleep(0)
    oracle.open.set()
    assert await asyncio.gather(first, *later) == [1, 2, 3]
    assert oracle.calls[1:] == [("x", ["bb", "ccc"])]


async def test_a_failure_is_heard_by_those_of_that_call_alone(oracle: Oracle) -> None:
    """The next call is made all the same, and so is the next crowd's."""
    together = Together(oracle.ask_all, most=2)
    asked = [together.ask("x", word) for word in ("a", "bad", "ccc")]
    first, second, third = await asyncio.gather(*asked, return_exceptions=True)
    assert (type(first), type(second), third) == (ValueError, ValueError, 3)
    assert await together.ask("x", "bb") == 2


async def test_who_leaves_is_not_asked_for_and_disturbs_nobody(oracle: Oracle) -> None:
    """One who left before their call is left out, one who leaves during it is not told."""
    oracle.open.clear()
    together = Together(oracle.ask_all, most=10)
    first = asyncio.create_task(together.ask("x", "a"))
    await until(lambda: oracle.calls)
    gone, stays = (asyncio.create_task(together.ask("x", word)) for word in ("bb", "ccc"))
    await asyncio.sleep(0)
    first.cancel()
    gone.cancel()
    await until(lambda: first.done() and gone.done())
    oracle.open.set()
    assert await stays == 3
    assert oracle.calls == [("x", ["a"]), ("x", ["ccc"])]
