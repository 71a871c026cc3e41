"""What a Redis could lose, in plain words, and whether that is what LIVESHOP_DURABILITY promises."""

from collections.abc import Mapping
from typing import Any

from liveshop.check.findings import Finding, fault, fine, warning
from liveshop.settings.durability import Durability

SETTINGS = ("maxmemory-policy", "appendonly", "appendfsync")
_LOSES = {
    "everysec": "up to 2 s of holds and sales",
    "no": "up to some 30 s of holds and sales",
}


def durability_findings(
    values: Mapping[str, str] | None, info: Mapping[str, Any], level: Durability, replicas: int, shown: str
) -> list[Finding]:
    """Judge eviction, disk and replicas of one primary.

    `values` are its settings, None when it does not tell them; `info` is its INFO. A fault is less than the
    level promises; a warning is a loss that the level allows.
    """
    found = eviction_findings(values, shown) + copies_findings(info, level, replicas, shown)
    lost = power_cut_loss(values)
    if lost is None:
        wanted = f"appendonly yes and appendfsync {level.appendfsync}"
        return [*found, warning(f"Redis at {shown} does not tell its settings; see that it has {wanted}.")]
    if not lost:
        return found or [fine(f"Redis at {shown} keeps every acknowledged write and evicts nothing.")]
    sentence = f"Redis at {shown} has {_how(values)}: a power cut loses {lost}"
    if level is Durability.REPLICATED:
        return [*found, warning(f"{sentence} if it takes the replicas too.")]
    allowed = level is Durability.EVERYSEC and _fsync(values) == "everysec"
    if allowed:
        return [*found, warning(f"{sentence}, as LIVESHOP_DURABILITY everysec allows.")]
    return [*found, fault(f"{sentence}; LIVESHOP_DURABILITY {level} promises more.")]


def eviction_findings(values: Mapping[str, str] | None, shown: str) -> list[Finding]:
    """Refuse every policy under which Redis throws keys away."""
    if values is None:
        return [
            warning(f"Redis at {shown} does not tell its settings; see that maxmemory-policy is noeviction.")
        ]
    policy = values["maxmemory-policy"]
    if policy == "noeviction":
        return []
    return [
        fault(f"Redis at {shown} has maxmemory-policy {policy}; it must be noeviction, or stock is lost.")
    ]


def copies_findings(info: Mapping[str, Any], level: Durability, replicas: int, shown: str) -> list[Finding]:
    """Say how many replicas follow, where sales wait for them."""
    if level is not Durability.REPLICATED:
        return []
    online = sum(
        1
        for name, value in info.items()
        if name.startswith("slave") and isinstance(value, Mapping) and value.get("state") == "online"
    )
    if online < replicas:
        return [
            fault(
                f"Redis at {shown} has {online} of {replicas} replicas: no hold and no sale is acknowledged."
            )
        ]
    return [
        fine(
            f"Redis at {shown} has {online} replicas; a sale is told once {replicas} have it, so that"
            " losing the primary loses nothing."
        )
    ]


def power_cut_loss(values: Mapping[str, str] | None) -> str | None:
    """Say what a power cut loses, "" for nothing, None when the settings are not told."""
    if values is None:
        return None
    if values["appendonly"] != "yes":
        return "every hold and sale since the last snapshot, and so does a crash"
    return _LOSES.get(_fsync(values), "")


def _fsync(values: Mapping[str, str] | None) -> str:
    return values["appendfsync"] if values and values["appendonly"] == "yes" else "off"


def _how(values: Mapping[str, str] | None) -> str:
    fsync = _fsync(values)
    return "appendonly no" if fsync == "off" else f"appendfsync {fsync}"
