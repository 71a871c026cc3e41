"""What is made of a viewer's receiver reports, as browsers send them on good lines and on bad ones."""

import random

import pytest

from streaming.rtp.reported_loss import ReportedLoss
from streaming.rtp.rtcp import ReportBlock


def report(highest: int, fraction_lost: int = 0) -> ReportBlock:
    """A report up to a sequence number."""
    return ReportBlock(1, fraction_lost, 0, highest, 0, 0, 0)


def test_a_report_a_second_counts_as_it_says() -> None:
    """So does the first, for what it is worth."""
    loss = ReportedLoss()
    assert loss.take(report(1000, 64), 10.0, 100) == 0.25
    assert loss.take(report(1100, 0), 11.0, 200) == 0.0
    assert loss.take(report(1200, 128), 12.0, 300) == 0.5


def test_reports_that_tell_of_no_packet_say_nothing() -> None:
    """Chromium sends them with its requests for repeats: of ten reports nine say that nothing was lost."""
    loss = ReportedLoss()
    loss.take(report(1000), 10.0, 0)
    said, highest = [], 1000
    for tenth in range(1, 21):
        if tenth % 5 == 3:
            highest += 60
        fraction = 243 if tenth % 5 == 3 else 0
        said.append(loss.take(report(highest, fraction), 10 + tenth / 10, 12 * tenth))
    shares = [share for share in said if share is not None]
    assert shares == pytest.approx([243 / 256] * 4)


def test_short_reports_that_come_when_something_was_lost_count_by_their_packets() -> None:
    """The newest one alone would say a third; over the half second it is a twentieth."""
    chance, loss = random.Random(5), ReportedLoss()
    loss.take(report(0), 0.0, 0)
    shares, since = [], 0
    for sequence in range(1, 12_001):
        since += 1
        if chance.random() < 0.05:
            # What browsers say: a report comes with the request, so the missing packet is its last but one.
            share = loss.take(report(sequence, round(256 / since)), sequence / 120, sequence)
            since = 0
            if share is not None:
                shares.append(share)
    assert 0.045 < sum(shares) / len(shares) < 0.065


def test_what_was_sent_a_second_ago_and_is_not_told_of_is_lost() -> None:
    """As where a path lets only small packets through."""
    loss = ReportedLoss()
    loss.take(report(1000), 10.0, 500)
    said = [loss.take(report(1000), 10 + fifth / 5, 500 + 6 * fifth) for fifth in range(1, 20)]
    assert said.index(1.0) == 6  # enough at 10.4 s, overdue at 11.4
    assert set(said) == {None, 1.0}
    assert loss.take(report(1001, 0), 14.9, 700) == 0.0


def test_a_host_who_pauses_is_no_loss_and_neither_is_what_was_just_sent() -> None:
    """A report may have left the player before the first packet after the pause came."""
    loss = ReportedLoss()
    loss.take(report(1000), 10.0, 500)
    assert [loss.take(report(1000), 10 + s, 500) for s in (0.5, 1.0, 5.0)] == [None] * 3
    assert loss.take(report(1000), 15.1, 540) is None
    assert loss.take(report(1040), 15.2, 545) == 0.0


def test_who_is_let_in_anew_is_counted_from_there() -> None:
    """Over another path, into another layer, or after a hold it was sent nothing yet."""
    loss = ReportedLoss()
    loss.take(report(1000), 10.0, 5000)
    assert loss.take(report(1000), 11.5, 0) is None
    assert loss.take(report(1000), 12.0, 12) is None
    assert loss.take(report(1000), 12.9, 100) is None
    assert loss.take(report(1000), 13.0, 110) == 1.0


def test_numbers_wrap_around_and_may_begin_anew() -> None:
    """What was overtaken on the way, or counts from elsewhere, says nothing; the next one does."""
    loss = ReportedLoss()
    loss.take(report(0xFFFFFFF0), 10.0, 0)
    assert loss.take(report(16, 32), 11.0, 32) == 0.125
    assert loss.take(report(0xFFFFFF00, 255), 12.0, 64) is None
    assert loss.take(report(0xFFFFFF40, 64), 13.0, 128) == 0.25
