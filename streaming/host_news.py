"""What the room hears of hosts from this process: numbered and dated, one event at a time."""

from collections.abc import Callable

from streaming.events import HostAway, HostBack, HostLive
from streaming.ports import Owners

EVENTS: dict[str, type[HostLive | HostAway | HostBack]] = {
    "live": HostLive,
    "away": HostAway,
    "back": HostBack,
}


class HostNews:
    """Announces; `now_ms` is the server's clock."""

    def __init__(self, owners: Owners, process: str, now_ms: Callable[[], int]) -> None:
        self._owners = owners
        self._process = process
        self._now_ms = now_ms
        self._number = 0

    def say(self, show: str, what: str) -> None:
        """Announce that a show's host is "live", "away" or "back"."""
        self._number += 1
        self._owners.announce(EVENTS[what](show, self._now_ms(), self._process, self._number))
