"""The copy of a shop's bans in each of its rooms: `{show:ID}:bans`, person -> `version|state`."""

from typing import Any

from commerce.functions_redis import Library


def bans_key(show: str) -> str:
    """Answer the key of a show's bans."""
    return f"{{show:{show}}}:bans"


class RoomBans:
    """Writes bans to rooms; an older version never replaces a newer one."""

    def __init__(self, redis: Any) -> None:
        self._library = Library(redis, "commerce.shops", "lua/bans.lua")

    async def put(self, show: str, person: str, version: int, *, banned: bool) -> bool:
        """Copy one ban or lifted ban; False when a version as new is there already."""
        written = await self._library.call(
            "bans_1_put", (bans_key(show),), person, str(version), "1" if banned else "0"
        )
        return written == 1
