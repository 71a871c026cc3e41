"""What is told of shows: by the services themselves, in the transaction of the change."""

import msgspec
import pytest

from commerce.errors import WrongState
from commerce.webhooks import outgoing_sql
from commerce.webhooks.events import EventType, ShowData
from tests.commerce.webhooks.conftest import Desk


async def test_a_show_is_told_of_when_it_goes_live_and_when_it_ends(desk: Desk) -> None:
    """Once each, however often the button is pressed; a refused change tells nothing."""
    await desk.add(EventType.SHOW_LIVE, EventType.SHOW_ENDED)
    shows, show = desk.services.shows, desk.stall.show
    for _ in range(2):
        await shows.start(show)
    for _ in range(2):
        await shows.end(show)
    with pytest.raises(WrongState):
        await shows.start(show)
    await desk.work()
    told = {one["type"]: one["data"] for one in (msgspec.json.decode(got.body) for got in desk.receiver.got)}
    assert len(desk.receiver.got) == 2
    assert told["show.live"] == {
        "id": show, "title": "Evening tea", "state": "live",
        "starts_at_ms": told["show.live"]["starts_at_ms"], "started_at_ms": desk.clock.ms,
        "ended_at_ms": None,
    }  # fmt: skip
    assert (told["show.ended"]["state"], told["show.ended"]["ended_at_ms"]) == ("ended", desk.clock.ms)
    assert told["show.ended"]["started_at_ms"] == desk.clock.ms


async def test_an_event_that_cannot_be_sent_does_not_stop_the_change(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A body that is too long is a fault of ours: it is in the log, and what happened has happened."""
    made = await desk.add()
    async with desk.services.outbox.write() as unit:
        data = ShowData("sh_1", "x" * 30_000, "live", 1, 2, None)
        assert await outgoing_sql.emit(unit, desk.stall.shop, EventType.SHOW_LIVE, data) is None
    await desk.work()
    assert (desk.receiver.got, await desk.deliveries(made)) == ([], ())
    assert "is not sent" in caplog.text
