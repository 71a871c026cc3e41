"""What moderation asks of Redis: carry out a plan, look an action up, count reports and strikes."""

from typing import Any

import msgspec
from redis.exceptions import RedisError

from realtime.errors import (
    CannotUndo,
    NoSuchAction,
    NoSuchCase,
    NotBanned,
    RateLimited,
    ReviewFull,
    Unavailable,
)
from realtime.moderation.plan import Plan, Record
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import RoomStore, Speaker, body_hash, done

Json = dict[str, Any]
_record = msgspec.json.Decoder(Record)


class Done(msgspec.Struct, frozen=True):
    """What an action answers: its id, and when what it did ends by itself (None: never)."""

    action: str
    expires_at_ms: int | None


_answer = msgspec.json.Decoder(Done)


def asked_field(person: str) -> str:
    """Return the record's field of where a person asked to be let in from."""
    return f"from:{person}"


def recall(person: str, asked: list[str]) -> Json:
    """Return what an action keeps that drops this field, for its undo."""
    return {"recalls": {asked_field(person): msgspec.json.encode(asked).decode()}} if asked else {}


class ActionStore:
    """The moderators' side of a room's store."""

    def __init__(self, store: RoomStore) -> None:
        self._store = store

    async def carry_out(self, show: str, actor: str, key: str, said: object, plan: Plan) -> Done:
        """Do everything a plan says, or nothing; `said` is the body that `key` stands for, "" is no key.

        Raises `NoSuchCase`, `NoSuchAction`, `CannotUndo`, `IdempotencyConflict`.
        """
        store = self._store
        args = [actor, key, body_hash(said), plan.json(), store.new_seed(), store.log_entries_total]
        reply = await store.functions.call("moderate", ShowKeys.of(show), args)
        match reply[0]:
            case "missing":
                raise NoSuchCase("This was decided already, or has expired.")
            case "unknown":
                raise NoSuchAction("There is no such action (any more).")
            case "undone":
                raise CannotUndo("The action was taken back already.")
        return _answer.decode(done(reply))

    async def answered(self, show: str, actor: str, key: str, said: object) -> Done | None:
        """Return what this key was answered before, None when it is new. Raises `IdempotencyConflict`."""
        args = [actor, key, body_hash(said)]
        reply = await self._store.functions.call("recall", ShowKeys.of(show), args)
        return None if reply[0] == "none" else _answer.decode(done(reply))

    async def check_stands(self, show: str, action: str) -> None:
        """Refuse an action that was taken back already. Raises `CannotUndo`."""
        if await self._field(ShowKeys.of(show).record, f"undone:{action}") is not None:
            raise CannotUndo("The action was taken back already.")

    async def find(self, show: str, action: str) -> Record:
        """Return what is remembered of an action. Raises `NoSuchAction`."""
        value = await self._field(ShowKeys.of(show).record, action)
        if value is None:
            raise NoSuchAction("There is no such action (any more).")
        return _record.decode(value)

    async def case(self, show: str, name: str) -> Json:
        """Return what is pinned up under this name. Raises `NoSuchCase`."""
        value = await self._field(ShowKeys.of(show).board, name)
        if value is None:
            raise NoSuchCase("This was decided already, or has expired.")
        found: Json = msgspec.json.decode(value)
        return found

    async def report(
        self, show: str, person: str, key: str, comment: Json, why: str, text: str, action_id: str
    ) -> int:
        """Count a report of a comment; returns how many people reported it now, 0 when this is no new one.

        Raises `ReviewFull`, `IdempotencyConflict`.
        """
        store = self._store
        args = [
            person,
            key,
            body_hash("report", comment["id"], why, text),
            comment["id"],
            msgspec.json.encode(comment),
            why,
            text,
            store.new_seed(),
            store.log_entries_total,
            action_id,
        ]
        reply = await store.functions.call("report", ShowKeys.of(show), args)
        if reply[0] == "full":
            raise ReviewFull("Too much waits for a moderator's look; try again later.")
        return int(done(reply)) if reply[0] == "ok" else 0

    async def ask_unban(self, show: str, who: Speaker, key: str, message: str, action_id: str) -> None:
        """Put the request of somebody banned on the staff board.

        Raises `NotBanned`, `RateLimited`, `ReviewFull`, `IdempotencyConflict`.
        """
        store = self._store
        said = body_hash("unban_request", message)
        args = [who.person, key, said, who.device, who.address_key, who.name, message, action_id]
        reply = await store.functions.call(
            "ask_unban", ShowKeys.of(show), [*args, store.new_seed(), store.log_entries_total]
        )
        match reply[0]:
            case "free":
                raise NotBanned("You are not banned here.")
            case "often":
                raise RateLimited("You asked a moment ago; the moderators read it.", retry_after_ms=reply[1])
            case "full":
                raise ReviewFull("Too many requests wait already; try again later.")
        done(reply)

    async def asked_from(self, show: str, person: str) -> list[str]:
        """Return the banned device and address key that a person asked to be let in from."""
        value = await self._field(ShowKeys.of(show).record, asked_field(person))
        return [] if value is None else msgspec.json.decode(value, type=list[str])

    async def strike(self, show: str, person: str, key: str, forget_ms: int) -> int | None:
        """Count a strike; returns how many there are now, None when this message had its strike already."""
        reply = await self._store.functions.call("strike", ShowKeys.of(show), [person, key, forget_ms])
        return int(reply[1]) if reply[0] == "ok" else None

    async def _field(self, key: str, name: str) -> bytes | None:
        try:
            value: Any = await self._store.redis.hget(key, name)
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (moderation).") from error
        return None if value is None else bytes(value)
