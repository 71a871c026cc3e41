"""The estimate for viewers that send no transport-wide feedback: REMB and receiver reports.

Neither has arrivals to judge a probe by, so the way up is a trial: while loss stays below 2% the estimate
grows by 8% a second past what is sent, and `layer_choice` holds off for longer each time a trial fails.
A REMB counts as a limit only when it is near what is sent: a receiver that is sent little believes in
little (1.5 x, as the sender's own estimate does), and that says nothing of the way.

Where the picture is held (`restart` with a moment) only the sound tells, each 5 s. The first of its reports
still tell of the time before and of the queue that had to drain, and are passed over; a REMB is all the time.
"""

from streaming.bandwidth.loss_control import GROWTH_A_SECOND, HIGH_LOSS, LOW_LOSS

REMB_KEPT_S = 5.0
REMB_LIMITS_BELOW = 1.25
REPORT_TAINT_S = 3.0
MAX_BITS_PER_S = 20e6
MIN_BITS_PER_S = 10_000.0
# Browsers report on sound, all that is left where the picture is held, every 5 s.
MAX_STEP_S = 5.5
DRAINED_AFTER_S = 8.0
# What is tried too early costs the sound for two seconds, and `layer_choice` holds off for longer then.
BLIND_GROWTH_A_SECOND = 1.12
# A radio loses much whatever it is sent, and only a trial tells; a narrow line loses little of mere sound.
BLIND_HIGH_LOSS = 1 / 3


class ReceiverSideEstimate:
    """One viewer's estimate from its own words."""

    __slots__ = (
        "_bad_s", "_drained_s", "_is_blind", "_lost_before", "_lost_share", "_remb", "_report_s",
        "bits_per_s", "heard",
    )  # fmt: skip

    def __init__(self, start_bits_per_s: float) -> None:
        self.bits_per_s = start_bits_per_s
        self.heard = False
        # Of what was sent, in the newest report and the one before.
        self._lost_share = self._lost_before = 0.0
        self._remb: tuple[float, float] | None = None  # said at, bits/s
        self._report_s: float | None = None
        self._bad_s = self._drained_s = float("-inf")
        self._is_blind = False

    def on_receiver_estimate(self, now_s: float, bits_per_s: float, sent_bits_per_s: float) -> None:
        """Take a REMB (RTCP `ReceiverEstimate`)."""
        self.heard = True
        if self._is_blind:
            return
        self._remb = (now_s, bits_per_s)
        if bits_per_s < REMB_LIMITS_BELOW * sent_bits_per_s and bits_per_s < self.bits_per_s:
            self.bits_per_s = max(MIN_BITS_PER_S, bits_per_s)
            self._bad_s = now_s

    def on_loss(self, now_s: float, lost_share: float, sent_bits_per_s: float) -> None:
        """Take a receiver report's loss (`fraction_lost` / 256) of all that is sent."""
        self.heard = True
        self._lost_before, self._lost_share = self._lost_share, lost_share
        passed_s = 0.0 if self._report_s is None else min(now_s - self._report_s, MAX_STEP_S)
        self._report_s = now_s
        if lost_share > (BLIND_HIGH_LOSS if self._is_blind else HIGH_LOSS):
            if now_s >= self._drained_s:
                start = min(self.bits_per_s, sent_bits_per_s)
                self.bits_per_s = max(MIN_BITS_PER_S, start * (1 - lost_share / 2))
                self._bad_s = now_s
        elif self._is_blind:
            self._grow(BLIND_GROWTH_A_SECOND**passed_s, sent_bits_per_s)
        elif lost_share < LOW_LOSS and not self._limited_by_remb(now_s, sent_bits_per_s):
            self._grow(GROWTH_A_SECOND**passed_s, sent_bits_per_s)

    def _grow(self, factor: float, sent_bits_per_s: float) -> None:
        self.bits_per_s = min(max(self.bits_per_s, sent_bits_per_s) * factor, MAX_BITS_PER_S)

    def on_time(self, now_s: float) -> None:
        """Grow without reports where none will come: nothing is sent that they could be about."""
        if self._report_s is None:
            self._report_s = now_s
        elif now_s - self._report_s > MAX_STEP_S:
            self.on_loss(now_s, 0.0, self.bits_per_s)

    def restart(self, now_s: float | None, bits_per_s: float) -> None:
        """Begin again with what another estimate has come to; with a moment, blindly from then on."""
        self._drained_s = float("-inf") if now_s is None else now_s + DRAINED_AFTER_S
        self._is_blind = now_s is not None
        self.bits_per_s = max(MIN_BITS_PER_S, bits_per_s)
        self._report_s, self._remb = now_s, None
        self._lost_share = self._lost_before = 0.0

    @property
    def arriving_share(self) -> float:
        """How much arrives of what is sent, 0 to 1, as two reports in a row say: one may tell of a moment."""
        return 1 - min(self._lost_share, self._lost_before)

    def congested(self, now_s: float) -> bool:
        """Whether the viewer complained lately."""
        return now_s - self._bad_s < REPORT_TAINT_S

    def _limited_by_remb(self, now_s: float, sent_bits_per_s: float) -> bool:
        if self._remb is None or now_s - self._remb[0] > REMB_KEPT_S:
            return False
        return self._remb[1] < REMB_LIMITS_BELOW * sent_bits_per_s
