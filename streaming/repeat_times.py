"""When one viewer may have a packet repeated: after most of a round trip, and three times at most."""

RETRANSMIT_MIN_S = 0.010
RETRANSMIT_MAX_S = 0.100
# Players repeat a NACK after a round trip, and theirs may be measured shorter than ours.
SOONEST_REPEAT = 0.7
MAX_ANSWERS = 3
ANSWERS_KEPT_S = 2.0
MAX_REMEMBERED_ANSWERS = 2048
FORGET_EVERY_S = 0.1


class RepeatTimes:
    """What one viewer was answered lately. Own numbers are those of 16 bits."""

    __slots__ = ("_answers", "_forgot_s")

    def __init__(self) -> None:
        self._answers: dict[int, tuple[float, int]] = {}
        self._forgot_s = 0.0

    def may_answer(self, own: int, round_trip_s: float, now_s: float) -> bool:
        """Whether to repeat a packet now; where so, it counts as done."""
        last_s, answers = self._answers.get(own, (-1.0, 0))
        if now_s - last_s > ANSWERS_KEPT_S:
            answers = 0  # the 16-bit number has come round since
        pause_s = min(max(SOONEST_REPEAT * round_trip_s, RETRANSMIT_MIN_S), RETRANSMIT_MAX_S)
        if answers >= MAX_ANSWERS or now_s - last_s < pause_s:
            return False
        if len(self._answers) >= MAX_REMEMBERED_ANSWERS:
            self._forget(now_s)
            if len(self._answers) >= MAX_REMEMBERED_ANSWERS:
                return False
        self._answers[own] = (now_s, answers + 1)
        return True

    def _forget(self, now_s: float) -> None:
        """Forget what is too old to count, now and then: a viewer may ask for hundreds of packets at once."""
        if now_s - self._forgot_s < FORGET_EVERY_S:
            return
        self._forgot_s = now_s
        self._answers = {
            key: value for key, value in self._answers.items() if now_s - value[0] < ANSWERS_KEPT_S
        }
