"""Commerce assembled: everything the doors, the worker, the command line and the tests call."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from commerce.database_sql import Database
from commerce.ids import new_id as random_id
from commerce.ports import Blobs, Clock, Mailer, NewId
from commerce.settings import CommerceSettings


def system_clock_ms() -> int:
    """Answer the wall clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class CommerceServices:
    """The services by name. `redis` is a redis.asyncio client (plain or cluster) with retries off."""

    settings: CommerceSettings
    database: Database
    redis: Any
    now_ms: Clock
    new_id: NewId
    mailer: Mailer
    blobs: Blobs
    engine: Any  # commerce.sale: SaleEngine
    outbox: Any
    accounts: Any
    sessions: Any
    staff: Any
    shops: Any
    bans: Any
    catalogue: Any
    pictures: Any
    shows: Any
    sales: Any
    # Filled by commerce.orders.assembly.fill_orders(services):
    orders: Any = None
    payments: Any = None
    door: Any = None
    jobs: Any = None


@asynccontextmanager
async def open_commerce(
    settings: CommerceSettings,
    redis: Any,
    *,
    mailer: Mailer | None = None,
    blobs: Blobs | None = None,
    now_ms: Clock = system_clock_ms,
    new_id: NewId = random_id,
) -> AsyncIterator[CommerceServices]:
    """Open everything on a migrated database (`commerce.migrations.migrate.migrate(database_url)`)."""
    raise NotImplementedError
    yield
