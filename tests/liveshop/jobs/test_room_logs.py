"""The worker's copy of what staff did: each action once, through crashes of copiers and restored logs."""

import asyncio
import csv
import io
import secrets
from typing import Any

import pytest

from commerce.csv_rows import BOM
from commerce.errors import InvalidField, NoSuchShow
from commerce.moderation.structs import Action
from commerce.services import CommerceServices
from liveshop.jobs.room_logs import RoomLogReader
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore
from tests.commerce.builders import Stall, new_guest, new_stall


async def on_air(commerce: CommerceServices) -> tuple[Stall, RoomStore]:
    """Start a show with a room, and a record that reads it."""
    stall = await new_stall(commerce)
    await commerce.shows.start(stall.show)
    store = RoomStore(commerce.redis, lambda: secrets.token_hex(16), 1_000)
    await store.open(stall.show, {})
    commerce.moderation.record.rooms = RoomLogReader(commerce.redis)
    return stall, store


async def timed_out(store: RoomStore, stall: Stall, person: str, seconds: int) -> None:
    """Write down that the owner timed somebody out."""
    await wrote(store, stall, {"action": "timeout", "target": person, "seconds": seconds})


async def slowed(store: RoomStore, stall: Stall, seconds: int) -> None:
    """Write down that the owner slowed the room down."""
    await wrote(store, stall, {"action": "slow_mode", "target": None, "seconds": seconds})


async def wrote(store: RoomStore, stall: Stall, entry: dict[str, Any]) -> None:
    """Put an entry of a moderator into the log, as everything that is pinned up does."""
    audit = {"actor": stall.owner, "action_id": f"ma_{entry['seconds']}", **entry}
    await store.board(stall.show, stall.owner, secrets.token_hex(8), "note", entry["seconds"], audit=audit)


async def recorded(commerce: CommerceServices, show: str) -> list[Action]:
    """Copy what is due and return the record, oldest first."""
    await commerce.moderation.record.copy_due()
    return list(reversed((await commerce.moderation.audit.page(show, None)).actions))


async def test_actions_are_copied_once_also_by_two_copiers(commerce: CommerceServices) -> None:
    """Names stand beside ids, comments are not copied, and a second copier at the same time adds nothing."""
    stall, store = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    await timed_out(store, stall, guest.id, 60)
    await slowed(store, stall, 10)
    record = commerce.moderation.record
    copied = await asyncio.gather(record.copy_due(), record.copy_due(), return_exceptions=True)
    assert 2 in copied
    actions = await recorded(commerce, stall.show)
    assert [(one.action, one.seconds) for one in actions] == [("timeout", 60), ("slow_mode", 10)]
    assert (actions[0].actor_name, actions[0].person_name, actions[0].person) == ("Mei", "Lin", guest.id)
    assert await record.copy_due() == 0
    file = await commerce.moderation.people.get(stall.shop, guest.id)
    assert [one.action for one in file.actions] == ["timeout"]


async def test_a_restored_log_adds_only_what_is_new(commerce: CommerceServices) -> None:
    """An older state of the room comes back and gives its offsets out again: nothing is lost or doubled."""
    stall, store = await on_air(commerce)
    keys = ShowKeys.of(stall.show)
    await slowed(store, stall, 1)
    kept = {key: await commerce.redis.dump(key) for key in (keys.log, keys.room)}
    await slowed(store, stall, 2)
    assert [one.seconds for one in await recorded(commerce, stall.show)] == [1, 2]
    for key, value in kept.items():
        await commerce.redis.restore(key, 0, value, replace=True)
    assert len(await recorded(commerce, stall.show)) == 2
    await slowed(store, stall, 3)
    seconds = [one.seconds for one in await recorded(commerce, stall.show)]
    assert sorted(one for one in seconds if one) == [1, 2, 3]


async def test_the_record_outlives_the_room_and_is_read_in_pages(commerce: CommerceServices) -> None:
    """Sixty actions come in two pages; the room is gone and the file still has all, safe for spreadsheets."""
    stall, store = await on_air(commerce)
    guest, _ = await new_guest(commerce, "=SUM(A1)")
    for number in range(1, 61):
        await timed_out(store, stall, guest.id, number)
    await commerce.moderation.record.copy_due()
    await commerce.redis.delete(*ShowKeys.of(stall.show).own)
    audit = commerce.moderation.audit
    first = await audit.page(stall.show, None)
    second = await audit.page(stall.show, first.next)
    assert [one.seconds for one in (*first.actions, *second.actions)] == list(range(60, 0, -1))
    assert (len(first.actions), second.next) == (50, None)
    written = b"".join([part async for part in await audit.csv(stall.show)])
    rows = list(csv.DictReader(io.StringIO(written.removeprefix(BOM).decode())))
    assert len(rows) == 60
    assert (rows[0]["action"], rows[0]["by"], rows[0]["person"]) == ("timeout", "Mei", "'=SUM(A1)")
    assert (await audit.page(stall.show, None, "ban")).actions == ()


async def test_bad_cursors_and_unknown_shows_are_refused(commerce: CommerceServices) -> None:
    """Both are refused before anything is read or sent."""
    stall, _ = await on_air(commerce)
    with pytest.raises(InvalidField):
        await commerce.moderation.audit.page(stall.show, "x.y")
    with pytest.raises(NoSuchShow):
        await commerce.moderation.audit.page("sh_nowhere", None)
    with pytest.raises(NoSuchShow):
        await commerce.moderation.audit.csv("sh_nowhere")
    assert (await commerce.moderation.audit.page(stall.show, None)).actions == ()
