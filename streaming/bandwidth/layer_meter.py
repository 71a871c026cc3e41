"""How much each layer of the publisher has, and whether it flows. Once per layer, not per viewer.

A layer flows from its first packet until 1.5 s without one, and counts as active after two seconds of packets
(mediasoup's numbers): an encoder that tries a layer for a moment would otherwise move every viewer up and
down again.
"""

from collections import deque
from typing import NamedTuple

ACTIVE_AFTER_S = 2.0
SILENT_AFTER_S = 1.5
_SLOT_S = 0.25
_SLOTS = 4
_PEAK_FALL_A_SECOND = 0.95


class Layer(NamedTuple):
    """One layer as the choice sees it.

    `bits_per_s` is the last second's rate (0 = silent) and `peak_bits_per_s` a slowly falling maximum
    of it: going up is judged by the peak, so that a still picture does not lure a viewer to a layer
    that moves again.
    """

    bits_per_s: float
    peak_bits_per_s: float
    active: bool


class LayerMeter:
    """Measures one incoming layer."""

    __slots__ = ("_first_s", "_last_s", "_peak", "_peak_s", "_slots")

    def __init__(self) -> None:
        self._first_s: float | None = None
        self._last_s = 0.0
        self._slots: deque[tuple[float, int]] = deque()  # began at, bytes
        self._peak = 0.0
        self._peak_s = 0.0

    def note(self, now_s: float, size_bytes: int) -> None:
        """Count a packet of this layer (all its bytes as they would be sent)."""
        if self._first_s is None or now_s - self._last_s > SILENT_AFTER_S:
            self._first_s = now_s
            self._slots.clear()
        self._last_s = now_s
        slots = self._slots
        if slots and now_s - slots[-1][0] < _SLOT_S:
            began_s, before = slots[-1]
            slots[-1] = (began_s, before + size_bytes)
            return
        slots.append((now_s, size_bytes))
        if len(slots) > _SLOTS + 1:
            slots.popleft()
            self._raise_peak(now_s)

    def hold(self, now_s: float) -> None:
        """Let the figures stand as they are now: what comes of a layer that flows is left out meanwhile."""
        gap_s = now_s - self._last_s
        if self._first_s is None or not 0 < gap_s <= SILENT_AFTER_S:
            return
        self._slots = deque((began_s + gap_s, size) for began_s, size in self._slots)
        self._last_s = now_s
        self._peak_s += gap_s

    def read(self, now_s: float) -> Layer:
        """Return the layer's figures for now."""
        if self._first_s is None or now_s - self._last_s > SILENT_AFTER_S:
            return Layer(0.0, 0.0, active=False)
        rate = self._rate()
        peak = max(rate, self._peak * _PEAK_FALL_A_SECOND ** (now_s - self._peak_s))
        return Layer(rate, peak, active=now_s - self._first_s >= ACTIVE_AFTER_S)

    def _rate(self) -> float:
        """Rate over the full slots, or over what there is at the beginning."""
        slots = self._slots
        if len(slots) == 1:
            return slots[0][1] * 8 / _SLOT_S
        full = sum(size for _began_s, size in slots) - slots[-1][1]
        return full * 8 / (slots[-1][0] - slots[0][0])

    def _raise_peak(self, now_s: float) -> None:
        fallen = self._peak * _PEAK_FALL_A_SECOND ** (now_s - self._peak_s)
        self._peak, self._peak_s = max(self._rate(), fallen), now_s
