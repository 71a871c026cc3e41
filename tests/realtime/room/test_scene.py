"""Any interleaving of comments, deletions, timeouts and resumes shows the same final room."""

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from realtime.log.entries import Entry, Kind
from realtime.room.scene import Scene
from realtime.room.tick import make_tick, missed_json, sample
from realtime.shapes import Position
from realtime.sockets.rate_limit import Bucket, Rate
from tests.realtime.properties import QUICK

SNAPSHOT: dict[str, Any] = {
    "show": {"id": "sh_1", "state": "live"},
    "shop": "sp_1",
    "products": [{"id": "pr_1", "variants": [{"id": "va_1", "pool": "po_va_1", "price_minor": 1}]}],
    "pinned": None,
    "sales": [],
    "stock": {},
    "run_of_show": [],
    "prices": {},
}


def _entry(offset: int, group: Kind, /, **data: Any) -> Entry:
    data["at_ms"] = offset
    return Entry(offset, group, msgspec.json.encode(data), f"tag{offset}", data)


def _talk(offset: int, person: str, badge: str | None = None) -> Entry:
    return _entry(offset, Kind.TALK, id=f"co_{offset}", person=person, text="x", badge=badge, name=person)


def _happen(offset: int, what: str, number: int) -> Entry:
    """Build the log's entry number `offset`; `number` chooses whom or what it concerns."""
    person = "abc"[number % 3]
    match what:
        case "delete":
            return _entry(offset, Kind.FACT, kind="comment_deleted", comment=f"co_{number}")
        case "remove":
            return _entry(offset, Kind.FACT, kind="comments_removed", person=person)
        case "pin":
            return _entry(offset, Kind.FACT, kind="pin", product="pr_1" if number % 2 else None)
        case "price":
            price = {"variant": "va_1", "price_minor": offset, "price_version": number}
            return _entry(offset, Kind.FACT, kind="price", **price)
        case "staff":
            return _entry(offset, Kind.STAFF, kind="moderation", action="delete", target="x")
    return _talk(offset, person)


def _log(happenings: list[tuple[str, int]]) -> list[Entry]:
    return [_happen(offset, *each) for offset, each in enumerate(happenings, 1)]


_WHAT = st.sampled_from(["talk", "talk", "talk", "delete", "remove", "pin", "price", "staff"])
LOGS = st.lists(st.tuples(_WHAT, st.integers(0, 30)), max_size=30).map(_log)


@dataclass
class Screen:
    """A client that applies ticks as the protocol says."""

    comments: dict[str, str] = field(default_factory=dict)
    pinned: str | None = None
    seqs: list[int] = field(default_factory=list)

    def take(self, text: bytes) -> None:
        tick = json.loads(text)
        for fact in tick["facts"]:
            self.seqs.append(fact["at_ms"])
            match fact["kind"]:
                case "comment_deleted":
                    self.comments.pop(fact["comment"], None)
                case "comments_removed":
                    self.comments = {k: p for k, p in self.comments.items() if p != fact["person"]}
                case "pin":
                    self.pinned = fact["product"]
        self.comments.update({comment["id"]: comment["person"] for comment in tick["talk"]})


@QUICK
@given(LOGS, st.lists(st.integers(1, 9), min_size=1), st.lists(st.booleans(), min_size=1), st.booleans())
def test_every_way_of_hearing_a_log_ends_in_the_same_room(
    log: list[Entry], cuts: list[int], resumes: list[bool], staff: bool
) -> None:
    """Ticks of any size, live or as one missed tick after a resume, and the server's own scene agree."""
    scene, screen, at = Scene(), Screen(), 0
    scene.refresh(SNAPSHOT)
    for turn in range(len(log) + 1):
        size = cuts[turn % len(cuts)]
        run, at = log[at : at + size], at + size
        if not run:
            break
        for entry in run:
            scene.apply(entry)
        place = run[-1].position("e")
        if resumes[turn % len(resumes)]:
            screen.take(missed_json(run, place, 0, {}, staff=staff, talk_total=50))
        else:
            frames = make_tick(run, place, 0, {}, Bucket(Rate(1000, 1000), 0))
            assert frames.viewers is not None
            screen.take((frames.staff if staff else frames.viewers).text)
    assert screen.comments == {str(said["id"]): said["person"] for said in scene.comments}
    assert screen.pinned == scene.pinned
    wanted = {Kind.FACT, Kind.STAFF} if staff else {Kind.FACT}
    assert screen.seqs == [entry.offset for entry in log if entry.kind in wanted]


@QUICK
@given(LOGS)
def test_applying_facts_again_changes_nothing(log: list[Entry]) -> None:
    """A snapshot may hold facts that come again after it."""
    once, twice = Scene(), Scene()
    for scene in (once, twice):
        scene.refresh(SNAPSHOT)
        for entry in log:
            scene.apply(entry)
    for entry in log:
        twice.apply_shops(entry)
    assert once.snapshot(1, 1) == twice.snapshot(1, 1)


def test_a_fact_about_something_unknown_asks_for_the_shop_again() -> None:
    """A pinned product that is not in the snapshot makes the scene stale."""
    scene = Scene()
    scene.refresh(SNAPSHOT)
    scene.apply(_entry(1, Kind.FACT, kind="pin", product="pr_1"))
    assert not scene.stale
    scene.apply(_entry(2, Kind.FACT, kind="pin", product="pr_new"))
    assert scene.stale


@QUICK
@given(st.lists(st.booleans(), max_size=40), st.integers(0, 12))
def test_sampling_keeps_the_newest_and_all_of_staff(staff: list[bool], allowed: int) -> None:
    """In order; exactly as many guests as allowed."""
    talk = [_talk(number, "a", "host" if each else None) for number, each in enumerate(staff, 1)]
    kept = sample(talk, allowed)
    guests = [entry for entry in talk if entry.data["badge"] is None]
    newest = guests[max(0, len(guests) - allowed) :]
    assert [entry for entry in kept if entry.data["badge"] is None] == newest
    assert [entry for entry in kept if entry.data["badge"]] == [each for each in talk if each not in guests]
    assert kept == sorted(kept, key=lambda entry: entry.offset)


def test_viewers_and_staff_share_one_frame_when_it_is_the_same() -> None:
    """And get two when moderators' facts are in it."""
    bucket = Bucket(Rate(10, 10), 0)
    same = make_tick([_talk(1, "a")], Position("e", 1, "t"), 0, {"viewers": 3}, bucket)
    assert same.viewers is same.staff
    assert same.state_only is not None
    assert json.loads(same.state_only.text)["position"] is None
    two = make_tick([_entry(2, Kind.STAFF, kind="moderation")], Position("e", 2, "t"), 0, {}, bucket)
    assert two.viewers is not None
    assert json.loads(two.viewers.text)["facts"] == []
    assert len(json.loads(two.staff.text)["facts"]) == 1


def test_sums_for_staff_reach_staff_alone() -> None:
    """Beside those for all; when there is nothing else, viewers and slow readers get no frame."""
    place, bucket, sums = Position("e", 1, "t"), Bucket(Rate(10, 10), 0), {"staff:poll:pl_1:0": 2}
    both = make_tick([], place, 0, {"tallies": {"poll:pl_1": 2}}, bucket, sums)
    assert json.loads(both.staff.text)["state"]["tallies"] == {"poll:pl_1": 2, **sums}
    for frame in (both.viewers, both.state_only):
        assert frame is not None
        assert json.loads(frame.text)["state"]["tallies"] == {"poll:pl_1": 2}
    alone = make_tick([], place, 0, {}, bucket, sums)
    assert json.loads(alone.staff.text)["state"]["tallies"] == sums
    assert (alone.viewers, alone.state_only) == (None, None)
