"""One viewer's bandwidth, put together: what it says goes in, a layer and probes come out.

A viewer that ever sent transport-wide feedback is judged by it alone; one that sends none by REMB and
receiver reports (`fallback`), without probes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from streaming.bandwidth.delay_trend import Reported
from streaming.bandwidth.estimator import START_BITS_PER_S, Estimator
from streaming.bandwidth.fallback import ReceiverSideEstimate
from streaming.bandwidth.layer_choice import Budget, Choice, ChoicePolicy, LayerChooser
from streaming.bandwidth.layer_meter import Layer
from streaming.bandwidth.probe import ProbePlan, ProbePolicy


@dataclass(slots=True, frozen=True)
class BandwidthPolicy:
    """All numbers of one viewer's bandwidth."""

    start_bits_per_s: float = START_BITS_PER_S
    probing: ProbePolicy = field(default_factory=ProbePolicy)
    choice: ChoicePolicy = field(default_factory=ChoicePolicy)


@dataclass(slots=True, frozen=True)
class Decision:
    """What to do now: the layer to send (see `Choice`), and a burst to send, if any."""

    choice: Choice
    probe: ProbePlan | None


class ViewerBandwidth:
    """Estimate, probes and choice of one viewer."""

    __slots__ = ("_chooser", "_fallback", "_has_feedback", "_started", "estimator")

    def __init__(self, policy: BandwidthPolicy | None = None) -> None:
        policy = policy or BandwidthPolicy()
        self.estimator = Estimator(policy.start_bits_per_s, policy.probing)
        self._fallback = ReceiverSideEstimate(policy.start_bits_per_s)
        self._chooser = LayerChooser(policy.choice)
        self._has_feedback = self._started = False

    @property
    def layer(self) -> int | None:
        """The layer chosen, None = sound only (or nothing chosen yet)."""
        return self._chooser.layer

    def renumber(self, layer: int | None) -> None:
        """Note that the layers are counted anew: the chosen one, if any, is now `layer`."""
        if self._chooser.layer is not None:
            self._chooser.layer = layer

    def on_feedback(self, now_s: float, packets: Sequence[Reported]) -> None:
        """Take a transport-wide feedback (see `Estimator.on_feedback`)."""
        self._has_feedback = True
        self.estimator.on_feedback(now_s, packets)

    def on_receiver_estimate(self, now_s: float, bits_per_s: float, sent_bits_per_s: float) -> None:
        """Take a REMB; `sent_bits_per_s` is what this viewer is sent in all."""
        self._fallback.on_receiver_estimate(now_s, bits_per_s, sent_bits_per_s)

    def on_loss(self, now_s: float, lost_share: float, sent_bits_per_s: float) -> None:
        """Take a receiver report about the picture: share lost since the last one, 0 to 1."""
        self._fallback.on_loss(now_s, lost_share, sent_bits_per_s)

    def budget(self, now_s: float) -> Budget:
        """Return what the viewer can be sent."""
        if not self._has_feedback:
            return Budget(self._fallback.bits_per_s, self._fallback.congested(now_s))
        estimator, prober = self.estimator, self.estimator.prober
        return Budget(
            estimator.bits_per_s, estimator.congested(now_s), prober.proven_s, prober.proven_bits_per_s
        )

    def decide(
        self,
        now_s: float,
        newest_sent_s: float,
        layers: Sequence[Layer],
        sound_bits_per_s: float,
        wish: int | None = None,
    ) -> Decision:
        """Choose a layer and plan a probe; call it each 50 to 100 ms.

        `newest_sent_s` is when this viewer was last sent anything, `layers` go from the lowest to the
        highest, `wish` is the highest one the viewer wants (None = any).
        """
        if self._has_feedback:
            self.estimator.on_time(now_s, newest_sent_s)
        budget = self.budget(now_s)
        if not self._started:
            self._started = True
            choice = self._chooser.start(layers, budget, sound_bits_per_s, wish)
        else:
            choice = self._chooser.choose(now_s, layers, budget, sound_bits_per_s, wish)
        if not self._has_feedback:
            return Decision(choice, None)
        wanted = self._chooser.wanted_bits_per_s(layers, sound_bits_per_s, wish)
        return Decision(choice, self.estimator.plan_probe(now_s, wanted))
