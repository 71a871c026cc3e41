"""Polls: what may be asked, and over the wire on two fronts."""

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.asking.ballots_redis import Ballots
from realtime.asking.polls import clean_poll
from realtime.errors import BadPoll
from realtime.moderation.office import By
from realtime.moderation.plan import audit
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore
from tests.realtime.asking.askers import pinned_up, tallies, told_tallies
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW

Json = dict[str, Any]
KEYS = ShowKeys.of(SHOW)


async def opened(two: Two, **more: object) -> str:
    """Open a poll as the moderator, and wait until it is on the first front's screens; returns its id."""
    fields = {"question": "Which colour next?", "choices": ["Green", "Blue", "Red"], **more}
    answer = await two.mod.ask("open_poll", key=new_key(), **fields)
    await two.lin.until(lambda: two.lin.board.get("poll", {}).get("id") == answer["poll"])
    return str(answer["poll"])


async def end(two: Two, how: str, poll: str) -> None:
    """Close or dismiss a poll as the moderator."""
    await two.mod.ask(how, poll=poll, key=new_key())


async def choose(client: RoomClient, poll: str, choice: int) -> None:
    """Vote."""
    await client.ask("vote_poll", poll=poll, choice=choice, key=new_key())


async def refused(client: RoomClient, kind: str, **fields: object) -> str:
    """Send what must be refused; returns the code."""
    with pytest.raises(RefusedError) as error:
        await client.ask(kind, key=new_key(), **fields)
    return error.value.code


def votes(client: RoomClient, poll: str) -> list[int | None]:
    """Return the newest counts of the choices this client was told."""
    told = told_tallies(client)
    return [told.get(f"poll:{poll}:{at}") for at in range(3)]


def early(client: RoomClient, poll: str) -> list[int | None]:
    """Return the newest counts that are for staff alone."""
    told = told_tallies(client)
    return [told.get(f"staff:poll:{poll}:{at}") for at in range(3)]


async def ended(redis: Redis, poll: str) -> None:
    """Let the poll's time run out: its end lies in the past."""
    value: Any = await redis.hget(KEYS.board, "poll")
    text = value.decode()
    assert poll in text
    ends = text.split('"ends_at_ms":')[1].split(",")[0]
    await redis.hset(KEYS.board, "poll", text.replace(f'"ends_at_ms":{ends}', '"ends_at_ms":1000'))


def test_a_poll_has_words_for_each_choice() -> None:
    """Cleaned as comments are; empty, too long and equal ones are refused."""
    assert clean_poll(" Which\n one? ", ["A ", "\u202eb"]) == ("Which one?", ["A", "b"])
    for question, choices in (
        (" ", ["a", "b"]),
        ("x" * 141, ["a", "b"]),
        ("Which?", ["a", "\u200b"]),
        ("Which?", ["a", "x" * 61]),
        ("Which?", ["a", "A"]),
    ):
        with pytest.raises(BadPoll):
            clean_poll(question, choices)


async def test_votes_are_counted_and_may_be_changed_while_it_runs(two: Two) -> None:
    """On both fronts, one a person; the choice is in the hello of whatever front."""
    poll = await opened(two, seconds=60)
    value = two.lin.board["poll"]
    assert value["ends_at_ms"] - value["opened_at_ms"] == 60_000
    assert (value["closed_at_ms"], value["hidden"]) == (None, False)
    await choose(two.mei, poll, 0)
    await choose(two.lin, poll, 1)
    await choose(two.mod, poll, 1)
    for screen in (two.mei, two.lin, two.mod):
        await screen.until_self(lambda me: votes(me, poll) == [1, 2, 0])
    await choose(two.mei, poll, 1)
    await choose(two.mei, poll, 1)
    async with RoomClient(two.two.url, SHOW, "gu_mei") as back:
        assert back.hello["you"]["choices"] == {poll: 1}
        assert back.hello["you"]["votes"] == []
        await back.until(lambda: votes(back, poll) == [0, 3, 0])
        await choose(back, poll, 2)
        await two.mei.until(lambda: votes(two.mei, poll) == [0, 2, 1])


async def test_a_vote_after_the_end_is_refused_and_changes_nothing(two: Two, plain_redis: Redis) -> None:
    """By Redis's clock at the vote, without a fact or a timer; and after it was closed."""
    poll = await opened(two, seconds=15)
    await choose(two.mei, poll, 0)
    await two.mei.until(lambda: votes(two.mei, poll) == [1, 0, 0])
    before = await plain_redis.hgetall(KEYS.votes), await plain_redis.xlen(KEYS.log)
    await ended(plain_redis, poll)
    assert await refused(two.mei, "vote_poll", poll=poll, choice=1) == "poll_over"
    assert await refused(two.lin, "vote_poll", poll=poll, choice=1) == "poll_over"
    assert await refused(two.mod, "close_poll", poll=poll) == "poll_over"
    assert (await plain_redis.hgetall(KEYS.votes), await plain_redis.xlen(KEYS.log)) == before
    other = await opened(two)
    await end(two, "close_poll", other)
    await two.lin.until(lambda: two.lin.board["poll"]["closed_at_ms"])
    assert await refused(two.lin, "vote_poll", poll=other, choice=0) == "poll_over"
    assert votes(two.lin, other) in ([0, 0, 0], [None, None, None])


async def test_what_is_no_vote_is_refused(two: Two, plain_redis: Redis) -> None:
    """No such poll, no such choice, from who is banned by their device."""
    poll = await opened(two)
    assert await refused(two.mei, "vote_poll", poll="pl_other", choice=0) == "no_such_poll"
    assert await refused(two.mei, "vote_poll", poll=poll, choice=3) == "no_such_choice"
    assert await refused(two.mei, "vote_poll", poll=poll, choice=6) == "bad_message"
    await plain_redis.hset(KEYS.bans, "de_mei", "1|1")
    assert await refused(two.mei, "vote_poll", poll=poll, choice=0) == "banned"
    assert await plain_redis.exists(KEYS.votes) == 0


async def test_one_poll_runs_at_a_time_and_the_closed_ones_keep_their_results(two: Two) -> None:
    """Closed it stays up; dismissed, or followed by another, it goes to those before it, with its votes."""
    first = await opened(two)
    assert await refused(two.mod, "open_poll", question="And?", choices=["a", "b"]) == "poll_runs"
    await choose(two.lin, first, 2)
    await end(two, "close_poll", first)
    await two.mei.until(lambda: two.mei.board["poll"]["closed_at_ms"])
    second = await opened(two, question="Which size?")
    await two.mod.until(lambda: f"staff:poll:{first}" in two.mod.board)
    assert two.mod.board[f"staff:poll:{first}"]["results"] == [0, 0, 1]
    await choose(two.lin, second, 0)
    await end(two, "dismiss_poll", second)
    for screen in (two.mei, two.mod):
        await screen.until_self(lambda me: "poll" not in me.board)
    async with RoomClient(two.two.url, SHOW, "gu_lin") as back:
        assert (back.hello["you"]["choices"], back.hello["you"]["votes"]) == ({}, [])
    past = two.mod.board[f"staff:poll:{second}"]
    assert past["results"] == [1, 0, 0]
    assert past["closed_at_ms"] >= past["opened_at_ms"]
    assert not any(name.startswith("staff:") for name in two.mei.board)
    done = [(fact["action"], fact["target"]) for fact in two.mod.facts if fact["kind"] == "moderation"]
    wanted = [("open_poll", first), ("close_poll", first), ("open_poll", second), ("dismiss_poll", second)]
    assert done == wanted


async def test_hidden_votes_are_told_to_no_viewer_before_the_end(two: Two, plain_redis: Redis) -> None:
    """Only how many voted; then all of them, by the clock alone, also to who comes later."""
    poll = await opened(two, hidden=True, seconds=30)
    await choose(two.mei, poll, 1)
    await choose(two.lin, poll, 1)
    for screen in (two.mei, two.mod):
        await screen.until_self(lambda me: told_tallies(me).get(f"poll:{poll}") == 2)
        assert votes(screen, poll) == [None, None, None]
    assert "staff:" not in json.dumps(two.mei.frames)
    await ended(plain_redis, poll)
    for screen in (two.mei, two.mod):
        await screen.until_self(lambda me: votes(me, poll) == [0, 2, 0])
    async with RoomClient(two.one.url, SHOW, "gu_new") as new:
        assert new.hello["snapshot"]["tallies"][f"poll:{poll}:1"] == 2


async def test_staff_see_hidden_votes_as_they_come_and_viewers_are_sent_nothing_of_them(two: Two) -> None:
    """In ticks, in a hello, after a return; who changes their mind gives viewers not even an empty tick."""
    poll = await opened(two, hidden=True)
    await choose(two.mei, poll, 1)
    await two.mod.until(lambda: early(two.mod, poll) == [0, 1, 0])
    await two.lin.until(lambda: told_tallies(two.lin).get(f"poll:{poll}") == 1)
    await choose(two.mei, poll, 2)
    await two.mod.until(lambda: early(two.mod, poll) == [0, 0, 1])
    await two.one.realtime.rooms.open[SHOW].presence.tell()  # the moderator is on the other front
    async with (
        RoomClient(two.one.url, SHOW, "ac_host") as host,
        RoomClient(two.two.url, SHOW, "gu_new") as new,
        RoomClient(two.two.url, SHOW, "gu_back", position=two.mei.position) as back,
    ):
        assert early(host, poll) == [0, 0, 1]
        async with RoomClient(two.one.url, SHOW, "ac_host", position=host.position) as again:
            assert again.hello["missed"] is not None
            assert early(again, poll) == [0, 0, 1]
        assert back.hello["missed"] is not None
        for viewer in (two.mei, two.lin, new, back):
            assert "staff:" not in json.dumps(viewer.frames)
            assert viewer.hello["staff_tallies"] is None
    said = await two.mei.comment("done")
    await two.lin.until(lambda: said["id"] in two.lin.comments)
    ticks = [frame for frame in two.lin.frames if frame["type"] == "tick"]
    assert all(tick["facts"] or tick["talk"] or tick["state"] for tick in ticks)


async def test_votes_of_the_shadow_banned_do_not_count_and_an_ended_poll_stays(two: Two) -> None:
    """While it runs they are taken out; a result that stands is not changed afterwards."""
    poll = await opened(two)
    await choose(two.mei, poll, 0)
    await choose(two.lin, poll, 0)
    await two.act("shadow_ban", person="gu_mei")
    await two.lin.until(lambda: votes(two.lin, poll) == [1, 0, 0])
    await choose(two.mei, poll, 1)
    await two.mei.until(lambda: two.mei.you)
    assert votes(two.lin, poll) == [1, 0, 0]
    await end(two, "close_poll", poll)
    await two.act("shadow_ban", person="gu_lin")
    await end(two, "dismiss_poll", poll)
    await two.mod.until(lambda: f"staff:poll:{poll}" in two.mod.board)
    assert two.mod.board[f"staff:poll:{poll}"]["results"] == [1, 0, 0]


async def test_opening_and_ending_are_staff_s_and_once_a_key(two: Two, plain_redis: Redis) -> None:
    """Refusals change nothing; a repeat is the first answer; another body under the key is refused."""
    for kind, fields in (
        ("open_poll", {"question": "Mine?", "choices": ["a", "b"]}),
        ("close_poll", {"poll": "pl_1"}),
        ("dismiss_poll", {"poll": "pl_1"}),
    ):
        assert await refused(two.mei, kind, **fields) == "not_allowed"
    assert await refused(two.mod, "open_poll", question="Same?", choices=["a", "A"]) == "bad_poll"
    assert await refused(two.mod, "open_poll", question="One?", choices=["a"]) == "bad_message"
    assert await refused(two.mod, "open_poll", question="Q", choices=["a", "b"], seconds=14) == "bad_message"
    assert await refused(two.mod, "dismiss_poll", poll="pl_1") == "no_such_poll"
    assert await plain_redis.xlen(KEYS.log) == 0
    key = new_key()
    body = {"question": "Once?", "choices": ["a", "b"], "key": key}
    first = await two.mod.ask("open_poll", **body)
    again = await two.mod.ask("open_poll", **body)
    assert (first["poll"], first["ends_at_ms"]) == (again["poll"], again["ends_at_ms"])
    assert await refused_with(two.mod, key) == "idempotency_conflict"
    assert await plain_redis.xlen(KEYS.log) == 2


async def refused_with(client: RoomClient, key: str) -> str:
    """Open another poll with a key that was used; returns the code."""
    with pytest.raises(RefusedError) as error:
        await client.ask("open_poll", question="Other?", choices=["a", "b"], key=key)
    return error.value.code


async def test_those_before_are_bounded(store: RoomStore, ballots: Ballots) -> None:
    """Thirty; the oldest goes, with its sums."""
    by = By(SHOW, "ac_mod")
    for number in range(31):
        poll = {"id": f"pl_{number}", "question": f"Number {number}?", "choices": ["a", "b"], "hidden": False}
        await ballots.open_poll(by, poll, 0, audit("ma_1", "open_poll", "ac_mod", f"pl_{number}"))
        await ballots.end_poll(by, f"pl_{number}", "dismiss", audit("ma_2", "dismiss_poll", "ac_mod", None))
        if number == 0:
            old = (await pinned_up(store))["staff:poll:pl_0"] | {"opened_at_ms": 1}
            await store.board(SHOW, "ac_mod", "", "staff:poll:pl_0", old)
    board = await pinned_up(store)
    assert {value["question"] for value in board.values()} == {f"Number {at}?" for at in range(1, 31)}
    assert not any(name.startswith("poll:") for name in await tallies(store))
