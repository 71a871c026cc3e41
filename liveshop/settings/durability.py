"""How durable a sale is before it is told: the three levels, and what each asks of Redis."""

import re
from enum import StrEnum

from liveshop.errors import SettingError

REPLICAS_MAX = 9


class Durability(StrEnum):
    """What an acknowledged sale survives; the values are those of LIVESHOP_DURABILITY."""

    ALWAYS = "always"
    """On the primary's disk (`appendfsync always`): a crash and a power cut lose nothing."""
    REPLICATED = "replicated"
    """With the replicas (`WAIT`): the loss of the primary, disk and all, loses nothing."""
    EVERYSEC = "everysec"
    """On disk within 1 to 2 s: a crash of Redis loses nothing, a power cut that much."""

    @property
    def appendfsync(self) -> str:
        """What the embedded Redis is started with."""
        return "everysec" if self is Durability.EVERYSEC else "always"


def durability(name: str, text: str) -> Durability:
    """Read LIVESHOP_DURABILITY."""
    try:
        return Durability(text.lower())
    except ValueError as error:
        known = ", ".join(Durability)
        raise SettingError(name, f"{name} must be one of {known}, not {text[:20]!r}.") from error


def replicas(name: str, text: str) -> int:
    """Read LIVESHOP_REPLICAS."""
    if not re.fullmatch(r"\d", text) or int(text) == 0:
        raise SettingError(
            name, f"{name} must be a whole number from 1 to {REPLICAS_MAX}, not {text[:20]!r}."
        )
    return int(text)


def refuse_lonely_replication(level: Durability, redis_url: str | None) -> None:
    """Raise `SettingError` for copies of the embedded Redis, which has none."""
    if level is Durability.REPLICATED and redis_url is None:
        raise SettingError(
            "REDIS_URL",
            "REDIS_URL must be set, because LIVESHOP_DURABILITY is replicated and the embedded Redis has"
            " no replica.",
        )
