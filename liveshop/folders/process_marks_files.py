"""Which process is meant: a pid alone may have been given to another process since.

Linux: `/proc/PID/stat` field 22 is the start time in ticks since boot (proc(5)); with the boot's random id
it names one process for ever.
"""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """One process of one boot of one machine. Without /proc only the pid counts, the rest is empty."""

    pid: int
    start_ticks: str
    boot: str


def mark_of(pid: int) -> ProcessMark | None:
    """Mark of a running process, or None if there is none (a zombie counts as none)."""
    if not PROC.joinpath("self/stat").exists():
        return ProcessMark(pid, "", "") if _answers(pid) else None
    try:
        text = PROC.joinpath(str(pid), "stat").read_text(encoding="ascii", errors="replace")
        boot = PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    # The second field, the name, is in parentheses and may itself hold spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    if fields[0] in {"Z", "X"}:
        return None
    return ProcessMark(pid, fields[19], boot)


def is_alive(mark: ProcessMark) -> bool:
    """Whether exactly that process still runs."""
    return mark_of(mark.pid) == mark


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
