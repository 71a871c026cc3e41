"""What votes cost the front: a tick and a vote, for a question and for a poll.

Everybody votes again and again, at two rates. With about as many ticks and different votes, the front's CPU
time is `ticks * tick + votes * vote`: two equations for two costs. A vote's cost is everything it brings: its
frame, its call to Redis, the answer, what the person's windows are told, and being woken for the new sum.
How long ticks took by the front's own clock stands beside it, without votes and at both rates: were it to
grow with the votes, the two equations would hide that in the vote's cost.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks.room_socket import Stage
from commerce.routing import Identity
from realtime.client.room_client_ws import RoomClient

LESS = 4
"""The lower rate is a fourth of the higher one."""
CHOICES_TOTAL = 4
_TICKS = re.compile(rb"^\w*room_tick_seconds_(sum|count)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Ticked:
    """Ticks so far, and the seconds they took."""

    total: float
    seconds: float

    @classmethod
    def read(cls, metrics: bytes) -> "Ticked":
        """Read a front's `/metrics`."""
        found = {name: float(value) for name, value in _TICKS.findall(metrics)}
        return cls(found.get(b"count", 0.0), found.get(b"sum", 0.0))

    def ms_each_until(self, after: "Ticked") -> float:
        """Return the milliseconds a tick took from here to `after`; NaN without ticks."""
        ticks = after.total - self.total
        return (after.seconds - self.seconds) / ticks * 1000 if ticks else float("nan")


@dataclass(frozen=True)
class Spell:
    """Some seconds with votes: `cpu_s` is the front's, `tick_ms` by its own clock."""

    per_s: float
    votes: int
    ticks: float
    cpu_s: float
    tick_ms: float
    answers: Counter[str]


def costs(less: Spell, more: Spell) -> dict[str, Any]:
    """Return what a tick and a vote cost the front, and what was seen at the higher rate.

    Raises `ValueError` when the two spells do not tell them apart.
    """
    pivot = less.ticks * more.votes - more.ticks * less.votes
    if not pivot:
        raise ValueError(f"nothing can be told apart: {less.votes} and {more.votes} votes arrived")
    tick_s = (less.cpu_s * more.votes - more.cpu_s * less.votes) / pivot
    vote_s = (less.ticks * more.cpu_s - more.ticks * less.cpu_s) / pivot
    return {
        "tick_us": tick_s * 1e6,
        "vote_us": vote_s * 1e6,
        "tick_ms": {f"{spell.per_s:.0f}": spell.tick_ms for spell in (less, more)},
        "answers": dict(less.answers + more.answers),
    }


async def open_ballots(stage: Stage, moderator: str) -> dict[str, str]:
    """Ask a question and open a poll; returns the question's comment and the poll's id."""
    url = f"ws://{stage.host}:{stage.port}"

    def client(who: Identity) -> RoomClient:
        async def token() -> str:
            return stage.token(who)

        return RoomClient(url, stage.show, token)

    choices = [f"The {number}th" for number in range(1, CHOICES_TOTAL + 1)]
    async with (
        client(Identity("gu_asks", "guest", "Asks", "dv_asks")) as guest,
        client(Identity(moderator, "account", "Mo", "dv_mod")) as staff,
    ):
        asked = await guest.write("comment", text="Which of the two is the milder one?", question=True)
        opened = await staff.write("open_poll", question="Which next?", choices=choices)
    return {"question": asked["comment"]["id"], "poll": opened["poll"]}
