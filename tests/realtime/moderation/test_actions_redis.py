"""Moderation's Functions on a plain Redis and on a cluster of one node."""

import json
from typing import Any

import msgspec
import pytest

from realtime.errors import NoSuchAction, NoSuchCase, NotBanned, RateLimited, ReviewFull, WarnedFirst
from realtime.log.entries import Kind, encode
from realtime.moderation.actions_redis import ActionStore
from realtime.moderation.cases import HELD, UNBAN
from realtime.moderation.plan import Plan, Sanction, audit, restored
from realtime.server import now_ms
from realtime.shapes import UnbanRequest
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker
from tests.realtime.stage import SHOW

MEI = Speaker("gu_mei", "Mei", "mei", staff=False, device="de_1", address_key="ak_1")


def _comment(number: int, text: str = "hello") -> dict[str, object]:
    return {"id": f"co_{number}", "person": "gu_mei", "badge": None, "text": text, "reply_to": None}


async def test_strikes_count_messages_and_are_forgotten(store: RoomStore) -> None:
    """The same message twice is one; after the time they begin anew."""
    actions = ActionStore(store)
    assert await actions.strike(SHOW, "gu_mei", "key-1", 60_000) == 1
    assert await actions.strike(SHOW, "gu_mei", "key-1", 60_000) is None
    assert await actions.strike(SHOW, "gu_mei", "key-2", 60_000) == 2
    assert await actions.strike(SHOW, "gu_mei", "key-3", 0) == 1


async def test_what_is_held_is_bounded_and_expires(store: RoomStore) -> None:
    """One more than the bound is refused and nothing of it kept; what expired makes room."""
    keys = ShowKeys.of(SHOW)
    for number in range(200):
        await store.redis.hset(keys.board, f"{HELD}co_x{number}", '{"expires_at_ms":9999999999999}')
    before, _ = await store.read(SHOW, 0, 100)
    with pytest.raises(ReviewFull):
        await store.comment(SHOW, MEI, "key-1", _comment(1), ["term"])
    after, _ = await store.read(SHOW, 0, 100)
    assert after == before
    assert await store.names(SHOW, ["gu_mei"]) == {}
    await store.redis.hset(keys.board, f"{HELD}co_x0", '{"expires_at_ms":1}')
    await store.comment(SHOW, MEI, "key-1", _comment(1, 'say "hi" 你好'), ["term"])
    case = await ActionStore(store).case(SHOW, f"{HELD}co_1")
    assert (case["comment"]["text"], case["why"]) == ('say "hi" 你好', ["term"])
    with pytest.raises(NoSuchCase):
        await ActionStore(store).case(SHOW, f"{HELD}co_x0")
    entries, _ = await store.read(SHOW, 0, 100)
    told = [entry.data["target"] for entry in entries if entry.data.get("action") == "expire"]
    assert told == ["co_x0"]


async def test_what_expired_is_told_once_and_what_has_time_left_is_not_touched(store: RoomStore) -> None:
    """The second call finds nothing and writes nothing."""
    for number in (1, 2):
        await store.comment(SHOW, MEI, f"key-{number}", _comment(number, f'say "{number}"'), ["term"])
    key, name = ShowKeys.of(SHOW).board, f"{HELD}co_1"
    case = await ActionStore(store).case(SHOW, name)
    await store.redis.hset(key, name, json.dumps({**case, "expires_at_ms": 1}, separators=(",", ":")))
    before = await store.redis.xlen(ShowKeys.of(SHOW).log)
    assert await store.expire_held(SHOW) == 1
    assert await store.expire_held(SHOW) == 0
    entries, _ = await store.read(SHOW, before, 100)
    assert [(entry.kind, entry.data["kind"]) for entry in entries[1:]] == [
        (Kind.STAFF, "board"),
        (Kind.STAFF, "moderation"),
    ]
    detail = {"person": "gu_mei", "text": 'say "1"', "why": ["term"]}
    assert entries[-1].data["detail"] == detail
    assert await store.redis.hkeys(key) == [f"{HELD}co_2".encode()]


async def test_a_held_comment_that_expired_cannot_be_decided(store: RoomStore) -> None:
    """Compared at the call."""
    name = f"{HELD}co_1"
    await store.redis.hset(ShowKeys.of(SHOW).board, name, '{"expires_at_ms":1}')
    plan = Plan(audit("ma_1", "approve", "ac_mod", "co_1"), needs=(name,), board=((name, None),))
    with pytest.raises(NoSuchCase):
        await ActionStore(store).carry_out(SHOW, "ac_mod", "key-1", "approve", plan)
    entries, _ = await store.read(SHOW, 0, 100)
    assert entries == []


async def test_the_newest_actions_are_remembered(store: RoomStore) -> None:
    """Five hundred; the oldest goes with everything kept about it."""
    actions = ActionStore(store)
    for number in range(501):
        plan = Plan(audit(f"ma_{number}", "slow_mode", "ac_mod", None), slow_s=number, keep={})
        await actions.carry_out(SHOW, "ac_mod", "", number, plan)
    with pytest.raises(NoSuchAction):
        await actions.find(SHOW, "ma_0")
    assert (await actions.find(SHOW, "ma_500")).before.slow_s == 499
    assert await store.redis.hlen(ShowKeys.of(SHOW).record) == 500 * 2 + 1


async def test_a_warning_goes_before_slow_mode_and_after_a_timeout(store: RoomStore) -> None:
    """The refusal says which warning; the room remembers from where somebody spoke."""
    await store.comment(SHOW, MEI, "key-0", _comment(0))
    warning = {"action": "ma_1", "message": "Be kind."}
    plan = Plan(audit("ma_1", "warn", "ac_mod", "gu_mei"), sanction=Sanction("gu_mei", warn=warning), keep={})
    await ActionStore(store).carry_out(SHOW, "ac_mod", "key-1", "warn", plan)
    with pytest.raises(WarnedFirst) as refused:
        await store.comment(SHOW, MEI, "key-2", _comment(1))
    assert refused.value.facts == {"action": "ma_1", "warning": "Be kind."}
    known = await store.person(SHOW, "gu_mei")
    assert (known.warning, known.device, known.address_key) == (warning, "de_1", "ak_1")


async def test_an_acknowledgement_takes_back_the_warning_it_names(store: RoomStore) -> None:
    """One that came while it was on its way stands."""
    actions = ActionStore(store)
    for number in (1, 2):
        warning = {"action": f"ma_{number}", "message": "Be kind."}
        plan = Plan(
            audit(f"ma_{number}", "warn", "ac_mod", "gu_mei"), sanction=Sanction("gu_mei", warn=warning)
        )
        await actions.carry_out(SHOW, "ac_mod", "", "warn", plan)
    for warned, stands in (("ma_1", "ma_2"), ("ma_2", None)):
        plan = Plan(
            audit("ma_3", "acknowledge", "gu_mei", "gu_mei"),
            sanction=Sanction("gu_mei", warn={}, warned=warned),
        )
        await actions.carry_out(SHOW, "gu_mei", "", "acknowledge", plan)
        known = (await store.person(SHOW, "gu_mei")).warning
        assert (known and known["action"]) == stands


async def test_a_comment_is_looked_for_among_so_many_entries(store: RoomStore) -> None:
    """Not further back; not when it, or all of its person's, was removed since; found again after an undo."""
    said = (await store.comment(SHOW, MEI, "key-1", _comment(1))).comment
    await store.comment(SHOW, MEI, "key-2", _comment(2))
    assert await store.find_comment(SHOW, "co_1", 2) == said
    assert await store.find_comment(SHOW, "co_1", 1) is None
    removals = (encode("comment_deleted", comment="co_1"), encode("comments_removed", person="gu_mei"))
    for removal in removals:
        plan = Plan(audit("ma_1", "delete", "ac_mod", "co_1"), facts=((Kind.FACT, removal),))
        await ActionStore(store).carry_out(SHOW, "ac_mod", "", "delete", plan)
        assert await store.find_comment(SHOW, "co_1", 100) is None
    plan = Plan(audit("ma_2", "undo", "ac_mod", None), facts=restored([said]))
    await ActionStore(store).carry_out(SHOW, "ac_mod", "", "undo", plan)
    assert (await store.find_comment(SHOW, "co_1", 100) or {})["text"] == "hello"


@pytest.mark.parametrize("held", [(), ("term",)])
async def test_a_key_is_recalled_with_its_answer(store: RoomStore, held: tuple[str, ...]) -> None:
    """Held or not as it was then, also when it was decided since or would be judged otherwise now."""
    said = await store.comment(SHOW, MEI, "key-1", _comment(1), held)
    assert said.pending is bool(held)
    for now in ((), ("term",)):
        assert await store.comment(SHOW, MEI, "key-1", _comment(2), now) == said
    await store.redis.delete(ShowKeys.of(SHOW).board)
    assert await store.recall(SHOW, "gu_mei", "key-1", _comment(2)) == said
    assert await store.recall(SHOW, "gu_mei", "key-2", _comment(2)) is None


async def _banned(store: RoomStore, *who: str) -> None:
    """Ban people, devices and addresses as the shop's copies do."""
    for each in who:
        await store.redis.hset(ShowKeys.of(SHOW).bans, each, "1|1")


async def _ask(store: RoomStore, number: int, device: str = "", address_key: str = "", key: str = "") -> None:
    who = Speaker(f"gu_{number}", f"N{number}", f"n{number}", False, device, address_key)
    await ActionStore(store).ask_unban(SHOW, who, key or f"key-{number}", 'say "hi" 你好', f"ma_{number}")


async def test_a_request_says_what_is_banned_and_from_where_it_came(store: RoomStore) -> None:
    """Staff see the kind and no place; the places are there for the unban; a repeated key is one request."""
    await _banned(store, "gu_1", "de_bad", "ak_bad")
    for number, device, address, bans, places in (
        (1, "de_1", "ak_1", ["person"], []),
        (2, "de_bad", "ak_2", ["device"], ["de_bad"]),
        (3, "", "ak_bad", ["address"], ["ak_bad"]),
    ):
        for _ in range(2):
            await _ask(store, number, device, address)
        case = await ActionStore(store).case(SHOW, f"{UNBAN}gu_{number}")
        told = msgspec.convert(case, UnbanRequest)
        assert (told.person, told.name, told.bans) == (f"gu_{number}", f"N{number}", bans)
        assert told.message == 'say "hi" 你好'
        assert await ActionStore(store).asked_from(SHOW, f"gu_{number}") == places
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.kind for entry in entries] == [Kind.STAFF] * 6
    assert all(place not in entry.body for entry in entries for place in (b"de_", b"ak_"))


async def test_requests_of_the_free_and_too_many_are_refused(store: RoomStore) -> None:
    """Two a person and device, five an address, within ten minutes; a hundred wait; nothing is written."""
    await _banned(store, "gu_1", "de_bad", "ak_bad")
    with pytest.raises(NotBanned):
        await _ask(store, 9, "de_9", "ak_9")
    for number in (2, 3):
        await _ask(store, number, "de_bad", "ak_2")
    before, _ = await store.read(SHOW, 0, 100)
    with pytest.raises(RateLimited) as often:
        await _ask(store, 4, "de_bad", "ak_4")
    assert 0 < (often.value.retry_after_ms or 0) <= 600_000
    for number in range(10, 15):
        await _ask(store, number, f"de_{number}", "ak_bad")
    with pytest.raises(RateLimited):
        await _ask(store, 15, "de_15", "ak_bad")
    for key in ("key-a", "key-b"):
        await _ask(store, 1, "", "", key)
    with pytest.raises(RateLimited):
        await _ask(store, 1, "", "", "key-c")
    entries, _ = await store.read(SHOW, 0, 100)
    assert len(entries) == len(before) + 14
    keys = ShowKeys.of(SHOW)
    await store.redis.hset(keys.record, "asks:de_bad", "1000,2000")
    for number in range(100):
        await store.redis.hset(keys.board, f"{UNBAN}gu_x{number}", "{}")
    with pytest.raises(ReviewFull):
        await _ask(store, 5, "de_bad")
    await _ask(store, 2, "de_bad", key="key-again")  # their own waits already: they may say it better
    assert await ActionStore(store).asked_from(SHOW, "gu_5") == []


async def test_who_asked_long_ago_is_forgotten(store: RoomStore) -> None:
    """Once there are many; who asked lately still has to wait."""
    record, lately = ShowKeys.of(SHOW).record, str(now_ms() - 60_000)
    await _banned(store, "gu_1", "gu_2", "de_bad")
    old = [f"asks:gu_x{number}" for number in range(299)]
    for name in old:
        await store.redis.hset(record, name, "1000,2000")
    await store.redis.hset(record, "asks:de_bad", f"1000,{lately},{lately}")
    await _ask(store, 1)
    kept: Any = await store.redis.hkeys(record)
    assert {name.encode() for name in old} < set(kept)
    await _ask(store, 2)
    kept = await store.redis.hkeys(record)
    assert set(kept) == {b"asks:gu_1", b"asks:gu_2", b"asks:de_bad", b"from:gu_1", b"from:gu_2"}
    with pytest.raises(RateLimited):
        await _ask(store, 3, "de_bad")
