"""A relay with simulcast layers and one viewer behind a simulated link: the whole of `ViewerBandwidth`.

The publisher makes 30 frames a second on every layer and a key frame `KEY_FRAME_S` after one is wanted. A
layer is switched at its key frame; an urgent choice stops the picture until then. A frame is seen when all
its packets have arrived (retransmission is left out: a frame with a lost packet is not seen).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from streaming.bandwidth.delay_trend import Arrived, Reported
from streaming.bandwidth.feedback import FEW_LOST
from streaming.bandwidth.layer_choice import Choice
from streaming.bandwidth.layer_meter import LayerMeter
from streaming.bandwidth.viewer_bandwidth import BandwidthPolicy, ViewerBandwidth
from streaming.picture import DECIDE_S
from streaming.seats import LEFT_S, MAX_LEFT
from tests.lossy_link import LinkConditions
from tests.streaming.bandwidth.elastic_sender import send_burst
from tests.streaming.bandwidth.simulated_link import Clock, SimulatedLink, split

FRAME_S = 1 / 30
KEY_FRAME_S = 0.3
KEY_FRAME_FACTOR = 4
SOUND_BITS_PER_S = 64_000.0
LAYERS = (150e3, 500e3, 2.5e6)


@dataclass(slots=True)
class _Frame:
    missing: int
    at_s: float | None = None


class LayeredSender:
    """Runs from 0; `layers_s` lists (time, layer sent), `frames` what became of each frame."""

    def __init__(
        self,
        conditions: LinkConditions,
        layers: Sequence[float] = LAYERS,
        policy: BandwidthPolicy | None = None,
        seed: int = 1,
        *,
        only_pictures: bool = False,
    ) -> None:
        """With `only_pictures` sound goes another way, and nothing is sent while the picture is paused."""
        self.clock = Clock()
        self.bandwidth = ViewerBandwidth(policy)
        self.rates = list(layers)
        self.layer: int | None = None
        self.layers_s: list[tuple[float, int | None]] = []
        self.choices: list[tuple[float, Choice]] = []
        self.frames: list[_Frame] = []
        self._feedbacks: list[tuple[float, list[Reported]]] = []
        self.passed_over_total = self._left = 0
        self.link = SimulatedLink(self.clock, conditions, self._keep_feedback, seed)
        self._meters = [LayerMeter() for _ in layers]
        self._key_frame_s: float | None = None
        self.clock.every(FRAME_S, self._frame)
        self._only_pictures = only_pictures
        if not only_pictures:
            self.clock.every(0.020, lambda: self.link.send(round(SOUND_BITS_PER_S * 0.020 / 8)))
        self.clock.every(DECIDE_S, self._tick, 3.0)

    @property
    def wanted(self) -> int | None:
        return self.bandwidth.layer

    def _frame(self) -> None:
        now_s = self.clock.now_s
        for meter, rate in zip(self._meters, self.rates, strict=True):
            if rate:
                meter.note(now_s, round(rate * FRAME_S / 8))
        factor = 1
        if self._key_frame_s is not None and now_s >= self._key_frame_s:
            self._key_frame_s, factor = None, KEY_FRAME_FACTOR
            self._switch(self.wanted)
        if self.layer is None or not self.rates[self.layer]:
            return
        sizes = list(split(self.rates[self.layer] * FRAME_S / 8 * factor))
        frame = _Frame(len(sizes))
        self.frames.append(frame)

        def arrived() -> None:
            frame.missing -= 1
            if not frame.missing:
                frame.at_s = self.clock.now_s

        for size in sizes:
            self.link.send(size, arrived)

    def _switch(self, layer: int | None) -> None:
        self.layer = layer
        self.layers_s.append((self.clock.now_s, layer))

    def _keep_feedback(self, now_s: float, packets: list[Reported]) -> None:
        self._feedbacks.append((now_s, packets))

    def _read_feedbacks(self) -> bool:
        """As `streaming.seats` does: roughly while nothing is the matter, and not each time."""
        if not self._feedbacks:
            return True
        left, is_new = self._left, len(self._feedbacks) != self._left
        feedbacks, self._feedbacks, self._left = self._feedbacks, [], 0
        now_s, newest = feedbacks[-1]
        is_calm = self.bandwidth.is_calm(now_s)
        row = row_of(newest) if is_calm and in_order(feedbacks) else None
        if row is not None and self.bandwidth.is_enough(*row):
            may_wait = is_new and now_s - feedbacks[0][0] < LEFT_S
            if self.bandwidth.is_content and may_wait and len(feedbacks) <= MAX_LEFT:
                self._feedbacks, self._left = feedbacks, len(feedbacks)
                return False
            others = sum(size for _, packets in feedbacks[:-1] for _, size, _ in packets)
            first, (sent_s, size, arrival_s) = row
            lost = sum(arrival_s is None for _, _, arrival_s in newest)
            last = (sent_s, size + others, arrival_s)
            self.bandwidth.on_row(now_s, first, last, len(newest) - 2, lost)
            self.passed_over_total += len(feedbacks) - 1
            return True
        for part in (feedbacks[:left], feedbacks[left:]):
            if part:
                is_calm = self.bandwidth.is_calm(part[-1][0])
                told = [(at_s, *(ends_of(packets) if is_calm else (packets, 0))) for at_s, packets in part]
                self.bandwidth.on_feedbacks(told)
        return True

    def _tick(self) -> None:
        now_s = self.clock.now_s
        if not self._read_feedbacks():
            return
        layers = [meter.read(now_s) for meter in self._meters]
        before = self.wanted
        is_held = self._only_pictures and self.layers_s != [] and self.layer is None
        sent_s = float("-inf") if is_held else self.link.newest_sent_s
        decision = self.bandwidth.decide(now_s, sent_s, layers, SOUND_BITS_PER_S)
        choice = decision.choice
        if choice.layer != before or not self.choices:
            self.choices.append((now_s, choice))
            if choice.layer is not None:
                self._key_frame_s = now_s + KEY_FRAME_S
            if choice.layer is None or choice.urgent:
                self._switch(None)
        if decision.probe is not None and not is_held:
            send_burst(self.clock, self.link, decision.probe)

    def layer_at(self, time_s: float) -> int | None:
        """The layer sent at a time."""
        return next((layer for at, layer in reversed(self.layers_s) if at <= time_s), None)

    def reached_s(self, layer: int, after_s: float) -> float:
        """How long after a time a layer was being sent."""
        if self.layer_at(after_s) == layer:
            return 0.0
        return next(at for at, sent in self.layers_s if at > after_s and sent == layer) - after_s

    def longest_freeze_s(self, begin_s: float, end_s: float) -> float:
        """The longest time between two frames seen."""
        seen = sorted(f.at_s for f in self.frames if f.at_s is not None and begin_s <= f.at_s <= end_s)
        times = [begin_s, *seen, end_s]
        return max(after - before for before, after in pairwise(times))


def row_of(packets: list[Reported]) -> tuple[Arrived, Arrived] | None:
    """A row of packets that came, but for a few, by its first and its last; None where it was otherwise."""
    (first, size, first_s), (last, _, last_s) = packets[0], packets[-1]
    others = [size for _, size, arrival_s in packets[1:] if arrival_s is not None]
    lost = len(packets) - 1 - len(others)
    if first_s is None or last_s is None or lost > max(1, len(packets) * FEW_LOST):
        return None
    return (first, size, first_s), (last, sum(others), last_s)


def in_order(feedbacks: list[tuple[float, list[Reported]]]) -> bool:
    """Whether each feedback tells of packets newer than those of the one before."""
    told = [packets for _, packets in feedbacks if packets]
    return all(one[-1][0] <= other[0][0] for one, other in pairwise(told))


def ends_of(packets: list[Reported]) -> tuple[list[Reported], int]:
    """A row of packets that all came, by its first and its last, and how many are not listed then."""
    if len(packets) <= 2 or any(arrival_s is None for _, _, arrival_s in packets):
        return packets, 0
    (sent_s, size, arrival_s), last = packets[0], packets[-1]
    others = sum(size for _, size, _ in packets[1:])
    return [(sent_s, size, arrival_s), (last[0], others, last[2])], len(packets) - 2
