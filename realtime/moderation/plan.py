"""What one action of moderation consists of, and how it is taken back. Pure.

A `Plan` is everything `room_1_moderate` carries out in one step. What it finds there before (`Before`) and
what the action itself wants remembered (`keep`) stand in its `Record`, from which `reverse` makes the plan of
its undo.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from msgspec import Struct

from realtime.errors import CannotUndo
from realtime.log.entries import Kind, encode, is_for_staff
from realtime.ports import BanOrder
from realtime.store.store_redis import BANNED

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
    """A ban or its end; `banned` None leaves the person as they are. `until_ms` 0: for good.

    `others`: device, address key -> 0, `BANNED` or `WATCHED`; `ends`: until when, where it is not `until_ms`.
    """

    person: str
    banned: bool | None
    until_ms: int = 0
    others: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)

    @property
    def banned_places(self) -> list[str]:
        """Devices and address keys that are banned by it."""
        return [place for place, state in self.others.items() if state == BANNED]


@dataclass(frozen=True, slots=True)
class Plan:
    """One action: `audit` is its entry for staff (`realtime.log.facts.Moderation` without time and place).

    `board` names what is pinned up (None: taken down); `facts` are log entries; `keep` None: no undo;
    `forgets` and `recalls` are fields of the record that go and come; `clears` names a suspect who is none.
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
    recalls: dict[str, str] = field(default_factory=dict)
    clears: str | None = None
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
            "recalls": self.recalls or None,
            "clears": self.clears,
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
    """What an action found; a `board` row is (class, name, JSON or "").

    A `ban` row is (person, device or address key that was banned or watched for, state, until when or 0).
    """

    sanction: SanctionBefore | None = None
    slow_s: float | None = None
    board: list[tuple[str, str, str]] = []
    ban: list[tuple[str, int, float]] = []


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


def reverse(record: Record, action_id: str, actor: str, reason: str | None, *, now_ms: int = 0) -> Plan:
    """Return the plan that takes an action back. Raises `CannotUndo`.

    A lifted ban comes back as it was, unless it would be over by now.
    """
    done, ban = record.audit, ban_back(record, now_ms)
    if done["action"] in NOT_UNDONE:
        raise CannotUndo("There is nothing to take back.")
    what = audit(
        action_id,
        "undo",
        actor,
        done.get("target"),
        reason=reason,
        undo_of=done["action_id"],
        detail={"action": done["action"], **where(ban)},
    )
    facts = restored(record.keep.get("comments", []))
    if record.keep.get("approved"):
        facts = ((Kind.FACT, encode("comment_deleted", comment=record.keep["approved"])),)
    return Plan(
        audit=what,
        undoes=done["action_id"],
        sanction=_sanction_back(record),
        ban=ban,
        slow_s=None if record.before.slow_s is None else int(record.before.slow_s),
        board=tuple(
            (name, msgspec.json.decode(value) if value else None) for _, name, value in record.before.board
        ),
        facts=facts,
        recalls=record.keep.get("recalls", {}),
    )


def where(ban: BanChange | None) -> Json:
    """Return what staff hear of where a ban is on: that there is a device or an address, and not which."""
    if ban is None or ban.banned is False:
        return {}
    kinds = {"de_": "device", "ak_": "address"}
    return {kinds[place[:3]]: True for place in ban.banned_places if place[:3] in kinds}


def without(plan: Plan, places: Collection[str], *, person: bool) -> Plan:
    """Return the plan that leaves these devices and address keys as they are, and on request the person."""
    assert plan.ban is not None
    others = {place: state for place, state in plan.ban.others.items() if place not in places}
    ban = replace(plan.ban, others=others)
    if person:
        ban = replace(ban, banned=None, until_ms=0)
    detail = {"action": plan.audit["detail"]["action"], **where(ban)}
    return replace(plan, ban=ban, audit=plan.audit | {"detail": detail})


def lifted_by(record: Record, now_ms: int) -> list[BanOrder]:
    """Return the shop's bans that an unban lifted, as they stood, without those that would be over by now."""
    orders = msgspec.convert(record.keep.get("lifted", []), type=list[BanOrder])
    return [order for order in orders if _holds(order.expires_at_ms or 0, now_ms)]


def ban_back(record: Record, now_ms: int) -> BanChange | None:
    """Return what becomes of bans when an action is taken back; None: nothing."""
    ban = record.keep.get("ban")
    if ban is None:
        return None
    change = msgspec.convert(ban, type=BanChange)
    if change.banned:
        # What another ban was on before is left to the shop: it knows whether that stands, and until when.
        before = {
            place
            for place, state, until_ms in record.before.ban
            if state == BANNED and _holds(until_ms, now_ms)
        }
        others = [place for place in change.others if place not in before]
        return BanChange(change.person, banned=False, others=dict.fromkeys(others, 0))
    return _unban_back(record, change.person, now_ms)


def banned_places(record: Record, now_ms: int) -> list[str]:
    """Return the devices and address keys that are banned by a ban, or by taking an unban back."""
    ban = record.keep.get("ban")
    if ban is None:
        return []
    change = msgspec.convert(ban, type=BanChange)
    if not change.banned:
        change = _unban_back(record, change.person, now_ms) or change
    return change.banned_places


def _unban_back(record: Record, person: str, now_ms: int) -> BanChange | None:
    """Return all that was banned or watched for again: as the room found it, and as the shop had it."""
    others, ends, own = {}, {}, None
    for place, state, until_ms in record.before.ban:
        if place != person and _holds(until_ms, now_ms):
            others[place], ends[place] = state, int(until_ms)
    for order in lifted_by(record, now_ms):
        own = order if order.person == person else own
        for place in filter(None, (order.device, order.address_key)):
            others[place], ends[place] = BANNED, order.expires_at_ms or 0
    if own is None and not others:
        return None
    until_ms = own.expires_at_ms or 0 if own else 0
    return BanChange(person, banned=True if own else None, until_ms=until_ms, others=others, ends=ends)


def _holds(until_ms: float, now_ms: int) -> bool:
    return until_ms == 0 or until_ms > now_ms


def _sanction_back(record: Record) -> Sanction | None:
    was = record.before.sanction
    if was is None:
        return None
    warn = msgspec.json.decode(was.warn) if was.warn else {}
    return Sanction(was.person, muted_until_ms=int(was.muted_until_ms), shadow=was.shadow, warn=warn)


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
