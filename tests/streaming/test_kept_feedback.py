"""Feedback that waits, still protected, for the decision that it is for: over real DTLS-SRTP, and forged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from streaming.rtp import rtcp
from streaming.rtp.transport_feedback import ArrivalLog
from streaming.seats import MAX_FEEDBACKS_WAITING, Seat
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8, RawPeer, connected, publisher
from tests.streaming.raw_peer import viewer as raw_viewer
from tests.streaming.test_layered_viewers import LARGE, OnAir, meanwhile, on_air, picture_of
from tests.waiting import until

TRANSPORT_ID = 3
FEEDBACK_S = 0.05
UP_LIMIT_S = 20.0
# One feedback of one packet, as it is before and after its protection (index and tag of AES-GCM).
ONE = b"\x8f\xcd\x00\x05" + bytes(8) + b"\x00\x01\x00\x01\x00\x00\x01\x00\x20\x01\x01\x00"
FORGED = ONE + bytes(4 + 16)


class ReportingViewer(RawPeer):
    """Reports arrivals as Chromium does: one feedback a datagram, without a receiver report in front."""

    def __init__(self, forged: int) -> None:
        """Before each report it sends so many forged ones."""
        super().__init__("recvonly", [VP8])
        self._forged = forged
        self._arrivals = ArrivalLog()
        self._loop = asyncio.get_running_loop()
        self.reports_total = 0

    async def _on_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        await super()._on_rtp(data, arrival_time_ms)
        number = self.packets[-1].extensions.get(TRANSPORT_ID)
        if number is not None:
            self._arrivals.arrived(int.from_bytes(number, "big"), self._loop.time())

    async def report(self) -> None:
        """Tell what has come since the last time."""
        feedback = self._arrivals.take_feedback(1, self.sent_ssrc("video"))
        if feedback is not None:
            await self.dtls._send_rtp(feedback)
            self.reports_total += 1

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            for _ in range(self._forged):
                self.ice.send(FORGED)
            await self.report()
            await asyncio.sleep(FEEDBACK_S)


@contextlib.asynccontextmanager
async def reporting(http: httpx.AsyncClient, forged: int = 0) -> AsyncIterator[ReportingViewer]:
    """A connected one that reports."""
    peer = ReportingViewer(forged)
    async with connected(peer, http, "/whep/s1"), meanwhile(peer.run()):
        yield peer


@pytest.fixture
async def air(http: httpx.AsyncClient, media: MediaServer) -> AsyncIterator[OnAir]:
    """A show of two layers."""
    async with on_air(http, media) as made:
        yield made


def only_seat(media: MediaServer) -> Seat:
    """The place of the only viewer."""
    (seat,) = picture_of(media)._seats.values()
    return seat


def arrives(seat: Seat) -> float:
    """What the viewer's reports say of how much arrives (bits/s); 0 before they say anything."""
    return seat.bandwidth.estimator.acknowledged_bits_per_s() or 0.0


async def test_while_nothing_is_the_matter_the_newest_report_stands_for_the_others(
    air: OnAir, http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Others are not opened, and yet all that arrives is known; the viewer gets the best layer."""
    counters = media.inside.relay.counters
    async with reporting(http) as player:
        await until(lambda: counters.totals["feedbacks_passed_over"] > 20, limit_s=UP_LIMIT_S)
        opened, passed = counters.totals["media_in"], counters.totals["feedbacks_passed_over"]
        assert passed < player.reports_total
        seat = only_seat(media)
        assert seat.at is picture_of(media).layers[LARGE]
        sent = picture_of(media).metered(asyncio.get_running_loop().time())[LARGE][1].bits_per_s
        await until(lambda: 0.7 * sent < arrives(seat) < 1.3 * sent, limit_s=UP_LIMIT_S)
        await until(lambda: counters.totals["feedbacks_passed_over"] > passed)
        assert counters.totals["media_in"] > opened
    assert not counters.drops["bad_srtp"]
    assert not counters.drops["malformed_rtcp"]
    assert air.host.answer


async def test_forged_reports_take_nobodys_place(
    air: OnAir, http: httpx.AsyncClient, media: MediaServer
) -> None:
    """From the viewer's own address, far more of them than it sends: each is seen to be forged."""
    counters = media.inside.relay.counters
    async with reporting(http, forged=2 * MAX_FEEDBACKS_WAITING) as player:
        await until(lambda: arrives(only_seat(media)) > 0, limit_s=UP_LIMIT_S)
        seat, forged = only_seat(media), counters.drops["bad_srtp"]
        answered_s = seat.bandwidth.estimator._answered_s
        await until(lambda: seat.bandwidth.estimator._answered_s > answered_s + 1)
        assert len(seat.feedbacks) <= MAX_FEEDBACKS_WAITING
        assert counters.drops["bad_srtp"] > forged + 5 * MAX_FEEDBACKS_WAITING
        assert arrives(seat) > 0
        assert not player.closed_by_server
    assert counters.drops["too_much_feedback"] == 0
    assert air.host.answer


async def test_where_there_is_one_layer_reports_are_opened_as_they_come(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Nothing is to be decided there, so nothing would ever open them."""
    counters = media.inside.relay.counters
    async with publisher(http), raw_viewer(http) as player:
        before = counters.totals["media_in"]
        for _ in range(3):
            await player.dtls._send_rtp(ONE)
        await until(lambda: counters.totals["media_in"] == before + 3)


async def test_what_comes_with_a_report_does_not_wait(
    air: OnAir, http: httpx.AsyncClient, media: MediaServer
) -> None:
    """A key frame that is wanted is wanted now: only a report alone in its datagram is kept."""
    async with reporting(http) as player:
        await until(lambda: arrives(only_seat(media)) > 0, limit_s=UP_LIMIT_S)
        await until(lambda: not any(one.requests.wanted for one in picture_of(media).layers))
        seat, kept = only_seat(media), []
        keep = seat.track.connection.on_feedback

        def noting(datagram: bytes, now_s: float) -> bool:
            kept.append(datagram)
            return keep(datagram, now_s)

        seat.track.connection.on_feedback = noting
        wish = rtcp.build_picture_loss(1, player.sent_ssrc("video"))
        await player.dtls._send_rtp(ONE + wish)
        await until(lambda: seat.at is not None and seat.at.requests.wanted)
        await until(lambda: len(kept) > 0)
    assert len(ONE + wish) + 20 not in map(len, kept)
    assert air.host.answer
