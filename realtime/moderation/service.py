"""What moderators do to people and comments: the same over both doors.

Each is one Function call that writes its effect, the facts for everybody, the audit entry and what an undo
needs together; fronts read it from the log and tell the person concerned at once. A ban belongs to the shop:
it is recorded there first.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from realtime.log.entries import Kind, encode
from realtime.moderation.actions_redis import Done, asked_field, recall
from realtime.moderation.cases import UNBAN
from realtime.moderation.office import By, Office
from realtime.moderation.plan import BanChange, Plan, Sanction, lifted_by, reverse, without
from realtime.port_calls import ask
from realtime.ports import BanOrder
from realtime.store.store_redis import BANNED, WATCHED, Known

Json = dict[str, Any]


class ModerationService:
    """`services.moderation` of the HTTP routes."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def delete(self, by: By, comment: str) -> Done:
        """Delete a comment everywhere. Raises `NoSuchComment`."""
        said = ("delete", comment)
        if (before := await self._office.answered(by, said)) is not None:
            return before
        found = await self._office.comment(by.show, comment)
        detail = {"person": found.get("person"), "text": found.get("text")}
        plan = Plan(
            audit=self._office.audit(by, "delete", comment, detail=detail),
            facts=((Kind.FACT, encode("comment_deleted", comment=comment)),),
            forgets=(f"by:{comment}",),
            keep={"comments": [found]},
        )
        return await self._office.carry_out(by, plan, said)

    async def delete_person(self, by: By, person: str) -> Done:
        """Delete all of a person's comments so far. Raises `NotAllowed`."""
        await self._office.check_rank(by, person)
        plan = Plan(
            audit=self._office.audit(by, "delete_person", person),
            facts=(_removed(person),),
            keep={"comments": await self._office.comments_of(by.show, person)},
        )
        return await self._office.carry_out(by, plan, ("delete_person", person))

    async def timeout(self, by: By, person: str, seconds: int) -> Done:
        """Stop a person's comments for a while, and remove those so far. Raises `NotAllowed`."""
        await self._office.check_rank(by, person)
        plan = Plan(
            audit=self._office.audit(by, "timeout", person, seconds=seconds),
            sanction=Sanction(person, mute_s=seconds),
            facts=(_removed(person),),
            keep={"comments": await self._office.comments_of(by.show, person)},
        )
        return await self._office.carry_out(by, plan, ("timeout", person, seconds))

    async def ban(
        self,
        by: By,
        person: str,
        seconds: int | None = None,
        *,
        device: bool = False,
        address: bool = False,
    ) -> Done:
        """Ban a person from the shop, for `seconds` or for good.

        Raises `NotAllowed`, and what the shop raises.
        """
        office, said = self._office, ("ban", person, seconds, device, address)
        if (before := await office.answered(by, said)) is not None:
            return before
        await office.check_rank(by, person)
        until_ms = office.shop_time_ms(by.show) + seconds * 1000 if seconds else 0
        known = await office.store.person(by.show, person)
        change = BanChange(person, banned=True, until_ms=until_ms, others=_others(known, device, address))
        await ask(office.ports.metrics, office.ports.bans.ban(by.actor, by.show, _order(by, change)))
        detail = {"device": device and bool(known.device), "address": address and bool(known.address_key)}
        expires_ms = until_ms or None
        plan = Plan(
            audit=office.audit(by, "ban", person, expires_at_ms=expires_ms, seconds=seconds, detail=detail),
            ban=change,
            keep={
                "ban": msgspec.to_builtins(change),
                "comments": await office.comments_of(by.show, person),
            },
        )
        return await office.carry_out(by, plan, said)

    async def unban(self, by: By, person: str) -> Done:
        """Lift a ban, a timeout, a shadow ban and a warning, and close the person's request.

        What they asked about may be the ban of somebody else's on their device or address: that is lifted
        too. An undo brings back what was lifted, as it was. Raises what the shop raises.
        """
        said = ("unban", person)
        if (before := await self._office.answered(by, said)) is not None:
            return before
        known = await self._office.store.person(by.show, person)
        asked = await self._asked_from(by, person)
        bans, metrics = self._office.ports.bans, self._office.ports.metrics
        lifted = await ask(metrics, bans.unban(by.actor, person, by.show, asked))
        own = [place for order in lifted if order.person == person for place in _on(order)]
        watched = await self._watched(by.show, _places(known))
        change = BanChange(person, banned=False, others=dict.fromkeys([*watched, *asked, *own], 0))
        keep: Json = {"ban": msgspec.to_builtins(change), "lifted": msgspec.to_builtins(lifted)}
        keep |= recall(person, asked)
        # What the shop lifted at an earlier try is not known any more, and no undo can bring it back.
        is_lost = not lifted and (known.banned or bool(asked))
        plan = Plan(
            audit=self._office.audit(by, "unban", person),
            ban=change,
            sanction=Sanction(person, muted_until_ms=0, shadow=False, warn={}),
            board=((f"{UNBAN}{person}", None),),
            forgets=(asked_field(person),),
            keep=None if is_lost else keep,
        )
        return await self._office.carry_out(by, plan, said)

    async def _watched(self, show: str, places: Sequence[str]) -> list[str]:
        """Return those of these devices and address keys that are watched for: no ban is on them."""
        known = await self._office.store.people(show, [(place, "", "") for place in places])
        return [place for place, one in zip(places, known, strict=True) if one.watched]

    async def _asked_from(self, by: By, person: str) -> list[str]:
        """Return the banned device and address key of the request that waits, if one does."""
        if await self._office.store.pinned(by.show, f"{UNBAN}{person}") is None:
            return []
        return await self._office.actions.asked_from(by.show, person)

    async def shadow_ban(self, by: By, person: str) -> Done:
        """Let only the person and staff see what the person says from now on. Raises `NotAllowed`."""
        await self._office.check_rank(by, person)
        plan = Plan(
            audit=self._office.audit(by, "shadow_ban", person),
            sanction=Sanction(person, shadow=True),
            keep={},
        )
        return await self._office.carry_out(by, plan, ("shadow_ban", person))

    async def warn(self, by: By, person: str, text: str) -> Done:
        """Let a person acknowledge this text before they speak again. Raises `NotAllowed`."""
        await self._office.check_rank(by, person)
        what = self._office.audit(by, "warn", person, detail={"text": text})
        warning = {"action": what["action_id"], "message": text}
        plan = Plan(audit=what, sanction=Sanction(person, warn=warning), keep={})
        return await self._office.carry_out(by, plan, ("warn", person, text))

    async def undo(self, by: By, action: str) -> Done:
        """Take an action back. Raises `NoSuchAction`, `CannotUndo`, `NotAllowed`, what the shop raises."""
        office, said = self._office, ("undo", action)
        if (before := await office.answered(by, said)) is not None:
            return before
        record = await office.actions.find(by.show, action)
        await office.actions.check_stands(by.show, action)
        now_ms = office.shop_time_ms(by.show)
        plan = reverse(record, office.new_id("ma"), by.actor, by.reason, now_ms=now_ms)
        if plan.ban is not None:
            await office.check_rank(by, plan.ban.person)
            plan = await self._tell_shop_back(by, plan, plan.ban, lifted_by(record, now_ms))
        return await office.carry_out(by, plan, said)

    async def _tell_shop_back(
        self, by: By, plan: Plan, change: BanChange, lifted: Sequence[BanOrder]
    ) -> Plan:
        """Let the shop take a ban back, or ban again those it had let go.

        Returns the plan that leaves as they are devices and address keys whose bans are not on them any more,
        and a person who was banned anew since.
        """
        bans, metrics = self._office.ports.bans, self._office.ports.metrics
        if change.banned is False:
            await ask(metrics, bans.unban(by.actor, change.person, by.show, ()))
            return plan
        anew = (await self._office.store.person(by.show, change.person)).banned
        back: set[str] = set()
        for order in lifted:
            if order.person != change.person:
                back.update(await ask(metrics, bans.put_back(by.show, order)))
            elif not anew:
                await ask(metrics, bans.ban(by.actor, by.show, order))
                back.update(_on(order))
        gone = {place for order in lifted for place in _on(order)} - back
        return without(plan, gone, person=anew)


def _order(by: By, change: BanChange) -> BanOrder:
    banned = change.banned_places
    return BanOrder(
        change.person,
        by.reason,
        change.until_ms or None,
        next((place for place in banned if place.startswith("de_")), None),
        next((place for place in banned if place.startswith("ak_")), None),
    )


def _on(order: BanOrder) -> list[str]:
    """Return the device and the address key that a ban is on."""
    return [place for place in (order.device, order.address_key) if place]


def _places(known: Known) -> list[str]:
    """Return the device and the address key somebody last spoke from, as far as they are known."""
    return [place for place in (known.device, known.address_key) if place]


def _others(known: Known, device: bool, address: bool) -> dict[str, int]:
    """Return what becomes of them: banned too, or watched for."""
    states: dict[str, int] = {}
    if known.device:
        states[known.device] = BANNED if device else WATCHED
    if known.address_key:
        states[known.address_key] = BANNED if address else WATCHED
    return states


def _removed(person: str) -> tuple[Kind, bytes]:
    return Kind.FACT, encode("comments_removed", person=person)
