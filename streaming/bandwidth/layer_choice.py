"""Which layer a viewer gets: down at once, up only with proof.

    higher layer <--estimate >= its peak x 1.15, no hold-off, active--      lower layer
    higher layer ---congested and estimate < 0.8 x need, or---------->      the highest that fits, else 0
                    estimate < 0.93 x need for 2.5 s
    layer 0      ---estimate, and what arrives of the picture, < 0.7 x need for 4 s,
                    or < 0.6 x need for 1.5 s (2.5 s without an alarm)--> PAUSED (sound only)
    PAUSED       ---as any way up, but no further at once--> layer 0

Need = what the layer and the sound have now. Why these: one answer to a queue leaves the estimate at 0.85 x
what arrives, so a single false alarm must not cost the picture; real congestion passes 0.8 with the second
answer, 0.3 s later, or stays below. And what arrives is need less a few percent where radio loses some.
The lowest layer is given up only when much of it does not arrive either: answers to loss add up, and an
estimate may be far below what a radio that loses an eighth still carries, with repeats, to good pictures.
Where nearly half does not arrive there is no picture, and each second of it takes the sound with it. A show
without sound has none to save: what arrives of its picture is better than silence.

A layer is there from its first packets until it has been silent (`layer_meter`): whoever has it keeps it, and
there is a way down to it. A way up leads only to one that has flowed for long: an encoder that tries a layer
for a moment would otherwise move every viewer up and down again. Whose layer ends goes down, and up from
there by the rule for any way up.

Hold-off: after a way down for want of bandwidth none leads up for 10 s (mediasoup), unless a probe proved the
rate since. A way up that fails within 4 s was a false proof (a shaper lets short bursts through): then not
even a probe ends the hold-off, and it doubles, up to 60 s; 20 s without failure forget it. Out of a pause a
way up is a mere trial: it has failed if it ends within 8 s, and the next comes after 30 s at the latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from streaming.bandwidth.layer_meter import Layer

NEVER_S = float("-inf")


@dataclass(slots=True, frozen=True)
class ChoicePolicy:
    """The numbers of the choice; times in s."""

    headroom: float = 1.15
    probe_headroom: float = 1.3
    clearly_below: float = 0.8
    below: float = 0.93
    below_s: float = 2.5
    pause_below: float = 0.7
    pause_after_s: float = 4.0
    hardly: float = 0.6
    hardly_after_s: float = 1.5
    trial_s: float = 8.0
    max_trial_hold_off_s: float = 30.0
    hold_off_s: float = 10.0
    max_hold_off_s: float = 60.0
    false_proof_s: float = 4.0
    forgiven_s: float = 20.0


class Move(Enum):
    """What a choice did."""

    STAY = "stay"
    UP = "up"
    DOWN = "down"
    PAUSE = "pause"


class Budget(NamedTuple):
    """What the viewer can be sent (bits/s) and how sure that is.

    `proven_s` is when a probe last proved `proven_bits_per_s`, None = never. `arriving_share` is how much of
    the picture now sent arrives, 0 to 1; 0 where nobody knows more than the estimate.
    """

    bits_per_s: float
    congested: bool = False
    proven_s: float | None = None
    proven_bits_per_s: float = 0.0
    arriving_share: float = 0.0


class Choice(NamedTuple):
    """The layer to send, None = sound only, and what changed.

    `urgent`: do not go on with the old layer while waiting for a key frame of the new one; it only fills
    the queue in front of it.
    """

    layer: int | None
    move: Move = Move.STAY
    urgent: bool = False


class LayerChooser:
    """One viewer's choice. Layers are given from the lowest to the highest."""

    __slots__ = (
        "_below_s", "_hardly_s", "_hold_off_s", "_lowered_s", "_policy", "_raised_s", "_starved_s", "_strict",
        "layer",
    )  # fmt: skip

    def __init__(self, policy: ChoicePolicy) -> None:
        self.layer: int | None = None
        self._policy = policy
        self._below_s: float | None = None
        self._hardly_s: float | None = None
        self._hold_off_s = policy.hold_off_s
        self._lowered_s: float | None = None
        self._raised_s: float | None = None
        self._starved_s: float | None = None
        self._strict = False

    @property
    def is_in_doubt(self) -> bool:
        """Whether the present layer seemed too much when it was last asked."""
        return self._below_s is not None or self._starved_s is not None

    def start(self, layers: Sequence[Layer], budget: Budget, sound: float, wish: int | None = None) -> Choice:
        """Choose for a viewer that has no layer yet: the highest that fits, without headroom."""
        proven = usable_layers(layers, wish)
        there = [i for i in flowing_layers(layers, wish) if i <= max(proven, default=0)]
        self.layer = _highest_that_fits(there, layers, budget, sound) if there else 0
        return Choice(self.layer, Move.UP)

    def choose(
        self, now_s: float, layers: Sequence[Layer], budget: Budget, sound: float, wish: int | None = None
    ) -> Choice:
        """Choose for now; call it several times a second, or twice where all is well.

        `sound` is the sound's rate in bits/s, `wish` the highest layer the viewer wants, None = any.
        """
        is_highest = self._is_highest(layers, wish)
        if not is_highest:
            flowing = flowing_layers(layers, wish)
            if not flowing:
                return Choice(self.layer)
            if self.layer is not None and self.layer not in flowing:
                return self._leave_gone_layer(self.layer, layers, flowing, budget, sound)
        self._forgive(now_s)
        if self.layer is None and not sound:  # it is not saved any more by going without a picture
            self.layer = flowing_layers(layers, wish)[0]
            return Choice(self.layer, Move.UP)
        if self.layer is not None and self._too_much(now_s, layers[self.layer], budget, sound):
            lower = self._lower(now_s, layers, flowing_layers(layers, wish), budget, sound)
            if lower is not None:
                return lower
        if is_highest:
            return Choice(self.layer)
        return self._higher(now_s, layers, usable_layers(layers, wish), budget, sound) or Choice(self.layer)

    def _is_highest(self, layers: Sequence[Layer], wish: int | None) -> bool:
        """Whether the present layer flows and none above it is allowed, as for most viewers."""
        highest = len(layers) - 1 if wish is None else min(wish, len(layers) - 1)
        return self.layer == highest and layers[highest].bits_per_s > 0

    def wanted_bits_per_s(self, layers: Sequence[Layer], sound: float, wish: int | None = None) -> float:
        """Return the rate worth proving: that of the highest layer above the present one, 0 = none."""
        if self._is_highest(layers, wish):
            return 0.0
        above = [i for i in usable_layers(layers, wish) if self.layer is None or i > self.layer]
        if not above:
            return 0.0
        return max(self._up_need(layers[i], sound) for i in above) * (
            self._policy.probe_headroom / self._policy.headroom
        )

    def _too_much(self, now_s: float, layer: Layer, budget: Budget, sound: float) -> bool:
        need = layer.bits_per_s + sound
        carried_share = max(budget.bits_per_s / need if need else 1.0, budget.arriving_share)
        if carried_share >= self._policy.pause_below:
            self._starved_s = None
        elif self._starved_s is None:
            self._starved_s = now_s
        if carried_share >= self._policy.hardly:
            self._hardly_s = None
        elif self._hardly_s is None:
            self._hardly_s = now_s
        if budget.bits_per_s >= self._policy.below * need:
            self._below_s = None
            return False
        if self._below_s is None:
            self._below_s = now_s
        if budget.congested and budget.bits_per_s < self._policy.clearly_below * need:
            return True
        return now_s - self._below_s >= self._policy.below_s

    def _lower(
        self, now_s: float, layers: Sequence[Layer], flowing: Sequence[int], budget: Budget, sound: float
    ) -> Choice | None:
        """Go down, or from the lowest layer to sound only, if there is any; None = bear it for now."""
        below = [i for i in flowing if self.layer is not None and i < self.layer]
        if not below:
            if not sound or not self._is_in_vain(now_s):
                return None
            self._note_lowered(now_s, self._policy.trial_s, self._policy.max_trial_hold_off_s)
            self.layer = None
            return Choice(None, Move.PAUSE, urgent=True)
        self.layer = _highest_that_fits(below, layers, budget, sound)
        self._note_lowered(now_s, self._policy.false_proof_s, self._policy.max_hold_off_s)
        return Choice(self.layer, Move.DOWN, urgent=budget.congested)

    def _is_in_vain(self, now_s: float) -> bool:
        """Whether so little of the lowest layer has arrived for so long that it only costs the sound."""
        policy = self._policy
        return (self._starved_s is not None and now_s - self._starved_s >= policy.pause_after_s) or (
            self._hardly_s is not None and now_s - self._hardly_s >= policy.hardly_after_s
        )

    def _higher(
        self, now_s: float, layers: Sequence[Layer], usable: Sequence[int], budget: Budget, sound: float
    ) -> Choice | None:
        reachable = usable[:1] if self.layer is None else usable
        fitting = [i for i in reachable if self._up_need(layers[i], sound) <= budget.bits_per_s]
        if budget.congested or not fitting or (self.layer is not None and fitting[-1] <= self.layer):
            return None
        target = fitting[-1]
        if self._held_off(now_s, layers[target], budget, sound):
            return None
        self.layer = target
        self._raised_s = now_s
        self.forget_want()
        return Choice(target, Move.UP)

    def _leave_gone_layer(
        self, gone: int, layers: Sequence[Layer], flowing: Sequence[int], budget: Budget, sound: float
    ) -> Choice:
        """Leave a layer that the publisher or the viewer switched off: no fault of the way, no hold-off."""
        below = [i for i in flowing if i < gone]
        self.layer = _highest_that_fits(below, layers, budget, sound) if below else flowing[0]
        self.forget_want()
        return Choice(self.layer, Move.DOWN if below else Move.UP)

    def _up_need(self, layer: Layer, sound: float) -> float:
        return (layer.peak_bits_per_s + sound) * self._policy.headroom

    def _held_off(self, now_s: float, layer: Layer, budget: Budget, sound: float) -> bool:
        if self._lowered_s is None or now_s - self._lowered_s >= self._hold_off_s:
            return False
        proven = (
            budget.proven_s is not None
            and budget.proven_s > self._lowered_s
            and budget.proven_bits_per_s >= self._up_need(layer, sound)
        )
        return self._strict or not proven

    def _note_lowered(self, now_s: float, within_s: float, max_hold_off_s: float) -> None:
        """Note a way down; it is the failure of a way up that was less than `within_s` ago."""
        failed = self._raised_s is not None and now_s - self._raised_s < within_s
        if failed and self._strict:
            self._hold_off_s *= 2
        self._hold_off_s = min(self._hold_off_s, max_hold_off_s)
        self._strict = failed
        self._lowered_s, self._raised_s = now_s, None
        self.forget_want()

    def forget_want(self) -> None:
        """Forget that the present layer was too much, for what said so says nothing any more."""
        self._below_s = self._starved_s = self._hardly_s = None

    def postpone(self, now_s: float) -> None:
        """Note that the present layer is still to begin: a way up to it has not failed yet."""
        self.forget_want()
        if self._raised_s is not None:
            self._raised_s = now_s

    def _forgive(self, now_s: float) -> None:
        if self._raised_s is not None and now_s - self._raised_s >= self._policy.forgiven_s:
            self._strict, self._hold_off_s = False, self._policy.hold_off_s


def usable_layers(layers: Sequence[Layer], wish: int | None = None) -> list[int]:
    """Indexes of the layers worth going up to: the active ones, at the beginning those that flow at all."""
    flowing = flowing_layers(layers, wish)
    return [i for i in flowing if layers[i].active] or flowing


def flowing_layers(layers: Sequence[Layer], wish: int | None = None) -> list[int]:
    """Indexes of the layers that are there, however young; `wish` is the highest allowed, None = any."""
    allowed = range(len(layers) if wish is None else min(wish + 1, len(layers)))
    return [i for i in allowed if layers[i].bits_per_s > 0]


def _highest_that_fits(places: Sequence[int], layers: Sequence[Layer], budget: Budget, sound: float) -> int:
    """Return the highest of these layers that fits, or else the lowest of them."""
    fitting = [i for i in places if layers[i].bits_per_s + sound <= budget.bits_per_s]
    return fitting[-1] if fitting else places[0]
