"""Questions over the wire: two fronts, viewers and a moderator."""

from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.asking.questions import ANSWERED_TOTAL
from realtime.client.room_client_ws import RoomClient as StayingClient
from realtime.store.keys import ShowKeys
from tests.realtime.asking.askers import ask, told_tallies
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW, Shop, serving

Json = dict[str, Any]


async def _up(client: RoomClient, question: str, state: str = "open") -> Json:
    """Wait until a question is on this screen; returns it."""
    name = f"question:{question}"
    await client.until(lambda: client.board.get(name, {}).get("state") == state)
    value: Json = client.board[name]
    return value


async def _gone(client: RoomClient, question: str) -> None:
    await client.until(lambda: f"question:{question}" not in client.board)


async def _counted(client: RoomClient, question: str, total: int) -> None:
    await client.until(lambda: told_tallies(client).get(f"ask:{question}") == total)


async def _refused(client: RoomClient, kind: str, **fields: object) -> str:
    with pytest.raises(RefusedError) as refused:
        await client.ask(kind, key=new_key(), **fields)
    return refused.value.code


async def test_a_question_is_asked_wanted_shown_and_answered(two: Two) -> None:
    """On both fronts: the votes, the one answered now, the written answer under it."""
    question = await ask(two.mei, "Does it come in green?")
    for screen in (two.lin, two.mod):
        assert (await _up(screen, question))["text"] == "Does it come in green?"
    await two.lin.ask("vote_question", comment=question, on=True, key=new_key())
    for screen in (two.mei, two.lin, two.mod):
        await _counted(screen, question, 1)
    await two.act("show_question", comment=question)
    await two.mei.until(lambda: two.mei.board.get("question", {}).get("comment") == question)
    await two.act("answer_question", comment=question, text="Yes, from Friday.")
    for screen in (two.mei, two.lin):
        answered = await _up(screen, question, "answered")
        assert answered["answer"].items() >= {"text": "Yes, from Friday.", "badge": "moderator"}.items()
        assert "question" not in screen.board
    assert await _refused(two.lin, "vote_question", comment=question, on=False) == "no_such_question"
    await _up(two.mod, question, "answered")
    done = [fact["action"] for fact in two.mod.facts if fact["kind"] == "moderation"]
    assert done == ["show_question", "answer_question"]


async def test_the_own_votes_are_there_after_a_reload_and_in_other_windows(two: Two) -> None:
    """In the hello's `you`, on any front; told at once to the person's other sockets."""
    question = await ask(two.mei, "Which size?")
    await _up(two.lin, question)
    async with RoomClient(two.one.url, SHOW, "gu_lin") as window:
        await two.lin.ask("vote_question", comment=question, on=True, key=new_key())
        await window.until(lambda: window.you)
        assert window.you[0] == {"type": "you", "event": "voted", "comment": question, "on": True}
    async with RoomClient(two.two.url, SHOW, "gu_lin") as back:
        assert back.hello["you"]["votes"] == [question]
        assert back.hello["you"]["choices"] == {}
        await _counted(back, question, 1)
        await back.ask("vote_question", comment=question, on=False, key=new_key())
        await _counted(two.mei, question, 0)


async def test_the_own_vote_stands_again_for_who_came_while_the_question_was_down(two: Two) -> None:
    """Deleted or put aside, and taken back; whoever did not vote is told nothing of it."""
    question = await ask(two.mei, "Which size?")
    await _up(two.lin, question)
    await two.lin.ask("vote_question", comment=question, on=True, key=new_key())
    for kind in ("delete", "dismiss_question"):
        await _up(two.mod, question)
        action = await two.act(kind, comment=question)
        await _gone(two.lin, question)
        async with (
            RoomClient(two.two.url, SHOW, "gu_lin") as voter,
            RoomClient(two.two.url, SHOW, "gu_new") as other,
        ):
            assert "Which size?" not in str(voter.hello["snapshot"]["board"])
            await two.act("undo", action=action)
            await _up(voter, question)
            await _counted(voter, question, 1)
            assert (voter.hello["you"]["votes"], other.hello["you"]["votes"]) == ([question], [])


async def test_a_question_outlives_the_log_and_the_fronts(plain_redis: Redis, shop: Shop) -> None:
    """Trimmed away from the log and asked of a front that never heard it."""
    async with serving(plain_redis, shop) as front, RoomClient(front.url, SHOW, "gu_mei") as mei:
        question = await ask(mei, "Is it new?")
        async with RoomClient(front.url, SHOW, "gu_lin") as lin:
            await lin.ask("vote_question", comment=question, on=True, key=new_key())
            await _counted(lin, question, 1)
    await plain_redis.xtrim(ShowKeys.of(SHOW).log, maxlen=0, approximate=False)
    async with serving(plain_redis, shop, "front-9") as front, RoomClient(front.url, SHOW, "gu_new") as new:
        assert new.hello["snapshot"]["board"][f"question:{question}"]["text"] == "Is it new?"
        await _counted(new, question, 1)


async def test_what_staff_do_with_questions_can_be_undone(two: Two) -> None:
    """Shown, answered and put aside each come back, with the votes."""
    question = await ask(two.mei, "Is it soft?")
    await _up(two.lin, question)
    await two.lin.ask("vote_question", comment=question, on=True, key=new_key())
    shown = await two.act("show_question", comment=question)
    await two.act("undo", action=shown)
    await two.mei.until(
        lambda: [f["name"] for f in two.mei.facts if f["kind"] == "board"].count("question") == 2
    )
    answered = await two.act("answer_question", comment=question)
    await _up(two.mei, question, "answered")
    await two.act("undo", action=answered)
    await _up(two.mei, question)
    aside = await two.act("dismiss_question", comment=question)
    await _gone(two.mei, question)
    assert question in two.mei.comments
    await two.act("undo", action=aside)
    await _up(two.mei, question)
    await _counted(two.mei, question, 1)


async def test_a_deleted_comment_s_question_comes_back_with_it(two: Two) -> None:
    """Deleting is undone as a whole."""
    question = await ask(two.mei, "Is it warm?")
    await _up(two.mod, question)
    action = await two.act("delete", comment=question)
    await _gone(two.lin, question)
    await two.act("undo", action=action)
    assert (await _up(two.lin, question))["text"] == "Is it warm?"


@pytest.mark.parametrize("kind", ["delete", "delete_person", "timeout", "ban"])
async def test_an_answered_question_comes_back_answered_when_its_removal_is_undone(
    two: Two, kind: str
) -> None:
    """With its answer and its votes, whichever action took it away; the person's open one is open again."""
    answered, still_open = await ask(two.mei, "Is it warm?"), await ask(two.mei, "And soft?")
    await two.lin.ask("vote_question", comment=answered, on=True, key=new_key())
    await _up(two.mod, still_open)
    await two.act("answer_question", comment=answered, text="Very.")
    before = await _up(two.lin, answered, "answered")
    target: Json = {"comment": answered} if kind == "delete" else {"person": "gu_mei"}
    action = await two.act(kind, **target, **({"seconds": 60} if kind == "timeout" else {}))
    await _gone(two.lin, answered)
    await two.act("undo", action=action)
    assert await _up(two.lin, answered, "answered") == before
    assert (await _up(two.lin, still_open))["text"] == "And soft?"
    assert told_tallies(two.lin)[f"ask:{answered}"] == 1
    await two.lin.until_comment(answered)


async def test_an_answered_question_that_was_held_for_reports_comes_back_answered(two: Two) -> None:
    """Once a moderator lets it through; undoing that takes both away."""
    question = await ask(two.mei, "Is it warm?")
    await _up(two.mod, question)
    await two.act("answer_question", comment=question, text="Very.")
    before = await _up(two.lin, question, "answered")
    await two.two.realtime.reviewing.hold_reported(SHOW, question)
    await _gone(two.lin, question)
    action = await two.act("approve", comment=question)
    assert await _up(two.lin, question, "answered") == before
    await two.act("undo", action=action)
    await _gone(two.lin, question)


async def test_the_gate_holds_for_questions(two: Two) -> None:
    """Refused, held and approved as any comment; of the shadow-banned only they and staff hear."""
    await two.one.realtime.rooms.open[SHOW].refresh()
    await two.act("modes", modes={"links": "off"})
    await two.mei.until(lambda: two.mei.board.get("modes"))
    assert await _refused(two.mei, "comment", text="see shop.example?", question=True) == "links_off"
    assert not any(name.startswith("question:") for name in two.lin.board)
    await two.act("shadow_ban", person="gu_mei")
    unheard = await ask(two.mei, "Do you see me?")
    await two.mei.until_comment(unheard)
    await two.mod.until_fact("shadowed")
    seen = await ask(two.lin, "And me?")
    await _up(two.mei, seen)
    assert [name for name in two.mei.board if name.startswith("question:")] == [f"question:{seen}"]


async def test_a_held_question_is_asked_once_it_is_approved(plain_redis: Redis, shop: Shop) -> None:
    """And undoing the approval takes it away."""
    shop.policy = {"version": 1, "terms": [{"text": "green", "effect": "hold"}]}
    async with (
        serving(plain_redis, shop) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
        RoomClient(front.url, SHOW, "ac_mod") as mod,
    ):
        answer = await mei.ask("comment", text="In green?", key=new_key(), question=True)
        question = answer["comment"]["id"]
        assert answer["pending"]
        await mod.until(lambda: f"staff:held:{question}" in mod.board)
        assert f"question:{question}" not in mod.board
        done = await mod.ask("approve", comment=question, key=new_key())
        await _up(mei, question)
        await mod.ask("undo", action=done["action"], key=new_key())
        await _gone(mei, question)


async def test_viewers_answer_nothing_and_what_is_gone_is_refused(two: Two, plain_redis: Redis) -> None:
    """Refusals change nothing; a repeated key is one action even when the question is gone by then."""
    question = await ask(two.mei, "Is it blue?")
    plain = await two.mei.comment("only a comment")
    await _up(two.mod, question)
    before = await plain_redis.xlen(ShowKeys.of(SHOW).log)
    for kind in ("show_question", "answer_question", "dismiss_question"):
        assert await _refused(two.lin, kind, comment=question) == "not_allowed"
        assert await _refused(two.mod, kind, comment=plain["id"]) == "no_such_question"
    assert await _refused(two.mei, "vote_question", comment=question, on=True) == "own_question"
    assert await _refused(two.mod, "answer_question", comment=question, text=" ") == "comment_empty"
    assert await plain_redis.xlen(ShowKeys.of(SHOW).log) == before
    key = new_key()
    first = await two.mod.ask("dismiss_question", comment=question, key=key)
    again = await two.mod.ask("dismiss_question", comment=question, key=key)
    assert first["action"] == again["action"]
    assert await _refused(two.mod, "dismiss_question", comment=question) == "no_such_question"


async def test_an_answered_question_is_not_shown_as_live(two: Two) -> None:
    """Nor is the live one taken down when another is answered."""
    one, other = await ask(two.mei, "One?"), await ask(two.lin, "Other?")
    await _up(two.mod, other)
    await two.act("show_question", comment=one)
    await two.mod.until(lambda: two.mod.board.get("question"))
    await two.act("answer_question", comment=other)
    await _up(two.mei, other, "answered")
    assert two.mei.board["question"]["comment"] == one
    assert await _refused(two.mod, "show_question", comment=other) == "no_such_question"
    await two.act("show_question", comment=None)
    await two.mei.until(lambda: "question" not in two.mei.board)


async def test_answered_questions_are_bounded(two: Two, plain_redis: Redis) -> None:
    """The oldest makes room for one more."""
    keys, store = ShowKeys.of(SHOW), two.two.realtime.store
    for number in range(ANSWERED_TOTAL):
        value = {"id": f"co_{number}", "person": "gu_x", "at_ms": number, "state": "answered", "answer": None}
        await store.board(SHOW, "system", "", f"question:co_{number}", value)
    question = await ask(two.mei, "One more?")
    await _up(two.mod, question)
    await two.act("answer_question", comment=question)
    await _up(two.mei, question, "answered")
    await _gone(two.mei, "co_0")
    assert await plain_redis.hlen(keys.board) == ANSWERED_TOTAL


async def test_the_python_client_knows_questions(two: Two) -> None:
    """In order of votes, then of time, with one's own votes."""

    async def token() -> str:
        return "gu_wu"

    async with StayingClient(two.one.url, SHOW, token) as wu:
        questions = [await ask(two.mei, f"Question {number}?") for number in range(3)]
        await wu.until(lambda view: len(view.questions) == 3)
        await wu.write("vote_question", comment=questions[2], on=True)
        wanted = [questions[2], questions[0], questions[1]]
        await wu.until(lambda view: [one["id"] for one in view.questions] == wanted)
        await wu.until(lambda view: view.you["votes"] == [questions[2]])
        await wu.write("vote_question", comment=questions[2], on=False)
        await wu.until(
            lambda view: view.you["votes"] == [] and [q["id"] for q in view.questions] == questions
        )


async def test_who_is_heard_by_nobody_stays_connected(two: Two) -> None:
    """Their own words come without a place in the log, and are no gap."""

    async def token() -> str:
        return "gu_wu"

    async with StayingClient(two.one.url, SHOW, token) as wu:
        await two.act("shadow_ban", person="gu_wu")
        await wu.write("comment", text="hello?")
        await wu.until(partial(_said, "hello?"))
        assert (wu.gaps_total, wu.connections_total) == (0, 1)


def _said(text: str, view: Any) -> bool:
    return any(comment["text"] == text for comment in view.comments)
