"""Telling people of shows: once each, by mail and by push, before the start and when it is live."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from commerce.community import notices as notices_file
from commerce.community.refusals import AddressNeeded, BadPushAddress
from commerce.community.tables_sql import follows, push_subscriptions, reminders, show_notices
from commerce.errors import BadToken, NoSuchShow, WrongState
from commerce.outbox_tables_sql import outbox
from commerce.services import CommerceServices
from commerce.shows.structs import ShowRequest
from commerce.webhooks.addresses import AddressRules
from commerce.webhooks.post_client import WebhookPost
from tests.commerce.builders import PASSWORD, Stall, new_account, new_stall
from tests.commerce.counting import count_rows
from tests.commerce.doors import Browser
from tests.commerce.webhooks.a_receiver import Receiver, Serving, certificate_for
from tests.doubles.push_double import PushBrowser, coded, vapid_claims
from tests.fixtures_sql import KeptMail

MINUTE_MS = 60_000


@dataclass
class Told:
    """A stall with somebody signed in, and a clock of the notices' own."""

    commerce: CommerceServices
    stall: Stall
    browser: Browser
    now_ms: int

    async def work(self) -> int:
        """Do what the worker does."""
        told: int = await self.commerce.community.notices.send_due()
        await self.commerce.outbox.send_due()
        return told

    def at(self, ms: int) -> None:
        """Set the clock to so long before (below zero) or after the planned start."""
        self.now_ms = self.start_ms + ms

    start_ms: int = 0


@pytest.fixture
async def told(commerce: CommerceServices) -> Told:
    """Open it, an hour before the start."""
    stall = await new_stall(commerce)
    await new_account(commerce, "lin@example.com", "Lin")
    browser = Browser(commerce)
    await browser.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    start_ms = (await commerce.screens.show(stall.show)).starts_at_ms
    found = Told(commerce, stall, browser, start_ms - 60 * MINUTE_MS, start_ms)
    for part in (commerce.community.notices, commerce.community.follows, commerce.community.pushes):
        part._now_ms = lambda: found.now_ms
    return found


@pytest.fixture
async def service(told: Told, tmp_path: Path) -> AsyncIterator[Receiver]:
    """Run a push service that the server trusts and may reach."""
    server, client = certificate_for(tmp_path, "127.0.0.1")
    rules = AddressRules(http=False, allowed=(ipaddress.ip_network("127.0.0.0/8"),))
    told.commerce.community.pushes.post = WebhookPost(rules, tls=client)
    async with Serving(Receiver(status="201 Created"), server) as running:
        yield running


async def test_a_reminder_is_sent_once_before_the_start_and_once_live(told: Told, mailbox: KeptMail) -> None:
    """Not a moment early, and never again however often the worker looks."""
    await told.browser.call("PUT", f"/shows/{told.stall.show}/reminder")
    told.at(-16 * MINUTE_MS)
    assert await told.work() == 0
    told.at(-14 * MINUTE_MS)
    assert [await told.work(), await told.work()] == [1, 0]
    await told.commerce.shows.start(told.stall.show)
    await _started(told)
    assert [await told.work(), await told.work()] == [1, 0]
    assert [subject for _, subject, _ in mailbox.letters] == [
        "Mei's Tea goes live in 15 minutes",
        "Mei's Tea is live now",
    ]
    assert await count_rows(told.commerce, show_notices) == 2


async def _started(told: Told, after_ms: int = 0) -> None:
    """Let the notices' clock follow the show's own start."""
    show = await told.commerce.screens.show(told.stall.show)
    assert show.started_at_ms is not None
    told.now_ms = show.started_at_ms + after_ms


async def test_followers_are_told_when_the_shop_is_live(told: Told, mailbox: KeptMail) -> None:
    """Only then, and only who followed before."""
    told.now_ms = told.commerce.now_ms() - 1_000
    await told.browser.call("PUT", f"/shops/{told.stall.shop}/follow")
    told.at(-10 * MINUTE_MS)
    assert await told.work() == 0
    await told.commerce.shows.start(told.stall.show)
    await _started(told)
    assert await told.work() == 1
    assert mailbox.letters[-1][0] == "lin@example.com"


async def test_a_show_long_live_is_told_to_nobody(told: Told, mailbox: KeptMail) -> None:
    """After half an hour it is no news any more."""
    told.now_ms = told.commerce.now_ms() - 1_000
    await told.browser.call("PUT", f"/shops/{told.stall.shop}/follow")
    await told.commerce.shows.start(told.stall.show)
    await _started(told, 31 * MINUTE_MS)
    assert await told.work() == 0
    assert mailbox.letters == []


async def test_shows_that_were_told_keep_no_other_from_its_turn(
    told: Told, mailbox: KeptMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many shows begin at the same time, the next rounds come to all of them."""
    monkeypatch.setattr(notices_file, "SHOWS_PER_ROUND", 1)
    starts_at_ms = told.start_ms + 1
    request = ShowRequest(title="Morning tea", starts_at_ms=starts_at_ms)
    later = await told.commerce.shows.create(told.stall.shop, request)
    for show in (told.stall.show, later):
        await told.browser.call("PUT", f"/shows/{show}/reminder")
    told.at(-10 * MINUTE_MS)
    assert [await told.work() for _ in range(3)] == [1, 1, 0]
    assert len(mailbox.letters) == 2


async def test_one_click_ends_the_mails(told: Told, mailbox: KeptMail) -> None:
    """The mail program's POST and the reader's link are the same; a forged one changes nothing."""
    await told.browser.call("PUT", f"/shops/{told.stall.shop}/follow")
    await told.browser.call("PUT", f"/shows/{told.stall.show}/reminder")
    told.at(-10 * MINUTE_MS)
    await told.work()
    address = mailbox.unsubscribes[-1]
    assert address is not None
    token = address.rpartition("/")[2]
    assert f"/account#unsubscribe={token}" in mailbox.letters[-1][2]
    for forged in (f"{token[:-1]}x", f"{token}é", "é", "a.b", ""):
        with pytest.raises(BadToken):
            await told.commerce.community.notices.unsubscribe(forged)
    assert await count_rows(told.commerce, reminders) == 1
    for _ in range(2):
        answer = await Browser(told.commerce).call("POST", f"/unsubscribe/{token}")
        assert answer["shop"]["name"] == "Mei's Tea"
    async with told.commerce.database.read() as sql:
        assert list((await sql.execute(sa.select(follows.c.by_mail))).scalars()) == [False]
    await told.commerce.shows.start(told.stall.show)
    await _started(told)
    await told.work()
    assert len(mailbox.letters) == 1


async def test_only_what_comes_can_be_reminded_of(told: Told) -> None:
    """A live show, an unknown one, and a guest nobody could tell are refused; nothing is written."""
    guest = Browser(told.commerce)
    await guest.call("POST", "/session", {"guest_name": "Wu"})
    path = f"/shows/{told.stall.show}/reminder"
    with pytest.raises(AddressNeeded):
        await guest.call("PUT", path)
    with pytest.raises(NoSuchShow):
        await told.browser.call("PUT", "/shows/sh_none/reminder")
    await told.commerce.shows.start(told.stall.show)
    with pytest.raises(WrongState):
        await told.browser.call("PUT", path)
    assert await count_rows(told.commerce, reminders) == 0


async def test_a_guest_is_reminded_by_a_mailed_link(told: Told, mailbox: KeptMail) -> None:
    """The link reminds and does not follow."""
    guest = Browser(told.commerce)
    await guest.call("POST", "/session", {"guest_name": "Wu"})
    path = f"/shows/{told.stall.show}/reminder"
    await guest.call("POST", path + "/by-mail", {"email": "wu@example.com"})
    token = mailbox.letters[-1][2].partition("#follow=")[2].split()[0]
    await guest.call("POST", "/follows/confirm", {"token": token})
    assert await guest.call("GET", path) == {"reminded": True, "reachable": True}
    assert await count_rows(told.commerce, follows) == 0
    assert (await guest.call("DELETE", path))["reminded"] is False


async def test_a_browser_gets_a_push_it_alone_can_read(told: Told, service: Receiver) -> None:
    """A guest without any address is reachable by it; the push service sees who sends, not what."""
    guest = Browser(told.commerce)
    await guest.call("POST", "/session", {"guest_name": "Wu"})
    own = PushBrowser.at(f"https://127.0.0.1:{service.port}/push/1")
    for _ in range(2):
        await guest.call("PUT", "/me/push", own.subscription)
    await guest.call("PUT", f"/shows/{told.stall.show}/reminder")
    told.at(-10 * MINUTE_MS)
    await told.work()
    (got,) = service.got
    message = own.opened(got.body)
    assert message["url"] == f"/shows/{told.stall.show}"
    assert message["title"] == "Mei's Tea goes live in 15 minutes"
    assert (got.headers["content-encoding"], got.headers["ttl"]) == ("aes128gcm", str(40 * 60))
    claims, key = vapid_claims(got.headers["authorization"])
    assert claims["aud"] == f"https://127.0.0.1:{service.port}"
    assert claims["exp"] <= told.now_ms // 1000 + 86_400
    assert key == (await guest.call("GET", "/push-key"))["key"]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_browser_that_is_gone_is_forgotten(told: Told, service: Receiver, status: str) -> None:
    """Nothing is sent there again."""
    own = PushBrowser.at(f"https://127.0.0.1:{service.port}/push/1")
    await told.browser.call("PUT", "/me/push", own.subscription)
    await told.browser.call("PUT", f"/shows/{told.stall.show}/reminder")
    service.status = status
    told.at(-10 * MINUTE_MS)
    await told.work()
    assert await count_rows(told.commerce, push_subscriptions) == 0
    assert await count_rows(told.commerce, outbox) == 0


async def test_a_push_that_was_not_taken_waits(told: Told, service: Receiver) -> None:
    """A busy push service is asked again; the browser is kept."""
    own = PushBrowser.at(f"https://127.0.0.1:{service.port}/push/1")
    await told.browser.call("PUT", "/me/push", own.subscription)
    await told.browser.call("PUT", f"/shows/{told.stall.show}/reminder")
    service.status = "503 Service Unavailable"
    told.at(-10 * MINUTE_MS)
    await told.work()
    assert await count_rows(told.commerce, push_subscriptions) == 1
    assert await count_rows(told.commerce, outbox) == 1


@pytest.mark.parametrize(
    "endpoint", ["http://push.example.org/1", "https://127.0.0.1/1", "https://169.254.169.254/", "push"]
)
async def test_no_inner_address_is_pushed_to(told: Told, endpoint: str) -> None:
    """Https alone, and only the public Internet: a browser's word is a stranger's."""
    with pytest.raises(BadPushAddress):
        await told.browser.call("PUT", "/me/push", PushBrowser.at(endpoint).subscription)
    assert await count_rows(told.commerce, push_subscriptions) == 0


async def test_windows_of_a_browser_at_the_same_time_are_one(told: Told, service: Receiver) -> None:
    """Each says yes; the browser is known once."""
    own = PushBrowser.at(f"https://127.0.0.1:{service.port}/push/1").subscription
    await asyncio.gather(*(told.browser.call("PUT", "/me/push", own) for _ in range(5)))
    assert await count_rows(told.commerce, push_subscriptions) == 1


async def test_keys_of_no_browser_are_refused(told: Told, service: Receiver) -> None:
    """A point beside the curve would fail only when it is sent to."""
    own = PushBrowser.at(f"https://127.0.0.1:{service.port}/push/1").subscription
    for wrong in ({"p256dh": coded(b"\4" + b"\1" * 64)}, {"auth": "short"}, {"p256dh": "!"}):
        with pytest.raises(BadPushAddress):
            await told.browser.call("PUT", "/me/push", own | wrong)
    assert await count_rows(told.commerce, push_subscriptions) == 0


async def test_ones_reminders_are_the_shows_to_come(told: Told) -> None:
    """A show that began or was taken back is none of them; a guest without an address is not reachable."""
    show = told.stall.show
    assert await told.browser.call("GET", "/me/reminders") == {"shows": [], "reachable": True}
    await told.browser.call("PUT", f"/shows/{show}/reminder")
    assert (await told.browser.call("GET", "/me/reminders"))["shows"] == [show]
    guest = Browser(told.commerce)
    await guest.call("POST", "/session", {"guest_name": "Wu"})
    assert await guest.call("GET", "/me/reminders") == {"shows": [], "reachable": False}
    await told.browser.call("DELETE", f"/shows/{show}/reminder")
    assert (await told.browser.call("GET", "/me/reminders"))["shows"] == []
    await told.browser.call("PUT", f"/shows/{show}/reminder")
    await told.commerce.shows.start(show)
    assert (await told.browser.call("GET", "/me/reminders"))["shows"] == []
