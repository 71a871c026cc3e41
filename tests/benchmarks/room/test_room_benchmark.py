"""A short run of the room's benchmark over a real server: everything that was said arrives."""

from collections.abc import Callable

import pytest

from benchmarks.room.__main__ import PURCHASES_PER_S, run

pytestmark = pytest.mark.alone

VIEWERS, SECONDS, VOTES_PER_S = 300, 5.0, 200
Record = Callable[[str, object], None]


@pytest.mark.timeout(300)
def test_three_hundred_viewers_lose_nothing_while_they_talk_buy_and_vote(record_property: Record) -> None:
    """Facts reach every viewer and all of the log the moderators; each purchase and vote is answered."""
    report = run(VIEWERS, SECONDS, processes=2, votes_per_s=VOTES_PER_S)
    record_property("report", report)
    assert report["viewers"] == VIEWERS
    assert report["lost"] == 0
    assert set(report["purchases"]) == {"ok"}
    assert report["purchases"]["ok"] > PURCHASES_PER_S * SECONDS / 2
    for ballot in ("question", "poll"):
        cost = report["votes"][ballot]
        assert set(cost["answers"]) == {"ok"}
        assert cost["answers"]["ok"] > VOTES_PER_S * SECONDS / 2
        assert cost["vote_us"] > 0
    assert report["ticks_per_s"] > 1
    assert report["us_per_delivery"] > 0
    assert 0 < report["comment_p50_ms"] <= report["comment_p99_ms"]
    assert report["purchase_p99_ms"] > 0
    assert report["send_text_us_per_delivery"] > 0
    assert report["websockets_broadcast_us_per_delivery"] > 0
    assert report["bare_write_us_per_delivery"] > 0
