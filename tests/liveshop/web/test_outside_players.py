"""Looks into the database for players without a token: one a second and show, shared by all who ask."""

import asyncio

import pytest

from liveshop.web.outside_players import HOLDS_S, MAX_SHOWS, OutsidePlayers


class Shop:
    """Shows that let outside players in, or not; counts the looks, and answers when `open` is set."""

    def __init__(self, **shows: bool) -> None:
        self.shows = shows
        self.looks: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.now_s = 100.0
        self.players = OutsidePlayers(self._look_up, lambda: self.now_s)

    async def _look_up(self, show: str) -> bool:
        self.looks.append(show)
        await self.open.wait()
        return self.shows[show]


async def test_who_comes_in_the_same_second_shares_one_look() -> None:
    """Each show has its own answer; after a second a host's change counts."""
    shop = Shop(open=True, closed=False)
    asked = [shop.players.may_watch(show) for show in ("open", "closed", "open", "open", "closed")]
    assert await asyncio.gather(*asked) == [True, False, True, True, False]
    assert sorted(shop.looks) == ["closed", "open"]
    shop.shows["open"] = False
    shop.now_s += HOLDS_S * 0.9
    assert await shop.players.may_watch("open") is True
    shop.now_s += HOLDS_S * 0.2
    assert await shop.players.may_watch("open") is False
    assert shop.looks.count("open") == 2


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    """A show that is made in the same second can be watched at once."""
    shop = Shop()
    outcomes = await asyncio.gather(
        *(shop.players.may_watch("new") for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in outcomes] == [KeyError] * 3
    assert shop.looks == ["new"]
    shop.shows["new"] = True
    assert await shop.players.may_watch("new") is True


async def test_who_leaves_while_waiting_takes_the_answer_from_nobody() -> None:
    """Its request is cancelled; the look goes on for the others."""
    shop = Shop(open=True)
    shop.open.clear()
    first = asyncio.create_task(shop.players.may_watch("open"))
    await asyncio.sleep(0)
    second = asyncio.create_task(shop.players.may_watch("open"))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    shop.open.set()
    assert await second is True
    assert shop.looks == ["open"]


async def test_strangers_who_ask_for_ever_other_shows_fill_no_memory() -> None:
    """The oldest answer goes, and is looked up anew."""
    shop = Shop(**{f"show_{number}": True for number in range(MAX_SHOWS + 1)})
    for show in shop.shows:
        await shop.players.may_watch(show)
    await shop.players.may_watch(f"show_{MAX_SHOWS}")
    assert shop.looks.count(f"show_{MAX_SHOWS}") == 1
    await shop.players.may_watch("show_0")
    assert shop.looks.count("show_0") == 2
