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


def test_nothing_told_for_a_second_is_all_lost_if_it_was_sent() -> None:
    """As where a path lets only small packets through. A host that pauses is no loss."""
    loss = ReportedLoss()
    loss.take(report(1000), 10.0, 500)
    assert [loss.take(report(1000), 10 + s, 500) for s in (0.5, 1.0, 3.0)] == [None] * 3
    assert loss.take(report(1000), 13.1, 509) is None
    assert loss.take(report(1000), 13.2, 510) == 1.0
    assert loss.take(report(1000), 13.9, 600) is None
    assert loss.take(report(1000), 14.3, 650) == 1.0
    assert loss.take(report(1001, 0), 14.9, 700) == 0.0


def test_numbers_wrap_around_and_may_begin_anew() -> None:
    """What was overtaken on the way, or counts from elsewhere, says nothing; the next one does."""
    loss = ReportedLoss()
    loss.take(report(0xFFFFFFF0), 10.0, 0)
    assert loss.take(report(16, 32), 11.0, 32) == 0.125
    assert loss.take(report(0xFFFFFF00, 255), 12.0, 64) is None
    assert loss.take(report(0xFFFFFF40, 64), 13.0, 128) == 0.25
