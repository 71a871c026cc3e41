"""A stall with a receiver of its webhooks, on real parts, by a clock that tests set."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from commerce.sale.calls_redis import write_client
from commerce.services import CommerceServices, open_commerce
from commerce.settings import CommerceSettings
from commerce.webhooks import outgoing_sql
from commerce.webhooks.events import EventType, ShowData
from commerce.webhooks.structs import Delivery, WebhookRequest, WebhookSecret
from tests.commerce.builders import Stall, new_stall
from tests.commerce.webhooks.a_receiver import Receiver, Serving
from tests.fixtures_sql import SECRET, KeptMail
from tests.kept_engines import KeptEngines

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass
class SetClock:
    """A clock that stands still until a test moves it."""

    ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def __call__(self) -> int:
        return self.ms


@dataclass
class Desk:
    """The stall, what is told about it, and to whom."""

    services: CommerceServices
    clock: SetClock
    stall: Stall
    receiver: Receiver
    mailbox: KeptMail
    keys: int = 0

    @property
    def webhooks(self) -> Any:
        """The services under test."""
        return self.services.webhooks

    def key(self) -> str:
        """Make an idempotency key never used before."""
        self.keys += 1
        return f"key-{self.keys:08d}"

    async def add(self, *types: EventType, url: str | None = None) -> WebhookSecret:
        """Make a webhook of the receiver's, for going live unless other types are named."""
        request = WebhookRequest(url or self.receiver.url, types or (EventType.SHOW_LIVE,), "Stock keeping")
        made: WebhookSecret = await self.webhooks.endpoints.create(
            self.stall.shop, self.stall.owner, request, "en", self.key()
        )
        return made

    async def happen(self, times: int = 1) -> None:
        """Let shows go live, as far as webhooks are told."""
        data = ShowData(self.stall.show, "Evening tea", "live", 1, 2, None)
        for _ in range(times):
            async with self.services.outbox.write() as unit:
                await outgoing_sql.emit(unit, self.stall.shop, EventType.SHOW_LIVE, data)

    async def quiet(self) -> None:
        """Wait until nothing is being sent."""
        await self.webhooks.sending.idle()

    async def work(self) -> None:
        """Do what the worker does in its periods, and wait for the answers."""
        await self.services.outbox.send_due()
        await self.webhooks.sending.send_due()
        await self.quiet()

    async def deliveries(self, made: WebhookSecret) -> tuple[Delivery, ...]:
        """Return what was sent to a webhook, newest first."""
        page = await self.webhooks.history.page(self.stall.shop, made.webhook.id, None)
        found: tuple[Delivery, ...] = page.deliveries
        return found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver that takes everything."""
    async with Serving(Receiver()) as running:
        yield running


@pytest.fixture
async def desk(
    database_url: str,
    redis_plain_url: str,
    tmp_path: Path,
    mailbox: KeptMail,
    receiver: Receiver,
    kept_engines: KeptEngines,
) -> AsyncIterator[Desk]:
    """Open a stall on SQLite and on PostgreSQL; this server is a developer's and may reach loopback."""
    settings = CommerceSettings(
        database_url=database_url,
        data_folder=str(tmp_path),
        secret=SECRET,
        public_url="http://127.0.0.1:8000",
        password_memory_kib=1_024,
        webhook_allow=("127.0.0.0/8",),
    )
    client, clock = write_client(redis_plain_url), SetClock()
    with kept_engines.lent(database_url) as database:
        opening = open_commerce(
            settings, client, database=database, mailer=mailbox, now_ms=clock, follow=False
        )
        async with contextlib.aclosing(client), opening as services:
            yield Desk(services, clock, await new_stall(services), receiver, mailbox)
            receiver.drips = False
            receiver.gate.set()
