"""What the room asks of Redis, with types: one method a Function, and the reads of streams."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.errors import (
    AskedEnough,
    Banned,
    IdempotencyConflict,
    Muted,
    NameTaken,
    QuestionsFull,
    ReviewFull,
    SlowMode,
    Unavailable,
    WarnedFirst,
)
from realtime.log.entries import Entry, Kind, is_for_staff, parse
from realtime.room.attendance import NOBODY_NEW, News
from realtime.shapes import Position
from realtime.store.functions_redis import RoomFunctions
from realtime.store.keys import ShowKeys

PAGE_TOTAL = 250
"""Entries of one answer: far below what `client-output-buffer-limit` cuts off."""
HELD_MS = 30 * 60 * 1000
"""A comment held for review that nobody decided about is forgotten after this time; its author hears so."""
BANNED, WATCHED = 1, 2


@dataclass(frozen=True, slots=True)
class Opened:
    """A log's last place and what stands beside it.

    `sources` is the last id copied of each source stream; `board` is what is pinned up, by name.
    """

    position: Position
    slow_mode_s: int
    now_ms: int
    likes_total: int
    sources: dict[str, str]
    board: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What the room knows of a person; `name` is None before they spoke, `muted_until_ms` None when free.

    `watched`: they are not banned, but somebody banned used their device or address. `warning` is {action,
    message} until it is acknowledged. `device` and `address_key` are those they last spoke from. `votes` are
    those for questions, also for such as are down, and for the poll that is pinned up: its id -> choice.
    """

    name: str | None
    muted_until_ms: int | None
    banned: bool
    watched: bool = False
    shadowed: bool = False
    warning: dict[str, str] | None = None
    device: str | None = None
    address_key: str | None = None
    votes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who wants to speak: the wanted name, the same folded, whether staff; from where ("": unknown)."""

    person: str
    name: str
    folded: str
    staff: bool
    device: str = ""
    address_key: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all processes; `slot` is this process's, `known_total` how many people are known to be with it.

    `joins_elsewhere` are those of the others since their starts: only its growth says something.
    """

    viewers_total: int
    likes_total: int
    now_ms: int
    slot: int
    known_total: int
    joins_elsewhere: int
    tallies: dict[str, int]


class Said(msgspec.Struct, frozen=True):
    """A comment as everybody sees it, and whether it was held for a moderator when it was said."""

    comment: dict[str, Any]
    pending: bool


_said = msgspec.json.Decoder(Said)


def _known(
    name: bytes, muted_until_ms: int, ban: int, shadowed: int, warning: bytes, device: bytes,
    address_key: bytes, votes: bytes,
) -> Known:  # fmt: skip
    """Read a row of the Function `people`."""
    return Known(
        name.decode() or None,
        muted_until_ms or None,
        ban == BANNED,
        ban == WATCHED,
        shadowed == 1,
        msgspec.json.decode(warning) if warning else None,
        device.decode() or None,
        address_key.decode() or None,
        msgspec.json.decode(votes),
    )


def body_hash(*values: object) -> str:
    """Return a short hash of a write's body, so that a key used again for another body is noticed."""
    return hashlib.blake2b(msgspec.json.encode(values), digest_size=12).hexdigest()


def _body_of(comment: Mapping[str, Any]) -> str:
    """Hash what its author chose of a comment."""
    shown = comment.get("picture")
    more = () if shown is None else (shown["id"],)
    asked = ("question",) if comment.get("question") else ()
    return body_hash(comment["text"], comment.get("reply_to"), *more, *asked)


class RoomStore:
    """The rooms' store. `new_seed` returns fresh random text of at least 64 bits."""

    def __init__(self, redis: Redis, new_seed: Callable[[], str], log_entries_total: int) -> None:
        self.redis = redis
        self.functions = RoomFunctions(redis)
        self.new_seed = new_seed
        self.log_entries_total = log_entries_total

    async def load(self) -> None:
        """Load the Functions. Raises `Unavailable`; they are loaded at the first call anyway."""
        try:
            await self.functions.load()
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (load).") from error

    async def open(self, show: str, sources: dict[str, str]) -> Opened:
        """Return the log's last place, creating it; `sources` are used for those it does not know yet."""
        pairs = [word for pair in sources.items() for word in pair]
        reply = await self.functions.call("open", ShowKeys.of(show), [self.new_seed(), *pairs])
        copied, pinned_up = reply[8 : 8 + 2 * reply[7]], reply[8 + 2 * reply[7] :]
        return Opened(
            Position(reply[1], reply[2], reply[3]),
            reply[4],
            reply[5],
            reply[6],
            dict(zip(copied[::2], copied[1::2], strict=True)),
            {
                name: msgspec.json.decode(value)
                for name, value in zip(pinned_up[::2], pinned_up[1::2], strict=True)
            },
        )

    async def copy(
        self, show: str, source: str, after: str, upto: str, entries: Sequence[tuple[str, bytes]]
    ) -> tuple[bool, str]:
        """Append a source's facts; returns (True, upto) or (False, the id to go on from)."""
        flat = [word for pair in entries for word in pair]
        args = [source, after, upto, self.new_seed(), self.log_entries_total, *flat]
        reply = await self.functions.call("append", ShowKeys.of(show), args)
        return (True, upto) if reply[0] == "ok" else (False, str(reply[1]))

    async def check(self, show: str, position: Position) -> tuple[str, Position]:
        """Return "same", "trimmed", "other" or "none", and the log's own last place."""
        args = [position.epoch, position.offset, position.tag]
        reply = await self.functions.call("check", ShowKeys.of(show), args)
        return reply[0], Position(reply[1], reply[2], reply[3])

    async def new_epoch(self, show: str, old_epoch: str, sources: dict[str, str] | None = None) -> bool:
        """Start a new epoch unless somebody has; returns whether this call did."""
        pairs = [word for pair in (sources or {}).items() for word in pair]
        reply = await self.functions.call(
            "new_epoch", ShowKeys.of(show), [old_epoch, self.new_seed(), *pairs]
        )
        return bool(reply[0] == "ok")

    async def comment(
        self,
        show: str,
        who: Speaker,
        key: str,
        comment: dict[str, Any],
        held: Sequence[str] = (),
        *,
        signs: Sequence[str] = (),
        hold_suspects: bool = False,
    ) -> Said:
        """Append a comment; a repeated key is answered as before. With `held` (why) it waits for a moderator.

        `signs` (`realtime.moderation.suspicion.SIGNS`) make its author more suspicious; `hold_suspects` holds
        it if they are a suspect by now. One with `question` true is pinned up as well. Raises `Banned`,
        `Muted`, `WarnedFirst`, `SlowMode`, `ReviewFull`, `AskedEnough`, `QuestionsFull`,
        `IdempotencyConflict`.
        """
        said = _body_of(comment)
        args = [
            who.person,
            key,
            said,
            msgspec.json.encode(comment),
            who.name,
            who.folded,
            int(who.staff),
            self.new_seed(),
            self.log_entries_total,
            who.device,
            who.address_key,
            msgspec.json.encode(held) if held else "",
            HELD_MS,
            ",".join(signs),
            int(hold_suspects),
        ]
        reply = await self.functions.call("comment", ShowKeys.of(show), args)
        _refuse_silenced(reply)
        return _said.decode(done(reply))

    async def sign(self, show: str, seen: Sequence[tuple[str, str, str]]) -> list[None]:
        """Note signs of suspicion, (person, name shown or "", sign) each; staff are shown new suspects."""
        args = [self.new_seed(), self.log_entries_total, *(word for one in seen for word in one)]
        await self.functions.call("sign", ShowKeys.of(show), args)
        return [None] * len(seen)

    async def expire_held(self, show: str) -> int:
        """Forget held comments whose time has run out; returns how many, 0 when another front was first."""
        reply = await self.functions.call(
            "expire", ShowKeys.of(show), [self.new_seed(), self.log_entries_total]
        )
        return int(reply[1])

    async def recall(self, show: str, person: str, key: str, comment: dict[str, Any]) -> Said | None:
        """Return what this key was answered before, None when it is new. Raises `IdempotencyConflict`."""
        reply = await self.functions.call("recall", ShowKeys.of(show), [person, key, _body_of(comment)])
        return None if reply[0] == "none" else _said.decode(done(reply))

    async def take_name(self, show: str, who: Speaker) -> str:
        """Take the name shown in the room. Raises `NameTaken`."""
        args = [who.person, who.name, who.folded, int(who.staff)]
        reply = await self.functions.call("name", ShowKeys.of(show), args)
        if reply[0] == "taken":
            raise NameTaken("Somebody in this room has that name.")
        return str(reply[1])

    async def take_names(self, show: str, people: Iterable[Speaker]) -> None:
        """Have a name in the room for each; a taken one gets a number."""
        args = [word for who in people for word in (who.person, who.name, who.folded, int(who.staff))]
        await self.functions.call("name_all", ShowKeys.of(show), args)

    async def person(self, show: str, person: str, device: str = "", address_key: str = "") -> Known:
        """Return what the room knows of a person who comes from this device and address."""
        return (await self.people(show, [(person, device, address_key)]))[0]

    async def people(self, show: str, people: Sequence[tuple[str, str, str]]) -> list[Known]:
        """Return what the room knows of each (person, device, address key), "" where unknown, in order."""
        args = [word for one in people for word in one]
        rows = await self.functions.call("people", ShowKeys.of(show), args)
        return [_known(*row) for row in rows]

    async def names(self, show: str, people: Sequence[str]) -> dict[str, str]:
        """Return the shown names of those who have one."""
        if not people:
            return {}
        try:
            found: Any = await self.redis.hmget(ShowKeys.of(show).names, list(people))
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (names).") from error
        return {person: name.decode() for person, name in zip(people, found, strict=True) if name}

    async def board(
        self, show: str, actor: str, key: str, name: str, value: Any, *, audit: dict[str, Any] | None = None
    ) -> None:
        """Pin a JSON value up under this name, None takes it down.

        Names that begin with "staff:" are seen by staff only. `audit` is the moderators' entry about it
        (`realtime.log.facts.Moderation` without time and place). Raises `IdempotencyConflict`.
        """
        args = [
            actor,
            key,
            body_hash("board", name, value),
            name,
            "" if value is None else msgspec.json.encode(value),
            (Kind.STAFF if is_for_staff(name) else Kind.FACT).value,
            "" if audit is None else msgspec.json.encode({"kind": "moderation", **audit}),
            self.new_seed(),
            self.log_entries_total,
        ]
        done(await self.functions.call("board", ShowKeys.of(show), args))

    async def pinned(self, show: str, name: str) -> Any:
        """Return what is pinned up under this name, None when nothing is."""
        try:
            found: Any = await self.redis.hget(ShowKeys.of(show).board, name)
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (pinned).") from error
        return None if found is None else msgspec.json.decode(found)

    async def presence(
        self,
        show: str,
        process: str,
        viewers: int,
        likes: int,
        ttl_ms: int,
        tallies: Mapping[str, int] | None = None,
        news: News = NOBODY_NEW,
    ) -> Sums:
        """Tell this process's viewers, who came and went, and joins, likes and tallies since its start.

        Returns the sums of all; people who are with several processes count once.
        """
        flat = [word for pair in (tallies or {}).items() for word in pair]
        args = [process, viewers, likes, ttl_ms, news.slot, news.came, news.went, news.joins, *flat]
        reply = await self.functions.call("presence", ShowKeys.of(show), args)
        viewers_total, likes_total, now_ms, slot, known_total, joins_elsewhere = reply[1:7]
        totals = dict(zip(reply[7::2], reply[8::2], strict=True))
        return Sums(viewers_total, likes_total, now_ms, slot, known_total, joins_elsewhere, totals)

    async def retain(self, show: str, ttl_ms: int) -> None:
        """Let the whole room go after this time."""
        await self.functions.call("retain", ShowKeys.of(show), [ttl_ms])

    async def read(self, show: str, after: int, count: int) -> tuple[list[Entry], str]:
        """Return entries **from** offset `after` itself, and the log's epoch read after them.

        The entry at `after` comes along so that the reader can see by its tag that the log is still the same.
        """
        keys = ShowKeys.of(show)
        try:
            pipe = self.redis.pipeline(transaction=False)
            pipe.xrange(keys.log, f"{after}-0" if after else "-", "+", count)
            pipe.hget(keys.room, "epoch")
            found, epoch = await pipe.execute()
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (read).") from error
        return [parse(stream_id, fields) for stream_id, fields in found], (epoch or b"").decode()

    async def stream_tail(self, stream: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Return the newest entries of another package's stream, newest first."""
        try:
            found: Any = await self.redis.xrevrange(stream, count=count)
        except (RedisError, OSError) as error:
            raise Unavailable(f"The room's store does not answer ({stream}).") from error
        return list(found)

    async def find_comment(self, show: str, comment: str, entries_total: int) -> dict[str, Any] | None:
        """Return a comment among the newest entries of the log, None when it is not there or was removed.

        Reads `entries_total` entries at worst, a page at a time.
        """
        upto, left = 2**53, entries_total
        silenced: set[object] = set()
        while left > 0 and (page := await self._page(show, upto, min(PAGE_TOTAL, left))):
            for entry in page:
                kind, data = entry.data.get("kind"), entry.data
                if entry.kind is Kind.TALK and data.get("id") == comment:
                    return None if data.get("person") in silenced else dict(data)
                if kind == "comment_deleted" and data.get("comment") == comment:
                    return None
                if kind == "comments_removed":
                    silenced.add(data.get("person"))
            upto, left = page[-1].offset - 1, left - len(page)
        return None

    async def newest(self, show: str, upto: int, count: int) -> list[Entry]:
        """Return the last `count` entries not after offset `upto`, oldest first; reads them in pages."""
        found: list[Entry] = []
        while upto > 0 and len(found) < count:
            page = await self._page(show, upto, min(PAGE_TOTAL, count - len(found)))
            if not page:
                break
            found += page
            upto = page[-1].offset - 1
        return found[::-1]

    async def _page(self, show: str, upto: int, count: int) -> list[Entry]:
        """Return entries not after offset `upto`, newest first."""
        try:
            found: Any = await self.redis.xrevrange(ShowKeys.of(show).log, f"{upto}-0", "-", count)
        except (RedisError, OSError) as error:
            raise Unavailable("The room's store does not answer (newest).") from error
        return [parse(stream_id, fields) for stream_id, fields in found]


def _refuse_silenced(reply: list[Any]) -> None:
    match reply[0]:
        case "banned":
            raise Banned("You are banned from this shop's shows.")
        case "muted":
            raise Muted("You cannot comment for now.", muted_until_ms=reply[1])
        case "warned":
            warning = msgspec.json.decode(reply[1])
            sentence = "A moderator warns you; acknowledge it before you speak."
            raise WarnedFirst(sentence, action=warning["action"], warning=warning["message"])
        case "slow":
            raise SlowMode(
                f"Slow mode: one comment in {reply[2]} s.", retry_after_ms=reply[1], slow_mode_s=reply[2]
            )
        case "full":
            raise ReviewFull("Too much waits for a moderator's look; try again later.")
        case "asked_enough":
            sentence = f"{reply[1]} of your questions are open already."
            raise AskedEnough(sentence, own_questions=reply[1])
        case "questions_full":
            raise QuestionsFull("Too many questions are open; try again later.")


def done(reply: list[Any]) -> str:
    """Return what a Function that takes a key answered. Raises `IdempotencyConflict`."""
    if reply[0] == "conflict":
        raise IdempotencyConflict("This key was used before with another body.")
    return str(reply[1])
