"""The room's Functions on a plain Redis and on a cluster of one node."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from realtime.errors import Banned, IdempotencyConflict, Muted, NameTaken, SlowMode, Unavailable
from realtime.log.entries import Kind
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker
from tests.fixtures_redis import SwallowingProxy
from tests.realtime.acts import ban, delete, mute, slow_down
from tests.realtime.stage import SHOW, redis_of

MEI = Speaker("gu_mei", "Mei", "mei", staff=False)
LIN = Speaker("gu_lin", "Mei", "mei", staff=False)
SOURCE = "{shop:sp_1}:ledger"


def _comment(number: int, person: str = "gu_mei", text: str = "hello") -> dict[str, object]:
    return {"id": f"co_{number}", "person": person, "badge": None, "text": text, "reply_to": None}


async def test_opening_twice_is_one_log(store: RoomStore) -> None:
    """Who opens first decides; sources start where the first said."""
    one = await store.open("sh_2", {SOURCE: "5-0"})
    two = await store.open("sh_2", {SOURCE: "9-0", "other": "3-0"})
    assert one.position == two.position
    assert two.sources == {SOURCE: "5-0", "other": "3-0"}


async def test_offsets_count_and_tags_differ(store: RoomStore) -> None:
    """Entries are numbered without a gap and each has its own tag."""
    for number in range(5):
        await store.comment(SHOW, MEI, f"key-{number}", _comment(number))
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.offset for entry in entries] == [1, 2, 3, 4, 5]
    assert len({entry.tag for entry in entries}) == 5
    assert all(len(entry.tag) == 16 for entry in entries)


async def test_a_repeated_comment_is_one_comment(store: RoomStore) -> None:
    """Same key and body: the stored answer; another body: a conflict; both write nothing."""
    first = await store.comment(SHOW, MEI, "key-1", _comment(1))
    assert await store.comment(SHOW, MEI, "key-1", _comment(2)) == first
    with pytest.raises(IdempotencyConflict):
        await store.comment(SHOW, MEI, "key-1", _comment(3, text="other"))
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.data["id"] for entry in entries] == ["co_1"]


async def test_text_survives_the_way_through_lua(store: RoomStore) -> None:
    """Quotes, backslashes, braces, emoji and Chinese come out as they went in."""
    text = 'He said "{\\}" 你好 👩‍👩‍👧 </script>'
    said = await store.comment(
        SHOW, Speaker("gu_q", 'Q"\\', "q", staff=False), "key-1", _comment(1, text=text)
    )
    entries, _ = await store.read(SHOW, 0, 10)
    assert entries[0].data["text"] == said.comment["text"] == text
    assert entries[0].data["name"] == 'Q"\\'
    assert entries[0].data == said.comment


async def test_names_are_unique_and_staff_take_theirs(store: RoomStore) -> None:
    """The second of a name gets a number; a chosen one is refused; staff take it from a guest."""
    assert (await store.comment(SHOW, MEI, "key-1", _comment(1))).comment["name"] == "Mei"
    assert (await store.comment(SHOW, LIN, "key-1", _comment(2, "gu_lin"))).comment["name"] == "Mei 2"
    assert (await store.comment(SHOW, LIN, "key-2", _comment(3, "gu_lin"))).comment["name"] == "Mei 2"
    with pytest.raises(NameTaken):
        await store.take_name(SHOW, LIN)
    host = Speaker("ac_host", "MEI", "mei", staff=True)
    assert await store.take_name(SHOW, host) == "MEI"
    assert (await store.comment(SHOW, MEI, "key-2", _comment(4))).comment["name"] == "Mei 3"
    assert await store.names(SHOW, ["gu_mei", "gu_lin", "gu_none"]) == {"gu_mei": "Mei 3", "gu_lin": "Mei 2"}


async def test_buyers_names_are_taken_together(store: RoomStore) -> None:
    """A taken one gets a number, and who has one keeps it."""
    await store.take_names(SHOW, [MEI, LIN, Speaker("gu_ann", "Ann", "ann", staff=False)])
    await store.take_names(SHOW, [LIN])
    shown = await store.names(SHOW, ["gu_mei", "gu_lin", "gu_ann"])
    assert shown == {"gu_mei": "Mei", "gu_lin": "Mei 2", "gu_ann": "Ann"}


async def test_a_timed_out_person_is_silent_until_the_clock_says_so(store: RoomStore) -> None:
    """Compared at each call by Redis's clock, not by a timer."""
    until_ms = await mute(store, "key-1", "gu_mei", 60)
    assert await mute(store, "key-1", "gu_mei", 60) == until_ms
    with pytest.raises(Muted) as muted:
        await store.comment(SHOW, MEI, "key-1", _comment(1))
    assert muted.value.facts == {"muted_until_ms": until_ms}
    past_ms = until_ms - 120_000
    await store.redis.hset(ShowKeys.of(SHOW).sanctions, "gu_mei", f"{past_ms},-1")
    await store.comment(SHOW, MEI, "key-1", _comment(1))
    assert (await store.person(SHOW, "gu_mei")).muted_until_ms is None


async def test_several_people_are_looked_up_together(store: RoomStore) -> None:
    """Each as they would be alone, in the order asked; a stranger is known of nothing."""
    await store.comment(SHOW, MEI, "key-1", _comment(1))
    until_ms = await mute(store, "key-2", "gu_mei", 60)
    await ban(store, "key-3", "gu_wu", banned=True)
    mei, wu, lin = await store.people(
        SHOW, [("gu_mei", "", ""), ("gu_wu", "dv_1", "ak_1"), ("gu_lin", "", "")]
    )
    assert (mei.name, mei.muted_until_ms, mei.banned) == ("Mei", until_ms, False)
    assert (wu.name, wu.banned) == (None, True)
    assert lin == await store.person(SHOW, "gu_lin")
    assert not lin.banned


async def test_a_refused_comment_writes_nothing(store: RoomStore) -> None:
    """Not the comment, not the name, not the key."""
    await ban(store, "key-1", "gu_mei", banned=True)
    before, _ = await store.read(SHOW, 0, 100)
    with pytest.raises(Banned):
        await store.comment(SHOW, MEI, "key-1", _comment(1))
    after, _ = await store.read(SHOW, 0, 100)
    assert after == before
    assert await store.names(SHOW, ["gu_mei"]) == {}
    await ban(store, "key-2", "gu_mei", banned=False)
    await store.comment(SHOW, MEI, "key-1", _comment(1))


async def test_the_shops_newer_ban_record_wins(store: RoomStore) -> None:
    """What the room wrote keeps the version, so commerce's next copy replaces it."""
    keys = ShowKeys.of(SHOW)
    await store.redis.hset(keys.bans, "gu_mei", "7|0")
    await ban(store, "key-1", "gu_mei", banned=True)
    assert await store.redis.hget(keys.bans, "gu_mei") == b"7|1|0"
    assert (await store.person(SHOW, "gu_mei")).banned


async def test_slow_mode_counts_from_the_last_comment(store: RoomStore) -> None:
    """And forgets the times when it is switched off."""
    await slow_down(store, "key-1", 30)
    await store.comment(SHOW, MEI, "key-1", _comment(1))
    with pytest.raises(SlowMode) as slow:
        await store.comment(SHOW, MEI, "key-2", _comment(2))
    assert 29_000 < (slow.value.retry_after_ms or 0) <= 30_000
    await slow_down(store, "key-2", 0)
    await store.comment(SHOW, MEI, "key-2", _comment(2))
    assert await store.redis.exists(ShowKeys.of(SHOW).spoke) == 0


async def test_a_source_is_copied_once_and_in_order(store: RoomStore) -> None:
    """Ten announcers race for each step; one wins, the others learn where to go on."""
    await store.open(SHOW, {SOURCE: "0-0"})
    for step in range(1, 6):
        fact = msgspec.json.encode({"kind": "pin", "product": f"pr_{step}"})
        calls = [store.copy(SHOW, SOURCE, f"{step - 1}-0", f"{step}-0", [("f", fact)]) for _ in range(10)]
        done = await asyncio.gather(*calls)
        assert sorted(done) == [(False, f"{step}-0")] * 9 + [(True, f"{step}-0")]
    assert await store.copy(SHOW, SOURCE, "3-0", "9-0", [("f", b'{"kind":"pin","product":null}')]) == (
        False,
        "5-0",
    )
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.data["product"] for entry in entries] == [f"pr_{step}" for step in range(1, 6)]
    assert [entry.data["seq"] for entry in entries] == [entry.offset for entry in entries]


async def test_positions_are_checked_by_tag(store: RoomStore) -> None:
    """Same, trimmed, another log, none."""
    for number in range(3):
        await store.comment(SHOW, MEI, f"key-{number}", _comment(number))
    entries, epoch = await store.read(SHOW, 0, 100)
    place = entries[1].position(epoch)
    assert (await store.check(SHOW, place))[0] == "same"
    assert (await store.check(SHOW, msgspec.structs.replace(place, tag="x")))[0] == "other"
    assert (await store.check(SHOW, msgspec.structs.replace(place, offset=9)))[0] == "other"
    assert (await store.check(SHOW, msgspec.structs.replace(place, epoch="x")))[0] == "other"
    await store.redis.xtrim(ShowKeys.of(SHOW).log, maxlen=1, approximate=False)
    word, last = await store.check(SHOW, place)
    assert (word, last) == ("trimmed", entries[2].position(epoch))
    assert (await store.check("sh_none", place))[0] == "none"


async def test_one_of_many_starts_the_new_epoch(store: RoomStore) -> None:
    """Compare and set on the old one; offsets go on."""
    await store.comment(SHOW, MEI, "key-1", _comment(1))
    _, old = await store.read(SHOW, 0, 10)
    done = await asyncio.gather(*(store.new_epoch(SHOW, old) for _ in range(10)))
    assert sum(done) == 1
    entries, new = await store.read(SHOW, 0, 10)
    assert new != old
    await store.comment(SHOW, MEI, "key-2", _comment(2))
    assert [entry.offset for entry in (await store.read(SHOW, 0, 10))[0]] == [1, 2]
    assert entries[0].offset == 1


async def test_sums_are_absolute_and_forget_the_silent(store: RoomStore) -> None:
    """A repeated call counts nothing twice; a silent process has no viewers, its likes stay."""
    for _ in range(2):
        await store.presence(SHOW, "one", 3, 10, 10_000)
    sums = await store.presence(SHOW, "two", 4, 5, 10_000)
    assert (sums.viewers_total, sums.likes_total) == (7, 15)
    keys = ShowKeys.of(SHOW)
    await store.redis.hset(keys.presence, "one", f"3,{sums.now_ms - 10_001},10")
    sums = await store.presence(SHOW, "two", 4, 5, 10_000)
    assert (sums.viewers_total, sums.likes_total) == (4, 15)
    sums = await store.presence(SHOW, "one", 3, 12, 10_000)
    assert (sums.viewers_total, sums.likes_total) == (7, 17)


async def test_a_clock_that_steps_back_is_noticed(store: RoomStore) -> None:
    """Up to 5 s behind counts as the highest value; further behind is followed and said."""
    now_ms = (await store.open(SHOW, {})).now_ms
    keys = ShowKeys.of(SHOW)
    await store.redis.hset(keys.room, "clock_ms", str(now_ms + 3_000))
    said = await store.comment(SHOW, MEI, "key-1", _comment(1))
    assert said.comment["at_ms"] == now_ms + 3_000
    await store.redis.hset(keys.room, "clock_ms", str(now_ms + 60_000))
    said = await store.comment(SHOW, MEI, "key-2", _comment(2))
    assert said.comment["at_ms"] < now_ms + 50_000
    entries, _ = await store.read(SHOW, 0, 10)
    assert [entry.data.get("kind") for entry in entries] == [None, "clock_stepped", None]


async def test_the_log_is_bounded(store: RoomStore) -> None:
    """Old entries are trimmed, about to the bound."""
    await store.open(SHOW, {SOURCE: "0-0"})
    fact = ("f", b'{"kind":"media_moved"}')
    await store.copy(SHOW, SOURCE, "0-0", "1-0", [fact] * 3000)
    length = await store.redis.xlen(ShowKeys.of(SHOW).log)
    assert 1000 <= length < 1300
    assert (await store.newest(SHOW, 3000, 1))[0].kind is Kind.FACT


async def test_swallowed_answers_change_nothing_twice(
    redis_url: str, swallowing_proxy: SwallowingProxy
) -> None:
    """Each write is repeated with the same key after its answer was lost."""
    direct, through = redis_of(redis_url), redis_of(swallowing_proxy.url)
    store = RoomStore(through, iter("abcdefghijklmnopqrstuvwxyz").__next__, 1000)
    await store.open(SHOW, {SOURCE: "0-0"})
    writes: list[Callable[[], Awaitable[object]]] = [
        lambda: store.comment(SHOW, MEI, "key-1", _comment(1)),
        lambda: delete(store, "key-2", "co_1"),
        lambda: mute(store, "key-3", "gu_x", 60),
        lambda: ban(store, "key-4", "gu_y", banned=True),
        lambda: slow_down(store, "key-5", 5),
        lambda: store.copy(SHOW, SOURCE, "0-0", "1-0", [("f", b'{"kind":"media_moved"}')]),
    ]
    for write in writes:
        swallowing_proxy.swallow("room_1_")
        with pytest.raises(Unavailable):
            await write()
        await write()
    assert swallowing_proxy.swallowed == len(writes)
    assert await direct.xlen(ShowKeys.of(SHOW).log) == 1 + 2 + 2 + 3 + 2 + 1
    await direct.aclose()
    await through.aclose()


async def test_what_is_pinned_up_outlives_the_log(store: RoomStore) -> None:
    """The board is told with the log's place; a repeated key is one change; None takes it down."""
    await store.board(SHOW, "ac_mod", "key-1", "greeting", {"text": 'Tea "now"'})
    await store.board(SHOW, "ac_mod", "key-1", "greeting", {"text": 'Tea "now"'})
    await store.board(SHOW, "ac_mod", "key-2", "staff:note", {"text": "slow down"}, audit=_AUDIT)
    with pytest.raises(IdempotencyConflict):
        await store.board(SHOW, "ac_mod", "key-1", "greeting", None)
    opened = await store.open(SHOW, {SOURCE: "5-0"})
    assert opened.board == {"greeting": {"text": 'Tea "now"'}, "staff:note": {"text": "slow down"}}
    assert opened.sources == {SOURCE: "5-0"}
    entries, _ = await store.read(SHOW, 0, 100)
    assert [(entry.kind, entry.data.get("name")) for entry in entries] == [
        (Kind.FACT, "greeting"),
        (Kind.STAFF, "staff:note"),
        (Kind.STAFF, None),
    ]
    await store.board(SHOW, "ac_mod", "key-3", "greeting", None)
    assert "greeting" not in (await store.open(SHOW, {})).board


_AUDIT = {"action": "note", "actor": "ac_mod", "target": None}
