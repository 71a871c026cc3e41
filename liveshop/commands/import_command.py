"""`import FILE --shop SLUG`: products from a Shopify CSV or a Google feed, from the terminal.

It first says what it would do and what is wrong with which line, then does it, unless `--dry-run`. It works
beside a running server. Without one whose Redis answers, the import is stored and the server does it when it
starts, since only Redis knows the stock.
"""

import asyncio
import contextlib
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from commerce.errors import CommerceError
from commerce.feeds.drafts import MAX_FILE_BYTES, Remark
from commerce.feeds.plan import Report
from commerce.feeds.structs import Import
from commerce.migrations.migrate import DataTooNew, migrate
from commerce.services import CommerceServices, open_commerce
from liveshop.assembly import commerce_settings_at_rest
from liveshop.commands.feed_files import read_file
from liveshop.errors import LiveshopError
from liveshop.folders.data_folder_files import make_folder, read_secret
from liveshop.folders.runtime_folder_files import runtime_folder
from liveshop.redis.connections_redis import open_redis, redis_answers
from liveshop.settings.settings import Settings

EXIT_LEFT_OUT = 3
"""Some rows were, or would be, left out."""
FORMATS = {"shopify": "Shopify CSV", "google": "Google product feed"}
COLUMN_CHARS = 24
LOOK_AGAIN_S = 0.5


def import_file(
    settings: Settings, environ: Mapping[str, str], *, file: Path, shop: str, dry_run: bool
) -> int:
    """Check a file and import it; raises `LiveshopError` with what keeps all of it out.

    Returns 0, or 3 when rows were left out.
    """
    raw = read_file(file, MAX_FILE_BYTES)
    try:
        return asyncio.run(_import(settings, environ, file.name, raw, shop, dry_run=dry_run))
    except (CommerceError, DataTooNew) as error:
        raise LiveshopError(f"{file.name} was not imported: {error}") from error
    except OSError as error:
        raise LiveshopError(f"The database cannot be reached: {error}.") from error


async def _import(
    settings: Settings, environ: Mapping[str, str], name: str, raw: bytes, shop: str, *, dry_run: bool
) -> int:
    make_folder(settings.data)
    secret = settings.secret.encode() if settings.secret else read_secret(settings.data)
    await migrate(settings.effective_database_url())
    url = settings.redis_url or f"unix://{runtime_folder(settings.data, environ) / 'redis.sock'}"
    told = commerce_settings_at_rest(settings, secret)
    async with (
        contextlib.aclosing(open_redis(url)) as redis,
        open_commerce(told, redis, follow=False) as services,
    ):
        found = (await services.shops.get(shop)).id
        answers = await redis_answers(url)
        if not answers:
            print("No Redis answers, so the units in stock are not compared.")
        if dry_run:
            report = await services.imports.dry_run(found, raw)
            print("\n".join([*report_lines(name, report), "Nothing was changed."]))
            return EXIT_LEFT_OUT if report.bad_rows else 0
        owner = next(one.person for one in await services.shops.staff(found) if one.role == "owner")
        checked = await services.imports.check(found, owner, name, raw, secrets.token_urlsafe(16))
        print("\n".join(report_lines(name, checked.report)))
        return await _carry_out(services, checked, answers=answers)


async def _carry_out(services: CommerceServices, checked: Import, *, answers: bool) -> int:
    """Do it here and now; a worker that does the same at the same time is no harm."""
    shop, import_id = checked.progress.shop, checked.progress.id
    now = await services.imports.start(shop, import_id)
    if not answers:
        print("The import is stored; the server carries it out when it runs.")
        return EXIT_LEFT_OUT if checked.report.bad_rows else 0
    while now.progress.state != "done":
        await services.imports.run_due()
        before, now = now, await services.imports.get(shop, import_id)
        _show(now)
        if now == before:
            await asyncio.sleep(LOOK_AGAIN_S)
    print("\n".join(result_lines(now)))
    return EXIT_LEFT_OUT if now.progress.rows_failed else 0


def _show(now: Import) -> None:
    if sys.stdout.isatty():
        told = now.progress
        print(f"\r{told.rows_done} of {told.rows_total} rows", end="\n" if told.state == "done" else "")


def report_lines(name: str, report: Report) -> list[str]:
    """Say what a dry run found, for a terminal."""
    counts = (
        ("new products", report.made),
        ("changed products", report.changed),
        ("unchanged products", report.kept),
        ("rows left out", report.bad_rows),
    )
    lines = [f"{name}: {FORMATS.get(report.format, report.format)}, {report.rows} rows"]
    lines += [f"{count:>8}  {what}" for what, count in counts]
    if report.ignored_columns:
        lines.append(f"Columns that are not used: {', '.join(report.ignored_columns)}.")
    return [*lines, *table_lines("What is wrong", report.faults), *table_lines("To know", report.notes)]


def result_lines(done: Import) -> list[str]:
    """Say what became of an import."""
    told = done.progress
    counts = f"{told.made} new, {told.changed} changed, {told.kept} unchanged"
    left_out = f"{told.rows_failed} of {told.rows_total} rows left out"
    return [f"Imported: {counts}; {left_out}.", *table_lines("What went wrong meanwhile", done.later)]


def table_lines(title: str, remarks: Iterable[Remark]) -> list[str]:
    """Write remarks as a table with their lines; nothing when there are none."""
    rows = [f"{one.line:>8}  {one.column[:COLUMN_CHARS]:<{COLUMN_CHARS}}  {one.sentence}" for one in remarks]
    return ["", f"{'line':>8}  {'column':<{COLUMN_CHARS}}  {title.lower()}", *rows] if rows else []
