"""Modes, terms, review, strikes and suspicion, over real sockets on two fronts."""

import contextlib
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime import metrics as names
from realtime.client.socket_ws import Json
from realtime.errors import Unavailable
from realtime.moderation.office import By, Office
from realtime.moderation.policy import Modes
from realtime.moderation.strikes import Strikes
from realtime.ports import Standing
from realtime.server import new_id, now_ms
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import Speaker
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.moderation.two_fronts import Two, pinned
from tests.realtime.stage import SHOW, Shop


async def _set_modes(two: Two, **modes: Any) -> str:
    """Set modes and wait until both people's front knows."""
    action = await two.act("modes", modes=modes)
    await two.mei.until(lambda: pinned(two.mei, "modes") != "never")
    return action


async def _policy(two: Two, shop: Shop, **rules: Any) -> None:
    """Set the shop's policy and wait until the room has it on both fronts."""
    before = len([fact for fact in two.mod.facts if fact["kind"] == "policy"])
    await shop.set_policy(**rules)
    await two.mod.until(lambda: len([f for f in two.mod.facts if f["kind"] == "policy"]) > before)
    fact = await two.mod.until_fact("policy")
    for front in (two.one, two.two):
        await front.realtime.rooms.open[SHOW].catch_up(fact["seq"])


async def _refused(client: RoomClient, text: str) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        await client.comment(text)
    return refused.value


async def test_followers_only_and_its_end(two: Two, shop: Shop) -> None:
    """A follower speaks, a stranger hears how; staff are exempt; the undo opens the room again."""
    since_ms = int(time.time() * 1000) - 3_600_000
    shop.standing_of["gu_mei"] = Standing(None, since_ms, bought=False)
    action = await _set_modes(two, followers_only_minutes=10)
    await two.mei.comment("I follow")
    refusal = await _refused(two.lin, "I do not")
    assert (refusal.code, refusal.frame["minutes"], refusal.frame["follows"]) == ("followers_only", 10, False)
    await two.mod.comment("rules")
    shop.standing_of["gu_lin"] = Standing(None, since_ms, bought=False)
    await two.act("undo", action=action)
    await two.lin.until(lambda: pinned(two.lin, "modes") is None)
    await two.lin.comment("open again")
    await two.mod.until(lambda: two.mod.texts() == ["I follow", "rules", "open again"])


async def test_standing_is_asked_once_for_many_comments(two: Two, shop: Shop) -> None:
    """Kept with the connection; nothing is asked at all while no mode needs it."""
    await two.mei.comment("before")
    assert shop.standings_total == 0
    shop.standing_of["gu_mei"] = Standing(None, 1, bought=True)
    await _set_modes(two, buyers_only=True)
    for number in range(3):
        await two.mei.comment(f"tea {number}")
    assert shop.standings_total == 1


async def test_links_emoji_and_uniqueness(two: Two) -> None:
    """Each with its own code; nothing of it is said."""
    await _set_modes(two, links="off", unique=True)
    assert (await _refused(two.mei, "see evil[.]com")).code == "links_off"
    said = await two.lin.comment("Hello!!")
    await two.mei.until_comment(said["id"])
    assert (await _refused(two.mei, "helloo")).code == "not_unique"
    await two.mod.comment("hello")
    await two.act("modes", modes={"emote_only": True})
    await two.mei.until(lambda: "'emote_only': True" in str(pinned(two.mei, "modes")))
    assert (await _refused(two.mei, "nice")).code == "emote_only"
    await two.mei.comment("👍")
    await two.mod.until(lambda: two.mod.texts() == ["Hello!!", "hello", "👍"])


async def test_a_comment_sent_again_with_its_key_is_answered_as_before(two: Two) -> None:
    """Though the room would now refuse it."""
    key = new_key()
    said = await two.mei.comment("only once", key)
    await two.mei.until_comment(said["id"])
    await _set_modes(two, unique=True, emote_only=True)
    assert await two.mei.comment("only once", key) == said
    assert (await _refused(two.mei, "only once")).code == "emote_only"


async def test_the_shield_locks_newcomers_out_and_ends_by_itself(two: Two, plain_redis: Redis) -> None:
    """One press; whoever just came waits, and after its end nobody had to lower it."""
    action = await two.act("shield", seconds=600)
    await two.mei.until(lambda: pinned(two.mei, "shield") != "never")
    shield = (await two.mei.until_fact("board"))["value"]
    entry = await two.entry(action)
    assert entry["expires_at_ms"] == shield["until_ms"]
    refusal = await _refused(two.lin, "raid")
    assert refusal.code == "newcomers_locked"
    assert 0 < refusal.frame["retry_after_ms"] <= 600_000
    async with RoomClient(two.two.url, SHOW, "gu_new") as new:
        assert new.hello["snapshot"]["board"]["shield"] == shield
    over = {**shield, "until_ms": 1}
    await two.one.realtime.store.board(SHOW, "ac_mod", new_key(), "shield", over)
    await two.lin.until(lambda: pinned(two.lin, "shield") == over)
    await two.lin.comment("calm")


async def test_the_undo_of_the_shield_lowers_it(two: Two) -> None:
    """The room is as it was."""
    action = await two.act("shield")
    await two.lin.until(lambda: pinned(two.lin, "shield") != "never")
    await two.act("undo", action=action)
    await two.lin.until(lambda: pinned(two.lin, "shield") is None)
    await two.lin.comment("hello")


async def test_blocked_words_of_the_policy_are_refused_at_once_when_it_changes(two: Two, shop: Shop) -> None:
    """A private term is not named; staff may say it; the policy reaches staff only."""
    await two.mei.comment("what a scam")
    await _policy(two, shop, terms=[{"text": "scam"}, {"text": "dumb", "public": True}])
    refusal = await _refused(two.mei, "what a 5c4m")
    assert (refusal.code, "term" in refusal.frame) == ("comment_refused", False)
    assert (await _refused(two.mei, "d u m b")).frame["term"] == "dumb"
    await two.mod.comment("no scam here")
    await two.mei.until(lambda: two.mei.texts() == ["what a scam", "no scam here"])
    assert "policy" not in {fact["kind"] for fact in two.mei.facts}


@pytest.mark.parametrize("effect", ["hold", "block", None])
@pytest.mark.parametrize("picture", ["cp_1", None])
async def test_a_held_comment_sent_again_is_answered_as_before(
    two: Two, shop: Shop, effect: str | None, picture: str | None
) -> None:
    """Whatever the shop's rules or a moderator say by then: still to be held, refused or free, approved."""
    held_back = {"text": "maybe", "effect": "hold"}
    await _policy(two, shop, terms=[held_back], pictures="all")
    shop.pictures["cp_1"] = "gu_mei"
    words = {"text": "maybe yes", "key": new_key(), **({"picture": picture} if picture else {})}
    first = await two.mei.ask("comment", **words)
    assert first["pending"] is True
    await _policy(two, shop, terms=[{**held_back, "effect": effect}] if effect else [], pictures="all")
    again = await two.mei.ask("comment", **words)
    await two.act("approve", comment=first["comment"]["id"])
    once_more = await two.mei.ask("comment", **words)
    for answer in (again, once_more):
        assert {**answer, "re": 0} == {**first, "re": 0}
    await two.lin.until_comment(first["comment"]["id"])
    assert two.lin.texts() == ["maybe yes"]


async def test_a_held_comment_waits_for_a_moderator(two: Two, shop: Shop) -> None:
    """Its author hears that it is pending, staff have it, nobody else; approved it is like any other."""
    await _policy(two, shop, terms=[{"text": "maybe", "effect": "hold"}])
    answer = await two.mei.ask("comment", text="maybe yes", key=new_key())
    held = answer["comment"]["id"]
    assert answer["pending"] is True
    board = await two.mod.until_fact("board")
    assert (board["name"], board["value"]["why"]) == (f"staff:held:{held}", ["term"])
    async with (
        RoomClient(two.two.url, SHOW, "ac_host") as host,
        RoomClient(two.two.url, SHOW, "gu_new") as new,
    ):
        assert f"staff:held:{held}" in host.hello["staff_board"]
        assert new.hello["staff_board"] is None
        action = await two.act("approve", comment=held)
        await two.lin.until_comment(held)
        assert two.lin.comments[held]["text"] == "maybe yes"
        await two.mei.until(lambda: two.mei.you)
        assert two.mei.you[-1] == {"type": "you", "event": "approved", "comment": held}
        with pytest.raises(RefusedError, match="no_such_case"):
            await two.act("deny", comment=held)
        await two.act("undo", action=action)
        await two.lin.until(lambda: held not in two.lin.comments)
        await host.until(lambda: host.facts[-1]["kind"] == "comment_deleted")
        assert pinned(host, f"staff:held:{held}") == board["value"]
    assert all(fact["kind"] != "board" for fact in two.lin.facts)


async def test_a_denied_comment_is_told_to_its_author_only(two: Two, shop: Shop) -> None:
    """Nobody else ever hears of it; a repeated key is one denial."""
    await _policy(two, shop, terms=[{"text": "maybe", "effect": "hold"}])
    answer = await two.mei.ask("comment", text="maybe no", key=new_key())
    held, key = answer["comment"]["id"], new_key()
    first = await two.mod.ask("deny", comment=held, key=key, reason="off topic")
    again = await two.mod.ask("deny", comment=held, key=key, reason="off topic")
    assert first["action"] == again["action"]
    await two.mei.until(lambda: two.mei.you and two.mei.you[-1]["event"] == "denied")
    await two.lin.comment("next")
    await two.mei.until(lambda: two.mei.texts() == ["next"])
    assert "maybe no" not in str(two.lin.frames)


async def test_a_held_comment_that_nobody_decided_about_is_told_to_its_author_and_staff_once(
    two: Two, shop: Shop
) -> None:
    """On whichever front they are, however many fronts notice; no viewer hears of it, and none is undone."""
    await _policy(two, shop, terms=[{"text": "maybe", "effect": "hold"}])
    waits = (await two.mei.ask("comment", text="maybe tomorrow", key=new_key()))["comment"]["id"]
    held = (await two.mei.ask("comment", text="maybe now", key=new_key()))["comment"]["id"]
    name = f"staff:held:{held}"
    await two.mod.until(lambda: name in two.mod.board)
    over = {**two.mod.board[name], "expires_at_ms": 1}
    await two.one.realtime.store.board(SHOW, "system", "", name, over)
    await two.mei.until(lambda: two.mei.you)
    await two.mod.until(lambda: name not in two.mod.board)
    assert two.mei.you == [{"type": "you", "event": "expired", "comment": held}]
    entries = [fact for fact in two.mod.facts if fact.get("action") == "expire"]
    assert [(one["actor"], one["target"], one["detail"]["person"]) for one in entries] == [
        ("system", held, "gu_mei")
    ]
    assert f"staff:held:{waits}" in two.mod.board
    with pytest.raises(RefusedError, match="no_such_case"):
        await two.act("approve", comment=held)
    with pytest.raises(RefusedError, match="no_such_action"):
        await two.act("undo", action=entries[0]["action_id"])
    assert "maybe" not in str(two.lin.frames)


async def test_reports_are_counted_by_person_and_can_take_a_comment_down(two: Two, shop: Shop) -> None:
    """Twice by one person is one; at the shop's number it waits for review."""
    await _policy(two, shop, reports_hold=2)
    said = await two.mei.comment("rude words")
    await two.lin.until_comment(said["id"])
    for _ in range(2):
        await two.lin.ask("report", comment=said["id"], why="abuse", text="he is rude", key=new_key())
    await two.mod.until_fact("board")
    case = two.mod.facts[-1]["value"]
    assert (case["total"], case["whys"], case["texts"]) == (1, {"abuse": 1}, ["he is rude"])
    assert case["comment"]["text"] == "rude words"
    with pytest.raises(RefusedError, match="no_such_comment"):
        await two.lin.ask("report", comment="co_none", why="spam", key=new_key())
    async with RoomClient(two.two.url, SHOW, "gu_new") as new:
        await new.ask("report", comment=said["id"], why="spam", key=new_key())
        await two.lin.until(lambda: said["id"] not in two.lin.comments)
        await two.act("approve", comment=said["id"])
        await two.lin.until_comment(said["id"])
        await two.act("dismiss", case=f"staff:report:{said['id']}")
        with pytest.raises(RefusedError, match="no_such_case"):
            await two.act("dismiss", case=f"staff:report:{said['id']}")


async def test_nobody_takes_a_comment_down_alone_by_reporting_it_twice(two: Two) -> None:
    """A shop that holds nothing for reports (the usual one) counts the first and leaves the comment."""
    said = await two.mei.comment("fine words")
    await two.lin.until_comment(said["id"])
    for _ in range(2):
        await two.lin.ask("report", comment=said["id"], why="spam", key=new_key())
    await two.lin.comment("next")
    await two.mei.until(lambda: two.mei.texts() == ["fine words", "next"])
    await two.mod.until(lambda: any(fact.get("action") == "report" for fact in two.mod.facts))
    assert not any(str(fact.get("name")).startswith("staff:held:") for fact in two.mod.facts)


async def test_strikes_lead_to_a_warning_and_a_timeout(two: Two, shop: Shop) -> None:
    """Each refused message is one strike however often it is sent; the actor is the system; undo works."""
    await _policy(
        two,
        shop,
        terms=[{"text": "scam"}],
        strikes={"on": True, "steps": [{"action": "warn"}, {"action": "timeout", "seconds": 60}]},
    )
    key = new_key()
    for _ in range(3):
        with pytest.raises(RefusedError, match="comment_refused"):
            await two.mei.comment("scam", key)
    await two.mei.until(lambda: two.mei.you)
    assert [each["event"] for each in two.mei.you] == ["warned"]
    await two.mei.ask("acknowledge", action=two.mei.you[0]["action"], key=new_key())
    await _refused(two.mei, "scam scam")
    await two.mei.until(lambda: two.mei.you[-1]["event"] == "muted")

    def told() -> list[Json]:
        return [fact for fact in two.mod.facts if fact["kind"] == "moderation"]

    await two.mod.until(lambda: len(told()) == 5)
    entries = told()
    assert [entry["action"] for entry in entries] == ["strike", "warn", "acknowledge", "strike", "timeout"]
    assert {entry["actor"] for entry in entries} == {"system", "gu_mei"}
    await two.act("undo", action=entries[-1]["action_id"])
    await two.mei.comment("I will be good")


async def test_who_comes_from_a_banned_persons_browser_is_shown_and_held(two: Two, shop: Shop) -> None:
    """When the shop wants suspects held; a dismissal clears them."""
    await _policy(two, shop, suspects="hold")
    await two.lin.comment("spam")
    await two.act("ban", person="gu_lin")
    async with RoomClient(two.one.url, SHOW, "gu_alt/de_lin") as alt:
        await two.mod.until(lambda: any(fact.get("action") == "suspect" for fact in two.mod.facts))
        answer = await alt.ask("comment", text="hello", key=new_key())
        assert answer["pending"] is True
        await two.act("dismiss", case="staff:suspect:gu_alt")
        answer = await alt.ask("comment", text="hello again", key=new_key())
        assert answer["pending"] is False


async def test_a_refused_request_to_return_leaves_a_suspect_suspicious(two: Two, shop: Shop) -> None:
    """Only the dismissal of the suspicion itself clears it."""
    await _policy(two, shop, suspects="hold")
    await two.lin.comment("spam")
    await two.act("ban", person="gu_lin")
    async with RoomClient(two.one.url, SHOW, "gu_alt/de_lin") as alt:
        await two.mod.until(lambda: any(fact.get("action") == "suspect" for fact in two.mod.facts))
        await two.act("ban", person="gu_alt")
        assert await alt.until_closed()
    asking = Speaker("gu_alt", "Alt", "alt", staff=False, device="de_lin")
    await two.one.realtime.reviewing.ask_unban(By(SHOW, "gu_alt", new_key()), asking, "please")
    await two.act("dismiss", case="staff:unban:gu_alt")
    await two.act("unban", person="gu_alt")
    async with RoomClient(two.one.url, SHOW, "gu_alt/de_alt") as alt:
        assert (await alt.ask("comment", text="hello", key=new_key()))["pending"] is True


@pytest.mark.parametrize("suspects", ["flag", "ignore"])
async def test_what_the_gate_notices_of_a_person_is_noted(
    two: Two, shop: Shop, plain_redis: Redis, suspects: str
) -> None:
    """An account made today and a refused comment; nothing when the shop does not want to know."""
    await _policy(two, shop, suspects=suspects, terms=[{"text": "scam"}])
    shop.standing_of["gu_mei"] = Standing(now_ms(), 1, bought=True)
    await _set_modes(two, buyers_only=True)
    await two.mei.comment("hello")
    await _refused(two.mei, "scam")
    signs = await plain_redis.hgetall(ShowKeys.of(SHOW).signs)
    assert signs == ({b"gu_mei": b"0|new_account,refused"} if suspects == "flag" else {})


async def test_a_sign_that_cannot_be_noted_spares_nobody_a_strike(
    two: Two, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was seen at stands anyway."""

    async def down(*_: object) -> list[None]:
        raise Unavailable("The room's store does not answer (sign).")

    await _policy(
        two,
        shop,
        suspects="flag",
        terms=[{"text": "scam"}],
        strikes={"on": True, "steps": [{"action": "warn"}]},
    )
    monkeypatch.setattr(two.one.realtime.gatekeeper._signs, "_ask_all", down)
    await _refused(two.mei, "scam")
    await two.mod.until(lambda: any(fact.get("action") == "strike" for fact in two.mod.facts))


async def test_a_burst_spread_over_two_fronts_is_seen_as_one(
    two: Two, shop: Shop, plain_redis: Redis
) -> None:
    """Twelve on each: less than a burst for either, more than one for the room; who comes in it is noted."""
    await _policy(two, shop, suspects="flag")
    async with contextlib.AsyncExitStack() as stack:
        for number in range(12):
            for name, front in (("a", two.one), ("b", two.two)):
                await stack.enter_async_context(RoomClient(front.url, SHOW, f"gu_{name}{number}"))
            for front in (two.one, two.two):
                await front.realtime.rooms.open[SHOW].presence.tell()
        await two.mod.until(lambda: "staff:burst" in two.mod.board)
        assert two.mod.board["staff:burst"]["joins"] >= 20
        assert b"0|join_burst" in await plain_redis.hvals(ShowKeys.of(SHOW).signs)


async def test_the_same_words_on_two_fronts_are_one_flood(two: Two, shop: Shop) -> None:
    """What was said on one front is in the log that the other reads."""
    await _policy(two, shop, suspects="flag")
    async with RoomClient(two.two.url, SHOW, "gu_far") as far:
        for number, speaker in enumerate((two.mei, far, two.lin, far, far, far), 1):
            said = await speaker.comment("buy at shop-x")
            for front in (two.one, two.two):
                await front.realtime.rooms.open[SHOW].catch_up(number + 1)
            await two.mei.until_comment(said["id"])
            await far.until_comment(said["id"])
        await two.mod.until(lambda: "staff:suspect:gu_far" in two.mod.board)
        assert two.mod.board["staff:suspect:gu_far"]["whys"] == ["duplicates"]


async def test_a_flood_over_two_fronts_is_one_person_s(two: Two, shop: Shop) -> None:
    """Signs seen by either add up; shown once, held on both, and cleared on both."""
    await _policy(two, shop, suspects="hold")
    async with (
        RoomClient(two.one.url, SHOW, "gu_far") as here,
        RoomClient(two.two.url, SHOW, "gu_far") as there,
    ):
        for number, speaker in enumerate((two.mei, two.lin, two.mei, there, here, there), 1):
            answer = await speaker.ask("comment", text="buy at shop-x", key=new_key())
            assert answer["pending"] is (number == 6)
            for front in (two.one, two.two):
                await front.realtime.rooms.open[SHOW].catch_up(number + 1)
        await two.mod.until(lambda: "staff:suspect:gu_far" in two.mod.board)
        for screen in (here, there):
            assert (await screen.ask("comment", text=f"hm {id(screen)}", key=new_key()))["pending"] is True
        await two.act("dismiss", case="staff:suspect:gu_far")
        for screen in (here, there):
            assert (await screen.ask("comment", text=f"hm {id(screen)}!", key=new_key()))["pending"] is False
    entries = [fact for fact in two.mod.facts if fact.get("action") == "suspect"]
    assert [entry["detail"]["whys"] for entry in entries] == [["duplicates"]]


async def test_the_server_does_not_cut_a_moderator_s_shield_short(two: Two, shop: Shop) -> None:
    """A burst raises it for ten minutes, unless it stands for longer."""
    await two.act("shield", seconds=3600)
    await two.mei.until(lambda: pinned(two.mei, "shield") != "never")
    before = pinned(two.mei, "shield")
    front = two.one.realtime
    office = Office(front.store, shop.ports(two.one.metrics), front.rooms, new_id, now_ms)
    strikes = Strikes(office, front.moderation, front.switching)
    await strikes.raise_shield(SHOW, Modes())
    await two.mod.comment("sync")
    await two.mei.until(lambda: two.mei.texts() == ["sync"])
    assert pinned(two.mei, "shield") == before
    await two.act("shield", seconds=60)
    await two.mei.until(lambda: pinned(two.mei, "shield") != before)
    minute = pinned(two.mei, "shield")
    await strikes.raise_shield(SHOW, Modes())
    await two.mei.until(lambda: pinned(two.mei, "shield") != minute)


async def test_the_classifier_holds_when_it_is_sure_and_never_stops_talk(two: Two, shop: Shop) -> None:
    """Off without thresholds; a failing one lets comments pass and is counted."""
    shop.scores_of = lambda text: {"abuse": 0.9 if "grr" in text else 0.1}
    await two.mei.comment("grr one")
    await _policy(two, shop, classifier={"abuse": 0.8})
    answer = await two.mei.ask("comment", text="grr two", key=new_key())
    assert answer["pending"] is True
    await two.mei.comment("sweet")
    shop.scores_of = None
    await two.mei.comment("grr three")
    assert two.one.metrics.counts[names.CLASSIFIER_FAILED] == 1
    await two.lin.until(lambda: two.lin.texts() == ["grr one", "sweet", "grr three"])


async def test_staff_talk_among_themselves_and_say_who_is_answering(two: Two) -> None:
    """Nobody else hears it."""
    said = await two.mei.comment("which sizes?")
    async with RoomClient(two.one.url, SHOW, "ac_host") as host:
        answer = await two.mod.ask("staff_note", text="who answers?", about=said["id"], key=new_key())
        note = await host.until_fact("staff_note")
        assert (note["id"], note["text"], note["about"]) == (answer["note"], "who answers?", said["id"])
        async with RoomClient(two.two.url, SHOW, "ac_mod/de_late") as late:
            (told,) = late.hello["staff_notes"]
            assert {**told, "seq": note["seq"]} == note
        async with RoomClient(two.two.url, SHOW, "gu_late") as viewer:
            assert viewer.hello["staff_notes"] is None
        await host.ask("answering", comment=said["id"], on=True, key=new_key())
        board = await two.mod.until_fact("board")
        assert board["name"] == f"staff:answering:{said['id']}"
        assert board["value"]["person"] == "ac_host"
        await host.ask("answering", comment=said["id"], on=False, key=new_key())
        await two.mod.until(lambda: pinned(two.mod, f"staff:answering:{said['id']}") is None)
    for kind in ("staff_note", "answering", "approve"):
        with pytest.raises(RefusedError, match=r"not_allowed|bad_message"):
            await two.lin.ask(kind, text="x", key=new_key())
    assert two.lin.facts == []
