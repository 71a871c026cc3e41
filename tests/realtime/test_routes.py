"""What the HTTP door hands to the services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from realtime.address_keys import address_key
from realtime.moderation.actions_redis import ActionStore
from realtime.routes import ROUTES, UnbanRequestBody
from realtime.server import open_realtime
from realtime.settings import RoomSettings
from realtime.store.keys import ShowKeys
from tests.realtime.client import new_key
from tests.realtime.stage import SHOW, Counts, Shop

SECRET, ADDRESS = b"s" * 32, "192.0.2.7"


@dataclass(frozen=True)
class Who:
    person: str = "gu_sis"
    name: str = "Sis"
    device: str = "de_sis"


@dataclass(frozen=True)
class Asked:
    """A request as liveshop decodes it."""

    body: Any
    path: Mapping[str, str] = field(default_factory=lambda: {"show": SHOW})
    identity: Who = Who()
    client_address: str = ADDRESS
    now_ms: int = 0
    operation_key: str | None = field(default_factory=new_key)


async def test_a_request_to_return_is_judged_by_person_device_and_address(plain_redis: Redis) -> None:
    """The address stands for itself by its key alone."""
    settings, (route,) = RoomSettings(address_secret=SECRET), [one for one in ROUTES if "unban-r" in one.path]
    await plain_redis.hset(ShowKeys.of(SHOW).bans, address_key(SECRET, ADDRESS), "1|1")
    async with open_realtime(settings, plain_redis, Shop(plain_redis).ports(Counts()), "front-0") as room:
        await route.handler(room, Asked(UnbanRequestBody("please")))
        case = await ActionStore(room.store).case(SHOW, "staff:unban:gu_sis")
        assert (case["name"], case["bans"]) == ("Sis", ["address"])
        await plain_redis.hset(ShowKeys.of(SHOW).bans, "de_sis", "1|1")
        await route.handler(room, Asked(UnbanRequestBody("please!")))
        case = await ActionStore(room.store).case(SHOW, "staff:unban:gu_sis")
        assert case["bans"] == ["device", "address"]
