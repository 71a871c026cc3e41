"""What the server has promised to buyers, kept on the buyers' side: afterwards all of it must be true."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Diary:
    """Acknowledged facts. `holds` is reservation to person, `orders` order to reservation.

    `repeats_differ` counts repeats of one key that were answered with another id than the first time.
    """

    attempts: int = 0
    holds: dict[str, str] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    orders: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    repeats_differ: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
