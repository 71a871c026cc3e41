"""What waits for a moderator's look, and what moderators say among themselves."""

from typing import Any

import msgspec

from realtime.asking.names import QUESTION
from realtime.errors import NoSuchAction, NoSuchCase
from realtime.log.entries import Kind, encode
from realtime.moderation.actions_redis import Done, asked_field, recall
from realtime.moderation.cases import ANSWERING, HELD, SUSPECT, UNBAN
from realtime.moderation.office import LOOKED_BACK_TOTAL, SYSTEM, By, Office
from realtime.moderation.plan import Plan, Sanction, audit
from realtime.store.store_redis import HELD_MS, Speaker

Json = dict[str, Any]


class Reviewing:
    """`services.reviewing` of the HTTP routes."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def approve(self, by: By, comment: str) -> Done:
        """Let a held comment through. Raises `NoSuchCase`."""
        held = await self._held(by, comment)
        facts = ((Kind.TALK, _untimed(held["comment"])),) if held else ()
        answered = held.get("answered") if held else None
        plan = Plan(
            audit=self._decided(by, "approve", comment, held),
            needs=(f"{HELD}{comment}",),
            board=(
                (f"{HELD}{comment}", None),
                *(((f"{QUESTION}{comment}", answered),) if answered else ()),
            ),
            facts=facts,
            keep={"approved": comment},
        )
        return await self._office.carry_out(by, plan, ("approve", comment))

    async def deny(self, by: By, comment: str) -> Done:
        """Do not let a held comment through. Raises `NoSuchCase`."""
        held = await self._held(by, comment)
        plan = Plan(
            audit=self._decided(by, "deny", comment, held),
            needs=(f"{HELD}{comment}",),
            board=((f"{HELD}{comment}", None),),
        )
        return await self._office.carry_out(by, plan, ("deny", comment))

    async def dismiss(self, by: By, case: str) -> Done:
        """Take a case down: a report, a suspect, an unban request. Raises `NoSuchCase`."""
        what = self._office.audit(by, "dismiss", case, detail={"case": case})
        clears = case.removeprefix(SUSPECT) if case.startswith(SUSPECT) else None
        person = case.removeprefix(UNBAN) if case.startswith(UNBAN) else ""
        asked = await self._office.actions.asked_from(by.show, person) if person else []
        plan = Plan(
            what,
            needs=(case,),
            board=((case, None),),
            clears=clears,
            forgets=(asked_field(person),) if person else (),
            keep=recall(person, asked),
        )
        return await self._office.carry_out(by, plan, ("dismiss", case))

    async def report(self, by: By, comment: str, why: str, text: str) -> int:
        """Tell the moderators about a comment; returns how many people did, 0 when this is no new report.

        Raises `NoSuchComment`, `ReviewFull`.
        """
        office = self._office
        # Anybody may report: no name of a comment makes the server read the whole log.
        found = await office.comment(by.show, comment, LOOKED_BACK_TOTAL)
        action = office.new_id("ma")
        return await office.actions.report(by.show, by.actor, by.key or "", found, why, text, action)

    async def hold_reported(self, show: str, comment: str) -> None:
        """Take a comment that many reported down until a moderator has looked. Raises `NoSuchComment`."""
        office, by = self._office, By(show, SYSTEM)
        found = await office.comment(show, comment)
        ends_ms = office.shop_time_ms(show) + HELD_MS
        detail = {"person": found["person"], "text": found["text"], "why": ["reports"]}
        value = {"comment": found, "why": ["reports"], "expires_at_ms": ends_ms}
        asked = await office.store.pinned(show, f"{QUESTION}{comment}") if found.get("question") else None
        if asked and asked["state"] == "answered":
            value["answered"] = asked
        plan = Plan(
            audit=office.audit(by, "hold", comment, expires_at_ms=ends_ms, detail=detail),
            facts=((Kind.FACT, encode("comment_deleted", comment=comment)),),
            board=((f"{HELD}{comment}", value),),
        )
        await office.carry_out(by, plan, None)

    async def acknowledge(self, by: By, action: str) -> None:
        """Take a warning note of; its person may speak again. Raises `NoSuchAction`."""
        known = await self._office.store.person(by.show, by.actor)
        if known.warning is not None and known.warning["action"] != action:
            raise NoSuchAction("This is not the warning that stands.")
        if known.warning is None:
            if not await self._was_warned(by, action):
                raise NoSuchAction("There is no such warning.")
            return  # it was acknowledged, or taken back
        plan = Plan(
            self._office.audit(by, "acknowledge", by.actor, detail={"warning": action}),
            sanction=Sanction(by.actor, warn={}, warned=action),
        )
        await self._office.carry_out(by, plan, ("acknowledge", action))

    async def ask_unban(self, by: By, who: Speaker, message: str) -> None:
        """Ask, as who is banned or comes from where somebody is, to be let in again.

        Raises `NotBanned`, `RateLimited`, `ReviewFull`.
        """
        office = self._office
        await office.actions.ask_unban(by.show, who, by.key or "", message, office.new_id("ma"))

    async def answering(self, by: By, name: str, comment: str, *, on: bool) -> None:
        """Tell the other moderators that one of them is answering a comment, or no longer."""
        value = (
            {"person": by.actor, "name": name, "at_ms": self._office.shop_time_ms(by.show)} if on else None
        )
        what = self._office.audit(by, "answering", comment)
        plan = Plan(what, board=((f"{ANSWERING}{comment}", value),), quiet=True)
        await self._office.carry_out(by, plan, ("answering", comment, on))

    async def note(self, by: By, name: str, text: str, about: str | None) -> str:
        """Say something to the other moderators and the host; returns the note's id."""
        note = self._office.new_id("sn")
        body = encode("staff_note", id=note, person=by.actor, name=name, text=text, about=about)
        what = audit(note, "staff_note", by.actor, about)
        plan = Plan(what, facts=((Kind.STAFF, body),), quiet=True)
        done = await self._office.carry_out(by, plan, ("staff_note", text, about))
        return done.action

    async def _held(self, by: By, comment: str) -> Json | None:
        """Return what is held; None leaves it to the Function to answer a repeated key, or to refuse."""
        try:
            return await self._office.actions.case(by.show, f"{HELD}{comment}")
        except NoSuchCase:
            return None

    def _decided(self, by: By, action: str, comment: str, held: Json | None) -> Json:
        said = held["comment"] if held else {}
        detail = {"person": said.get("person"), "text": said.get("text")}
        return self._office.audit(by, action, comment, detail=detail)

    async def _was_warned(self, by: By, action: str) -> bool:
        """Whether this was a warning of theirs: acknowledging it again is harmless."""
        record = await self._office.actions.find(by.show, action)
        return record.audit["action"] == "warn" and record.audit.get("target") == by.actor


def _untimed(comment: Json) -> bytes:
    return msgspec.json.encode({name: value for name, value in comment.items() if name != "at_ms"})
