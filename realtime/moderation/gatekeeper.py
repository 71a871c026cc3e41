"""Judges what somebody is about to say, and remembers what that says about them.

In the usual case nothing outside the process is asked: modes, policy and terms are in memory, a person's
standing is kept with their connection. What is refused for its words may cost a strike. What looks suspicious
travels with the comment to Redis, where all fronts' signs are summed: a suspect is shown to moderators, and
held when the shop wants that.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from realtime import metrics as names
from realtime.connections.connection import Connection
from realtime.connections.rights import may
from realtime.errors import LinkNotApproved, LinksOff, NotYet, RoomError, TalkRefused
from realtime.log.entries import Entry, Kind
from realtime.moderation.cases import BURST
from realtime.moderation.echoes import Echoes
from realtime.moderation.gate import Speech, check_person, check_text, needs_standing
from realtime.moderation.policy import Modes, Policy, Term
from realtime.moderation.strikes import Strikes
from realtime.moderation.suspicion import DUPLICATES_TOTAL, NEW_ACCOUNT_MS, JoinBurst
from realtime.moderation.terms import Terms
from realtime.port_calls import ask
from realtime.ports import Standing
from realtime.room.room import Room
from realtime.together import Together

log = logging.getLogger(__name__)
STANDING_KEPT_MS = 60_000
STANDING_FRESH_MS = 2_000
BURST_TOLD_MS = 60_000
CLASSIFIER_WITHIN_S = 0.1
"""What a comment may be kept waiting for somebody outside."""
SIGNS_TOGETHER = 64
"""Signs of one call to the store: a burst brings many."""
NOBODY = Standing(None, None, bought=False)
SPARED = frozenset({"emote_only"})
"""Not knowing that only emoji are wanted says nothing about a person."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the gate says of a comment it lets through, as `RoomStore.comment` takes it.

    `held` is why it must wait for a moderator; `signs` make its author suspicious, and with `hold_suspects`
    what suspects say waits too.
    """

    held: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    hold_suspects: bool = False


class Guard:
    """What one room's gate remembers in this process."""

    def __init__(self) -> None:
        self.echoes = Echoes()
        self.joins = JoinBurst()
        self.burst_told_ms = 0
        self.policy: Policy | None = None
        self.terms = Terms(())

    def compiled(self, policy: Policy, common: Sequence[Term]) -> Terms:
        """Return the terms of this policy and those of all shops, compiled once."""
        if policy is not self.policy:
            self.policy, self.terms = policy, Terms((*common, *policy.terms))
        return self.terms


class Gatekeeper:
    """The gate of all rooms in this process. `common` are terms of all shops of the server."""

    def __init__(self, strikes: Strikes, common: Sequence[Term] = ()) -> None:
        self._strikes = strikes
        self._ports = strikes.office.ports
        self._common = common
        self._guards: WeakKeyDictionary[Room, Guard] = WeakKeyDictionary()
        self._signs = Together(strikes.office.store.sign, SIGNS_TOGETHER)

    def on_entry(self, room: Room, entry: Entry) -> None:
        """Hear what was said, on whichever front."""
        if entry.kind is Kind.TALK:
            said = entry.data
            self._guard(room).echoes.hear(str(said["text"]), str(said["person"]), int(said["at_ms"]))

    async def admit(self, connection: Connection, text: str) -> Passed:
        """Let a comment pass. Raises the gate's refusals."""
        assert connection.room is not None
        if may(connection.session.role, "talk_freely"):
            return Passed()
        room = connection.room.room
        guard, policy = self._guard(room), room.scene.policy
        now_ms = room.shop_time_ms()
        speech = Speech(text, now_ms, connection.joined_ms, lambda: guard.echoes.total(text, now_ms) > 0)
        modes = room.scene.modes(now_ms)
        await self._check_person(connection, modes, speech)
        why = check_text(modes, policy, guard.compiled(policy, self._common), speech)
        held = [why] if why else await self._classified(policy, text)
        signs = () if policy.suspects == "ignore" else _signs(connection, guard, speech)
        return Passed(tuple(held), signs, hold_suspects=policy.suspects == "hold")

    def joined(self, connection: Connection, *, watched: bool, back: bool) -> None:
        """Look at who comes in. `watched`: from where who is banned spoke; `back`: they were here before."""
        assert connection.room is not None
        if may(connection.session.role, "hear_staff"):
            return
        room = connection.room.room
        total = 0
        if not back:
            room.attendance.joins_total += 1
            total = self._guard(room).joins.join(room.shop_time_ms())
        if watched or total:
            connection.later(self._look_at(connection, total, watched=watched))

    def joined_elsewhere(self, room: Room, joins: int) -> None:
        """Hear how many came in through other fronts, so that a burst spread over all is seen as soon."""
        self._guard(room).joins.elsewhere(joins, room.shop_time_ms())

    async def _look_at(self, connection: Connection, joins_total: int, *, watched: bool) -> None:
        assert connection.room is not None
        room = connection.room.room
        guard = self._guard(room)
        if watched:
            await self._sign(connection, "evasion")
        if joins_total:
            await self._sign(connection, "join_burst")
            await self._tell_burst(room, guard, joins_total, room.shop_time_ms())

    async def _check_person(self, connection: Connection, modes: Modes, speech: Speech) -> None:
        if not needs_standing(modes):
            check_person(modes, None, speech)
            return
        try:
            check_person(modes, await self._standing(connection, STANDING_KEPT_MS), speech)
        except NotYet:
            # They may have followed or bought a moment ago: look once more before refusing.
            check_person(modes, await self._standing(connection, STANDING_FRESH_MS), speech)

    async def _standing(self, connection: Connection, within_ms: int) -> Standing:
        port, now_ms = self._ports.standings, connection.now_ms()
        if port is None:
            return NOBODY
        if connection.standing is None or now_ms - connection.standing_ms >= within_ms:
            question = port.standing(_person(connection), connection.show)
            connection.standing = await ask(self._ports.metrics, question)
            connection.standing_ms = now_ms
        return connection.standing

    async def punish(self, connection: Connection, refusal: RoomError, key: str) -> None:
        """Remember a refusal of what was said; it may cost a strike. `key` is that of the message."""
        if not isinstance(refusal, TalkRefused) or refusal.code in SPARED or connection.punished == key:
            return
        connection.punished = key
        assert connection.room is not None
        room = connection.room.room
        await self._sign(connection, "refused")
        why = "links" if isinstance(refusal, LinksOff | LinkNotApproved) else refusal.code
        await self._strike(connection, room.scene.policy, key, why)

    async def _sign(self, connection: Connection, why: str) -> None:
        """Note a sign with which nothing is said. What fails is logged: what it was seen at stands anyway."""
        assert connection.room is not None
        if connection.room.room.scene.policy.suspects == "ignore":
            return
        try:
            await self._signs.ask(connection.show, (_person(connection), connection.name or "", why))
        except RoomError as error:
            log.warning("a sign of suspicion was not noted: %s", error)

    async def _strike(self, connection: Connection, policy: Policy, key: str, why: str) -> None:
        if policy.strikes.on:
            await self._strikes.strike(connection.show, _person(connection), policy.strikes, key, why)

    async def _tell_burst(self, room: Room, guard: Guard, total: int, now_ms: int) -> None:
        if now_ms - guard.burst_told_ms < BURST_TOLD_MS:
            return
        guard.burst_told_ms = now_ms
        value = {"joins": total, "within_s": JoinBurst.WINDOW_MS // 1000, "at_ms": now_ms}
        await self._strikes.tell_burst(room.show, BURST, value)
        if room.scene.policy.auto_shield:
            await self._strikes.raise_shield(room.show, room.scene.usual_modes())

    async def _classified(self, policy: Policy, text: str) -> list[str]:
        """Ask the classifier, if the shop uses it; when it does not answer in time the comment passes."""
        classifier = self._ports.classifier
        if classifier is None or not policy.classifier or not text:
            return []
        try:
            async with asyncio.timeout(CLASSIFIER_WITHIN_S):
                scores = await classifier.scores(text)
        except Exception:  # whatever fails outside, people go on talking
            self._ports.metrics.count(names.CLASSIFIER_FAILED)
            log.exception("the classifier did not answer")
            return []
        over = [name for name, least in policy.classifier.items() if scores.get(name, 0.0) >= least]
        return [f"classifier:{name}" for name in sorted(over)]

    def _guard(self, room: Room) -> Guard:
        guard = self._guards.get(room)
        if guard is None:
            guard = self._guards[room] = Guard()
        return guard


def _signs(connection: Connection, guard: Guard, speech: Speech) -> tuple[str, ...]:
    """Notice floods of the same words and accounts made today."""
    signs = []
    if guard.echoes.total(speech.text, speech.now_ms) >= DUPLICATES_TOTAL:
        signs.append("duplicates")
    known = connection.standing
    created_ms = None if known is None else known.account_created_at_ms
    if created_ms is not None and speech.now_ms - created_ms < NEW_ACCOUNT_MS:
        signs.append("new_account")
    return tuple(signs)


def _person(connection: Connection) -> str:
    assert connection.session.person is not None
    return connection.session.person.person
