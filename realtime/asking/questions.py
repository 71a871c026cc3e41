"""What staff do with the viewers' questions: answer one now, mark it answered, put it aside.

Each is one action of moderation: audited, with an undo. A question that is gone is refused by the Function,
which looks at the board itself; what is read here only says what the new value is made of.
"""

from typing import Any

from realtime.asking.names import LIVE_QUESTION, QUESTION
from realtime.errors import NoSuchCase, NoSuchQuestion
from realtime.moderation.actions_redis import Done
from realtime.moderation.office import By, Office
from realtime.moderation.plan import Plan

Json = dict[str, Any]
ANSWERED_TOTAL = 50
"""So many answered questions stay up; the oldest goes."""
_SHOWN = ("person", "name", "badge", "text")


class Questions:
    """The host's side of questions."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def show(self, by: By, comment: str | None) -> Done:
        """Put a question up as the one that is answered now; None takes it down. Raises `NoSuchQuestion`."""
        live: Json | None = None
        needs: tuple[str, ...] = ()
        if comment is not None:
            asked = await self._asked(by, comment)
            live = {"comment": comment, **{name: asked.get(name) for name in _SHOWN}}
            # Of an answered one a name that is never up: refused only after the key was looked at.
            needs = (f"{QUESTION}{comment}" + (":open" if asked.get("state") == "answered" else ""),)
        plan = Plan(
            self._office.audit(by, "show_question", comment, detail=_about(live or {})),
            needs=needs,
            board=((LIVE_QUESTION, live),),
            keep={},
        )
        return await self._carry_out(by, plan, ("show_question", comment))

    async def answer(self, by: By, comment: str, answer: Json | None) -> Done:
        """Mark a question answered, with what was answered in writing if anything was.

        `answer` is a `realtime.shapes.Answer` without its time. A second answer takes the place
        of the first.
        Raises `NoSuchQuestion`.
        """
        asked = await self._asked(by, comment)
        now_ms = self._office.shop_time_ms(by.show)
        written = None if answer is None else {**answer, "at_ms": now_ms}
        detail = {**_about(asked), "answer": answer["text"] if answer else None}
        plan = Plan(
            self._office.audit(by, "answer_question", comment, detail=detail),
            needs=(f"{QUESTION}{comment}",),
            board=(
                (f"{QUESTION}{comment}", {**asked, "state": "answered", "answer": written}),
                *(await self._takes_down(by.show, comment)),
                *((name, None) for name in self._oldest_answered(by.show, comment)),
            ),
            keep={},
        )
        said = ("answer_question", comment, answer["text"] if answer else None)
        return await self._carry_out(by, plan, said)

    async def dismiss(self, by: By, comment: str) -> Done:
        """Put a question aside: it stays a comment. Raises `NoSuchQuestion`."""
        asked = await self._asked(by, comment)
        plan = Plan(
            self._office.audit(by, "dismiss_question", comment, detail=_about(asked)),
            needs=(f"{QUESTION}{comment}",),
            board=((f"{QUESTION}{comment}", None), *(await self._takes_down(by.show, comment))),
            keep={},
        )
        return await self._carry_out(by, plan, ("dismiss_question", comment))

    async def _asked(self, by: By, comment: str) -> Json:
        """Return the question; {} leaves it to the Function to answer a repeated key, or to refuse."""
        try:
            return await self._office.actions.case(by.show, f"{QUESTION}{comment}")
        except NoSuchCase:
            return {}

    async def _carry_out(self, by: By, plan: Plan, said: object) -> Done:
        try:
            return await self._office.carry_out(by, plan, said)
        except NoSuchCase as error:
            raise NoSuchQuestion("This question is not open (any more).") from error

    async def _takes_down(self, show: str, comment: str) -> tuple[tuple[str, None], ...]:
        """Return what else goes when it is the one that is answered now, put up on whichever front."""
        live = await self._office.store.pinned(show, LIVE_QUESTION)
        return ((LIVE_QUESTION, None),) if live and live["comment"] == comment else ()

    def _oldest_answered(self, show: str, comment: str) -> list[str]:
        """Return the names of answered questions for which there is no room beside one more."""
        answered = [
            (value["at_ms"], name)
            for name, value in self._board(show).items()
            if name.startswith(QUESTION) and value["state"] == "answered" and value["id"] != comment
        ]
        return [name for _, name in sorted(answered)[: max(0, len(answered) + 1 - ANSWERED_TOTAL)]]

    def _board(self, show: str) -> Json:
        known = self._office.rooms.open.get(show)
        return {} if known is None else known.room.scene.board


def _about(asked: Json) -> Json:
    """Return what the record of moderation says about a question."""
    return {"person": asked.get("person"), "text": asked.get("text")}
