"""What all who moderate share: who asks, and how an action is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime.connections.rights import outranks
from realtime.errors import NoSuchComment, NotAllowed
from realtime.log.entries import Kind, Removals
from realtime.moderation.actions_redis import ActionStore, Done
from realtime.moderation.plan import RESTORED_TOTAL, Plan, audit
from realtime.port_calls import ask
from realtime.ports import Ports
from realtime.room.rooms import Rooms
from realtime.store.store_redis import RoomStore

Json = dict[str, Any]
SYSTEM = "system"
"""The actor of what the room does by itself."""
LOOKED_BACK_TOTAL = 500


@dataclass(frozen=True, slots=True)
class By:
    """Who acts where: `key` is the idempotency key, None makes the call not repeatable."""

    show: str
    actor: str
    key: str | None = None
    reason: str | None = None


class Office:
    """Carries actions out. `new_id` makes ids such as "ma_..."; `now_ms` is this process's clock."""

    def __init__(
        self,
        store: RoomStore,
        ports: Ports,
        rooms: Rooms,
        new_id: Callable[[str], str],
        now_ms: Callable[[], int],
    ) -> None:
        self.store = store
        self.actions = ActionStore(store)
        self.ports = ports
        self.rooms = rooms
        self.new_id = new_id
        self._now_ms = now_ms

    def shop_time_ms(self, show: str) -> int:
        """Return the shop's clock as this process knows it."""
        known = self.rooms.open.get(show)
        return self._now_ms() if known is None else known.room.shop_time_ms()

    def audit(self, by: By, action: str, target: str | None, **more: Any) -> Json:
        """Return the entry of a new action."""
        return audit(self.new_id("ma"), action, by.actor, target, reason=by.reason or None, **more)

    async def answered(self, by: By, said: object) -> Done | None:
        """Return what this key was answered before; None when it is new, or there is none.

        Asked before anything is done elsewhere, so that a repeat does it once. Raises `IdempotencyConflict`.
        """
        return await self.actions.answered(by.show, by.actor, by.key, said) if by.key else None

    async def carry_out(self, by: By, plan: Plan, said: object) -> Done:
        """Carry a plan out; `said` is what the key stands for. Raises what `ActionStore.carry_out` does."""
        return await self.actions.carry_out(by.show, by.actor, by.key or "", said, plan)

    async def comment(self, show: str, comment: str, entries_total: int | None = None) -> Json:
        """Return a comment that stands, among so many newest entries of the log (None: all of it).

        Raises `NoSuchComment`, also for one that was removed.
        """
        known = self.rooms.open.get(show)
        found = known.room.find_comment(comment) if known else None
        if found is None:
            found = await self.store.find_comment(
                show, comment, entries_total or self.store.log_entries_total
            )
        if found is None:
            raise NoSuchComment("There is no such comment (any more).")
        return found

    async def comments_of(self, show: str, person: str) -> list[Json]:
        """Return a person's newest comments that are still shown, oldest first, for an undo."""
        entries = await self.store.newest(show, 2**53, LOOKED_BACK_TOTAL)
        removals = Removals(entries)
        said = [
            dict(entry.data)
            for entry in entries
            if entry.kind is Kind.TALK and entry.data.get("person") == person and not removals.hide(entry)
        ]
        return said[-RESTORED_TOTAL:]

    async def check_rank(self, by: By, person: str) -> None:
        """Refuse what staff would do to equals or betters. Raises `NotAllowed`."""
        roles = self.ports.roles
        target = await ask(self.ports.metrics, roles.role_in_show(person, by.show))
        if by.actor == SYSTEM and outranks("moderator", target):
            return
        own = await ask(self.ports.metrics, roles.role_in_show(by.actor, by.show))
        if not outranks(own, target):
            raise NotAllowed("This person's role is not below yours.")
