"""The choice of a layer, and the meter it goes by."""

import pytest

from streaming.bandwidth.layer_choice import Budget, Choice, ChoicePolicy, LayerChooser, Move, usable_layers
from streaming.bandwidth.layer_meter import Layer, LayerMeter

SOUND = 64e3
POLICY = ChoicePolicy()
LOW, MIDDLE, HIGH = 150e3, 500e3, 2.5e6


GONE = Layer(0.0, 0.0, active=False)


def layers(*active: bool) -> list[Layer]:
    """Three layers, all active unless told; the others flow, but have not for long."""
    flags = active or (True, True, True)
    return [Layer(rate, rate, flag) for rate, flag in zip((LOW, MIDDLE, HIGH), flags, strict=True)]


def without(*gone: int) -> list[Layer]:
    """Three layers of which these are silent."""
    return [GONE if place in gone else layer for place, layer in enumerate(layers())]


def at_layer(layer: int) -> LayerChooser:
    """A chooser that has begun with a layer."""
    chooser = LayerChooser(POLICY)
    assert chooser.start(layers(), Budget([250e3, 600e3, 3e6][layer]), SOUND).layer == layer
    return chooser


def test_it_begins_with_what_fits_or_the_lowest() -> None:
    """The floor is the lowest layer, however little the viewer can take."""
    assert LayerChooser(POLICY).start(layers(), Budget(700e3), SOUND) == Choice(1, Move.UP)
    assert LayerChooser(POLICY).start(layers(), Budget(10e3), SOUND) == Choice(0, Move.UP)
    assert LayerChooser(POLICY).start(layers(), Budget(9e6), SOUND, wish=0).layer == 0


def test_congestion_far_below_the_need_lowers_at_once() -> None:
    """To the highest that fits; the old layer is not even waited out."""
    chooser = at_layer(2)
    assert chooser.choose(10, layers(), Budget(700e3, congested=True), SOUND) == Choice(
        1, Move.DOWN, urgent=True
    )
    assert at_layer(2).choose(10, layers(), Budget(300e3, congested=True), SOUND).layer == 0


def test_a_single_alarm_costs_nothing() -> None:
    """0.85 x what arrives for two seconds, then recovered: the layer stays."""
    chooser = at_layer(2)
    for step in range(20):
        low = Budget(0.85 * (HIGH + SOUND), congested=step < 10)
        assert chooser.choose(10 + step / 10, layers(), low, SOUND) == Choice(2)
    assert chooser.choose(12.1, layers(), Budget(HIGH + SOUND), SOUND) == Choice(2)
    assert chooser.choose(13.0, layers(), Budget(0.85 * HIGH), SOUND) == Choice(2)


def test_too_little_for_long_lowers_without_an_alarm() -> None:
    """After 2.5 s."""
    chooser = at_layer(2)
    assert chooser.choose(10, layers(), Budget(0.85 * HIGH), SOUND) == Choice(2)
    assert chooser.choose(12.4, layers(), Budget(0.85 * HIGH), SOUND) == Choice(2)
    assert chooser.choose(12.5, layers(), Budget(0.85 * HIGH), SOUND) == Choice(1, Move.DOWN)


def test_up_needs_headroom_over_the_peak() -> None:
    """15% above the layer's peak and the sound, and no alarm."""
    moving = layers()
    moving[2] = Layer(300e3, HIGH, active=True)
    chooser = at_layer(1)
    assert chooser.choose(10, moving, Budget(2.8e6), SOUND) == Choice(1)
    assert chooser.choose(11, moving, Budget(3e6, congested=True), SOUND) == Choice(1)
    assert chooser.choose(12, moving, Budget(3e6), SOUND) == Choice(2, Move.UP)


def test_after_a_way_down_ten_seconds_pass_unless_a_probe_proves_more() -> None:
    """A proof from before does not count, nor one of too little."""
    down = Budget(300e3, congested=True)
    chooser = at_layer(2)
    chooser.choose(10, layers(), down, SOUND)
    for proof in (None, 9.0):
        assert (
            chooser.choose(15, layers(), Budget(3e6, proven_s=proof, proven_bits_per_s=3e6), SOUND).layer == 0
        )
    assert chooser.choose(15, layers(), Budget(3e6, proven_s=14, proven_bits_per_s=2e6), SOUND).layer == 0
    assert chooser.choose(19.9, layers(), Budget(3e6), SOUND).layer == 0
    assert chooser.choose(20.0, layers(), Budget(3e6), SOUND) == Choice(2, Move.UP)
    chooser = at_layer(2)
    chooser.choose(10, layers(), down, SOUND)
    proven = Budget(3e6, proven_s=11, proven_bits_per_s=3e6)
    assert chooser.choose(11, layers(), proven, SOUND) == Choice(2, Move.UP)


def test_false_proofs_are_believed_less_and_less() -> None:
    """A way that proves 3 Mb/s each time and cannot carry them: tries 10, 20, 40, 60, 60 s apart."""
    chooser = at_layer(2)
    chooser.choose(0, layers(), Budget(300e3, congested=True), SOUND)
    ups = []
    lowered_s = -1.0
    for step in range(1, 3000):
        now_s = step / 10
        proven = Budget(3e6, proven_s=now_s, proven_bits_per_s=3e6)
        if chooser.layer == 0:
            if chooser.choose(now_s, layers(), proven, SOUND).move is Move.UP:
                ups.append(round(now_s - lowered_s) if lowered_s > 0 else 0)
        else:
            chooser.choose(now_s, layers(), Budget(300e3, congested=True), SOUND)
            lowered_s = now_s
    assert ups[:6] == [0, 10, 20, 40, 60, 60]


def test_twenty_good_seconds_are_forgiven() -> None:
    """Then a proof counts again at once."""
    chooser = at_layer(2)
    down = Budget(300e3, congested=True)
    chooser.choose(0, layers(), down, SOUND)
    chooser.choose(1, layers(), Budget(3e6, proven_s=1, proven_bits_per_s=3e6), SOUND)
    chooser.choose(2, layers(), down, SOUND)
    assert chooser.choose(13, layers(), Budget(3e6), SOUND).layer == 2
    chooser.choose(34, layers(), Budget(3e6), SOUND)
    chooser.choose(35, layers(), down, SOUND)
    assert chooser.choose(36, layers(), Budget(3e6, proven_s=36, proven_bits_per_s=3e6), SOUND).layer == 2


def test_too_little_for_the_lowest_layer_pauses_the_picture() -> None:
    """After 4 s, and it returns by the rule for any way up, first to the lowest layer."""
    chooser = at_layer(0)
    poor = Budget(0.65 * (LOW + SOUND))
    assert [chooser.choose(10 + s, layers(), poor, SOUND).move for s in range(4)] == [Move.STAY] * 4
    assert chooser.choose(14, layers(), poor, SOUND) == Choice(None, Move.PAUSE, urgent=True)
    assert chooser.choose(15, layers(), Budget(300e3), SOUND) == Choice(None)
    proven = Budget(3e6, proven_s=15.5, proven_bits_per_s=3e6)
    assert chooser.choose(16, layers(), proven, SOUND) == Choice(0, Move.UP)


def test_hardly_anything_for_the_lowest_layer_pauses_the_picture_soon() -> None:
    """After 1.5 s: there is no picture to lose, and the sound suffers. What arrives after all keeps it."""
    poor = Budget(0.5 * (LOW + SOUND), congested=True)
    chooser, lossy = at_layer(0), at_layer(0)
    arriving = poor._replace(arriving_share=0.88)
    for tenths in range(15):
        assert chooser.choose(10 + tenths / 10, layers(), poor, SOUND) == Choice(0)
        assert lossy.choose(10 + tenths / 10, layers(), arriving, SOUND) == Choice(0)
    assert chooser.choose(11.5, layers(), poor, SOUND) == Choice(None, Move.PAUSE, urgent=True)
    assert lossy.choose(20, layers(), arriving, SOUND) == Choice(0)


def test_a_show_without_sound_has_none_to_save() -> None:
    """Nothing at all would come to the viewer of a picture that is held."""
    chooser = LayerChooser(ChoicePolicy())
    chooser.start(layers(), Budget(60_000), 0)
    for second in range(10, 40):
        choice = chooser.choose(second, layers(), Budget(30_000, congested=True, arriving_share=0.2), 0)
        assert choice.layer == 0
    heard = [
        chooser.choose(second, layers(), Budget(30_000, congested=True), SOUND) for second in (40, 44, 45)
    ]
    assert heard[-1].layer is None
    # And who is held when the sound ends has nothing else.
    assert chooser.choose(45.2, layers(), Budget(30_000), 0) == Choice(0, Move.UP)


def test_a_way_up_that_waits_for_its_key_frame_has_not_failed() -> None:
    """What is known of the line is from before the pause until something is sent."""
    chooser, enough = at_layer(0), Budget(1.3 * (LOW + SOUND))
    poor = Budget(0.5 * (LOW + SOUND), congested=True)
    chooser.choose(10, layers(), poor, SOUND)
    assert chooser.choose(12, layers(), poor, SOUND).layer is None
    assert chooser.choose(22, layers(), enough, SOUND) == Choice(0, Move.UP)
    for now_s in range(23, 30):
        chooser.postpone(now_s)
        assert chooser.choose(now_s, layers(), poor, SOUND) == Choice(0)
    assert chooser.choose(30.4, layers(), poor, SOUND) == Choice(0)
    assert chooser.choose(30.5, layers(), poor, SOUND).layer is None


def test_the_first_trial_does_not_wait_for_what_went_wrong_between_layers() -> None:
    """Ways up that failed between layers may have left a hold-off of a minute."""
    chooser, poor = at_layer(0), Budget(0.5 * (LOW + SOUND), congested=True)
    chooser._hold_off_s = 60.0
    chooser.choose(10, layers(), poor, SOUND)
    assert chooser.choose(12, layers(), poor, SOUND).layer is None
    enough = Budget(1.3 * (LOW + SOUND))
    assert chooser.choose(41.9, layers(), enough, SOUND).layer is None
    assert chooser.choose(42, layers(), enough, SOUND) == Choice(0, Move.UP)


def test_trials_out_of_a_pause_become_rarer_but_never_rare() -> None:
    """Each fails after 2 s and a half: the next comes after 10, 20 and then each 30 s."""
    chooser = at_layer(0)
    poor, enough = Budget(0.5 * (LOW + SOUND), congested=True), Budget(1.3 * (LOW + SOUND))
    tried: list[float] = []
    paused: list[float] = []
    for now_s in (10 + tenths / 10 for tenths in range(1600)):
        is_young = bool(tried) and now_s - tried[-1] < 1
        budget = enough if chooser.layer is None or is_young else poor
        choice = chooser.choose(now_s, layers(), budget, SOUND)
        if choice.move is Move.UP:
            tried.append(now_s)
        if choice.move is Move.PAUSE:
            paused.append(now_s)
    waits = [round(up - down) for down, up in zip(paused, tried, strict=False)]
    assert waits == [10, 10, 20, 30, 30, 30]


def test_a_layer_is_left_when_it_ends_and_taken_again_when_it_has_flowed_for_long() -> None:
    """Without a hold-off: the way is not to blame."""
    chooser = at_layer(2)
    assert chooser.choose(10, without(2), Budget(3e6), SOUND) == Choice(1, Move.DOWN)
    assert chooser.choose(11, layers(True, True, False), Budget(3e6), SOUND) == Choice(1)
    assert chooser.choose(12, layers(), Budget(3e6), SOUND) == Choice(2, Move.UP)
    assert chooser.choose(13, layers(False, False, False)[:0], Budget(3e6), SOUND) == Choice(2)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_young_layer_is_not_gone(layer: int) -> None:
    """At the beginning of a show each layer becomes active in its turn; nobody is moved for that."""
    for first in range(3):
        young = layers(*(place == first for place in range(3)))
        enough = Budget((LOW, MIDDLE, HIGH)[layer] + SOUND)
        assert at_layer(layer).choose(10, young, enough, SOUND) == Choice(layer)


def test_a_narrow_viewer_finds_the_young_lower_layer() -> None:
    """One that begins, and one whose way becomes too narrow, though only the largest has flowed for long."""
    young = layers(False, False, True)
    assert LayerChooser(POLICY).start(young, Budget(600e3), SOUND) == Choice(1, Move.UP)
    assert LayerChooser(POLICY).start(young, Budget(10e3), SOUND) == Choice(0, Move.UP)
    narrow = Budget(600e3, congested=True)
    assert at_layer(2).choose(10, young, narrow, SOUND) == Choice(1, Move.DOWN, urgent=True)


def test_who_begins_does_not_try_a_young_layer_on_top() -> None:
    """It may end again in a moment."""
    assert LayerChooser(POLICY).start(layers(True, True, False), Budget(9e6), SOUND).layer == 1


@pytest.mark.parametrize(("budget", "after"), [(100e3, 0), (3e6, 0)])
def test_whose_layer_ends_goes_to_a_lower_one(budget: float, after: int) -> None:
    """Also where the larger one would just fit: up leads the rule for any way up, with headroom."""
    chooser = at_layer(1)
    assert chooser.choose(10, without(1), Budget(budget), SOUND) == Choice(after, Move.DOWN)
    assert chooser.choose(11, without(1), Budget(2.6e6), SOUND).layer == 0
    assert chooser.choose(12, without(1), Budget(3e6), SOUND).layer == 2


def test_whose_lowest_layer_ends_goes_to_the_next() -> None:
    """Or it would see nothing; not further up than that."""
    assert at_layer(0).choose(10, without(0), Budget(3e6), SOUND) == Choice(1, Move.UP)
    assert at_layer(0).choose(10, without(0), Budget(10e3), SOUND) == Choice(1, Move.UP)


def test_at_the_very_beginning_whatever_flows_will_do() -> None:
    """No layer has two seconds of packets yet."""
    assert usable_layers(layers(False, False, False)) == [0, 1, 2]
    assert usable_layers([Layer(0, 0, active=False), Layer(1e5, 1e5, active=False)]) == [1]
    assert usable_layers(layers(True, False, True)) == [0, 2]


def test_a_viewers_wish_is_a_ceiling() -> None:
    """Also for what is worth a probe."""
    chooser = at_layer(1)
    assert chooser.choose(10, layers(), Budget(5e6), SOUND, wish=1) == Choice(1)
    assert chooser.wanted_bits_per_s(layers(), SOUND, wish=1) == 0
    assert chooser.wanted_bits_per_s(layers(), SOUND) > 1.15 * (HIGH + SOUND)
    assert chooser.choose(11, layers(), Budget(5e6), SOUND, wish=0) == Choice(0, Move.DOWN)


def feed(meter: LayerMeter, rate: float, begin_s: float, end_s: float) -> None:
    """30 packets a second of this rate."""
    for frame in range(round(begin_s * 30), round(end_s * 30)):
        meter.note(frame / 30, round(rate / 30 / 8))


def test_a_layer_is_active_after_two_seconds_and_until_silent() -> None:
    """1.5 s without a packet; then it begins anew."""
    meter = LayerMeter()
    assert not meter.read(0).active
    feed(meter, 500e3, 0, 1.9)
    assert not meter.read(1.9).active
    feed(meter, 500e3, 1.9, 2.1)
    assert meter.read(2.1).active
    assert meter.read(3.5).active
    assert meter.read(3.7) == Layer(0.0, 0.0, active=False)
    feed(meter, 500e3, 10, 11)
    assert not meter.read(11).active


def test_a_layers_rate_is_its_last_second_and_its_peak_falls_slowly() -> None:
    """Still after moving: the rate follows within 1.5 s, the peak by 5% a second."""
    meter = LayerMeter()
    feed(meter, 2e6, 0, 5)
    assert meter.read(5).bits_per_s == pytest.approx(2e6, rel=0.05)
    feed(meter, 200e3, 5, 7)
    read = meter.read(7)
    assert read.bits_per_s == pytest.approx(200e3, rel=0.05)
    assert read.peak_bits_per_s == pytest.approx(2e6 * 0.95**2, rel=0.05)
