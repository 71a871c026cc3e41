"""One show's room in this process: its members, its latest state, and the run of log entries they share.

    log --take--> pending --flush (each tick)--> scene, ring --> every member, once, the same bytes

`flushed` is the place up to which the scene and all members are; a hello joins exactly there. No Redis here:
`rooms.py` feeds it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import dropwhile
from typing import Any

import msgspec

from realtime import metrics as names
from realtime.log.entries import Entry, Kind, Removals, is_for_staff
from realtime.ports import Metrics
from realtime.room.attendance import Attendance
from realtime.room.scene import Scene
from realtime.room.tick import make_tick, missed_json
from realtime.settings import RoomSettings
from realtime.shapes import Position
from realtime.sockets.fanout import Deliverer, Member, Slices
from realtime.sockets.frames import SharedFrame, SharedText
from realtime.sockets.rate_limit import Bucket, Rate

OnEntry = Callable[[Entry], None]


class Room:
    """A show's room. `on_entry` hears each log entry at once, before its tick."""

    def __init__(
        self,
        show: str,
        settings: RoomSettings,
        metrics: Metrics,
        now_ms: Callable[[], int],
        on_entry: OnEntry,
    ) -> None:
        self.show = show
        self.scene = Scene()
        # In the order in which they came, which is about that of their places in memory.
        self.members: dict[Member, None] = {}
        # Nearly everybody is here once: a set for each would be most of what a person costs.
        self.people: dict[str, tuple[Member, ...]] = {}
        self._working: set[str] = set()
        self.attendance = Attendance()
        self.flushed = Position("", 0, "")
        self.read = self.flushed
        self.viewers_total = 0
        self.likes_total = 0
        self.likes_here = 0
        self.tallies: dict[str, int] = {}
        self.staff_tallies: dict[str, int] = {}
        self.tallies_here: dict[str, int] = {}
        self.clock_offset_ms = 0
        self.dirty = asyncio.Event()
        self.progress = asyncio.Event()
        self.presence_changed = asyncio.Event()
        self._settings = settings
        self._metrics = metrics
        self._now_ms = now_ms
        self._on_entry = on_entry
        self._ring: deque[Entry] = deque(maxlen=settings.ring_entries_total)
        self._pending: list[Entry] = []
        self._state: dict[str, Any] = {}
        self._staff_state: dict[str, int] = {}
        self._talk = Bucket(Rate(settings.talk_per_s * 2, settings.talk_per_s), now_ms())
        self._deliverer = Deliverer(settings, metrics)
        self._slices = Slices(settings.slice_ms)
        self._snapshot: SharedText | None = None
        # One fan-out at a time: a tick of the old log never reaches anybody behind the snapshot of the new.
        self._giving = asyncio.Lock()

    # -- the log comes in

    def begin(self, place: Position, entries: Sequence[Entry]) -> None:
        """Start at this place of the log with the newest entries up to it; what waited is forgotten."""
        self.flushed = self.read = place
        self._ring.clear()
        self._ring.extend(entries)
        self._pending.clear()
        self._state.clear()
        self._staff_state.clear()
        self._snapshot = None

    def take(self, entries: Sequence[Entry]) -> None:
        """Take the next entries of the log; they travel with the next tick."""
        if not entries:
            return
        for entry in entries:
            self._on_entry(entry)
        self._pending.extend(entries)
        self.read = entries[-1].position(self.read.epoch)
        self.dirty.set()

    def set_stock(self, pool: str, stock: dict[str, int]) -> None:
        """Show a pool's newest counters with the next tick."""
        if self.scene.set_stock(pool, stock):
            self._state.setdefault("stock", {})[pool] = stock
            self._changed()

    def set_sums(self, viewers_total: int, likes_total: int, tallies: Mapping[str, int]) -> None:
        """Show the newest sums with the next tick."""
        # More may be here already than the store has heard of.
        viewers_total = max(viewers_total, self.viewers_here)
        if viewers_total != self.viewers_total:
            self._state["viewers"] = self.viewers_total = viewers_total
            self._changed()
        if likes_total != self.likes_total:
            self._state["likes"] = self.likes_total = likes_total
            self._changed()
        self._set_tallies({name: total for name, total in tallies.items() if not is_for_staff(name)})
        of_staff = {name: total for name, total in tallies.items() if is_for_staff(name)}
        new = _take(of_staff, self.staff_tallies)
        if new:
            self._staff_state.update(new)
            self.dirty.set()

    def _set_tallies(self, tallies: Mapping[str, int]) -> None:
        new = _take(tallies, self.tallies)
        if new:
            self._state.setdefault("tallies", {}).update(new)
            self._changed()

    # -- members

    def add(self, member: Member) -> None:
        """Let a member in at `flushed`."""
        member.offset = self.flushed.offset
        self.members[member] = None
        self.people[member.person] = (*self.people.get(member.person, ()), member)
        if member.works:
            self._working.add(member.person)
        self._attends(member.person)

    def remove(self, member: Member) -> None:
        """Let a member go."""
        member.gone = True
        self.members.pop(member, None)
        mine = tuple(one for one in self.people.get(member.person, ()) if one is not member)
        if mine:
            self.people[member.person] = mine
        elif self.people.pop(member.person, None):
            self._working.discard(member.person)
        self._attends(member.person)

    def _attends(self, person: str) -> None:
        self.attendance.changed(person)
        self.presence_changed.set()

    @property
    def viewers_here(self) -> int:
        """How many people watch through this process; who works in the shop is none of them."""
        return len(self.people) - len(self._working)

    def watches(self, person: str) -> bool:
        """Whether this person is one of them."""
        return person in self.people and person not in self._working

    def viewers(self) -> set[str]:
        """Return who they are."""
        return self.people.keys() - self._working

    def like(self, count: int) -> None:
        """Count hearts; they travel with the next sum."""
        self.likes_here += count
        self.presence_changed.set()

    def react(self, name: str, count: int) -> None:
        """Count presses of a reaction; they travel with the next sum."""
        tally = f"react:{name}"
        self.tallies_here[tally] = self.tallies_here.get(tally, 0) + count
        self.presence_changed.set()

    def tell(self, person: str, text: bytes) -> None:
        """Write to all sockets of one person, at once."""
        mine = self.people.get(person)
        if mine:
            frame = SharedFrame.for_one(text)
            for member in mine:
                member.outlet.write(frame)

    # -- what a joining member needs

    def shop_time_ms(self) -> int:
        """Return the shop's clock as this process last measured it."""
        return self._now_ms() + self.clock_offset_ms

    def snapshot(self) -> SharedText:
        """Return the room's JSON, made once for all who join before it changes."""
        if self._snapshot is None:
            whole = self.scene.snapshot(max(self.viewers_total, self.viewers_here), self.likes_total)
            whole["tallies"] = self.tallies
            self._snapshot = SharedText(msgspec.json.encode(whole))
        return self._snapshot

    def for_staff(self, *, staff: bool) -> dict[str, Any]:
        """Return what stands beside the snapshot and reaches staff alone; None is nothing, for viewers."""
        return {
            "staff_board": self.scene.staff_board() if staff else None,
            "staff_tallies": self.staff_tallies if staff else None,
            "staff_notes": list(self.scene.staff_notes) if staff else None,
        }

    def forget_snapshot(self) -> None:
        """Make the room's JSON anew for the next who joins: the scene was changed from outside."""
        self._snapshot = None

    def knows(self, position: Position) -> bool | None:
        """Whether `position` is a place in this run of the log; None when it is older than the ring."""
        if position.epoch != self.flushed.epoch:
            return False
        if position.offset == self.flushed.offset:
            return position.tag == self.flushed.tag
        first = self._ring[0].offset if self._ring else self.flushed.offset + 1
        if position.offset < first:
            return True if position.offset == first - 1 == 0 else None
        if position.offset > self.flushed.offset:
            return False
        return self._ring[position.offset - first].tag == position.tag

    def since(self, offset: int) -> list[Entry]:
        """Return the ring's entries after this offset, up to `flushed`."""
        return list(dropwhile(lambda entry: entry.offset <= offset, self._ring))

    def missed(self, entries: Sequence[Entry], *, staff: bool) -> bytes:
        """Return the tick of these entries and the newest state, for one member."""
        state = {
            "viewers": max(self.viewers_total, self.viewers_here),
            "likes": self.likes_total,
            "stock": self.scene.stock,
            "tallies": {**self.tallies, **self.staff_tallies} if staff else self.tallies,
        }
        talk_total = self._settings.snapshot_comments_total
        now_ms = self.shop_time_ms()
        return missed_json(entries, self.flushed, now_ms, state, staff=staff, talk_total=talk_total)

    # -- out to everybody

    async def flush(self) -> None:
        """Send one tick of what happened; does nothing when nothing did."""
        async with self._giving:
            await self._flush()

    async def _flush(self) -> None:
        self.dirty.clear()
        if not self._pending and not self._state and not self._staff_state:
            return
        began_s = time.perf_counter()
        entries, self._pending = self._pending, []
        state, self._state = self._state, {}
        of_staff, self._staff_state = self._staff_state, {}
        for entry in entries:
            self.scene.apply(entry)
        self._ring.extend(entries)
        if entries:
            self.flushed = entries[-1].position(self.flushed.epoch)
        self._snapshot = None
        self.progress.set()
        self.progress.clear()
        if self.members:
            await self._fan_out(entries, state, of_staff)
        self._metrics.observe(names.TICK_S, time.perf_counter() - began_s)

    async def _fan_out(
        self, entries: Sequence[Entry], state: dict[str, Any], of_staff: Mapping[str, int]
    ) -> None:
        frames = make_tick(entries, self.flushed, self.shop_time_ms(), state, self._talk, of_staff)
        self._metrics.count(names.COMMENTS_LEFT_OUT, frames.left_out_total)
        upto, now_ms = self.flushed.offset, self._now_ms()
        await self._slices.each(
            tuple(self.members), lambda member: self._deliverer.deliver(member, frames, upto, now_ms)
        )

    async def snapshot_to_all(self) -> None:
        """Send everybody the whole room: the log began anew."""
        async with self._giving:
            viewers, staff = self._snapshot_frame(staff=False), self._snapshot_frame(staff=True)
            await self._slices.each(
                tuple(self.members),
                lambda member: self._start_anew(member, staff if member.staff else viewers),
            )

    def sweep(self) -> None:
        """Once a second: let slow members catch up or go."""
        now_ms = self._now_ms()
        for member in [each for each in self.members if each.behind_ms is not None and not each.gone]:
            if self._deliverer.recovered(member):
                self._catch_up(member)
            elif self._deliverer.hopeless(member, now_ms):
                self._deliverer.abort(member)

    def _catch_up(self, member: Member) -> None:
        entries = self.since(member.offset)
        if entries and entries[0].offset != member.offset + 1:
            self._start_anew(member, self._snapshot_frame(staff=member.staff))
        else:
            member.outlet.write(SharedFrame.for_one(self.missed(entries, staff=member.staff)))
        member.offset = self.flushed.offset
        member.behind_ms = None
        self._metrics.count(names.CAUGHT_UP)

    def _snapshot_frame(self, *, staff: bool) -> SharedFrame:
        own = {
            "type": "snapshot",
            "position": self.flushed,
            "server_time_ms": self.shop_time_ms(),
            "slow_mode_s": self.scene.slow_mode_s,
            **self.for_staff(staff=staff),
        }
        head = msgspec.json.encode(own)[:-1] + b',"snapshot":'
        return SharedFrame((SharedText(head), self.snapshot(), SharedText(b"}")))

    def _start_anew(self, member: Member, frame: SharedFrame) -> None:
        if not member.gone:
            member.outlet.write(frame)
            member.offset = self.flushed.offset

    def _changed(self) -> None:
        self._snapshot = None
        self.dirty.set()

    def said_at_ms(self, offset: int) -> int | None:
        """Return the shop's time of the ring's entry at this offset, None when it is older."""
        if not self._ring or not 0 <= offset - self._ring[0].offset < len(self._ring):
            return None
        return int(self._ring[offset - self._ring[0].offset].data["at_ms"])

    def find_comment(self, comment: str) -> dict[str, Any] | None:
        """Return a comment among the newest entries of the log, None when it is not there or was removed."""
        recent = self.recent()
        for entry in recent:
            if entry.kind is Kind.TALK and entry.data.get("id") == comment:
                return None if Removals(recent).hide(entry) else dict(entry.data)
        return None

    def recent(self) -> list[Entry]:
        """Return the newest entries of the log, those of the next tick included."""
        return [*self._ring, *self._pending]


def _take(tallies: Mapping[str, int], known: dict[str, int]) -> dict[str, int]:
    """Make the known tallies these; returns those that are new or changed.

    What counted one that is gone is gone, too: whoever shows it hears that from the board.
    """
    new = {name: total for name, total in tallies.items() if known.get(name) != total}
    for name in known.keys() - tallies.keys():
        del known[name]
    known.update(new)
    return new
