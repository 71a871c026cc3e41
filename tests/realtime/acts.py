"""Small actions of moderation on a store, for tests of what stands around them."""

from realtime.log.entries import Kind, encode
from realtime.moderation.actions_redis import ActionStore
from realtime.moderation.plan import BanChange, Plan, Sanction, audit
from realtime.store.store_redis import RoomStore
from tests.realtime.stage import SHOW

MOD = "ac_mod"


async def mute(store: RoomStore, key: str, person: str, seconds: int) -> int:
    """Time a person out; returns until when (ms)."""
    removed = Kind.FACT, encode("comments_removed", person=person)
    what = audit("ma_mute", "timeout", MOD, person, seconds=seconds)
    plan = Plan(what, sanction=Sanction(person, mute_s=seconds), facts=(removed,), keep={})
    until_ms = (
        await ActionStore(store).carry_out(SHOW, MOD, key, ("timeout", person, seconds), plan)
    ).expires_at_ms
    assert until_ms is not None
    return until_ms


async def ban(store: RoomStore, key: str, person: str, *, banned: bool) -> None:
    """Ban a person, or lift it."""
    what = audit("ma_ban", "ban" if banned else "unban", MOD, person)
    await ActionStore(store).carry_out(
        SHOW, MOD, key, ("ban", person, banned), Plan(what, ban=BanChange(person, banned), keep={})
    )


async def slow_down(store: RoomStore, key: str, seconds: int) -> None:
    """Set slow mode."""
    plan = Plan(audit("ma_slow", "slow_mode", MOD, None, seconds=seconds), slow_s=seconds, keep={})
    await ActionStore(store).carry_out(SHOW, MOD, key, ("slow_mode", seconds), plan)


async def delete(store: RoomStore, key: str, comment: str) -> None:
    """Delete a comment."""
    deleted = Kind.FACT, encode("comment_deleted", comment=comment)
    plan = Plan(audit("ma_delete", "delete", MOD, comment), facts=(deleted,), keep={})
    await ActionStore(store).carry_out(SHOW, MOD, key, ("delete", comment), plan)
