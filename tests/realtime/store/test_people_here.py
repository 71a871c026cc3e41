"""How many people watch: those on several fronts once, at any size, on both kinds of Redis."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.room.attendance import LEAVES, SAID_AT_ONCE_TOTAL, Attendance, News
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Sums
from tests.realtime.properties import QUICK
from tests.realtime.stage import SHOW

TTL_MS = 10_000
KEYS = ShowKeys.of(SHOW)


@dataclass
class Process:
    """One front's room as the store sees it."""

    store: RoomStore
    name: str
    people: set[str] = field(default_factory=set)
    attendance: Attendance = field(default_factory=Attendance)

    def come(self, *people: str) -> None:
        self.people.update(people)
        self._changed(people)

    def go(self, *people: str) -> None:
        self.people.difference_update(people)
        self._changed(people)

    def _changed(self, people: Iterable[str]) -> None:
        for person in people:
            self.attendance.changed(person)

    async def tell(self, *, answered: bool = True) -> Sums:
        """Make one call; its answer may be lost."""
        news = self.attendance.news(len(self.people), self.people.__contains__)
        sums = await self.store.presence(SHOW, self.name, len(self.people), 0, TTL_MS, None, news)
        if answered:
            self.attendance.heard(news, sums.slot, sums.known_total, lambda: self.people)
        else:
            self.attendance.lost(news)
        return sums

    async def settle(self) -> int:
        """Call until everything is said; returns the sum."""
        while True:
            sums = await self.tell()
            if not self.attendance.unsaid_total and sums.known_total == len(self.people):
                return sums.viewers_total


async def silence(store: RoomStore, process: str, silent_ms: int) -> None:
    """Let a process have spoken so long ago."""
    packed: Any = await store.redis.hget(KEYS.presence, process)
    viewers, at_ms, *rest = packed.decode().split(",")
    await store.redis.hset(KEYS.presence, process, ",".join([viewers, str(int(at_ms) - silent_ms), *rest]))


async def left_behind(store: RoomStore) -> tuple[int, dict[str, int]]:
    """Return how many marks there are, and people by the slots they are with."""
    found: Any = await store.redis.hgetall(KEYS.presence)
    groups = {name.decode()[3:]: int(n) for name, n in found.items() if name.startswith(b"at:")}
    return await store.redis.hlen(KEYS.here), groups


async def test_a_person_on_two_fronts_counts_once_until_they_left_both(store: RoomStore) -> None:
    """The sum falls as soon as the last of them says so."""
    one, two = Process(store, "one"), Process(store, "two")
    one.come("gu_mei", "gu_lin")
    two.come("gu_mei", "gu_wu")
    await one.settle()
    assert await two.settle() == 3
    assert await one.settle() == 3
    one.go("gu_mei")
    assert await one.settle() == 3
    two.go("gu_mei")
    assert await two.settle() == 2
    assert await one.settle() == 2
    one.go("gu_lin")
    two.go("gu_wu")
    await one.settle()
    assert await two.settle() == 0
    assert await left_behind(store) == (0, {})


async def test_a_full_room_is_said_in_pieces_and_the_sum_is_never_less_than_a_front_s_own(
    store: RoomStore,
) -> None:
    """What is not said yet counts as people who are nowhere else; at the end the count is exact."""
    one, two = Process(store, "one"), Process(store, "two")
    everybody = [f"gu_{number}" for number in range(3 * SAID_AT_ONCE_TOTAL + 7)]
    one.come(*everybody)
    assert await one.settle() == len(everybody)
    two.come(*everybody[: 2 * SAID_AT_ONCE_TOTAL], "gu_else")
    told = []
    while two.attendance.unsaid_total:
        told.append((await two.tell()).viewers_total)
        assert told[-1] >= len(one.people)
    assert told == sorted(told, reverse=True)
    assert await two.settle() == len(everybody) + 1
    two.go(*everybody)
    assert (await two.tell()).viewers_total >= len(everybody)
    assert await two.settle() == len(everybody) + 1


async def test_a_front_that_falls_silent_takes_its_people_along_and_brings_them_back(
    store: RoomStore,
) -> None:
    """Without saying them again; who is also elsewhere stays."""
    one, two = Process(store, "one"), Process(store, "two")
    one.come("gu_mei", "gu_lin")
    two.come("gu_mei", "gu_wu")
    await one.settle()
    await two.settle()
    await silence(store, "one", TTL_MS + 1)
    assert (await two.tell()).viewers_total == 2
    sums = await one.tell()
    assert (sums.viewers_total, sums.known_total) == (3, 2)


async def test_what_a_dead_front_left_behind_is_swept_up(store: RoomStore) -> None:
    """A minute later, some at each call; who came to another front meanwhile counts there once."""
    one, two = Process(store, "one"), Process(store, "two")
    people = [f"gu_{number}" for number in range(900)]
    one.come(*people)
    await one.settle()
    two.come(*people[:300])
    await two.settle()
    await silence(store, "one", 60_001)
    calls = 0
    while (await left_behind(store))[0] > 300:
        assert (await two.tell()).viewers_total == 300
        calls += 1
        assert calls < 50
    assert calls > 3  # and not all of it in one call
    marks, groups = await left_behind(store)
    assert (marks, list(groups.values())) == (300, [300])
    assert await one.settle() == 900  # it was only asleep
    assert (await left_behind(store))[0] == 900


async def test_a_front_that_closes_its_room_counts_nobody_at_once(store: RoomStore) -> None:
    """Also those it had no time to say have gone."""
    one, two = Process(store, "one"), Process(store, "two")
    one.come("gu_mei", "gu_lin")
    two.come("gu_mei")
    await one.settle()
    await two.settle()
    await store.presence(SHOW, "one", 0, 0, TTL_MS, None, News(LEAVES))
    assert (await two.tell()).viewers_total == 1
    assert await left_behind(store) == (1, {"2": 1})


async def test_joins_of_the_other_fronts_are_told_as_they_come(store: RoomStore) -> None:
    """Not those before one began to listen, none twice, and none when a front begins anew."""
    one, two, three = (Process(store, name) for name in ("one", "two", "three"))
    two.attendance.joins_total = 7
    await two.tell()
    assert one.attendance.joined_elsewhere((await one.tell()).joins_elsewhere) == 0
    two.attendance.joins_total, three.attendance.joins_total = 10, 2
    await two.tell()
    await three.tell()
    one.attendance.joins_total = 100
    for wanted in (5, 0):
        assert one.attendance.joined_elsewhere((await one.tell()).joins_elsewhere) == wanted
    two.attendance = Attendance()
    two.attendance.joins_total = 1
    await two.tell()
    assert one.attendance.joined_elsewhere((await one.tell()).joins_elsewhere) == 0
    two.attendance.joins_total = 4
    await two.tell()
    assert one.attendance.joined_elsewhere((await one.tell()).joins_elsewhere) == 3


async def test_what_a_front_counts_after_its_room_was_closed_adds_to_the_sums(store: RoomStore) -> None:
    """It counts from nothing then; what it had counted before stays in the sums."""
    for likes, claps in ((5, 4), (3, 1)):
        await store.presence(SHOW, "one", 1, likes, TTL_MS, {"react:clap": claps})
        await store.presence(SHOW, "one", 0, likes, TTL_MS, {"react:clap": claps}, News(LEAVES))
    sums = await store.presence(SHOW, "two", 0, 0, TTL_MS)
    assert (sums.likes_total, sums.tallies) == (8, {"react:clap": 5})


async def test_a_lost_answer_and_a_store_of_yesterday_are_told_again(store: RoomStore) -> None:
    """What may have been heard is said again; a store that forgot hears everything."""
    one, two = Process(store, "one"), Process(store, "two")
    one.come("gu_mei")
    two.come("gu_mei")
    await one.settle()
    await two.settle()
    one.come("gu_lin")
    await one.tell(answered=False)
    one.go("gu_lin", "gu_mei")
    await one.tell(answered=False)
    assert await one.settle() == 1
    assert await left_behind(store) == (1, {"2": 1})
    one.come("gu_wu")
    await one.settle()
    await store.redis.delete(KEYS.here, KEYS.presence, KEYS.room)
    await one.settle()
    assert await two.settle() == 2


_WHO = st.integers(0, 5).map("gu_{}".format)
_WHAT = st.sampled_from(["come", "go", "tell", "lose", "silent", "forgotten"])
_ACTS = st.lists(st.tuples(st.integers(0, 2), _WHAT, _WHO), max_size=30)


@settings(QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ACTS)
async def test_whatever_happens_the_count_ends_exact(
    store: RoomStore, acts: list[tuple[int, str, str]]
) -> None:
    """Any order of coming, going, lost answers and silences of three fronts."""
    await store.redis.flushall()
    await store.load()
    fronts = [Process(store, name) for name in ("one", "two", "three")]
    for at, act, person in acts:
        front = fronts[at]
        match act:
            case "come":
                front.come(person)
            case "go":
                front.go(person)
            case "tell" | "lose":
                sums = await front.tell(answered=act == "tell")
                assert sums.viewers_total >= len(front.people)
            case _ if await store.redis.hexists(KEYS.presence, front.name):
                await silence(store, front.name, 61_000 if act == "forgotten" else TTL_MS + 1)
    for _, front in itertools.product(range(2), fronts):
        await front.settle()
    everybody = set[str]().union(*(front.people for front in fronts))
    for front in fronts:
        assert (await front.tell()).viewers_total == len(everybody)
    while await store.redis.hexists(KEYS.room, "sweep"):
        await fronts[0].tell()
    marks, groups = await left_behind(store)
    assert (marks, sum(groups.values())) == (len(everybody), len(everybody))
