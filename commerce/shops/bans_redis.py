"""The copy of a shop's bans in each of its rooms, the hash `{show:ID}:bans`.

A field each for a person, a device and an address key, holding `version|state` or `version|1|expires_at_ms`.
"""

from typing import Any

from commerce.functions_redis import Library


def bans_key(show: str) -> str:
    """Answer the key of a show's bans."""
    return f"{{show:{show}}}:bans"


class RoomBans:
    """Writes bans to rooms; an older version never replaces a newer one."""

    def __init__(self, redis: Any) -> None:
        self._library = Library(redis, "commerce.shops", "lua/bans.lua")

    async def put(
        self, show: str, field: str, version: int, *, banned: bool, expires_at_ms: int | None = None
    ) -> bool:
        """Copy one ban or lifted ban; False when a version as new is there already.

        `field` is whom or what is banned; `expires_at_ms` None is for good.
        """
        state, ends = ("1", str(expires_at_ms or "")) if banned else ("0", "")
        written = await self._library.call("bans_1_put", (bans_key(show),), field, str(version), state, ends)
        return written == 1
