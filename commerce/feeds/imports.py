"""Imports: a file is checked (the dry run), started when its sender says so, and carried out by a worker.

The file is a blob named by its content; the row in SQL says how far it is. A worker reads the file again and
goes on where the row says, so a restart loses nothing and does nothing twice.
"""

import asyncio
import hashlib
import logging
from typing import Any

import msgspec

from commerce import text
from commerce.catalogue.catalogue import Catalogue
from commerce.catalogue.pictures import Pictures
from commerce.database_sql import AlreadyThere
from commerce.errors import Busy, CommerceError
from commerce.feeds import imports_sql, names_sql
from commerce.feeds.applying import Applier, Overtaken, planned
from commerce.feeds.drafts import Feed, ProductDraft, Remark
from commerce.feeds.plan import Doing, Plan, Report
from commerce.feeds.reading import read_feed
from commerce.feeds.refusals import NoSuchImport
from commerce.feeds.shelf import load_shelf, source_of
from commerce.feeds.structs import Import, ImportList, ImportProgress
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.outbox_sql import Outbox
from commerce.ports import Blobs, Clock, NewId, PictureSource
from commerce.shops.shops import Shops

log = logging.getLogger(__name__)

OPERATION = "import"
FILE_NAME_CHARS = 200
SHELF_DRAFTS = 100
"""So many drafts are compared with the shelf in one look."""
PRODUCTS_PER_RUN = 200
PICTURES_PER_RUN = 20
IMPORTS_PER_RUN = 4
MAX_REMARKS = 10_000
LISTED = 20
KEEP_MS = 30 * 24 * 3600 * 1000


class Imports:
    """Takes files in, plans them, and carries them out. `source` None: no picture is fetched."""

    def __init__(
        self,
        catalogue: Catalogue,
        pictures: Pictures,
        shops: Shops,
        outbox: Outbox,
        engine: Any,
        blobs: Blobs,
        now_ms: Clock,
        new_id: NewId,
        source: PictureSource | None = None,
    ) -> None:
        self._pictures = pictures
        self._shops = shops
        self._database = outbox.database
        self._engine = engine
        self._blobs = blobs
        self._now_ms = now_ms
        self._new_id = new_id
        self._source = source
        self._applier = Applier(catalogue, outbox, engine, now_ms, fetches=source is not None)
        self._read: tuple[str, tuple[ProductDraft, ...]] | None = None

    async def dry_run(self, shop: str, raw: bytes) -> Report:
        """Answer what importing the file would do; writes nothing at all.

        Raises NoSuchShop, FeedEncoding, FeedFormat, FeedTooLong.
        """
        found = await self._shops.get(shop)
        feed = await asyncio.to_thread(read_feed, raw, found.currency)
        return await self._report(found.id, feed)

    async def check(self, shop: str, actor: str, file_name: str, raw: bytes, key: str | None) -> Import:
        """Take a file in and answer its dry run; nothing of the catalogue changes. Once per (actor, key)."""
        key = check_key(key)
        name = text.line(file_name, "name", FILE_NAME_CHARS, min_chars=0) or "products"
        digest = hashlib.sha256(raw).hexdigest()
        hashed = body_hash([shop, name, digest])
        before = await self._answered(shop, actor, key, hashed)
        if before is not None:
            return before
        report = await self.dry_run(shop, raw)
        values = {
            "id": self._new_id("im"),
            "shop": shop,
            "actor": actor,
            "file_name": name,
            "blob": f"imports/{digest}.feed",
            "state": "checked",
            "report": msgspec.json.encode(report).decode(),
            "rows_total": report.rows,
            "rows_unread": report.unread_rows,
            "rows_bad": report.bad_rows,
            "created_at_ms": self._now_ms(),
        }
        await self._blobs.put(str(values["blob"]), raw)
        return await self._keep(values, key, hashed)

    async def start(self, shop: str, import_id: str) -> Import:
        """Let a worker carry the import out; one that was started already goes on as it is."""
        async with self._database.write() as sql:
            await imports_sql.start(sql, shop, import_id, self._now_ms())
        return await self.get(shop, import_id)

    async def get(self, shop: str, import_id: str) -> Import:
        """Answer an import with its dry run and how far it is; raises NoSuchImport."""
        async with self._database.read() as sql:
            found = await imports_sql.get(sql, shop, import_id)
        if found is None:
            raise NoSuchImport
        return found

    async def progress(self, shop: str, import_id: str) -> ImportProgress:
        """Answer how far an import is, and no more; raises NoSuchImport."""
        async with self._database.read() as sql:
            found = await imports_sql.progress_of(sql, shop, import_id)
        if found is None:
            raise NoSuchImport
        return found

    async def list(self, shop: str) -> ImportList:
        """Answer the shop's imports, the newest 20."""
        async with self._database.read() as sql:
            return ImportList(tuple(await imports_sql.newest(sql, shop, LISTED)))

    async def run_due(self) -> None:
        """Carry on what was started, some hundred products at a time (the worker's job)."""
        async with self._database.read() as sql:
            jobs = await imports_sql.unfinished(sql, IMPORTS_PER_RUN)
        for job in jobs:
            try:
                if job.state == "running":
                    await self._run(job)
                else:
                    await self._fetch(job)
            except Overtaken:
                log.info("import %s is carried on by another worker", job.id)
            except Busy as error:
                log.warning("import %s waits: %s", job.id, error)

    async def purge(self) -> None:
        """Forget imports and their files after 30 days."""
        async with self._database.write() as sql:
            unused = await imports_sql.purge(sql, self._now_ms() - KEEP_MS)
        for blob in unused:
            await self._blobs.delete(blob)

    async def _keep(self, values: dict[str, Any], key: str, hashed: str) -> Import:
        """Write an import down under its key; a rival with the same key was first: its import is answered."""
        shop, actor = values["shop"], values["actor"]
        try:
            async with self._database.write() as sql:
                await store_answer(sql, actor, OPERATION, key, hashed, values["id"], self._now_ms())
                await imports_sql.add(sql, values)
        except AlreadyThere:
            rival = await self._answered(shop, actor, key, hashed)
            if rival is None:
                raise
            return rival
        return await self.get(shop, values["id"])

    async def _answered(self, shop: str, actor: str, key: str, hashed: str) -> Import | None:
        async with self._database.read() as sql:
            known = await stored_answer(sql, actor, OPERATION, key, hashed, str)
        return None if known is None else await self.get(shop, known)

    async def _report(self, shop: str, feed: Feed) -> Report:
        plans: list[Plan] = []
        for begin in range(0, len(feed.good), SHELF_DRAFTS):
            some = feed.good[begin : begin + SHELF_DRAFTS]
            shelf = await load_shelf(self._database, self._engine, shop, some)
            plans += [planned(shelf, draft, fetches=self._source is not None) for draft in some]
        good = [one for one in plans if not one.faults]
        faults = [*feed.faults, *(fault for one in plans for fault in one.faults)]
        notes = [*feed.notes, *(note for one in good for note in one.notes), *_twice(good)]
        return Report(
            format=feed.format,
            rows=feed.rows,
            unread_rows=feed.rows - sum(draft.rows for draft in feed.good),
            bad_rows=feed.rows - sum(one.draft.rows for one in good),
            made=sum(one.doing is Doing.MAKE for one in good),
            changed=sum(one.doing is Doing.CHANGE for one in good),
            kept=sum(one.doing is Doing.KEEP for one in good),
            faults_total=len(faults),
            faults=tuple(sorted(faults, key=lambda one: one.line)[:MAX_REMARKS]),
            notes=tuple(sorted(notes, key=lambda one: one.line)[:MAX_REMARKS]),
            ignored_columns=feed.ignored_columns,
        )

    async def _run(self, job: Any) -> None:
        drafts = await self._drafts(job)
        if drafts is None:
            async with self._database.write() as sql:
                lost = Remark(0, "", "file_lost", "The file is not to be found any more; send it again.")
                await imports_sql.add_later(sql, job.id, [lost])
                await imports_sql.enter(sql, job.id, "done", self._now_ms())
            return
        for position in range(job.position, min(len(drafts), job.position + PRODUCTS_PER_RUN)):
            await self._applier.apply(job, position, drafts[position])
        if job.position + PRODUCTS_PER_RUN >= len(drafts):
            self._read = None
            async with self._database.write() as sql:
                waits = await imports_sql.waits(sql, job.id, 1)
                await imports_sql.enter(sql, job.id, "pictures" if waits else "done", self._now_ms())

    async def _drafts(self, job: Any) -> tuple[ProductDraft, ...] | None:
        """Answer the file's good products, read once for all runs of an import; None: it is gone."""
        if self._read is None or self._read[0] != job.id:
            raw = await self._blobs.get(job.blob)
            if raw is None:
                return None
            currency = (await self._shops.get(job.shop)).currency
            feed = await asyncio.to_thread(read_feed, raw, currency)
            self._read = job.id, feed.good
        return self._read[1]

    async def _fetch(self, job: Any) -> None:
        async with self._database.read() as sql:
            waits = await imports_sql.waits(sql, job.id, PICTURES_PER_RUN)
        for wait in waits:
            remark = await self._fetch_one(job, wait)
            async with self._database.write() as sql:
                if await imports_sql.end_wait(sql, job.id, wait.seq):
                    if remark is None:
                        await names_sql.put_source(sql, wait.product, source_of(wait.url), self._now_ms())
                    else:
                        await imports_sql.add_later(sql, job.id, [remark])
        if len(waits) < PICTURES_PER_RUN:
            async with self._database.write() as sql:
                await imports_sql.enter(sql, job.id, "done", self._now_ms())

    async def _fetch_one(self, job: Any, wait: Any) -> Remark | None:
        """Bring one picture to its product; answers why it cannot be had."""
        try:
            if self._source is None:
                return _unfetched(wait, "picture_not_fetched", "This server fetches no pictures.")
            raw = await self._source.fetch(wait.url)
            await self._pictures.add_to_product(job.shop, wait.product, raw, wait.alt, once=True)
        except CommerceError as error:
            return _unfetched(wait, error.code, str(error))
        return None


def _unfetched(wait: Any, code: str, sentence: str) -> Remark:
    return Remark(wait.line, wait.column_name, code, f"{sentence} ({wait.url[:200]})")


def _twice(plans: list[Plan]) -> list[Remark]:
    """Name products that two handles of the file mean: what stands later in the file is what stays."""
    seen: dict[str, int] = {}
    found = []
    for one in plans:
        if one.product is None:
            continue
        if one.product in seen:
            sentence = f"This is the product of line {seen[one.product]}; what stands here is what stays."
            found.append(Remark(one.draft.line, "", "product_twice", sentence))
        seen.setdefault(one.product, one.draft.line)
    return found
