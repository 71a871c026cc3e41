"""What questions and polls ask of Redis: a person's vote, opening a poll, ending it."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from realtime.errors import (
    Banned,
    NoSuchChoice,
    NoSuchPoll,
    NoSuchQuestion,
    OwnQuestion,
    PollOver,
    PollRuns,
)
from realtime.moderation.office import By
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, body_hash, done

Json = dict[str, Any]
KEYS_REMEMBERED_TOTAL = 8
"""Of so many newest votes of a person a repeat is told from a new one (realtime/store/lua/asking.lua)."""


@dataclass(frozen=True, slots=True)
class Voter:
    """Who votes, and from where ("": unknown)."""

    person: str
    device: str = ""
    address_key: str = ""


class Ballots:
    """The votes of a room's store."""

    def __init__(self, store: RoomStore) -> None:
        self._store = store

    async def for_question(self, show: str, who: Voter, key: str, question: str, *, on: bool) -> None:
        """Vote for a question, or no longer.

        Raises `NoSuchQuestion`, `OwnQuestion`, `Banned`, `IdempotencyConflict`.
        """
        reply = await self._vote(show, who, key, question, "1" if on else "")
        match reply[0]:
            case "missing":
                raise NoSuchQuestion("This question is not open (any more).")
            case "own":
                raise OwnQuestion("Others vote for your question.")
        done(reply)

    async def for_choice(self, show: str, who: Voter, key: str, poll: str, choice: int) -> None:
        """Choose, or choose anew, in a poll.

        Raises `NoSuchPoll`, `NoSuchChoice`, `PollOver`, `Banned`, `IdempotencyConflict`.
        """
        reply = await self._vote(show, who, key, poll, str(choice))
        match reply[0]:
            case "choice":
                raise NoSuchChoice("The poll has no such choice.")
            case _:
                _refuse_poll(reply)
        done(reply)

    async def open_poll(self, by: By, poll: Json, duration_ms: int, audit: Json) -> Json:
        """Put a poll (`realtime.shapes.Poll` without times) up; 0 ms: no end.

        Returns {poll, ends_at_ms}.

        Raises `PollRuns`, `IdempotencyConflict`.
        """
        said = ("open_poll", poll["question"], poll["choices"], poll["hidden"], duration_ms)
        ordered = {"id": poll["id"], **poll}
        reply = await self._staff("poll_open", by, said, [msgspec.json.encode(ordered), duration_ms], audit)
        _refuse_poll(reply)
        return msgspec.json.decode(done(reply), type=Json)

    async def end_poll(self, by: By, poll: str, how: Literal["close", "dismiss"], audit: Json) -> None:
        """Close a poll, or take it off the screens.

        Raises `NoSuchPoll`, `PollOver`, `IdempotencyConflict`.
        """
        reply = await self._staff("poll_end", by, (how, poll), [poll, how], audit)
        _refuse_poll(reply)
        done(reply)

    async def _vote(self, show: str, who: Voter, key: str, voted: str, choice: str) -> list[Any]:
        args = [who.person, key, voted, choice, who.device, who.address_key]
        reply = await self._store.functions.call("vote", ShowKeys.of(show), args)
        if reply[0] == "banned":
            raise Banned("You are banned from this shop's shows.")
        return reply

    async def _staff(self, operation: str, by: By, said: object, args: list[Any], audit: Json) -> list[Any]:
        store = self._store
        told = msgspec.json.encode({"kind": "moderation", **audit})
        whole = [
            by.actor,
            by.key or "",
            body_hash(said),
            *args,
            told,
            store.new_seed(),
            store.log_entries_total,
        ]
        return await store.functions.call(operation, ShowKeys.of(by.show), whole)


def _refuse_poll(reply: list[Any]) -> None:
    match reply[0]:
        case "missing":
            raise NoSuchPoll("This poll is not on the screens (any more).")
        case "closed":
            raise PollOver("The poll is over.")
        case "open":
            raise PollRuns("Another poll still takes votes; close it first.")
