"""One tick: what happened since the last one, as JSON that is made once for everybody.

Bodies of log entries are already the JSON that travels; they are put together as bytes, not decoded and
encoded again. Two variants: for viewers, with talk sampled, and for staff, with all talk and the moderators'
facts. When both are the same they share one frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from realtime.log.entries import Entry, Kind, Removals
from realtime.shapes import Position
from realtime.sockets.frames import SharedFrame
from realtime.sockets.rate_limit import Bucket


@dataclass(frozen=True, slots=True)
class TickFrames:
    """The tick for viewers and for staff, and one with only the state for those who read too slowly.

    `viewers` is None when only sums for staff alone changed, `state_only` when no state for all did.
    """

    viewers: SharedFrame | None
    staff: SharedFrame
    state_only: SharedFrame | None
    left_out_total: int


def tick_json(
    position: Position | None,
    now_ms: int,
    facts: Sequence[bytes],
    talk: Sequence[bytes],
    left_out_total: int,
    state: bytes,
) -> bytes:
    """Return a tick's JSON (`realtime.messages.Tick`) from pieces that are JSON already."""
    parts = (
        b'{"type":"tick","position":',
        msgspec.json.encode(position),
        b',"server_time_ms":%d,"facts":[' % now_ms,
        b",".join(facts),
        b'],"talk":[',
        b",".join(talk),
        b'],"left_out":%d,"state":' % left_out_total,
        state,
        b"}",
    )
    return b"".join(parts)


def sample(talk: Sequence[Entry], allowed_total: int) -> list[Entry]:
    """Return the newest `allowed_total` comments, and all of staff's, in order."""
    guests = [entry for entry in talk if entry.data.get("badge") is None]
    kept = {entry.offset for entry in guests[max(0, len(guests) - allowed_total) :]}
    return [entry for entry in talk if entry.data.get("badge") is not None or entry.offset in kept]


def missed_json(
    entries: Sequence[Entry],
    position: Position,
    now_ms: int,
    state: dict[str, Any],
    *,
    staff: bool,
    talk_total: int,
) -> bytes:
    """Return the tick of everything one client missed: all facts, and the newest comments still there."""
    removals = Removals(entries)
    facts = [
        entry.body for entry in entries if entry.kind is Kind.FACT or (staff and entry.kind is Kind.STAFF)
    ]
    talk = [entry for entry in entries if entry.kind is Kind.TALK and not removals.hide(entry)]
    shown = sample(talk, talk_total)
    return tick_json(
        position,
        now_ms,
        facts,
        [entry.body for entry in shown],
        len(talk) - len(shown),
        msgspec.json.encode(state),
    )


def make_tick(
    entries: Sequence[Entry],
    position: Position,
    now_ms: int,
    state: dict[str, Any],
    talk_budget: Bucket,
    staff_tallies: Mapping[str, int] | None = None,
) -> TickFrames:
    """Return the frames of a tick with these entries; `position` is the place after the last of them.

    `staff_tallies` are those that changed and reach staff alone.
    """
    removals = Removals(entries)
    facts = [entry.body for entry in entries if entry.kind is Kind.FACT]
    staff_facts = [entry.body for entry in entries if entry.kind is not Kind.TALK]
    talk = [entry for entry in entries if entry.kind is Kind.TALK and not removals.hide(entry)]
    guests_total = sum(1 for entry in talk if entry.data.get("badge") is None)
    shown = sample(talk, talk_budget.take_upto(now_ms, guests_total))
    state_json = msgspec.json.encode(state)
    left_out_total = len(talk) - len(shown)
    viewers = SharedFrame.of(
        tick_json(position, now_ms, facts, [each.body for each in shown], left_out_total, state_json)
    )
    staff = viewers
    if left_out_total or staff_tallies or len(staff_facts) != len(facts):
        staff_json = msgspec.json.encode(with_staff_tallies(state, staff_tallies or {}))
        staff = SharedFrame.of(
            tick_json(position, now_ms, staff_facts, [each.body for each in talk], 0, staff_json)
        )
    state_only = SharedFrame.of(tick_json(None, now_ms, (), (), 0, state_json)) if state else None
    return TickFrames(viewers if entries or state else None, staff, state_only, left_out_total)


def with_staff_tallies(state: dict[str, Any], tallies: Mapping[str, int]) -> dict[str, Any]:
    """Return a tick's state with the tallies that reach staff alone."""
    return {**state, "tallies": {**state.get("tallies", {}), **tallies}} if tallies else state
