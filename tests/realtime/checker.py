"""The one checker of the room's tests: what a client holds, compared with what Redis holds.

    await agree(redis, mei, lin)

waits until every client is where the log ends, and then wants of each: every fact of the log after the
snapshot it began from, once and in order; the comments that stand in the log less those taken away; the
board, slow mode, likes, viewers and stock as Redis has them. Nothing else: what Redis lost must be gone. The
rules are written here a second time, not taken from the server.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from redis.asyncio import Redis

from realtime.log.entries import Entry, Kind, parse
from realtime.store.keys import ShowKeys
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Shop

Json = dict[str, Any]
WITHIN_S = 30.0
LOOK_AGAIN_S = 0.05
SHOWN_TOTAL = 50
PAGE_TOTAL = 20
PRESENCE_KEPT_MS = 10_000


@dataclass(frozen=True)
class Line:
    """One entry of the log: offset, whom it is for, content."""

    offset: int
    kind: Kind
    data: Json


@dataclass(frozen=True)
class Truth:
    """What Redis holds of a room now. `board` has everybody's names and staff's."""

    position: Json
    lines: Sequence[Line]
    board: Json
    slow_mode_s: int
    likes: int
    viewers: int
    stock: dict[str, Json]


async def truth_of(redis: Redis) -> Truth:
    """Read the whole room from Redis itself."""
    keys = ShowKeys.of(SHOW)
    entries = await _entries(redis, keys.log)
    room: Any = await redis.hgetall(keys.room)
    board: Any = await redis.hgetall(keys.board)
    position = {
        "epoch": room[b"epoch"].decode(),
        "offset": int(room[b"offset"]),
        "tag": room[b"tag"].decode(),
    }
    return Truth(
        position,
        [Line(entry.offset, entry.kind, dict(entry.data)) for entry in entries],
        {name.decode(): msgspec.json.decode(value) for name, value in board.items()},
        int(room.get(b"slow_mode_s", 0)),
        int(room.get(b"likes", 0)),
        await _viewers(redis, keys),
        await Shop(redis).counters(),
    )


async def _entries(redis: Redis, log: str) -> list[Entry]:
    """Read the log in small pages: a test may have lowered what Redis answers at once."""
    entries: list[Entry] = []
    while True:
        after = f"({entries[-1].offset}-0" if entries else "-"
        page: Any = await redis.xrange(log, after, "+", PAGE_TOTAL)
        if not page:
            return entries
        entries += [parse(stream_id, fields) for stream_id, fields in page]


async def _viewers(redis: Redis, keys: ShowKeys) -> int:
    found: Any = await redis.hgetall(keys.presence)
    told = [packed.split(b",") for name, packed in found.items() if not name.startswith(b"at:")]
    now_ms = max((int(each[1]) for each in told), default=0)
    living = {each[3] for each in told if now_ms - int(each[1]) <= PRESENCE_KEPT_MS}
    here: Any = await redis.hvals(keys.here)
    return sum(1 for slots in here if living.intersection(slots.split(b",")))


async def agree(redis: Redis, *clients: RoomClient, within_s: float = WITHIN_S) -> Truth:
    """Wait until every client holds what Redis holds; says what differs when they never do."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                truth = await truth_of(redis)
                wrong = [fault for client in clients for fault in faults(client, truth)]
                if not wrong:
                    return truth
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise AssertionError("\n".join(wrong)) from None


def faults(client: RoomClient, truth: Truth) -> list[str]:
    """List what this client holds and Redis does not, or the other way round."""
    who = client.hello.get("you", {}).get("person", "?")
    if client.position != truth.position:
        return [f"{who} stands at {client.position}, the log at {truth.position}"]
    pairs = {
        "socket": (client.close_code, None),
        "facts": (client.facts_since, wanted_facts(client, truth)),
        "board": (client.board, _board(truth, staff=client.staff)),
        "slow mode": (client.slow_mode_s, truth.slow_mode_s),
        "likes": (client.likes, truth.likes),
        "viewers": (client.viewers, truth.viewers),
        "stock": ({pool: client.stock.get(pool) for pool in truth.stock}, truth.stock),
    }
    wrong = [
        f"{who} {what}: has {has}, wanted {wanted}" for what, (has, wanted) in pairs.items() if has != wanted
    ]
    return wrong + [f"{who} {fault}" for fault in _comment_faults(client, truth)]


def wanted_facts(client: RoomClient, truth: Truth) -> list[Json]:
    """Return the facts that the log holds after the client's snapshot."""
    base = _base(client, truth)
    kinds = {Kind.FACT, Kind.STAFF} if client.staff else {Kind.FACT}
    return [line.data for line in truth.lines if line.offset > base and line.kind in kinds]


def _base(client: RoomClient, truth: Truth) -> int:
    """Return the offset of what the client began from; of another epoch it may have nothing."""
    assert client.base is not None
    return int(client.base["offset"]) if client.base["epoch"] == truth.position["epoch"] else 0


def _board(truth: Truth, *, staff: bool) -> Json:
    return {name: value for name, value in truth.board.items() if staff or not name.startswith("staff:")}


def _comment_faults(client: RoomClient, truth: Truth) -> list[str]:
    if client.base_snapshot is None:
        return []  # came back with a position alone: what stood before it was never this client's
    base = _base(client, truth)
    began = deque[Json](maxlen=SHOWN_TOTAL)
    if truth.lines and truth.lines[0].offset > 1:
        began.extend(client.base_snapshot["comments"])  # the log does not go back as far
    else:
        _run(began, [line for line in truth.lines if line.offset <= base])
    found: list[str] = []
    if client.base_snapshot["comments"] != list(began):
        found.append(f"began from comments {client.base_snapshot['comments']}, the log says {list(began)}")
    shown = deque(began)
    _run(shown, [line for line in truth.lines if line.offset > base])
    has, wanted = list(client.comments.values()), list(shown)
    if client.left_out_since:
        rest = iter(wanted)
        if not all(comment in rest for comment in has):
            found.append(f"comments: has {has}, which is no part of {wanted}")
    elif has != wanted:
        found.append(f"comments: has {has}, wanted {wanted}")
    return found


def _run(shown: deque[Json], lines: Sequence[Line]) -> None:
    """Say and take away, in order."""
    for line in lines:
        if line.kind is Kind.TALK:
            shown.append(line.data)
        elif line.data["kind"] == "comment_deleted":
            _keep(shown, [each for each in shown if each["id"] != line.data["comment"]])
        elif line.data["kind"] == "comments_removed":
            _keep(shown, [each for each in shown if each["person"] != line.data["person"]])


def _keep(shown: deque[Json], kept: Sequence[Json]) -> None:
    shown.clear()
    shown.extend(kept)
