"""Questions and votes on a plain Redis and on a cluster of one node."""

import asyncio
import json
import random
from typing import Any

import pytest

from realtime.asking import ballots_redis
from realtime.asking.ballots_redis import Ballots, Voter
from realtime.errors import (
    AskedEnough,
    Banned,
    IdempotencyConflict,
    NoSuchQuestion,
    OwnQuestion,
    QuestionsFull,
)
from realtime.moderation.actions_redis import ActionStore
from realtime.moderation.plan import Plan, Sanction, audit
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker
from tests.realtime.acts import ban, delete, mute
from tests.realtime.asking.askers import asked, comment, pinned_up, tallies
from tests.realtime.stage import SHOW

LIN, WU = Voter("gu_lin"), Voter("gu_wu")
KEYS = ShowKeys.of(SHOW)


async def shadow(store: RoomStore, key: str, person: str, *, on: bool) -> None:
    """Shadow-ban a person, or lift it."""
    plan = Plan(audit("ma_1", "shadow_ban", "ac_mod", person), sanction=Sanction(person, shadow=on), keep={})
    await ActionStore(store).carry_out(SHOW, "ac_mod", key, ("shadow", person, on), plan)


async def test_a_question_is_a_comment_that_is_pinned_up_too(store: RoomStore) -> None:
    """With everything a screen needs of it; a repeated key is one; another meaning of the key is refused."""
    await asked(store, 1)
    await asked(store, 1)
    with pytest.raises(IdempotencyConflict):
        await store.comment(
            SHOW, Speaker("gu_mei", "Mei", "mei", staff=False), "key-gu_mei-1", comment(1, question=False)
        )
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.data.get("kind", "talk") for entry in entries] == ["talk", "board"]
    board = await pinned_up(store)
    assert list(board) == ["question:co_1"]
    question = board["question:co_1"]
    assert question == {**comment(1), "name": "Mei", "at_ms": entries[0].data["at_ms"], "state": "open"}
    assert entries[1].data["value"] == question


async def test_a_person_counts_once_whatever_they_repeat(store: RoomStore, ballots: Ballots) -> None:
    """On, on again, the same frame again, off, off; others' stay."""
    await asked(store, 1)
    vote = ballots.for_question
    for key, on, total in (("k-1", True, 1), ("k-2", True, 1), ("k-1", True, 1), ("k-3", False, 0)):
        await vote(SHOW, LIN, f"key-{key}", "co_1", on=on)
        assert (await tallies(store))["ask:co_1"] == total
    # What was overtaken on its way and comes again is no new word.
    await vote(SHOW, LIN, "key-k-2", "co_1", on=True)
    assert (await tallies(store))["ask:co_1"] == 0
    await vote(SHOW, WU, "key-k-1", "co_1", on=True)
    assert (await tallies(store))["ask:co_1"] == 1
    with pytest.raises(IdempotencyConflict):
        await vote(SHOW, WU, "key-k-1", "co_1", on=False)
    assert (await store.person(SHOW, "gu_wu")).votes == {"co_1": "1"}
    assert (await store.person(SHOW, "gu_lin")).votes == {}


async def test_votes_nobody_may_give_change_nothing(store: RoomStore, ballots: Ballots) -> None:
    """For what is not asked, what one asked oneself, and from who is banned, also by their device."""
    await asked(store, 1)
    await store.redis.hset(KEYS.bans, "de_bad", "1|1")
    for voter, question, refusal in (
        (LIN, "co_2", NoSuchQuestion),
        (Voter("gu_mei"), "co_1", OwnQuestion),
        (Voter("gu_lin", "de_bad"), "co_1", Banned),
    ):
        with pytest.raises(refusal):
            await ballots.for_question(SHOW, voter, "key-vote-1", question, on=True)
    assert await store.redis.exists(KEYS.votes) == 0
    assert "ask:co_1" not in await tallies(store)


async def test_votes_of_the_shadow_banned_count_for_nobody_else(store: RoomStore, ballots: Ballots) -> None:
    """Those before and those after; they see their own; lifted, they count again, in whatever order."""
    await asked(store, 1)
    await asked(store, 2)
    await ballots.for_question(SHOW, LIN, "key-vote-1", "co_1", on=True)
    await ballots.for_question(SHOW, WU, "key-vote-1", "co_1", on=True)
    await shadow(store, "key-mod-1", "gu_lin", on=True)
    assert (await tallies(store))["ask:co_1"] == 1
    await ballots.for_question(SHOW, LIN, "key-vote-2", "co_2", on=True)
    assert (await tallies(store)).get("ask:co_2", 0) == 0
    assert (await store.person(SHOW, "gu_lin")).votes == {"co_1": "1", "co_2": "1"}
    await ballots.for_question(SHOW, LIN, "key-vote-3", "co_1", on=False)
    await shadow(store, "key-mod-2", "gu_lin", on=False)
    told = await tallies(store)
    assert (told["ask:co_1"], told.get("ask:co_2", 0)) == (1, 0)
    await ballots.for_question(SHOW, WU, "key-vote-2", "co_2", on=True)
    assert (await tallies(store))["ask:co_2"] == 1


async def test_a_ban_takes_questions_and_votes_and_its_end_gives_the_votes_back(
    store: RoomStore, ballots: Ballots
) -> None:
    """Told as facts; the votes of others for what is gone are no trouble."""
    await asked(store, 1)
    await asked(store, 2, "gu_lin")
    await ballots.for_question(SHOW, LIN, "key-vote-1", "co_1", on=True)
    await ballots.for_question(SHOW, WU, "key-vote-1", "co_1", on=True)
    await ban(store, "key-mod-1", "gu_lin", banned=True)
    assert list(await pinned_up(store)) == ["question:co_1"]
    assert (await tallies(store))["ask:co_1"] == 1
    entries, _ = await store.read(SHOW, 0, 100)
    assert {"kind": "board", "name": "question:co_2", "value": None}.items() <= entries[-1].data.items()
    await ban(store, "key-mod-2", "gu_lin", banned=False)
    assert (await tallies(store))["ask:co_1"] == 2


async def test_a_question_goes_with_its_comment(store: RoomStore) -> None:
    """Deleted, or all of the person's by a timeout; the one that is answered now comes down with it."""
    for number in (1, 2):
        await asked(store, number)
    await store.board(SHOW, "ac_mod", "", "question", {"comment": "co_1", "person": "gu_mei"})
    await delete(store, "key-mod-1", "co_1")
    assert list(await pinned_up(store)) == ["question:co_2"]
    await mute(store, "key-mod-2", "gu_mei", 60)
    assert await pinned_up(store) == {}


async def test_a_person_has_three_open_questions_and_staff_any_number(store: RoomStore) -> None:
    """One more is refused and nothing of it kept; put aside, there is room again."""
    for number in range(3):
        await asked(store, number)
    before, _ = await store.read(SHOW, 0, 100)
    with pytest.raises(AskedEnough) as refused:
        await asked(store, 3)
    assert refused.value.facts == {"own_questions": 3}
    assert (await store.read(SHOW, 0, 100))[0] == before
    await store.board(SHOW, "ac_mod", "", "question:co_0", None)
    await asked(store, 3)
    for number in range(10, 15):
        await asked(store, number, "ac_host", staff=True)


async def test_the_oldest_question_nobody_wants_gives_way(store: RoomStore, ballots: Ballots) -> None:
    """Of two hundred; not while it is young, not one with a vote, not the one that is answered now."""
    for number in range(200):
        value = f'{{"id":"co_{number}","person":"gu_x","at_ms":{1000 + number},"state":"open"}}'
        await store.redis.hset(KEYS.board, f"question:co_{number}", value)
    await ballots.for_question(SHOW, LIN, "key-vote-1", "co_0", on=True)
    await store.board(SHOW, "ac_mod", "", "question", {"comment": "co_1"})
    await asked(store, 500)
    board = await pinned_up(store)
    assert "question:co_2" not in board
    assert {"question:co_0", "question:co_1", "question:co_500"} <= set(board)

    for name, value in board.items():
        if value.get("state") == "open":
            await store.redis.hset(KEYS.board, name, f'{{"at_ms":{2**52},"state":"open","id":"{name[9:]}"}}')
    before = await pinned_up(store)
    with pytest.raises(QuestionsFull):
        await asked(store, 501)
    assert await pinned_up(store) == before


async def test_sums_of_what_is_gone_are_forgotten_in_time(store: RoomStore, ballots: Ballots) -> None:
    """Not at once, since an undo may bring the question back; and never those of what is open."""
    await asked(store, 1)
    await ballots.for_question(SHOW, LIN, "key-vote-1", "co_1", on=True)
    for number in range(401):
        await store.redis.hset(KEYS.tallies, f"ask:co_old{number}", "1")
    await asked(store, 2)
    assert {name for name in await tallies(store) if name.startswith("ask:")} == {"ask:co_1"}


async def test_a_vote_taken_back_is_no_sum_below_nothing(store: RoomStore, ballots: Ballots) -> None:
    """The sum of a question that was down may be forgotten when an undo brings it back."""
    await asked(store, 1)
    await ballots.for_question(SHOW, LIN, "key-1", "co_1", on=True)
    await store.redis.hdel(KEYS.tallies, "ask:co_1")
    await ballots.for_question(SHOW, LIN, "key-2", "co_1", on=False)
    assert not await store.redis.hexists(KEYS.tallies, "ask:co_1")
    await ballots.for_question(SHOW, LIN, "key-3", "co_1", on=True)
    assert await store.redis.hget(KEYS.tallies, "ask:co_1") == b"1"


async def test_what_is_kept_of_a_person_is_bounded(store: RoomStore, ballots: Ballots) -> None:
    """Votes for what is gone are dropped once no undo brings it back with its sum."""
    for number in range(70):
        name = f"question:co_{number}"
        await store.redis.hset(KEYS.board, name, '{"id":"co_1","person":"gu_x","at_ms":1,"state":"open"}')
        await ballots.for_question(SHOW, LIN, f"key-vote-{number}", f"co_{number}", on=True)
        if number < 60:
            await store.redis.hdel(KEYS.board, name)
    assert set((await store.person(SHOW, "gu_lin")).votes) == {f"co_{number}" for number in range(70)}
    await store.redis.hdel(KEYS.tallies, *(f"ask:co_{number}" for number in range(1, 60)))
    await asked(store, 99)
    await ballots.for_question(SHOW, LIN, "key-vote-99", "co_99", on=True)
    kept: Any = await store.redis.hget(KEYS.votes, "gu_lin")
    up = {f"co_{number}" for number in (*range(60, 70), 99)}
    assert set(json.loads(kept)["v"]) == up | {"co_0"}


@pytest.mark.parametrize("seed", range(12))
async def test_a_sum_is_how_many_said_yes_last(store: RoomStore, seed: int) -> None:
    """Any interleaving of votes, take-backs and repeats of the newest frames, at once and over two stores."""
    chance = random.Random(seed)
    other = RoomStore(store.redis, lambda: f"other-{chance.random()}", 1000)
    fronts = [Ballots(store), Ballots(other)]
    people = [Voter(f"gu_{number}") for number in range(4)]
    for number in range(2):
        await asked(store, number, "gu_asker")
    last: dict[tuple[str, str], bool] = {}
    said: dict[str, list[tuple[str, str, bool]]] = {who.person: [] for who in people}

    async def say(who: Voter) -> None:
        """One person's frames keep their order; those of others come between."""
        for number in range(10):
            frames = said[who.person]
            if frames and chance.random() < 0.3:
                frame = chance.choice(frames[-ballots_redis.KEYS_REMEMBERED_TOTAL :])
            else:
                frame = (f"key-{who.person}-{number}", f"co_{chance.randrange(2)}", chance.random() < 0.6)
                frames.append(frame)
                last[who.person, frame[1]] = frame[2]
            await chance.choice(fronts).for_question(SHOW, who, frame[0], frame[1], on=frame[2])

    await asyncio.gather(*map(say, people))
    told = await tallies(other)
    for question in ("co_0", "co_1"):
        wanted = sum(on for (_, what), on in last.items() if what == question)
        assert told.get(f"ask:{question}", 0) == wanted
