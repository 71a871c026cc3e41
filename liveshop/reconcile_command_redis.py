"""`reconcile`: compare each shop's stock with SQL; with `--repair`, rebuild what was lost.

It works beside a running server or without one, on REDIS_URL or on the embedded Redis of a running server.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from redis.exceptions import RedisError

from commerce.errors import CommerceError
from commerce.migrations.migrate import DataTooNew, migrate
from commerce.sale.rebuild import Report
from commerce.services import CommerceServices, open_commerce
from liveshop.assembly import commerce_settings_at_rest
from liveshop.connections_redis import open_redis
from liveshop.data_folder_files import make_folder, read_secret
from liveshop.errors import LiveshopError
from liveshop.runtime_folder_files import runtime_folder
from liveshop.settings import Settings

FAULTS_EXIT = 1


def reconcile(settings: Settings, environ: "dict[str, str]", *, repair: bool, shop: str | None) -> int:
    """Print a sentence for each fault; returns 1 when one is left, else 0. Raises `LiveshopError`."""
    try:
        left = asyncio.run(_reconcile(settings, environ, repair=repair, shop=shop))
    except (CommerceError, DataTooNew) as error:
        raise LiveshopError(f"The stock was not compared to its end: {error}") from error
    except (RedisError, OSError) as error:
        raise LiveshopError(f"The stock cannot be compared: {error}.") from error
    return FAULTS_EXIT if left else 0


async def _reconcile(settings: Settings, environ: "dict[str, str]", *, repair: bool, shop: str | None) -> int:
    make_folder(settings.data)
    secret = settings.secret.encode() if settings.secret else read_secret(settings.data)
    await migrate(settings.effective_database_url())
    url = settings.redis_url or f"unix://{runtime_folder(settings.data, environ) / 'redis.sock'}"
    told = commerce_settings_at_rest(settings, secret)
    async with (
        contextlib.aclosing(open_redis(url)) as redis,
        open_commerce(told, redis, follow=False) as services,
    ):
        shops = [shop] if shop else await services.shops.ids()
        return sum([await _compare(services, one, repair=repair) for one in shops])


async def _compare(services: CommerceServices, shop: str, *, repair: bool) -> int:
    """Compare one shop, and repair it if that is wanted; answers how many faults are left."""
    sweep, mender = services.jobs.sweep, services.jobs.repair
    await sweep.copy_ledger(shop)
    found = await sweep.faults(shop)
    frozen = await mender.look(shop)
    for sentence in found:
        print(f"{shop}: {sentence}.")
    if frozen:
        print(f"{shop}: the sale is frozen until its stock is rebuilt.")
    if not (found or frozen):
        print(f"{shop}: counters, holds and ledger agree.")
        return 0
    if not repair:
        print(f"{shop}: rebuild it with 'liveshop reconcile --repair'.")
        return max(1, len(found))
    for sentence in told(await mender.repair(shop)):
        print(f"{shop}: {sentence}")
    await sweep.copy_ledger(shop)
    left = await sweep.faults(shop)
    for sentence in left:
        print(f"{shop}: still {sentence}.")
    return len(left)


def told(report: Report) -> Sequence[str]:
    """Say what a rebuild did, a sentence each."""
    lines = [f"rebuilt {report.pools} pools and {report.reservations} live holds; it sells again."]
    lines += [f"order {one} was sold, and is written down again." for one in report.sold_again]
    lines += [f"order {one} is being paid, and has its units again." for one in report.held_again]
    lines += [f"hold {one.reservation} of {one.person} had to be given up." for one in report.dropped]
    lines += [
        f"{one.quantity} units of {one.variant} were sold that are not there." for one in report.restocked
    ]
    lines += [
        f"order {one.number} goes without {one.quantity} units of {one.variant}: restock, or refund it."
        for one in report.oversold
    ]
    return lines
