"""One log, told in any way, is the same room for the server's Scene and for the pages' `room_state.js`."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.log.entries import Entry, Kind
from realtime.room.scene import ORDERS_SHOWN_TOTAL, Scene
from realtime.room.tick import make_tick, missed_json
from realtime.sockets.rate_limit import Bucket, Rate
from tests.realtime.properties import QUICK

Json = dict[str, Any]
Play = Callable[[list[Json]], Json]
DRIVER = Path(__file__).with_name("room_state_driver.mjs")
YOU = {"person": "gu_me", "role": "viewer", "reservations": [], "orders_pending": []}


def _product(name: str) -> Json:
    variant = {"id": f"va_{name}", "pool": f"po_{name}", "price_minor": 900, "price_version": 0}
    return {"id": f"pr_{name}", "title": name, "variants": [variant]}


SNAPSHOT: Json = {
    "show": {"id": "sh_1", "state": "scheduled", "started_at_ms": None},
    "shop": "sp_1",
    "products": [_product("one"), _product("two")],
    "pinned": None,
    "sales": [],
    "stock": {f"po_{name}": {"available": 5, "held": 0, "sold": 0, "total": 5} for name in ("one", "two")},
    "run_of_show": ["pr_one", "pr_two"],
    "prices": {},
}


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """Offer the pages' state: frames in, the room out. One Node for all."""
    with subprocess.Popen(
        ["node", str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        stdin, stdout = node.stdin, node.stdout

        def ask(frames: list[Json]) -> Json:
            stdin.write(json.dumps(frames) + "\n")
            stdin.flush()
            room: Json = json.loads(stdout.readline())
            return room

        yield ask
        stdin.close()


def _fact(what: str, number: int, offset: int) -> tuple[Kind, Json]:
    """Return what happened; `number` chooses whom or what it concerns."""
    person, product = "abc"[number % 3], ("pr_one", "pr_two")[number % 2]
    facts: dict[str, tuple[Kind, Json]] = {
        "talk": (Kind.TALK, {"id": f"co_{offset}", "person": person, "badge": None, "text": "x"}),
        "delete": (Kind.FACT, {"kind": "comment_deleted", "comment": f"co_{number}"}),
        "remove": (Kind.FACT, {"kind": "comments_removed", "person": person}),
        "pin": (Kind.FACT, {"kind": "pin", "product": None if number % 5 == 0 else product}),
        "price": (
            Kind.FACT,
            {
                "kind": "price",
                "variant": f"va_{product[3:]}",
                "price_minor": offset,
                "price_version": offset,
            },
        ),
        "sale": (Kind.FACT, {"kind": "sale", "sale": {"id": f"fs_{number % 3}", "state": "open"}}),
        "sale_ended": (Kind.FACT, {"kind": "sale_ended", "sale": f"fs_{number % 3}"}),
        "show": (Kind.FACT, {"kind": "show", "state": ("scheduled", "live", "ended")[number % 3]}),
        "host": (Kind.FACT, {"kind": "host", "state": ("live", "away", "off")[number % 3]}),
        "run_of_show": (Kind.FACT, {"kind": "run_of_show", "products": [product]}),
        "order": (Kind.FACT, {"kind": "order", "name": "Mei", "product": product, "variant": "va_one",
                              "quantity": 1, "order_ref": f"or_{offset}"}),
        "slow": (Kind.FACT, {"kind": "slow_mode", "seconds": number}),
        "board": (Kind.FACT, {"kind": "board", "name": f"b{number % 2}", "value": number % 4 or None}),
        "staff_board": (Kind.STAFF, {"kind": "board", "name": "staff:b", "value": number % 4 or None}),
        "staff_note": (Kind.STAFF, {"kind": "staff_note", "id": f"sn_{offset}", "person": "m",
                                    "name": "staff:Mo", "text": "who answers?", "about": None}),
        "moderation": (Kind.STAFF, {"kind": "moderation", "action": "delete", "actor": "m", "target": "x"}),
    }  # fmt: skip
    return facts[what]


def _happen(happenings: list[tuple[str, int]]) -> list[Entry]:
    log: list[Entry] = []
    for offset, (what, number) in enumerate(happenings, 1):
        kinds = [_fact(what, number, offset)]
        if what == "remove":  # a ban, as the room's Functions write it
            kinds.append((Kind.FACT, {"kind": "banned", "person": kinds[0][1]["person"]}))
        for kind, data in kinds:
            at = len(log) + 1
            whole = {**data, "at_ms": at, **({} if kind is Kind.TALK else {"seq": at})}
            log.append(Entry(at, kind, msgspec.json.encode(whole), f"tag{at}", whole))
    return log


_WHATS = ["talk", "talk", "talk", "delete", "remove", "pin", "price", "sale", "sale_ended", "show", "host"]
_WHATS += ["run_of_show", "order", "slow", "board", "staff_board", "staff_note", "moderation"]
LOGS = st.lists(st.tuples(st.sampled_from(_WHATS), st.integers(0, 30)), max_size=40).map(_happen)
WAYS = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["live", "missed", "anew"])), min_size=1)


def _frames(log: list[Entry], joined: int, ways: list[tuple[int, str]], *, staff: bool) -> list[Json]:
    """Return what one client is sent that joins after `joined` entries and is told the rest in these ways."""
    scene = Scene()
    scene.refresh(SNAPSHOT)
    for entry in log[:joined]:
        scene.apply(entry)
    frames, at, turn = [_hello(scene, joined, staff=staff)], joined, 0
    while at < len(log):
        size, way = ways[turn % len(ways)]
        run = log[at : at + size]
        at, turn = at + len(run), turn + 1
        for entry in run:
            scene.apply(entry)
        frames.append(_told(scene, run, way, staff=staff))
    return frames


def _told(scene: Scene, run: list[Entry], way: str, *, staff: bool) -> Json:
    place = run[-1].position("e")
    if way == "anew":
        return {**_hello(scene, run[-1].offset, staff=staff), "type": "snapshot", "server_time_ms": 0}
    if way == "missed":
        tick = json.loads(missed_json(run, place, 0, {}, staff=staff, talk_total=50))
        return {**_hello(scene, run[-1].offset, staff=staff), "snapshot": None, "missed": tick}
    frames = make_tick(run, place, 0, {}, Bucket(Rate(1000, 1000), 0))
    frame = frames.staff if staff else frames.viewers
    assert frame is not None
    told: Json = json.loads(frame.text)
    return told


def _hello(scene: Scene, offset: int, *, staff: bool) -> Json:
    return {
        "type": "hello", "you": YOU, "show": scene.show, "missed": None, "whep": None,
        "position": {"epoch": "e", "offset": offset, "tag": f"tag{offset}" if offset else ""},
        "slow_mode_s": scene.slow_mode_s, "staff_board": scene.staff_board() if staff else None,
        "staff_notes": list(scene.staff_notes) if staff else None,
        "snapshot": json.loads(msgspec.json.encode(scene.snapshot(1, 1))),
    }  # fmt: skip


def _of(scene: Scene, position: Json, *, staff: bool) -> Json:
    """Return the server's room in the driver's words."""
    variants = [variant for product in scene.products for variant in product["variants"]]
    return {
        "comments": [said["id"] for said in scene.comments],
        "pinned": scene.pinned,
        "host": scene.host,
        "show": scene.show,
        "run_of_show": scene.run_of_show,
        "products": sorted(product["id"] for product in scene.products),
        "prices": {each["id"]: [each["price_minor"], each["price_version"]] for each in variants},
        "sales": {sale["id"]: sale["state"] for sale in scene.sales},
        "orders": [order["order_ref"] for order in scene.orders],
        "slow_mode_s": scene.slow_mode_s,
        "board": {name: v for name, v in scene.board.items() if staff or not name.startswith("staff:")},
        "staff_notes": [note["id"] for note in scene.staff_notes] if staff else [],
        "stock": scene.stock,
        "position": position,
    }


@QUICK
@given(LOGS, st.integers(0, 20), WAYS, st.booleans())
def test_every_screen_shows_the_room_the_server_has(
    play: Play, log: list[Entry], joined: int, ways: list[tuple[int, str]], staff: bool
) -> None:
    """Joined at any place, told live, resumed, or begun anew, in pieces of any size."""
    scene = Scene()
    scene.refresh(SNAPSHOT)
    for entry in log:
        scene.apply(entry)
    frames = _frames(log, min(joined, len(log)), ways, staff=staff)
    room = play(frames)
    room["orders"] = room["orders"][-ORDERS_SHOWN_TOTAL:]
    offset = len(log)
    position = {"epoch": "e", "offset": offset, "tag": f"tag{offset}" if offset else ""}
    assert room == _of(scene, position, staff=staff)


def test_a_screen_that_forgets_a_fact_is_noticed(play: Play) -> None:
    """The comparison above can fail: one tick less is another room."""
    log = _happen([("talk", 1), ("pin", 1), ("board", 1)])
    frames = _frames(log, 0, [(1, "live")], staff=False)
    assert play(frames) != play([frames[0], frames[1], frames[3]])
