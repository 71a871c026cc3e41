"""Signs add up over all fronts, fade, and are shown once, on a plain Redis and on a cluster of one node."""

import re
from importlib.resources import files
from typing import Any

import pytest

from realtime.errors import SlowMode
from realtime.log.entries import Kind
from realtime.moderation.actions_redis import ActionStore
from realtime.moderation.cases import SUSPECT
from realtime.moderation.plan import Plan, audit
from realtime.moderation.suspicion import SIGNS
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker
from tests.realtime.acts import slow_down
from tests.realtime.asking.askers import pinned_up
from tests.realtime.stage import SHOW

KEYS = ShowKeys.of(SHOW)
MEI = Speaker("gu_mei", "Mei", "mei", staff=False)
HALF_LIVES_KEPT = 6


async def _say(store: RoomStore, number: int, *signs: str, hold: bool = True) -> bool:
    """Let Mei say something with these signs; returns whether it was held."""
    comment = {"id": f"co_{number}", "person": "gu_mei", "badge": None, "text": "hi", "reply_to": None}
    said = await store.comment(SHOW, MEI, f"key-{number}", comment, signs=signs, hold_suspects=hold)
    return said.pending


async def _fade(store: RoomStore, person: str, half_lives: float) -> None:
    """Let a person's score fade as time does."""
    await store.redis.zincrby(KEYS.suspects, -half_lives, person)


async def _sign(store: RoomStore, person: str, *signs: str) -> None:
    for sign in signs:
        await store.sign(SHOW, [(person, "", sign)])


async def _shown(store: RoomStore) -> list[str]:
    return [name.removeprefix(SUSPECT) for name in await pinned_up(store) if name.startswith(SUSPECT)]


async def test_one_strong_sign_is_enough_and_shown_once(store: RoomStore) -> None:
    """A banned person's browser: a case on the staff board, an entry in the record, nothing for viewers."""
    await store.sign(SHOW, [("gu_mei", 'M"ei', "evasion"), ("gu_lin", "", "refused")])
    await _sign(store, "gu_mei", "evasion", "duplicates")
    case = (await pinned_up(store))[f"{SUSPECT}gu_mei"]
    assert (case["person"], case["name"], case["whys"], case["score"]) == ("gu_mei", 'M"ei', ["evasion"], 1)
    entries, _ = await store.read(SHOW, 0, 100)
    assert [entry.kind for entry in entries] == [Kind.STAFF] * 2
    told = entries[0].data
    assert (told["action"], told["actor"], told["target"]) == ("suspect", "system", "gu_mei")
    assert told["detail"] == {"whys": ["evasion"], "score": 1}
    assert await _say(store, 1) is True
    assert await _say(store, 2, hold=False) is False


async def test_weak_signs_must_come_together(store: RoomStore) -> None:
    """Close in time; a new account says so once; the comment that makes one a suspect is held."""
    for number in range(10):
        assert await _say(store, number, "new_account") is False
    await _sign(store, "gu_mei", "refused")
    assert await _shown(store) == []
    assert await _say(store, 10, "duplicates", "new_account") is True
    assert (await pinned_up(store))[f"{SUSPECT}gu_mei"]["whys"] == ["duplicates", "new_account", "refused"]
    held = (await pinned_up(store))["staff:held:co_10"]
    assert held["why"] == ["suspect"]
    for _ in range(10):
        await _sign(store, "gu_lin", "refused")
        await _fade(store, "gu_lin", 3)
    assert await _shown(store) == ["gu_mei"]


async def test_a_suspect_is_none_any_more_after_a_while(store: RoomStore) -> None:
    """Below half of what made them one they begin anew; what is left at all is forgotten later."""
    await _sign(store, "gu_mei", "evasion")
    await _fade(store, "gu_mei", 0.99)
    assert await _say(store, 1) is True
    await _fade(store, "gu_mei", 0.02)
    assert await _say(store, 2) is False
    await _sign(store, "gu_mei", "duplicates")
    assert await _say(store, 3) is False
    await _fade(store, "gu_mei", HALF_LIVES_KEPT)
    await _sign(store, "gu_lin", "refused")
    assert await store.redis.zrange(KEYS.suspects, 0, -1) == [b"gu_lin"]
    assert await store.redis.hkeys(KEYS.signs) == [b"gu_lin"]
    for key in (KEYS.suspects, KEYS.signs):
        assert 0 < await store.redis.pttl(key) <= 7_200_000


async def test_a_reason_more_stands_beside_the_others(store: RoomStore) -> None:
    """Held for a term and as a suspect's."""
    await _sign(store, "gu_mei", "evasion")
    comment = {"id": "co_1", "person": "gu_mei", "badge": None, "text": "hi", "reply_to": None}
    await store.comment(SHOW, MEI, "key-1", comment, ["term"], hold_suspects=True)
    assert (await pinned_up(store))["staff:held:co_1"]["why"] == ["term", "suspect"]


async def test_a_repeated_or_refused_comment_adds_nothing(store: RoomStore) -> None:
    """Its signs count once, when it is said."""
    for _ in range(3):
        await _say(store, 1, "duplicates")
    await slow_down(store, "key-slow", 60)
    await _say(store, 2)
    before = await store.redis.zscore(KEYS.suspects, "gu_mei")
    with pytest.raises(SlowMode):
        await _say(store, 3, "duplicates")
    assert await store.redis.zscore(KEYS.suspects, "gu_mei") == before
    assert await _shown(store) == []


async def test_people_and_cases_are_bounded(store: RoomStore) -> None:
    """Who looks least suspicious is forgotten; the hundred-and-first suspect is not put up."""
    await _sign(store, "gu_least", "new_account")
    for page in range(40):
        await store.sign(SHOW, [(f"gu_{page}_{number}", "", "refused") for number in range(50)])
    people: Any = await store.redis.zrange(KEYS.suspects, 0, -1)
    assert (len(people), b"gu_least" in people) == (2000, False)
    assert set(await store.redis.hkeys(KEYS.signs)) == set(people)
    await store.sign(SHOW, [(f"gu_bad{number}", "", "evasion") for number in range(101)])
    assert len(await _shown(store)) == 100


async def test_a_dismissed_suspicion_is_forgotten(store: RoomStore) -> None:
    """In the step that takes the case down."""
    await _sign(store, "gu_mei", "evasion")
    name = f"{SUSPECT}gu_mei"
    plan = Plan(
        audit("ma_1", "dismiss", "ac_mod", name), needs=(name,), board=((name, None),), clears="gu_mei"
    )
    await ActionStore(store).carry_out(SHOW, "ac_mod", "key-1", "dismiss", plan)
    assert await _say(store, 1) is False
    assert await store.redis.exists(KEYS.suspects, KEYS.signs) == 0


async def test_an_ordinary_comment_touches_nothing_of_it(store: RoomStore) -> None:
    """Whether suspects are held or not; one of a suspect keeps what was noted no longer."""
    for hold in (True, False):
        assert await _say(store, int(hold), hold=hold) is False
    assert await store.redis.exists(KEYS.suspects, KEYS.signs) == 0
    await _sign(store, "gu_mei", "evasion")
    await store.redis.pexpire(KEYS.signs, 60_000)
    assert await _say(store, 2) is True
    assert await store.redis.pttl(KEYS.signs) <= 60_000


def test_every_sign_has_a_weight() -> None:
    """The script knows those that the gate names, and no others."""
    script = files("realtime.store").joinpath("lua/suspects.lua").read_text("utf-8")
    found = re.search(r"WEIGHTS = \{(.*?)\}", script)
    assert found is not None
    assert set(re.findall(r"(\w+) = ", found[1])) == set(SIGNS)
