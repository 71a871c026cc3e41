"""When to ask the publisher for a key frame.

Any number of viewers may want one; the publisher hears at most one request a second (mediasoup, Janus).
A request stays pending until a key frame arrives and is repeated each second until then; a wish within
the second after a key frame waits for the rest of that second.

Whether a publisher listens shows in how soon a key frame follows a request: OBS and FFmpeg send them at their
own times, browsers at once.
"""

MIN_INTERVAL_S = 1.0
IGNORED_AFTER_S = 0.3


class KeyFrameRequests:
    """The wishes of all viewers for one publisher's video."""

    __slots__ = ("_asked_s", "_is_deaf", "_unanswered_since_s", "_wanted", "asked_total")

    def __init__(self) -> None:
        self._wanted = False
        self._asked_s: float | None = None
        self._unanswered_since_s: float | None = None
        self._is_deaf = False
        self.asked_total = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for a key frame."""
        return self._wanted

    def want(self) -> None:
        """Somebody cannot show a picture without a key frame."""
        self._wanted = True

    def arrived(self, now_s: float) -> None:
        """Note that a key frame came, asked for or not."""
        self._wanted = False
        if self._unanswered_since_s is not None:
            self._is_deaf = now_s - self._unanswered_since_s >= IGNORED_AFTER_S
        self._unanswered_since_s = None

    def restarted(self) -> None:
        """Note that another publisher comes, which may listen."""
        self._is_deaf = False
        self._unanswered_since_s = None

    def forget(self) -> None:
        """Note that the stream flows no more: nothing will answer. When it flows again it is asked anew."""
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
        """Whether this request, or the last, was left unanswered for so long that we help ourselves."""
        since_s = self._unanswered_since_s
        return self._is_deaf or (since_s is not None and now_s - since_s >= IGNORED_AFTER_S)
