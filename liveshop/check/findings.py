"""What `check` finds: one sentence each, and how bad it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`mark` is "ok", "warning" or "fault"; a fault stops the server or loses what was acknowledged."""

    mark: str
    sentence: str


def fine(sentence: str) -> Finding:
    """Say what is as it should be."""
    return Finding("ok", sentence)


def warning(sentence: str) -> Finding:
    """Say what works and is worth knowing."""
    return Finding("warning", sentence)


def fault(sentence: str) -> Finding:
    """Say what does not work."""
    return Finding("fault", sentence)
