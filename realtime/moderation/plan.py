"""What one action of moderation consists of, and how it is taken back. Pure.

A `Plan` is everything `room_1_moderate` carries out in one step. What it finds there before (`Before`) and
what the action itself wants remembered (`keep`) stand in its `Record`, from which `reverse` makes the plan of
its undo.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from realtime.errors import CannotUndo
from realtime.log.entries import Kind, encode, is_for_staff

Json = dict[str, Any]
NOT_UNDONE = frozenset(
    {"acknowledge", "undo", "report", "unban_request", "strike", "hold", "deny", "expire", "suspect"}
    | {"open_poll", "close_poll", "dismiss_poll"}
)
"""Actions that nothing is left of to take back."""
RESTORED_TOTAL = 20
"""So many comments of a person come back at an undo."""


@dataclass(frozen=True, slots=True)
class Sanction:
    """What changes for a person; None leaves as it is. `warn` is {action, message}, {} takes it back.

    `warned` names the warning that {} takes back: a newer one stays. None takes back whichever stands.
    """

    person: str
    mute_s: int | None = None
    muted_until_ms: int | None = None
    shadow: bool | None = None
    warn: Json | None = None
    warned: str | None = None


@dataclass(frozen=True, slots=True)
class BanChange:
    """A ban or its end. `until_ms` 0: for good. `others`: device, address key -> 0, 1 banned, 2 watched."""

    person: str
    banned: bool
    until_ms: int = 0
    others: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One action: `audit` is its entry for staff (`realtime.log.facts.Moderation` without time and place).

    `board` names what is pinned up (None: taken down); `facts` are log entries; `keep` None: no undo;
    `quiet`: the record of moderation does not hold it.
    """

    audit: Json
    needs: tuple[str, ...] = ()
    undoes: str | None = None
    sanction: Sanction | None = None
    ban: BanChange | None = None
    slow_s: int | None = None
    board: tuple[tuple[str, Any], ...] = ()
    facts: tuple[tuple[Kind, bytes], ...] = ()
    forgets: tuple[str, ...] = ()
    keep: Json | None = None
    quiet: bool = False

    @property
    def action(self) -> str:
        """The action's id."""
        return str(self.audit["action_id"])

    def json(self) -> bytes:
        """Return the plan as `room_1_moderate` takes it: JSON inside it as text."""
        whole = {
            "id": self.action,
            "audit": _text({"kind": "moderation", **_present(self.audit)}),
            "needs": self.needs or None,
            "undoes": self.undoes,
            "sanction": None if self.sanction is None else _sanction_json(self.sanction),
            "ban": self.ban,
            "slow_s": self.slow_s,
            "board": [pin(name, value) for name, value in self.board] or None,
            "facts": [(kind.value, body.decode()) for kind, body in self.facts] or None,
            "forgets": self.forgets or None,
            "keep": None if self.keep is None else _text(self.keep),
            "quiet": self.quiet or None,
        }
        return msgspec.json.encode(_present(whole))


class SanctionBefore(Struct, frozen=True):
    """How a person stood: `warn` is JSON or ""."""

    person: str
    muted_until_ms: float
    shadow: bool
    warn: str


class Before(Struct, frozen=True):
    """What an action found; a `board` row is (class, name, JSON or "")."""

    sanction: SanctionBefore | None = None
    slow_s: float | None = None
    board: list[tuple[str, str, str]] = []


class Record(Struct, frozen=True):
    """An action as it is remembered."""

    audit: Json
    before: Before
    keep: Json


def audit(action_id: str, action: str, actor: str, target: str | None, **more: Any) -> Json:
    """Return an audit entry; None among `more` is left out."""
    return {"action_id": action_id, "action": action, "actor": actor, "target": target, **_present(more)}


def restored(comments: list[Json]) -> tuple[tuple[Kind, bytes], ...]:
    """Return entries that say comments again, now; the newest `RESTORED_TOTAL`."""
    return tuple(
        (Kind.TALK, msgspec.json.encode({name: value for name, value in said.items() if name != "at_ms"}))
        for said in comments[-RESTORED_TOTAL:]
    )


def reverse(record: Record, action_id: str, actor: str, reason: str | None) -> Plan:
    """Return the plan that takes an action back. Raises `CannotUndo`."""
    done = record.audit
    if done["action"] in NOT_UNDONE:
        raise CannotUndo("There is nothing to take back.")
    what = audit(
        action_id,
        "undo",
        actor,
        done.get("target"),
        reason=reason,
        undo_of=done["action_id"],
        detail={"action": done["action"]},
    )
    facts = restored(record.keep.get("comments", []))
    if record.keep.get("approved"):
        facts = ((Kind.FACT, encode("comment_deleted", comment=record.keep["approved"])),)
    return Plan(
        audit=what,
        undoes=done["action_id"],
        sanction=_sanction_back(record),
        ban=_ban_back(record),
        slow_s=None if record.before.slow_s is None else int(record.before.slow_s),
        board=tuple(
            (name, msgspec.json.decode(value) if value else None) for _, name, value in record.before.board
        ),
        facts=facts,
    )


def _sanction_back(record: Record) -> Sanction | None:
    was = record.before.sanction
    if was is None:
        return None
    warn = msgspec.json.decode(was.warn) if was.warn else {}
    return Sanction(was.person, muted_until_ms=int(was.muted_until_ms), shadow=was.shadow, warn=warn)


def _ban_back(record: Record) -> BanChange | None:
    ban = record.keep.get("ban")
    if ban is None:
        return None
    change = msgspec.convert(ban, type=BanChange)
    if change.banned:
        return BanChange(change.person, banned=False, others=dict.fromkeys(change.others, 0))
    return BanChange(change.person, banned=True, until_ms=change.until_ms, others=change.others)


def pin(name: str, value: Any) -> tuple[str, str, str]:
    """Return a row of a plan's `board`."""
    kind = Kind.STAFF if is_for_staff(name) else Kind.FACT
    return kind.value, name, "" if value is None else _text(value)


def _sanction_json(sanction: Sanction) -> Json:
    values = _present(
        {
            "person": sanction.person,
            "mute_s": sanction.mute_s,
            "muted_until_ms": sanction.muted_until_ms,
            "shadow": sanction.shadow,
            "warned": sanction.warned,
        }
    )
    if sanction.warn is not None:
        values["warn"] = _text(sanction.warn) if sanction.warn else ""
    return values


def _present(values: Json) -> Json:
    """Without what is None; `target` stands even when it is, since "nobody" says something."""
    return {name: value for name, value in values.items() if value is not None or name == "target"}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
