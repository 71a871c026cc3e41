"""When to ask the publisher for a key frame.

Any number of viewers may want one; the publisher hears at most one request a second (mediasoup, Janus).
A request stays pending until a key frame arrives and is repeated each second until then; a wish within
the second after a key frame waits for the rest of that second.
"""

MIN_INTERVAL_S = 1.0
IGNORED_AFTER_S = 0.3


class KeyFrameRequests:
    """The wishes of all viewers for one publisher's video."""

    __slots__ = ("_asked_s", "_unanswered_since_s", "_wanted", "asked_total")

    def __init__(self) -> None:
        self._wanted = False
        self._asked_s: float | None = None
        self._unanswered_since_s: float | None = None
        self.asked_total = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for a key frame."""
        return self._wanted

    def want(self) -> None:
        """Somebody cannot show a picture without a key frame."""
        self._wanted = True

    def arrived(self) -> None:
        """Note that a key frame came, asked for or not."""
        self._wanted = False
        self._unanswered_since_s = None

    def due(self, now_s: float) -> bool:
        """Whether to send a request now; True counts as sent."""
        if not self._wanted or (self._asked_s is not None and now_s - self._asked_s < MIN_INTERVAL_S):
            return False
        self._asked_s = now_s
        self.asked_total += 1
        if self._unanswered_since_s is None:
            self._unanswered_since_s = now_s
        return True

    def ignored(self, now_s: float) -> bool:
        """Whether the publisher has left a request unanswered for long enough to help ourselves."""
        return self._unanswered_since_s is not None and now_s - self._unanswered_since_s >= IGNORED_AFTER_S
