"""A show's media life, as decisions without sockets.

    NEVER --publish--> PENDING --packet--> LIVE <--packet / 2 s of silence--> AWAY
    EXPECTED --packet--> LIVE, --2 s of silence--> AWAY
    every state --end--> ENDED

`PENDING` is a publisher accepted whose first packet has not come. `EXPECTED` is how a show begins that
another process carried until now: its host is on the way here, and away only when it has not come within 2 s.
WHEP is answered in all states but the first and the last.
"""

from enum import Enum

from streaming.errors import AlreadyPublishedError, ShowEndedError, TakeoverTooSoonError

AWAY_AFTER_S = 2.0
FIRST_PACKET_LIMIT_S = 5.0
TAKEOVER_PAUSE_S = 10.0


class BroadcastState(Enum):
    """See the picture at the top of the file."""

    NEVER = "never"
    PENDING = "pending"
    EXPECTED = "expected"
    LIVE = "live"
    AWAY = "away"
    ENDED = "ended"


class Happening(Enum):
    """What moves a broadcast on."""

    PUBLISH = "publish"
    PACKET = "packet"
    SILENCE = "silence"
    END = "end"


_S, _H = BroadcastState, Happening
TRANSITIONS: dict[tuple[BroadcastState, Happening], BroadcastState] = {
    (_S.NEVER, _H.PUBLISH): _S.PENDING,
    (_S.PENDING, _H.PACKET): _S.LIVE,
    (_S.LIVE, _H.SILENCE): _S.AWAY,
    (_S.AWAY, _H.PACKET): _S.LIVE,
    (_S.EXPECTED, _H.PACKET): _S.LIVE,
    (_S.EXPECTED, _H.SILENCE): _S.AWAY,
    **{(state, _H.END): _S.ENDED for state in _S},
}


class Life:
    """One show's state, and who may publish into it. Times are monotonic seconds."""

    __slots__ = ("_accepted_s", "_last_packet_s", "_taken_over_s", "state", "was_live")

    def __init__(self, *, published_before: bool = False) -> None:
        self.state = BroadcastState.EXPECTED if published_before else BroadcastState.NEVER
        self.was_live = published_before
        self._accepted_s: float | None = None
        self._last_packet_s: float | None = None
        self._taken_over_s: float | None = None

    def may_publish(self, *, takeover: bool, now_s: float) -> None:
        """Whether a (new) publisher may come in. Raises one of the 409 errors.

        A publisher whose packets flow, or who was accepted moments ago, is protected. A takeover is
        refused for 10 s after another, so two publishers that both insist do not push each other out for
        ever: the first to take over keeps the show.
        """
        if self.state is BroadcastState.ENDED:
            raise ShowEndedError("the show has ended")
        if not self._is_held(now_s):
            return
        if not takeover:
            raise AlreadyPublishedError("another publisher's media flows into this show")
        if self._taken_over_s is not None and now_s - self._taken_over_s < TAKEOVER_PAUSE_S:
            left_s = int(TAKEOVER_PAUSE_S - (now_s - self._taken_over_s)) + 1
            raise TakeoverTooSoonError("the show was taken over moments ago", retry_after_s=left_s)

    def published(self, *, now_s: float) -> None:
        """Note that a publisher was accepted after `may_publish`."""
        if self._is_held(now_s):
            self._taken_over_s = now_s
        self._accepted_s, self._last_packet_s = now_s, None
        self._move(Happening.PUBLISH)

    def left(self) -> None:
        """Note that the publisher's session ended; silence will follow and nobody protects the show."""
        self._accepted_s = self._last_packet_s = None

    def packet(self, now_s: float) -> bool:
        """Note that a packet came; True when that changed the state."""
        self._last_packet_s = now_s
        return self.state is not BroadcastState.LIVE and self._move(Happening.PACKET)

    def silent(self, now_s: float, last_packet_s: float) -> bool:
        """Ask now and then; True when the host has just been found away."""
        return now_s - last_packet_s >= AWAY_AFTER_S and self._move(Happening.SILENCE)

    def end(self) -> bool:
        """Note that the show is over; False when it already was."""
        return self.state is not BroadcastState.ENDED and self._move(Happening.END)

    def _is_held(self, now_s: float) -> bool:
        if self._last_packet_s is not None:
            return now_s - self._last_packet_s < AWAY_AFTER_S
        return self._accepted_s is not None and now_s - self._accepted_s < FIRST_PACKET_LIMIT_S

    def _move(self, happening: Happening) -> bool:
        following = TRANSITIONS.get((self.state, happening))
        if following is None:
            return False
        self.state = following
        return True
