"""What loss says of the rate (draft-ietf-rmcat-gcc-02 section 6).

Below 2% lost the cap grows, from 2% to 10% it stays, above it shrinks by half the loss: at once above 20%,
else when a second interval says the same, for of 100 packets on a way that loses 5% each interval in ninety
has 11 by chance. There is no cap
until the first heavy loss, so that a radio link's steady few percent cost nothing, and none again once it
has grown well past what the delay says.
"""

LOW_LOSS = 0.02
HIGH_LOSS = 0.10
SURE_LOSS = 0.20
GROWTH_A_SECOND = 1.08
MIN_PACKETS = 80
MIN_INTERVAL_S = 0.3
MAX_INTERVAL_S = 2.0
LIFT_FACTOR = 1.5
MIN_BITS_PER_S = 10_000.0


class LossControl:
    """`cap` in bits/s, None = loss sets no limit; `loss` is the share lost in the last full interval."""

    __slots__ = ("_began_s", "_heavy", "_lost", "_packets", "cap", "loss")

    def __init__(self) -> None:
        self.cap: float | None = None
        self.loss = 0.0
        self._packets = self._lost = self._heavy = 0
        self._began_s: float | None = None

    def note(
        self, now_s: float, packets: int, lost: int, delay_bits_per_s: float, acknowledged: float | None
    ) -> bool:
        """Count packets reported; True when the cap was lowered.

        `lost` may be negative: packets that were reported lost and came after all. `delay_bits_per_s` is
        the delay-based estimate. What is cut is the rate at which loss was seen, from `acknowledged` (bits/s,
        None = unknown): an estimate far above what is sent would take many cuts to matter.
        """
        if self._began_s is None:
            self._began_s = now_s
        self._packets += packets
        self._lost += lost
        passed_s = now_s - self._began_s
        if passed_s < MIN_INTERVAL_S or (self._packets < MIN_PACKETS and passed_s < MAX_INTERVAL_S):
            return False
        self.loss = max(0.0, min(1.0, self._lost / self._packets)) if self._packets > 0 else 0.0
        enough = self._packets >= MIN_PACKETS / 4
        self._began_s, self._packets, self._lost = now_s, 0, 0
        sent = delay_bits_per_s if acknowledged is None else acknowledged / max(0.1, 1 - self.loss)
        return enough and self._follow(passed_s, delay_bits_per_s, sent)

    def prove(self, bits_per_s: float) -> None:
        """Take a probe's word that this much gets through."""
        if self.cap is not None:
            self.cap = max(self.cap, bits_per_s)

    def _follow(self, passed_s: float, delay_bits_per_s: float, sent_bits_per_s: float) -> bool:
        self._heavy = self._heavy + 1 if self.loss > HIGH_LOSS else 0
        if self._heavy >= 2 or self.loss > SURE_LOSS:
            start = min(delay_bits_per_s, sent_bits_per_s)
            if self.cap is not None:
                start = min(start, self.cap)
            self.cap = max(MIN_BITS_PER_S, start * (1 - self.loss / 2))
            return True
        if self.loss < LOW_LOSS and self.cap is not None:
            self.cap *= GROWTH_A_SECOND**passed_s
            if self.cap > LIFT_FACTOR * delay_bits_per_s:
                self.cap = None
        return False
