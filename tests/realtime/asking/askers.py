"""Questions put and votes counted, for tests of what stands around them."""

from typing import Any

import msgspec

from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker
from tests.realtime.client import RoomClient, new_key
from tests.realtime.stage import SHOW

Json = dict[str, Any]


def comment(number: int, person: str = "gu_mei", *, question: bool = True) -> Json:
    """Make a comment as the desk hands it on."""
    asked = {"question": True} if question else {}
    text = f'which "size" {number}?'
    return {"id": f"co_{number}", "person": person, "badge": None, "text": text, "reply_to": None, **asked}


async def asked(store: RoomStore, number: int, person: str = "gu_mei", *, staff: bool = False) -> str:
    """Ask something; returns the question's id."""
    name = person[3:].capitalize()
    who = Speaker(person, name, name.lower(), staff=staff, device=f"de_{person[3:]}")
    await store.comment(SHOW, who, f"key-{person}-{number}", comment(number, person))
    return f"co_{number}"


async def pinned_up(store: RoomStore) -> Json:
    """Return the whole board."""
    found: Any = await store.redis.hgetall(ShowKeys.of(SHOW).board)
    return {name.decode(): msgspec.json.decode(value) for name, value in found.items()}


async def tallies(store: RoomStore) -> dict[str, int]:
    """Return the sums as a front that only looks would hear them."""
    return (await store.presence(SHOW, "looker", 0, 0, 10_000)).tallies


async def ask(client: RoomClient, text: str) -> str:
    """Ask something over the wire; returns the question's id."""
    answer = await client.ask("comment", text=text, key=new_key(), question=True)
    return str(answer["comment"]["id"])


def told_tallies(client: RoomClient) -> dict[str, int]:
    """Return the newest sums this client was told."""
    told: dict[str, int] = {}
    for frame in client.frames:
        for part in (frame, frame.get("snapshot") or {}, (frame.get("missed") or {}).get("state", {})):
            told |= part.get("tallies", {}) | (part.get("staff_tallies") or {})
        told |= frame.get("state", {}).get("tallies", {})
    return told
