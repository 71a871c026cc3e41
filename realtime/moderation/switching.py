"""What moderators switch for the whole room: slow mode, modes, the shield."""

from typing import Any

import msgspec

from realtime.moderation.actions_redis import Done
from realtime.moderation.cases import MODES, SHIELD
from realtime.moderation.office import By, Office
from realtime.moderation.plan import Plan
from realtime.moderation.policy import Modes, Shield, shielded


class Switching:
    """`services.switching` of the HTTP routes."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def slow_mode(self, by: By, seconds: int) -> Done:
        """Set slow mode; 0 is off."""
        what = self._office.audit(by, "slow_mode", None, seconds=seconds)
        return await self._office.carry_out(by, Plan(what, slow_s=seconds, keep={}), ("slow_mode", seconds))

    async def modes(self, by: By, modes: Modes | None) -> Done:
        """Set who may say what; None goes back to the shop's policy."""
        value = None if modes is None else msgspec.to_builtins(modes)
        return await self._pin(by, "modes", MODES, value, {"modes": value}, None)

    async def shield(self, by: By, seconds: int, usual: Modes) -> Done:
        """Raise the shield over the `usual` modes for so many seconds; 0 lowers it."""
        now_ms = self._office.shop_time_ms(by.show)
        if not seconds:
            return await self._pin(by, "shield", SHIELD, None, {"on": False}, None, said=0)
        until_ms = now_ms + seconds * 1000
        value = msgspec.to_builtins(Shield(shielded(usual), now_ms, until_ms))
        return await self._pin(by, "shield", SHIELD, value, {"on": True}, until_ms, said=seconds)

    async def _pin(
        self,
        by: By,
        action: str,
        name: str,
        value: Any,
        detail: Any,
        until_ms: int | None,
        said: object = None,
    ) -> Done:
        what = self._office.audit(by, action, None, detail=detail, expires_at_ms=until_ms)
        plan = Plan(what, board=((name, value),), keep={})
        return await self._office.carry_out(by, plan, (action, value if said is None else said))
