"""`reconcile`: compare stock, ledger, orders, payments, refunds and the providers' books; mend lost stock.

It runs beside the server, or on its Redis and database from elsewhere. A sentence for each fault.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

from commerce.errors import CommerceError
from commerce.migrations.migrate import DataTooNew, migrate
from commerce.sale.rebuild import Report
from commerce.services import CommerceServices, open_commerce
from liveshop.assembly import commerce_settings_at_rest
from liveshop.check.check import is_running
from liveshop.errors import LiveshopError
from liveshop.folders.data_folder_files import read_secret
from liveshop.folders.runtime_folder_files import runtime_folder
from liveshop.redis.connections_redis import open_redis, redis_answers
from liveshop.settings.settings import Settings

FAULTS_EXIT = 1


def reconcile(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    days: int,
    repair: bool = False,
    shop: str | None = None,
) -> int:
    """Print what does not agree; returns 1 if something is left that does not, else 0.

    `repair` first rebuilds the stock of shops that lost some. Raises `LiveshopError`.
    """
    if days < 1:
        raise LiveshopError("--days takes a whole number of days, 1 or more.")
    try:
        found = asyncio.run(_reconcile(settings, environ, days, repair, shop))
    except (CommerceError, DataTooNew, OSError) as error:
        raise LiveshopError(f"The books were not compared to their end: {error}") from error
    for sentence in found:
        print(f"fault   {sentence}")
    if not found:
        print(f"ok      All books agree; orders and payments of {days} days were compared.")
    return FAULTS_EXIT if found else 0


async def _reconcile(
    settings: Settings, environ: Mapping[str, str], days: int, repair: bool, shop: str | None
) -> list[str]:
    async with _services(settings, environ) as services:
        shops = [shop] if shop else await services.shops.ids()
        for one in shops if repair else ():
            for sentence in await _repaired(services, one):
                print(f"mended  Shop {one}: {sentence}")
        found: list[str] = await services.jobs.reconciler.findings(days, shops)
        frozen = [one for one in shops if await services.jobs.repair.look(one)]
        return found + [
            f"Shop {one}: its sale is frozen; rebuild its stock with `liveshop reconcile --repair`."
            for one in frozen
        ]


@asynccontextmanager
async def _services(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[CommerceServices]:
    """Open commerce on the server's Redis and database; raises `LiveshopError` when there is no Redis."""
    url = settings.redis_url
    if url is None:
        if not is_running(settings.data):
            raise LiveshopError("The server is not running, so its Redis cannot be asked; start it first.")
        url = f"unix://{runtime_folder(settings.data, environ) / 'redis.sock'}"
    if not await redis_answers(url):
        raise LiveshopError("Redis does not answer; see `liveshop check`.")
    secret = settings.secret.encode() if settings.secret else read_secret(settings.data)
    await migrate(settings.effective_database_url())
    told = commerce_settings_at_rest(settings, secret)
    async with aclosing(open_redis(url)) as redis, open_commerce(told, redis, follow=False) as services:
        yield services


async def _repaired(services: CommerceServices, shop: str) -> Sequence[str]:
    """Rebuild a shop's stock if it is frozen or does not agree with SQL; says what was done."""
    sweep, mender = services.jobs.sweep, services.jobs.repair
    await sweep.copy_ledger(shop)
    if not (await sweep.faults(shop) or await mender.look(shop)):
        return ()
    return told(await mender.repair(shop))


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
