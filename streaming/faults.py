"""A fault of ours that one peer's packet or one show brings out is nobody else's matter.

Datagrams are read many at a time, pictures of one show go out between those of another, and one clock drives
all shows: whatever is raised in one of them is counted, written down, and the next has its turn.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from streaming.counters import Counters

log = logging.getLogger(__name__)
WRITE_EVERY_S = 1.0


class Faults:
    """Counts faults as the drop `own_fault`, and logs of each place one a second with its traceback."""

    __slots__ = ("_counters", "_written_s")

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._written_s: dict[str, float] = {}

    def note(self, where: str, fault: Exception) -> None:
        """Note what was raised somewhere."""
        self._counters.drops["own_fault"] += 1
        now_s = monotonic()
        if now_s - self._written_s.get(where, float("-inf")) >= WRITE_EVERY_S:
            self._written_s[where] = now_s
            log.error("a fault in %s; all others go on", where, exc_info=fault)

    def shield(self, where: str, call: Callable[..., None], *values: Any) -> bool:
        """Make a call; False when it raised something, which is noted."""
        try:
            call(*values)
        except Exception as fault:  # noqa: BLE001 - written down with its traceback
            self.note(where, fault)
            return False
        return True
