"""The estimate from a viewer's own words, while it gets a picture and while that is held back."""

import pytest

from streaming.bandwidth.fallback import BLIND_GROWTH_A_SECOND, DRAINED_AFTER_S, ReceiverSideEstimate

SOUND = 40e3


def held(bits_per_s: float) -> ReceiverSideEstimate:
    """Held back since 100 s."""
    made = ReceiverSideEstimate(600e3)
    made.restart(100.0, bits_per_s)
    return made


def test_the_first_reports_of_a_held_viewer_tell_of_the_time_before() -> None:
    """Of the queue that its pictures left, too; later ones count."""
    estimate = held(70e3)
    estimate.on_loss(100 + DRAINED_AFTER_S - 0.1, 0.9, SOUND)
    assert estimate.bits_per_s == 70e3
    assert not estimate.congested(100 + DRAINED_AFTER_S)
    estimate.on_loss(100 + DRAINED_AFTER_S, 0.9, SOUND)
    assert estimate.bits_per_s < SOUND
    assert estimate.congested(100 + DRAINED_AFTER_S)


def test_a_held_viewers_own_estimate_is_of_the_little_it_is_sent() -> None:
    """It limits nobody who is to be tried again; of who gets a picture it does."""
    estimate = held(70e3)
    estimate.on_receiver_estimate(101, 45e3, SOUND)
    estimate.on_loss(105, 0.0, SOUND)
    assert estimate.bits_per_s == pytest.approx(70e3 * BLIND_GROWTH_A_SECOND**5)
    sighted = ReceiverSideEstimate(600e3)
    sighted.on_receiver_estimate(101, 45e3, SOUND)
    assert sighted.bits_per_s == 45e3


@pytest.mark.parametrize("lost_share", [0.0, 0.04, 0.12])
def test_a_radio_that_loses_much_of_the_sound_too_is_tried(lost_share: float) -> None:
    """Only the picture can tell whether it carries one."""
    estimate = held(70e3)
    for now_s in range(105, 130, 5):
        estimate.on_loss(now_s, lost_share, SOUND)
    assert estimate.bits_per_s == pytest.approx(70e3 * BLIND_GROWTH_A_SECOND**25)
    assert not estimate.congested(130)


def test_with_a_picture_again_and_no_feedback_all_counts_as_before() -> None:
    """`restart` without a moment: reports, REMBs and the slower growth."""
    for lost_share, wanted in ((0.9, SOUND * 0.55), (0.12, SOUND * 0.94), (0.04, 70e3), (0.0, 70e3 * 1.08)):
        estimate = held(70e3)
        estimate.restart(None, 70e3)
        estimate.on_loss(102, 0.04, SOUND)
        estimate.on_loss(103, lost_share, SOUND)
        assert estimate.bits_per_s == pytest.approx(wanted)
    estimate.bits_per_s = 70e3
    estimate.on_receiver_estimate(104, 45e3, SOUND)
    assert estimate.bits_per_s == 45e3
