"""What was sent: listed by pages, sent again by hand, forgotten after 30 days."""

import pytest

from commerce.errors import InvalidField
from commerce.webhooks.refusals import NoSuchDelivery, WebhookOff
from commerce.webhooks.structs import WebhookChange
from commerce.webhooks.tables_sql import webhook_deliveries, webhook_events
from tests.commerce.webhooks.conftest import DAY_MS, Desk

PAGE = 4


async def test_pages_follow_each_other_newest_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every delivery is on one page, and the last page says so."""
    monkeypatch.setattr("commerce.webhooks.history.PAGE", PAGE)
    made = await desk.add()
    for _ in range(PAGE + 2):
        desk.clock.ms += 1
        await desk.happen()
    await desk.quiet()
    history, shop, webhook = desk.webhooks.history, desk.stall.shop, made.webhook.id
    first = await history.page(shop, webhook, None)
    second = await history.page(shop, webhook, first.next)
    assert (len(first.deliveries), len(second.deliveries), second.next) == (PAGE, 2, None)
    times = [one.created_at_ms for one in (*first.deliveries, *second.deliveries)]
    assert times == sorted(times, reverse=True)
    assert len({one.id for one in (*first.deliveries, *second.deliveries)}) == PAGE + 2
    for cursor in ("", "1", "x.wd_1", "1.or_1", "²." + "wd_1", "9" * 20 + ".wd_1"):
        with pytest.raises(InvalidField):
            await history.page(shop, webhook, cursor)


async def test_a_delivery_is_sent_again_with_the_same_id(desk: Desk) -> None:
    """Once for a key, from its first try, and delivered or not makes no difference."""
    made = await desk.add()
    await desk.happen()
    await desk.quiet()
    [sent] = await desk.deliveries(made)
    history, shop, webhook, owner = (
        desk.webhooks.history, desk.stall.shop, made.webhook.id, desk.stall.owner,
    )  # fmt: skip
    key = desk.key()
    await history.again(shop, webhook, sent.id, owner, key)
    await desk.quiet()
    answered = await history.again(shop, webhook, sent.id, owner, key)
    await desk.quiet()
    assert answered.state == "delivered"
    assert [got.id for got in desk.receiver.got] == [sent.event] * 2
    assert desk.receiver.got[0].body == desk.receiver.got[1].body
    with pytest.raises(NoSuchDelivery):
        await history.again(shop, webhook, "wd_none", owner, desk.key())
    await desk.webhooks.endpoints.change(shop, webhook, WebhookChange(enabled=False))
    with pytest.raises(WebhookOff):
        await history.again(shop, webhook, sent.id, owner, desk.key())
    await desk.work()
    assert len(desk.receiver.got) == 2


async def test_everything_given_up_is_sent_again_at_once(desk: Desk) -> None:
    """And nothing of what was delivered."""
    made = await desk.add()
    await desk.happen()
    await desk.quiet()
    desk.receiver.status = "410 Gone"
    await desk.happen()
    await desk.quiet()
    desk.receiver.status = "200 OK"
    history, shop, webhook, owner = (
        desk.webhooks.history, desk.stall.shop, made.webhook.id, desk.stall.owner,
    )  # fmt: skip
    with pytest.raises(WebhookOff):
        await history.failed_again(shop, webhook, owner, desk.key())
    await desk.webhooks.endpoints.change(shop, webhook, WebhookChange(enabled=True))
    key = desk.key()
    assert (await history.failed_again(shop, webhook, owner, key)).count == 1
    await desk.quiet()
    assert (await history.failed_again(shop, webhook, owner, key)).count == 1
    await desk.quiet()
    assert len(desk.receiver.got) == 3
    assert desk.receiver.got[2].id == desk.receiver.got[1].id
    assert [one.state for one in await desk.deliveries(made)] == ["delivered"] * 2


async def test_events_are_forgotten_after_30_days(desk: Desk) -> None:
    """With their deliveries; younger ones stay."""
    made = await desk.add()
    await desk.happen()
    await desk.quiet()
    desk.clock.ms += 30 * DAY_MS
    await desk.happen()
    await desk.quiet()
    assert await desk.webhooks.history.purge() == 0
    desk.clock.ms += 1
    assert await desk.webhooks.history.purge() == 1
    assert len(await desk.deliveries(made)) == 1
    async with desk.services.database.read() as sql:
        for table in (webhook_events, webhook_deliveries):
            assert len((await sql.execute(table.select())).all()) == 1
