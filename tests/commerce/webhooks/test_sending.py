"""Sending: at once, until taken, at least once, by a schedule, and without anybody waiting for a slow one."""

import asyncio

import msgspec
import pytest

from commerce.webhooks import deliveries_sql, outgoing_sql
from commerce.webhooks.events import EventType, ShowData
from commerce.webhooks.post_client import ANSWER_BYTES, Trouble, WebhookPost
from commerce.webhooks.schedule import RETRY_AFTER_MS
from commerce.webhooks.sending import LANES_PER_ENDPOINT, WebhookSending
from commerce.webhooks.structs import WebhookChange
from tests.commerce.webhooks.a_receiver import Receiver, Serving, signed_with
from tests.commerce.webhooks.conftest import DAY_MS, HOUR_MS, Desk

SHOW = ShowData("sh_1", "Evening tea", "live", 1, 2, None)


async def test_what_happens_is_told_at_once_and_signed(desk: Desk) -> None:
    """Right after the commit, once; the worker finds nothing left to do."""
    made = await desk.add()
    await desk.happen()
    await desk.quiet()
    [got] = desk.receiver.got
    assert signed_with(made.secret, got)
    assert got.headers["webhook-timestamp"] == str(desk.clock.ms // 1000)
    assert got.headers["content-type"] == "application/json"
    body = msgspec.json.decode(got.body)
    assert (body["type"], body["shop"], body["data"]["title"]) == (
        "show.live", desk.stall.shop, "Evening tea",
    )  # fmt: skip
    desk.clock.ms += DAY_MS
    await desk.work()
    assert len(desk.receiver.got) == 1
    [sent] = await desk.deliveries(made)
    assert (sent.state, sent.tries, sent.status, sent.next_try_at_ms) == ("delivered", 1, 200, None)
    assert sent.event == got.id


async def test_only_what_was_asked_for_is_sent(desk: Desk) -> None:
    """Not to who wants something else, not to another shop's, not to one that is off."""
    other_kind = await desk.add(EventType.SHOW_ENDED)
    off = await desk.add()
    await desk.webhooks.endpoints.change(desk.stall.shop, off.webhook.id, WebhookChange(enabled=False))
    async with desk.services.outbox.write() as unit:
        nobody = await outgoing_sql.emit(unit, "sp_other", EventType.SHOW_LIVE, SHOW)
        assert nobody is None
    await desk.happen()
    await desk.work()
    assert desk.receiver.got == []
    assert [await desk.deliveries(one) for one in (other_kind, off)] == [(), ()]


async def test_a_change_that_rolls_back_tells_nobody(desk: Desk) -> None:
    """The event goes with its change."""
    made = await desk.add()

    async def change_and_fail() -> None:
        async with desk.services.outbox.write() as unit:
            await outgoing_sql.emit(unit, desk.stall.shop, EventType.SHOW_LIVE, SHOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    await desk.work()
    assert (desk.receiver.got, await desk.deliveries(made)) == ([], ())


async def test_a_failure_is_repeated_on_schedule_until_given_up(desk: Desk) -> None:
    """Ten tries with one id, none of them early; then the host may send it again."""
    made = await desk.add()
    desk.webhooks.sending._chance = lambda: 0.0
    desk.receiver.status = "500 Broken"
    await desk.happen()
    await desk.quiet()
    for tries, wait_ms in enumerate(RETRY_AFTER_MS, start=1):
        desk.clock.ms += wait_ms - 1
        await desk.work()
        assert len(desk.receiver.got) == tries
        desk.clock.ms += 1
        await desk.work()
        assert len(desk.receiver.got) == tries + 1
    [sent] = await desk.deliveries(made)
    assert (sent.state, sent.tries, sent.status, sent.next_try_at_ms) == ("failed", 10, 500, None)
    assert len({got.id for got in desk.receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in desk.receiver.got}) == 10
    desk.clock.ms += DAY_MS
    await desk.work()
    assert len(desk.receiver.got) == 10


async def test_a_receiver_that_comes_back_is_told_and_counts_as_working(desk: Desk) -> None:
    """The second try is taken, and nothing is left of the first."""
    made = await desk.add()
    desk.receiver.raw = b""
    await desk.happen()
    await desk.quiet()
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert (shown.failing_since_ms, shown.waiting) == (desk.clock.ms, 1)
    [sent] = await desk.deliveries(made)
    assert (sent.state, sent.trouble, sent.status) == ("waiting", Trouble.BROKEN, None)
    desk.receiver.raw = None
    desk.clock.ms += 6_000
    await desk.work()
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert (shown.failing_since_ms, shown.waiting, shown.failed) == (None, 0, 0)
    [sent] = await desk.deliveries(made)
    assert (sent.state, sent.trouble, sent.status) == ("delivered", None, 200)


async def test_gone_switches_off_and_the_owner_is_told(desk: Desk) -> None:
    """410: nothing is repeated, nothing new is written; one mail."""
    made = await desk.add()
    desk.receiver.status = "410 Gone"
    await desk.happen()
    await desk.quiet()
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert (shown.enabled, shown.off_reason) == (False, "gone")
    [(to, subject, text)] = desk.mailbox.letters
    assert (to, subject) == ("mei@example.com", "A webhook of your shop was switched off")
    assert desk.receiver.url in text
    assert f"/host#shop={desk.stall.shop}&page=webhooks" in text
    desk.clock.ms += DAY_MS
    await desk.happen()
    await desk.work()
    assert len(desk.receiver.got) == 1
    assert [one.state for one in await desk.deliveries(made)] == ["failed"]


async def test_five_days_of_failures_switch_off(desk: Desk) -> None:
    """Not sooner; one mail; what still waits is kept and goes when it is switched on again."""
    made = await desk.add()
    desk.receiver.status = "503 Away"
    await desk.happen()
    await desk.quiet()
    desk.clock.ms += 5 * DAY_MS - HOUR_MS
    await desk.happen()
    await desk.work()
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert (shown.enabled, desk.mailbox.letters) == (True, [])
    desk.clock.ms += HOUR_MS
    await desk.work()
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert (shown.enabled, shown.off_reason, len(desk.mailbox.letters)) == (False, "failing", 1)
    assert shown.waiting == 2
    before = len(desk.receiver.got)
    desk.clock.ms += DAY_MS
    await desk.work()
    assert len(desk.receiver.got) == before

    desk.receiver.status = "200 OK"
    shown = await desk.webhooks.endpoints.change(
        desk.stall.shop, made.webhook.id, WebhookChange(enabled=True)
    )
    assert (shown.enabled, shown.off_reason, shown.failing_since_ms) == (True, None, None)
    await desk.quiet()
    assert [one.state for one in await desk.deliveries(made)] == ["delivered", "delivered"]


async def test_both_secrets_sign_for_a_day_after_a_rotation(desk: Desk) -> None:
    """Then only the new one does."""
    made = await desk.add()
    new = await desk.webhooks.endpoints.rotate(desk.stall.shop, made.webhook.id, desk.stall.owner, desk.key())
    assert new.webhook.old_secret_until_ms == desk.clock.ms + DAY_MS
    await desk.happen()
    await desk.quiet()
    desk.clock.ms += DAY_MS
    await desk.happen()
    await desk.quiet()
    first, second = desk.receiver.got
    assert (signed_with(made.secret, first), signed_with(new.secret, first)) == (True, True)
    assert (signed_with(made.secret, second), signed_with(new.secret, second)) == (False, True)


async def test_a_slow_receiver_holds_up_only_itself(desk: Desk) -> None:
    """It has four open requests and no more; the other one gets everything meanwhile."""
    async with Serving(Receiver()) as slow:
        slow.gate.clear()
        await desk.add(url=slow.url)
        quick = await desk.add()
        await desk.happen(times=LANES_PER_ENDPOINT + 3)
        await desk.services.webhooks.sending.send_due()
        await desk.receiver.until(LANES_PER_ENDPOINT + 3)
        await slow.until(LANES_PER_ENDPOINT)
        await desk.services.webhooks.sending.send_due()
        assert len(slow.got) == LANES_PER_ENDPOINT
        slow.gate.set()
        await desk.quiet()
        assert len({got.id for got in slow.got}) == len(slow.got) == LANES_PER_ENDPOINT + 3
        states = [one.state for one in await desk.deliveries(quick)]
        assert states == ["delivered"] * (LANES_PER_ENDPOINT + 3)


async def test_what_a_crash_interrupted_is_sent_again(desk: Desk) -> None:
    """A claim ends after a minute; the id is the same, so the receiver knows it."""
    made = await desk.add()
    desk.receiver.status = "500 Broken"
    await desk.happen()
    await desk.quiet()
    desk.receiver.status = "200 OK"
    desk.clock.ms += 6_000
    async with desk.services.database.write() as sql:  # a process takes it, and dies
        assert await deliveries_sql.claim(sql, made.webhook.id, desk.clock.ms) is not None
    await desk.work()
    assert len(desk.receiver.got) == 1
    desk.clock.ms += deliveries_sql.CLAIM_MS
    await desk.work()
    first, second = desk.receiver.got
    assert first.id == second.id
    assert [one.state for one in await desk.deliveries(made)] == ["delivered"]


async def test_two_processes_send_it_once(desk: Desk) -> None:
    """Each delivery is claimed by one of them."""
    await desk.add()
    desk.receiver.status = "500 Broken"
    await desk.happen(times=6)
    await desk.quiet()
    before = len(desk.receiver.got)
    desk.receiver.status = "200 OK"
    desk.clock.ms += 6_000
    ours = desk.webhooks.sending
    rival = WebhookSending(
        desk.services.outbox, ours.post, desk.services.keys, desk.clock, lambda: 0.0, "http://shop.test"
    )
    await asyncio.gather(ours.send_due(), rival.send_due())
    await asyncio.gather(ours.idle(), rival.idle())
    assert before >= 1
    assert len(desk.receiver.got) - before == 6
    assert len({got.id for got in desk.receiver.got}) == 6


async def test_an_endpoint_removed_while_it_is_sent_to_leaves_nothing(desk: Desk) -> None:
    """The answer comes to nobody, and nothing breaks."""
    made = await desk.add()
    desk.receiver.gate.clear()
    await desk.happen()
    await desk.receiver.until(1)
    await desk.webhooks.endpoints.remove(desk.stall.shop, made.webhook.id)
    desk.receiver.gate.set()
    await desk.work()
    listed = await desk.webhooks.endpoints.list(desk.stall.shop)
    assert listed.webhooks == ()
    assert len(desk.receiver.got) == 1


async def test_the_answers_beginning_is_kept(desk: Desk) -> None:
    """Two kilobytes of it, beside its status."""
    made = await desk.add()
    desk.receiver.status, desk.receiver.answer = "422 No", b"e" * 10_000
    await desk.happen()
    await desk.quiet()
    [sent] = await desk.deliveries(made)
    detail = await desk.webhooks.history.detail(desk.stall.shop, made.webhook.id, sent.id)
    assert detail.answer == "e" * ANSWER_BYTES
    assert detail.delivery.status == 422
    assert msgspec.json.decode(detail.body)["type"] == "show.live"


async def test_a_name_that_turns_to_this_machine_is_not_sent_to(desk: Desk) -> None:
    """It was public when it was entered; the delivery fails and says why, and nothing is connected to."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def turning(_host: str, _port: int) -> list[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    rules = desk.webhooks.endpoints.post.rules
    closed = type(rules)(http=True)
    desk.webhooks.post_by(WebhookPost(closed, turning))
    made = await desk.add(url=f"http://hooks.example.org:{desk.receiver.port}/")
    await desk.happen()
    await desk.quiet()
    [sent] = await desk.deliveries(made)
    assert (sent.state, sent.trouble, sent.status) == ("waiting", Trouble.NOT_PUBLIC, None)
    assert desk.receiver.got == []
