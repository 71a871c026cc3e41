"""One viewer's bandwidth, put together: what it says goes in, a layer and probes come out.

A viewer that ever sent transport-wide feedback is judged by it alone; one that sends none by REMB and
receiver reports (`fallback`), without probes. While the picture is paused nothing of it can be reported:
then the way up is a trial for both, as fast as `fallback` grows on reports about the sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from streaming.bandwidth.delay_trend import Arrived, Reported
from streaming.bandwidth.estimator import START_BITS_PER_S, Estimator
from streaming.bandwidth.fallback import ReceiverSideEstimate
from streaming.bandwidth.layer_choice import Budget, Choice, ChoicePolicy, LayerChooser, Move
from streaming.bandwidth.layer_meter import Layer
from streaming.bandwidth.probe import ProbePlan, ProbePolicy

# When it came, what it says of packets (`Estimator.on_feedback`), and how many came that it does not list.
Feedback = tuple[float, Sequence[Reported], int]


@dataclass(slots=True, frozen=True)
class BandwidthPolicy:
    """All numbers of one viewer's bandwidth."""

    start_bits_per_s: float = START_BITS_PER_S
    probing: ProbePolicy = field(default_factory=ProbePolicy)
    choice: ChoicePolicy = field(default_factory=ChoicePolicy)


class Decision(NamedTuple):
    """What to do now: the layer to send (see `Choice`), and a burst to send, if any."""

    choice: Choice
    probe: ProbePlan | None


class ViewerBandwidth:
    """Estimate, probes and choice of one viewer."""

    __slots__ = ("_chooser", "_fallback", "_started", "estimator", "has_feedback", "is_content")

    def __init__(self, policy: BandwidthPolicy | None = None) -> None:
        policy = policy or BandwidthPolicy()
        self.estimator = Estimator(policy.start_bits_per_s, policy.probing)
        self._fallback = ReceiverSideEstimate(policy.start_bits_per_s)
        self._chooser = LayerChooser(policy.choice)
        self._started = False
        # Whether it tells of arrivals: then nothing else that it tells decides.
        self.has_feedback = False
        # Whether the last decision left it with the highest layer there is, and nothing spoke against that.
        self.is_content = False

    @property
    def layer(self) -> int | None:
        """The layer chosen, None = sound only (or nothing chosen yet)."""
        return self._chooser.layer

    def renumber(self, layer: int | None) -> None:
        """Note that the layers are counted anew: the chosen one, if any, is now `layer`."""
        if self._chooser.layer is not None:
            self._chooser.layer = layer

    def end_feedback(self) -> None:
        """Note that nothing is numbered any more, so that no more will come: reports decide from now on."""
        if self.has_feedback:
            self.has_feedback = self.is_content = False
            # Who is paused has come so far by trial.
            tried = self._fallback.bits_per_s if self.layer is None else 0.0
            self._fallback.restart(None, max(tried, self.estimator.bits_per_s))
            self._chooser.forget_want()

    def postpone(self, now_s: float) -> None:
        """Note that the first packet of the chosen layer is still to come."""
        self._chooser.postpone(now_s)

    def is_calm(self, now_s: float) -> bool:
        """Whether nothing is the matter with this viewer's line, so that feedback may be read roughly."""
        return self.estimator.is_calm(now_s)

    def on_feedbacks(self, feedbacks: Sequence[Feedback]) -> None:
        """Take several that came since the last decision.

        While nothing is the matter they count as one, as of a viewer that reports less often; that costs a
        third. The first alarm among them comes in time for the decision that it is for.
        """
        self.has_feedback = True
        newest_s = feedbacks[-1][0]
        if len(feedbacks) > 1 and self.is_calm(newest_s):
            told = [packets for _, packets, _ in feedbacks if packets]
            if all(one[-1][0] <= other[0][0] for one, other in pairwise(told)):
                unlisted = sum(unlisted for _, _, unlisted in feedbacks)
                self.estimator.on_feedback(newest_s, list(chain.from_iterable(told)), unlisted)
                return
        for now_s, packets, unlisted in feedbacks:
            self.estimator.on_feedback(now_s, packets, unlisted)

    def is_enough(self, first: Arrived, last: Arrived) -> bool:
        """Whether the newest feedback, whose packets nearly all came, tells enough by its first and its last.

        While nothing is the matter and no packet waits, nothing would be done with what others say.
        """
        return not self.estimator.waited(first, last)

    def on_row(self, now_s: float, first: Arrived, last: Arrived, unlisted: int, lost: int) -> None:
        """Take a feedback for which `is_enough` holds, while all is calm (`Estimator.on_row`)."""
        self.has_feedback = True
        self.estimator.on_row(now_s, first, last, unlisted, lost)

    def on_receiver_estimate(self, now_s: float, bits_per_s: float, sent_bits_per_s: float) -> None:
        """Take a REMB; `sent_bits_per_s` is what this viewer is sent in all."""
        self._fallback.on_receiver_estimate(now_s, bits_per_s, sent_bits_per_s)

    def on_loss(self, now_s: float, lost_share: float, sent_bits_per_s: float) -> None:
        """Take a receiver report about the picture: share lost since the last one, 0 to 1."""
        self._fallback.on_loss(now_s, lost_share, sent_bits_per_s)

    def budget(self, now_s: float, layers: Sequence[Layer] = ()) -> Budget:
        """Return what the viewer can be sent, and how much arrives of what it gets of `layers`."""
        fallback = self._fallback
        if not self.has_feedback:
            share = fallback.arriving_share
            return Budget(fallback.bits_per_s, fallback.congested(now_s), arriving_share=share)
        estimator, prober = self.estimator, self.estimator.prober
        rate = estimator.bits_per_s
        if self._started and self.layer is None:
            rate = max(rate, fallback.bits_per_s)
        return Budget(
            rate, estimator.congested(now_s), prober.proven_s, prober.proven_bits_per_s,
            self._arriving_share(layers),
        )  # fmt: skip

    def decide(
        self,
        now_s: float,
        newest_sent_s: float,
        layers: Sequence[Layer],
        sound_bits_per_s: float,
        wish: int | None = None,
    ) -> Decision:
        """Choose a layer and plan a probe; call it each 50 to 200 ms, or each 600 where all is well.

        `newest_sent_s` is when this viewer was last sent anything, `layers` go from the lowest to the
        highest, `wish` is the highest one the viewer wants (None = any).
        """
        if self.has_feedback:
            self.estimator.on_time(now_s, newest_sent_s)
        if self._started and self.layer is None:
            self._fallback.on_time(now_s)
        budget, was_paused = self.budget(now_s, layers), self._started and self.layer is None
        if not self._started:
            self._started = True
            choice = self._chooser.start(layers, budget, sound_bits_per_s, wish)
        else:
            choice = self._chooser.choose(now_s, layers, budget, sound_bits_per_s, wish)
        if choice.move is Move.PAUSE:
            # What arrives is known; an estimate that has answered several losses is far below it.
            picture = self.estimator.acknowledged_bits_per_s() if self.has_feedback else None
            arrives = picture + sound_bits_per_s if picture else 0.0
            self._fallback.restart(now_s, max(budget.bits_per_s, arrives))
        elif choice.move is Move.UP and was_paused:
            self._fallback.restart(None, self._fallback.bits_per_s)
        if not self.has_feedback or self.layer is None:
            self.is_content = False
            return Decision(choice, None)
        wanted = self._chooser.wanted_bits_per_s(layers, sound_bits_per_s, wish)
        self.is_content = wanted == 0 and choice.move is Move.STAY and not self._chooser.is_in_doubt
        return Decision(choice, self.estimator.plan_probe(now_s, wanted))

    def _arriving_share(self, layers: Sequence[Layer]) -> float:
        """Return what feedback says of how much of the present layer arrives, 0 where it says nothing."""
        if self.layer is None or self.layer >= len(layers):
            return 0.0
        sent, arrives = layers[self.layer].bits_per_s, self.estimator.acknowledged_bits_per_s()
        return min(1.0, arrives / sent) if sent and arrives else 0.0
