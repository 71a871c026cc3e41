"""Any interleaving of asking, voting, polls, moderation and reconnects ends the same on every screen."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.log.entries import is_for_staff
from realtime.store.store_redis import RoomStore
from tests.realtime.asking.askers import tallies, told_tallies
from tests.realtime.checker import Truth, agree
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop, serving

Json = dict[str, Any]
ACTS_TOTAL = 12
QUESTION_ACTS = ("show_question", "answer_question", "dismiss_question", "delete")
STAFF_ACTS = ("open_poll", "close_poll", "dismiss_poll", *QUESTION_ACTS, "undo", "undo")
CARRIED = (
    "board", "comments", "stock", "viewers", "likes", "slow_mode_s", "staff", "facts", "facts_since",
    "base", "base_snapshot", "left_out_since",
)  # fmt: skip
"""What a page keeps while it has no socket."""
VIEWERS = ("gu_mei", "gu_lin", "gu_wu")


@dataclass
class Asked:
    """What was asked, by anybody, and the newest word of each person that was accepted."""

    questions: list[str] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    votes: dict[tuple[str, str], int] = field(default_factory=dict)
    acts_total: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)


class Screen:
    """One person's page: at times it has a socket, to whichever front."""

    def __init__(self, person: str, fronts: Sequence[Front], chance: random.Random) -> None:
        self.person = person
        self._fronts = fronts
        self._chance = chance
        self.client = RoomClient(self._url(), SHOW, person)

    async def come(self, *, fresh: bool) -> None:
        """Come back from where the page was, or load it anew."""
        before = self.client
        self.client = RoomClient(self._url(), SHOW, self.person)
        if not fresh and before.position is not None:
            self.client.position = before.position
            for name in CARRIED:
                setattr(self.client, name, getattr(before, name))
        await self.client.__aenter__()

    async def leave(self) -> None:
        """Lose the socket."""
        await self.client.close()

    def votes(self) -> dict[str, int]:
        """Return what this page shows as the person's own votes, for what is up."""
        you = self.client.hello["you"]
        own: dict[str, int] = {**dict.fromkeys(you["votes"], 1), **you["choices"]}
        for told in self.client.you:
            if told["event"] == "voted" and "poll" in told:
                own[told["poll"]] = told["choice"]
            elif told["event"] == "voted":
                own[told["comment"]] = int(told["on"])
        return {what: vote for what, vote in own.items() if vote or what.startswith("pl_")}

    def _url(self) -> str:
        return self._chance.choice(self._fronts).url


class Person:
    """Does one thing after the other, as chance wants; what is refused changes nothing."""

    def __init__(self, screen: Screen, asked: Asked, chance: random.Random) -> None:
        self.screen = screen
        self._asked = asked
        self._chance = chance
        self._staff = screen.person.startswith("ac_")

    async def act(self, acts_total: int) -> None:
        """Do so many things; every third is a reconnect, and some last for a while."""
        for _ in range(acts_total):
            if self._chance.random() < 0.3:
                await self.screen.leave()
                if self._chance.random() < 0.5:
                    await self._something_happens()
                await self.screen.come(fresh=self._chance.random() < 0.4)
            with contextlib.suppress(RefusedError):
                await (self._moderate() if self._staff else self._take_part())

    async def _something_happens(self) -> None:
        """Stay away until somebody else did something more, if anybody still does."""
        before = self._asked.acts_total
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while self._asked.acts_total == before:
                    self._asked.more.clear()
                    await self._asked.more.wait()

    async def _ask(self, kind: str, **fields: object) -> Json:
        answer = await self.screen.client.ask(kind, key=new_key(), **fields)
        self._asked.acts_total += 1
        self._asked.more.set()
        return answer

    async def _take_part(self) -> None:
        asked, chance, who = self._asked, self._chance, self.screen.person
        what = chance.choice(["ask", "vote", "vote", "choose"])
        if what == "ask":
            answer = await self._ask("comment", text=f"why {chance.random()}?", question=True)
            asked.questions.append(answer["comment"]["id"])
        elif what == "vote" and asked.questions:
            question, on = chance.choice(asked.questions), chance.random() < 0.7
            await self._ask("vote_question", comment=question, on=on)
            asked.votes[who, question] = int(on)
        elif what == "choose" and asked.polls:
            poll, choice = asked.polls[-1], chance.randrange(2)
            await self._ask("vote_poll", poll=poll, choice=choice)
            asked.votes[who, poll] = choice

    async def _moderate(self) -> None:
        asked, chance = self._asked, self._chance
        what = chance.choice(STAFF_ACTS)
        if what == "open_poll":
            hidden = chance.random() < 0.5
            answer = await self._ask(what, question="Which?", choices=["a", "b"], hidden=hidden)
            asked.polls.append(answer["poll"])
        elif what in {"close_poll", "dismiss_poll"} and asked.polls:
            await self._ask(what, poll=asked.polls[-1])
        elif what == "undo" and asked.actions:
            await self._ask(what, action=asked.actions.pop())
        elif what in QUESTION_ACTS and asked.questions:
            answer = await self._ask(what, comment=chance.choice(asked.questions))
            asked.actions.append(answer["action"])


@contextlib.asynccontextmanager
async def screens(
    fronts: Sequence[Front], chance: random.Random, people: Sequence[str]
) -> AsyncIterator[list[Screen]]:
    """Open a page for each."""
    opened = [Screen(person, fronts, chance) for person in people]
    try:
        for screen in opened:
            await screen.come(fresh=True)
        yield opened
    finally:
        for screen in opened:
            await screen.leave()


def _is_up(truth: Truth, what: str) -> bool:
    """Whether this question can be voted for, or this poll is the one on the screens."""
    question = truth.board.get(f"question:{what}")
    return bool(question and question["state"] == "open") or truth.board.get("poll", {}).get("id") == what


def _about_what_is_up(truth: Truth, sums: dict[str, int], *, staff: bool) -> dict[str, int]:
    """Return the sums that a screen shows; a sum of nothing may be missing."""
    shown = {}
    for name, total in sums.items():
        what = name.removeprefix("staff:").split(":")
        if total and _is_up(truth, what[1]) and (staff or not is_for_staff(name)):
            shown[name] = total
    return shown


def _is_of_a_running_hidden_poll(name: str) -> bool:
    """Whether such a sum goes when a poll with hidden results ends: how many voted, and staff's results.

    Nobody is told that it went, since the board says that the poll is over.
    """
    return is_for_staff(name) or (name.startswith("poll:") and name.count(":") == 1)


async def _told_the_same(screen: Screen, truth: Truth, sums: dict[str, int]) -> None:
    """Wait until a screen shows these sums for what is up."""
    staff = screen.client.staff
    wanted = _about_what_is_up(truth, sums, staff=staff)

    def shown() -> dict[str, int]:
        told = told_tallies(screen.client).items()
        kept = {n: total for n, total in told if n in sums or not _is_of_a_running_hidden_poll(n)}
        return _about_what_is_up(truth, kept, staff=staff)

    await screen.client.until(lambda: shown() == wanted)


@pytest.mark.parametrize("seed", range(8))
async def test_every_screen_ends_with_the_same_questions_votes_and_poll(
    plain_redis: Redis, shop: Shop, seed: int
) -> None:
    """Those that stayed, those that came back from their position, and those that are loaded anew."""
    chance, asked = random.Random(seed), Asked()
    async with (
        serving(plain_redis, shop, "front-0") as one,
        serving(plain_redis, shop, "front-1") as two,
        screens((one, two), chance, ("ac_mod", *VIEWERS)) as acting,
        screens((one, two), chance, ("ac_host", "gu_stays")) as staying,
    ):
        people = [Person(screen, asked, chance) for screen in acting]
        await people[1].screen.client.ask("comment", text="why?", question=True, key=new_key())
        await asyncio.gather(*(person.act(ACTS_TOTAL) for person in people))
        async with screens((one, two), chance, ("gu_new",)) as new:
            every = [*acting, *staying, *new]
            truth = await agree(plain_redis, *(screen.client for screen in every))
            sums = await tallies(one.realtime.store)
            for screen in every:
                await _told_the_same(screen, truth, sums)
            _counted_as_said(truth, asked, sums)
            assert await _wrong_votes(one.realtime.store, truth, acting) == []


async def test_a_hidden_polls_results_follow_its_end_on_every_screen(plain_redis: Redis, shop: Shop) -> None:
    """How many voted is told while it runs, to staff also how, and to all the results once it is over."""
    chance = random.Random(0)
    async with (
        serving(plain_redis, shop, "front-0") as one,
        screens((one,), chance, ("ac_mod", "gu_mei", "gu_lin")) as (moderator, voter, other),
    ):
        opened = await moderator.client.ask(
            "open_poll", question="Which?", choices=["a", "b"], hidden=True, key=new_key()
        )
        poll = opened["poll"]
        await voter.client.ask("vote_poll", poll=poll, choice=0, key=new_key())
        await other.client.until(lambda: told_tallies(other.client).get(f"poll:{poll}") == 1)
        staffs = f"staff:poll:{poll}:0"
        await moderator.client.until(lambda: told_tallies(moderator.client).get(staffs) == 1)
        assert f"poll:{poll}:0" not in told_tallies(other.client)
        await moderator.client.ask("close_poll", poll=poll, key=new_key())
        every = (moderator, voter, other)
        truth = await agree(plain_redis, *(screen.client for screen in every))
        sums = await tallies(one.realtime.store)
        assert sums == {f"poll:{poll}:0": 1, f"poll:{poll}:1": 0}
        for screen in every:
            await _told_the_same(screen, truth, sums)


def _counted_as_said(truth: Truth, asked: Asked, sums: dict[str, int]) -> None:
    """Every sum is what the newest words of all add up to."""
    for question in asked.questions:
        if _is_up(truth, question):
            wanted = sum(vote for (_, what), vote in asked.votes.items() if what == question)
            assert sums.get(f"ask:{question}", 0) == wanted
    poll = truth.board.get("poll")
    if poll is not None:
        for choice in range(2):
            wanted = sum(what == poll["id"] and vote == choice for (_, what), vote in asked.votes.items())
            name = f"poll:{poll['id']}:{choice}"
            assert sums.get(name, sums.get(f"staff:{name}", 0)) == wanted


async def _wrong_votes(store: RoomStore, truth: Truth, acting: Sequence[Screen]) -> list[str]:
    """Return whose page shows other votes of theirs than Redis has, for what is up."""
    wrong = []
    for screen in acting:
        known = (await store.person(SHOW, screen.person)).votes
        wanted = {what: int(vote) for what, vote in known.items() if _is_up(truth, what)}
        own = {what: vote for what, vote in screen.votes().items() if _is_up(truth, what)}
        if own != wanted:
            wrong.append(f"{screen.person} shows {own}, wanted {wanted}")
    return wrong
