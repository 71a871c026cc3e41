"""Imports on real parts: a dry run that writes nothing, and products that come exactly once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from commerce.catalogue.structs import Product, ProductChange, ProductRequest, VariantRequest
from commerce.catalogue.tables_sql import products
from commerce.errors import Busy, IdempotencyConflict, KeyMissing
from commerce.feeds import imports as imports_module
from commerce.feeds.imports import Imports
from commerce.feeds.refusals import FeedFormat, NoSuchImport
from commerce.feeds.structs import Import
from commerce.feeds.tables_sql import imports, product_handles
from commerce.jobs import JOBS
from commerce.ports import PictureSource
from commerce.sale.types import Line
from commerce.services import CommerceServices
from tests.commerce.a_picture import picture
from tests.commerce.builders import Stall, new_stall
from tests.commerce.feeds.samples import GOOGLE, SHOPIFY, sample

HEADER = "Handle,Title,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty"


async def checked(commerce: CommerceServices, stall: Stall, raw: bytes, key: str = "file-0001") -> Import:
    """Upload a file."""
    return await commerce.imports.check(stall.shop, stall.owner, "products.csv", raw, key)


async def imported(commerce: CommerceServices, stall: Stall, raw: bytes, key: str = "file-0001") -> Import:
    """Upload a file, start it, and let the worker do it."""
    found = await checked(commerce, stall, raw, key)
    await commerce.imports.start(stall.shop, found.progress.id)
    await run_until_done(commerce)
    return await commerce.imports.get(stall.shop, found.progress.id)


async def run_until_done(commerce: CommerceServices) -> None:
    """Do what the worker does, as often as it takes."""
    for _ in range(40):
        await commerce.imports.run_due()
        async with commerce.database.read() as sql:
            left = sa.select(sa.func.count()).where(imports.c.state.in_(["running", "pictures"]))
            if (await sql.execute(left)).scalar_one() == 0:
                return
    pytest.fail("the import did not end")


def rebuilt(commerce: CommerceServices, source: PictureSource | None = None) -> Imports:
    """Make the service anew, as another process does."""
    parts = (commerce.catalogue, commerce.pictures, commerce.shops, commerce.outbox, commerce.engine)
    return Imports(*parts, commerce.blobs, commerce.now_ms, commerce.new_id, source)


async def shelf(commerce: CommerceServices, stall: Stall) -> dict[str, Product]:
    """Answer the shop's products by title, without the stall's own."""
    found = await commerce.catalogue.list(stall.shop)
    return {product.title: product for product in found if product.id != stall.product.id}


def units(product: Product) -> list[int]:
    """Answer what is available of each variant."""
    return [variant.stock.available for variant in product.variants if variant.stock]


@pytest.mark.parametrize("name", SHOPIFY)
async def test_a_shopify_file_fills_the_shop(commerce: CommerceServices, name: str) -> None:
    """Texts, variants, prices and units are there and can be bought; a second time nothing changes."""
    stall = await new_stall(commerce)
    done = await imported(commerce, stall, sample(name))
    assert (done.progress.state, done.progress.made, done.progress.changed) == ("done", 15, 0)
    assert (done.progress.rows_total, done.progress.rows_done, done.progress.rows_failed) == (30, 30, 0)
    there = await shelf(commerce, stall)
    assert len(there) == 15
    oolong = there["Spring Oolong 2026"]
    assert [(v.title, v.sku, v.price_minor, v.compare_at_minor) for v in oolong.variants] == [
        ("50 g", "TEA-OOL-050", 950, None),
        ("100 g", "TEA-OOL-100", 1700, 1900),
        ("250 g", "TEA-OOL-250", 3900, None),
    ]
    assert units(oolong) == [40, 25, 8]
    assert not there["Lapsang Souchong"].published
    line = Line(variant=oolong.variants[1].id, quantity=1, price_version=1)
    held = await commerce.engine.reserve(
        stall.shop, person=stall.owner, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
    )
    assert held.total_minor == 1700
    await commerce.engine.release(stall.shop, person=stall.owner, reservation=held.id)
    again = await checked(commerce, stall, sample(name), "file-0002")
    assert (again.report.made, again.report.changed, again.report.kept) == (0, 0, 15)


async def test_the_other_vocabulary_changes_nothing(commerce: CommerceServices) -> None:
    """A shop filled from the old words is the same in the new ones."""
    stall = await new_stall(commerce)
    await imported(commerce, stall, sample(SHOPIFY[0]))
    report = await commerce.imports.dry_run(stall.shop, sample(SHOPIFY[1]))
    assert (report.made, report.changed, report.kept, report.bad_rows) == (0, 0, 15, 0)


@pytest.mark.parametrize("name", GOOGLE)
async def test_a_google_feed_fills_the_shop(commerce: CommerceServices, name: str) -> None:
    """Its ids are remembered, so the next feed changes what it names and makes nothing twice."""
    stall = await new_stall(commerce)
    done = await imported(commerce, stall, sample(name))
    assert (done.progress.made, done.progress.rows_done, done.progress.rows_failed) == (13, 24, 0)
    there = await shelf(commerce, stall)
    assert [v.title for v in there["Gift box of four teas"].variants] == ["Red", "Gold", "Green"]
    assert there["Gift box of four teas"].variants[0].compare_at_minor == 3200
    report = await commerce.imports.dry_run(stall.shop, sample(name))
    assert (report.made, report.changed, report.kept) == (0, 0, 13)
    cheaper = sample(name).replace(b"129.00 USD", b"119.00 USD")
    changed = await imported(commerce, stall, cheaper, "file-0002")
    assert (changed.progress.made, changed.progress.changed, changed.progress.kept) == (0, 1, 12)
    kettle = (await shelf(commerce, stall))["Cast-iron kettle, 1.2 l"].variants[0]
    assert (kettle.price_minor, kettle.price_version) == (11900, 2)


async def test_a_dry_run_names_every_bad_row_and_writes_nothing(commerce: CommerceServices) -> None:
    """Neither products, nor names, nor stock, nor a row of the outbox."""
    stall = await new_stall(commerce)
    before = await commerce.catalogue.list(stall.shop)
    rows = ("mug,Mug,Red,M-R,12,3", "mug,,Blue,M-B,free,3", ",,x,,1,1", "cup,Cup,,,5,two", "tea,Tea,,,7,4")
    source = "\n".join((HEADER, *rows)).encode()
    found = await checked(commerce, stall, source)
    assert [(one.line, one.column, one.code) for one in found.report.faults] == [
        (3, "Variant Price", "bad_price"),
        (4, "Handle", "handle_missing"),
        (5, "Variant Inventory Qty", "bad_quantity"),
    ]
    assert (found.report.made, found.report.bad_rows, found.progress.rows_failed) == (1, 4, 4)
    assert found.progress.state == "checked"
    await commerce.imports.run_due()
    assert await commerce.catalogue.list(stall.shop) == before
    assert await commerce.outbox.waiting() == 0
    async with commerce.database.read() as sql:
        assert (await sql.execute(sa.select(sa.func.count()).select_from(product_handles))).scalar_one() == 0


async def test_good_products_come_and_bad_ones_stay_out(commerce: CommerceServices) -> None:
    """A started import leaves out what its dry run named."""
    stall = await new_stall(commerce)
    source = f"{HEADER}\nmug,Mug,Red,,12,3\nmug,,Blue,,free,3\ntea,Tea,,,7,4\n".encode()
    done = await imported(commerce, stall, source)
    assert (done.progress.made, done.progress.rows_done, done.progress.rows_failed) == (1, 1, 2)
    assert list(await shelf(commerce, stall)) == ["Tea"]


async def test_an_update_changes_what_the_file_says_and_nothing_else(commerce: CommerceServices) -> None:
    """Missing columns, unnamed variants and the rest of the shop stay; stock goes to the file's number."""
    stall = await new_stall(commerce)
    await imported(commerce, stall, f"{HEADER}\nmug,Mug,Red,M-R,12,3\nmug,,Blue,M-B,13,8\n".encode())
    mug = (await shelf(commerce, stall))["Mug"]
    await commerce.catalogue.change(stall.shop, mug.id, ProductChange(description="Of clay."))
    update = (
        b"URL handle,Title,Option1 value,Price,Inventory quantity\nmug,Big mug,Red,15,7\nmug,,Green,16,2\n"
    )
    done = await imported(commerce, stall, update, "file-0002")
    assert (done.progress.made, done.progress.changed, done.progress.rows_done) == (0, 1, 2)
    changed = await commerce.catalogue.get(stall.shop, mug.id)
    assert (changed.title, changed.description) == ("Big mug", "Of clay.")
    assert [(v.title, v.sku, v.price_minor, v.price_version) for v in changed.variants] == [
        ("Red", "M-R", 1500, 2), ("Blue", "M-B", 1300, 1), ("Green", "", 1600, 1),
    ]  # fmt: skip
    assert units(changed) == [7, 8, 2]
    await imported(commerce, stall, update.replace(b"15,7", b"15,1"), "file-0003")
    assert units(await commerce.catalogue.get(stall.shop, mug.id)) == [1, 8, 2]
    assert await commerce.catalogue.get(stall.shop, stall.product.id) == stall.product


async def test_units_that_are_held_are_not_taken_away(commerce: CommerceServices) -> None:
    """The file's number is what shall be available; a buyer's hold stands."""
    stall = await new_stall(commerce)
    await imported(commerce, stall, f"{HEADER}\nmug,Mug,Red,M-R,12,5\n".encode())
    red = (await shelf(commerce, stall))["Mug"].variants[0]
    line = Line(variant=red.id, quantity=2, price_version=1)
    await commerce.engine.reserve(
        stall.shop, person=stall.owner, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
    )
    await imported(commerce, stall, f"{HEADER}\nmug,Mug,Red,M-R,12,0\n".encode(), "file-0002")
    counters = (await commerce.engine.pools(stall.shop, [red.pool]))[red.pool]
    assert (counters.available, counters.held, counters.withdrawn, counters.total) == (0, 2, 3, 5)


async def test_what_was_sold_meanwhile_is_not_withdrawn(commerce: CommerceServices) -> None:
    """The outbox row takes what is still there and is then done; a resend takes nothing."""
    stall = await new_stall(commerce)
    async with commerce.outbox.write() as unit:
        row = await unit.add("import_stock", {"variant": stall.variant, "quantity": -12}, shop=stall.shop)
    pool = stall.product.variants[0].pool
    counters = (await commerce.engine.pools(stall.shop, [pool]))[pool]
    assert (counters.available, counters.withdrawn) == (0, 10)
    assert await commerce.outbox.waiting() == 0
    again = await commerce.engine.withdraw(stall.shop, operation=row, variant=stall.variant, quantity=10)
    assert again.withdrawn == 10


async def test_a_crash_in_the_middle_counts_nothing_twice(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies after any number of products is followed by one that does the rest."""
    stall = await new_stall(commerce)
    rows = [f"p{n},Product {n},,,{n + 1},{n + 2}" for n in range(6)]
    found = await checked(commerce, stall, "\n".join([HEADER, *rows]).encode())
    await commerce.imports.start(stall.shop, found.progress.id)
    monkeypatch.setattr(imports_module, "PRODUCTS_PER_RUN", 2)
    await commerce.imports.run_due()
    applier: Any = commerce.imports._applier
    carry_out = applier._carry_out

    async def dies(job: Any, position: int, made: Any, shelf: Any) -> None:
        await carry_out(job, position, made, shelf)
        raise ConnectionError("the worker is gone")

    monkeypatch.setattr(applier, "_carry_out", dies)
    with pytest.raises(ConnectionError):
        await commerce.imports.run_due()
    monkeypatch.setattr(applier, "_carry_out", carry_out)
    half = await commerce.imports.get(stall.shop, found.progress.id)
    assert (half.progress.state, half.progress.rows_done) == ("running", 3)
    successor = rebuilt(commerce)
    await asyncio.gather(successor.run_due(), commerce.imports.run_due())
    await run_until_done(commerce)
    done = await commerce.imports.get(stall.shop, found.progress.id)
    assert (done.progress.made, done.progress.rows_done, done.progress.rows_failed) == (6, 6, 0)
    there = await shelf(commerce, stall)
    assert {title: units(product) for title, product in there.items()} == {
        f"Product {n}": [n + 2] for n in range(6)
    }


async def test_an_upload_is_taken_once_for_each_key(commerce: CommerceServices) -> None:
    """The same key answers the same import; another file under it is a conflict; so is no key."""
    stall = await new_stall(commerce)
    raw = f"{HEADER}\nmug,Mug,Red,,12,3\n".encode()
    first = await checked(commerce, stall, raw)
    assert await checked(commerce, stall, raw) == first
    with pytest.raises(IdempotencyConflict):
        await checked(commerce, stall, raw + b"tea,Tea,,,1,1\n")
    with pytest.raises(KeyMissing):
        await commerce.imports.check(stall.shop, stall.owner, "x.csv", raw, None)
    with pytest.raises(FeedFormat):
        await checked(commerce, stall, b"nothing of ours", "file-0009")
    assert [one.id for one in (await commerce.imports.list(stall.shop)).imports] == [first.progress.id]


async def test_starting_twice_is_starting_once(commerce: CommerceServices) -> None:
    """Also after it is done."""
    stall = await new_stall(commerce)
    done = await imported(commerce, stall, f"{HEADER}\nmug,Mug,Red,,12,3\n".encode())
    assert await commerce.imports.start(stall.shop, done.progress.id) == done
    await commerce.imports.run_due()
    assert len(await shelf(commerce, stall)) == 1


async def test_another_shop_sees_no_import(commerce: CommerceServices) -> None:
    """Nor can it start one."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    found = await checked(commerce, stall, f"{HEADER}\nmug,Mug,Red,,12,3\n".encode())
    for refused in (commerce.imports.get, commerce.imports.start):
        with pytest.raises(NoSuchImport):
            await refused(other.shop, found.progress.id)
    assert (await commerce.imports.get(stall.shop, found.progress.id)).progress.state == "checked"


async def test_a_product_refused_at_the_last_moment_is_named(commerce: CommerceServices) -> None:
    """Somebody filled it up between the dry run and the import: its rows fail, the others come."""
    stall = await new_stall(commerce)
    many = tuple(VariantRequest(f"V{n}", 100) for n in range(39))
    full = await commerce.catalogue.add(stall.shop, stall.owner, ProductRequest(title="Full", variants=many))
    source = f"Handle,Title,Option1 Value,Variant Price\n{full.id},Full,New,5\ntea,Tea,,7\n".encode()
    found = await checked(commerce, stall, source)
    assert found.report.faults == ()
    await commerce.catalogue.add_variant(stall.shop, full.id, stall.owner, VariantRequest("V39", 100))
    await commerce.imports.start(stall.shop, found.progress.id)
    await run_until_done(commerce)
    done = await commerce.imports.get(stall.shop, found.progress.id)
    assert [(one.line, one.code) for one in done.later] == [(2, "too_many_variants")]
    assert (done.progress.rows_done, done.progress.rows_failed) == (1, 1)
    assert len((await commerce.catalogue.get(stall.shop, full.id)).variants) == 40


async def test_without_redis_an_import_waits(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot know how many units to bring in, and guesses nothing."""
    stall = await new_stall(commerce)
    await imported(commerce, stall, f"{HEADER}\nmug,Mug,Red,M-R,12,5\n".encode())
    found = await checked(commerce, stall, f"{HEADER}\nmug,Mug,Red,M-R,12,9\n".encode(), "file-0002")
    await commerce.imports.start(stall.shop, found.progress.id)

    async def away(*_: Any) -> Any:
        raise Busy

    with monkeypatch.context() as broken:
        broken.setattr(type(commerce.engine), "pools", away)
        await commerce.imports.run_due()
    waiting = await commerce.imports.get(stall.shop, found.progress.id)
    assert (waiting.progress.state, waiting.progress.rows_done) == ("running", 0)
    await run_until_done(commerce)
    assert units((await shelf(commerce, stall))["Mug"]) == [9]


class Gallery:
    """A source of pictures: the sample for good addresses, a refusal for others."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, url: str) -> bytes:
        """Answer a picture."""
        self.asked.append(url)
        if "kettle" in url:
            raise Busy("The other server does not answer.")
        return picture()


async def test_pictures_are_named_and_not_fetched_by_default(commerce: CommerceServices) -> None:
    """They keep no product from being imported, and are no change by themselves."""
    stall = await new_stall(commerce)
    found = await checked(commerce, stall, sample(SHOPIFY[0]))
    assert {note.code for note in found.report.notes} == {"picture_not_fetched"}
    assert len(found.report.notes) == 17
    assert "https://pictures.example/oolong-1.jpg" in found.report.notes[0].sentence


async def test_pictures_come_after_the_products_each_once(commerce: CommerceServices) -> None:
    """What cannot be had is named with its line; a second import fetches only that."""
    stall, gallery = await new_stall(commerce), Gallery()
    commerce.imports = rebuilt(commerce, gallery)
    done = await imported(commerce, stall, sample(SHOPIFY[0]))
    assert (done.progress.state, done.progress.pictures_left, len(gallery.asked)) == ("done", 0, 17)
    assert [(one.code, "kettle" in one.sentence) for one in done.later] == [("busy", True)] * 2
    there = await shelf(commerce, stall)
    assert [picture.alt for picture in there["Bamboo scoop"].pictures] == [""]
    assert len(there["Matcha whisk (chasen)"].pictures) == 1
    gallery.asked.clear()
    await imported(commerce, stall, sample(SHOPIFY[1]), "file-0002")
    assert gallery.asked == ["https://pictures.example/kettle.jpg", "https://pictures.example/kettle-lid.jpg"]


async def test_old_imports_go_with_their_files(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products stay; a file that a younger import names stays, too."""
    stall = await new_stall(commerce)
    raw = f"{HEADER}\nmug,Mug,Red,,12,3\n".encode()
    old = await imported(commerce, stall, raw)
    async with commerce.database.write() as sql:
        await sql.execute(sa.update(imports).values(created_at_ms=0))
    young = await checked(commerce, stall, raw, "file-0002")
    await commerce.imports.purge()
    with pytest.raises(NoSuchImport):
        await commerce.imports.get(stall.shop, old.progress.id)
    async with commerce.database.write() as sql:
        blob = (await sql.execute(sa.select(imports.c.blob))).scalar_one()
        assert await commerce.blobs.get(blob) == raw
        await sql.execute(sa.update(imports).values(created_at_ms=0))
    await commerce.imports.purge()
    assert await commerce.blobs.get(blob) is None
    with pytest.raises(NoSuchImport):
        await commerce.imports.start(stall.shop, young.progress.id)
    async with commerce.database.read() as sql:
        assert (await sql.execute(sa.select(sa.func.count()).select_from(products))).scalar_one() == 2


def test_the_worker_carries_imports_on() -> None:
    """It has a job for it, and one that forgets old ones."""
    assert {"run_imports", "purge_imports"} <= {job.name for job in JOBS}
