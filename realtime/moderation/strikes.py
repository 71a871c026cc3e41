"""What the room does by itself: strikes and their steps, the shield at a burst."""

import logging
from typing import Any

from realtime.errors import RoomError
from realtime.moderation.cases import SHIELD
from realtime.moderation.office import SYSTEM, By, Office
from realtime.moderation.plan import Plan
from realtime.moderation.policy import Modes, Step
from realtime.moderation.policy import Strikes as Rules
from realtime.moderation.service import ModerationService
from realtime.moderation.switching import Switching

log = logging.getLogger(__name__)
MINUTE_MS = 60_000
SHIELD_S = 600
WARNING = "Please keep to the rules of this room."
REASONS = {"comment_refused": "blocked words", "links": "links", "not_unique": "the same again and again"}


def step_of(rules: Rules, strikes_total: int) -> Step:
    """Return what so many strikes lead to: the last step repeats; without steps nothing."""
    if not rules.steps or strikes_total < 1:
        return Step()
    return rules.steps[min(strikes_total, len(rules.steps)) - 1]


class Strikes:
    """Acts as "system"."""

    def __init__(self, office: Office, moderation: ModerationService, switching: Switching) -> None:
        self.office = office
        self._moderation = moderation
        self._switching = switching

    async def strike(self, show: str, person: str, rules: Rules, key: str, why: str) -> None:
        """Count a strike and take its step. What fails is logged: the refusal itself stands anyway."""
        try:
            total = await self.office.actions.strike(show, person, key, rules.forget_minutes * MINUTE_MS)
            if total is not None:
                await self._take(By(show, SYSTEM, None, REASONS[why]), person, step_of(rules, total), total)
        except RoomError as error:
            log.warning("a strike was not carried out: %s", error)

    async def _take(self, by: By, person: str, step: Step, total: int) -> None:
        what = self.office.audit(by, "strike", person, detail={"count": total, "why": by.reason})
        await self.office.carry_out(by, Plan(what), None)
        match step.action:
            case "warn":
                await self._moderation.warn(by, person, WARNING)
            case "timeout":
                await self._moderation.timeout(by, person, step.seconds)
            case "ban":
                await self._moderation.ban(by, person)

    async def tell_burst(self, show: str, name: str, value: dict[str, Any]) -> None:
        """Tell staff that far more people come than usual."""
        by = By(show, SYSTEM)
        plan = Plan(self.office.audit(by, "burst", None), board=((name, value),), quiet=True)
        try:
            await self.office.carry_out(by, plan, None)
        except RoomError as error:
            log.warning("a join burst was not told: %s", error)

    async def raise_shield(self, show: str, usual: Modes) -> None:
        """Raise the shield as a moderator would, unless one stands that holds as long."""
        known = self.office.rooms.open.get(show)
        raised = None if known is None else known.room.scene.board.get(SHIELD)
        if raised is not None and raised["until_ms"] >= self.office.shop_time_ms(show) + SHIELD_S * 1000:
            return
        try:
            await self._switching.shield(By(show, SYSTEM, None, "join burst"), SHIELD_S, usual)
        except RoomError as error:
            log.warning("the shield was not raised: %s", error)
