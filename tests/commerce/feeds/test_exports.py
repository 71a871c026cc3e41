"""Exports on real parts: all products, piece by piece, and back again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from commerce.catalogue.structs import ProductChange, ProductRequest, VariantRequest
from commerce.errors import NoSuchShop
from commerce.feeds import exports as exports_module
from commerce.feeds.reading import read_feed
from commerce.feeds.refusals import FeedFormat, NoSuchImport
from commerce.services import CommerceServices
from tests.commerce.a_picture import picture
from tests.commerce.builders import PASSWORD, Stall, new_stall
from tests.commerce.doors import Browser, find
from tests.commerce.feeds.samples import SHOPIFY, sample
from tests.commerce.feeds.test_imports import imported, shelf

NASTY = (
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "a,b;c\td", 'quote " and \'', "<b>bold</b>",
    "&amp;", "a & b", "]]>", "普洱茶 🍵", "e\u0301", "null", "TRUE", "'", "0012",
)  # fmt: skip


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    """Put the pieces together."""
    return b"".join([piece async for piece in pieces])


async def files(commerce: CommerceServices, stall: Stall) -> tuple[bytes, bytes]:
    """Export both files."""
    return await whole(await commerce.exports.shopify(stall.shop)), await whole(
        await commerce.exports.google(stall.shop)
    )


async def test_both_files_come_back_as_nothing_changes(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop with imported, hand-made and nasty products, with pictures, in pages of a few products."""
    stall = await new_stall(commerce)
    await imported(commerce, stall, sample(SHOPIFY[0]))
    await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture(), "Leaves & <cups>")
    for place, text in enumerate(NASTY):
        parts = (
            VariantRequest(text, place, sku=text[:60], compare_at_minor=place or None, quantity=place),
            VariantRequest(text, 100),
        )
        request = ProductRequest(title=text, variants=parts, description=f"{text}\n\n  {text}")
        await commerce.catalogue.add(stall.shop, stall.owner, request)
    monkeypatch.setattr(exports_module, "PRODUCTS_AT_ONCE", 7)
    shopify, google = await files(commerce, stall)
    total = len(await commerce.catalogue.list(stall.shop))
    hidden = 2
    for raw, count in ((shopify, total), (google, total - hidden)):
        report = await commerce.imports.dry_run(stall.shop, raw)
        assert report.faults == ()
        assert report.notes == ()
        assert (report.made, report.changed, report.kept) == (0, 0, count)


async def test_an_exported_shop_can_be_moved_to_another(commerce: CommerceServices) -> None:
    """Everything but pictures of the other server is there; the first shop is untouched."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    await imported(commerce, stall, sample(SHOPIFY[1]))
    shopify, _ = await files(commerce, stall)
    done = await imported(commerce, other, shopify, "file-0002")
    assert (done.progress.made, done.progress.rows_failed) == (16, 0)
    mine, theirs = await shelf(commerce, stall), await shelf(commerce, other)
    assert set(theirs) == {*mine, stall.product.title}
    for title, product in mine.items():
        moved = theirs[title]
        assert (moved.description, moved.published) == (product.description, product.published)
        assert [(v.title, v.sku, v.price_minor, v.compare_at_minor, v.stock) for v in moved.variants] == [
            (v.title, v.sku, v.price_minor, v.compare_at_minor, v.stock) for v in product.variants
        ]


async def test_a_renamed_product_is_still_the_same(commerce: CommerceServices) -> None:
    """A title changed in the spreadsheet, or in the shop since the export, makes no second product."""
    stall = await new_stall(commerce)
    shopify, google = await files(commerce, stall)
    await commerce.catalogue.change(stall.shop, stall.product.id, ProductChange(title="Winter oolong"))
    for raw in (shopify, google):
        report = await commerce.imports.dry_run(stall.shop, raw)
        assert (report.made, report.changed) == (0, 1)
    renamed = shopify.replace(b",Variant,100 g,", b",Variant,100 grams,")
    assert renamed != shopify
    await imported(commerce, stall, renamed)
    product = await commerce.catalogue.get(stall.shop, stall.product.id)
    assert [(v.id, v.title) for v in product.variants] == [(stall.variant, "100 grams")]


async def test_hidden_products_are_in_no_feed_for_buyers(commerce: CommerceServices) -> None:
    """Shopify's file has them, as drafts; Google's has not."""
    stall = await new_stall(commerce)
    await commerce.catalogue.change(stall.shop, stall.product.id, ProductChange(published=False))
    shopify, google = await files(commerce, stall)
    (product,) = read_feed(shopify, "USD").products
    assert product.published is False
    assert read_feed(google, "USD").products == ()


async def test_an_unknown_shop_is_refused_before_the_first_piece(commerce: CommerceServices) -> None:
    """So the door can still answer 404."""
    for export in (commerce.exports.shopify, commerce.exports.google):
        with pytest.raises(NoSuchShop):
            await export("sp_nowhere")


async def test_a_host_walks_through_the_doors(commerce: CommerceServices) -> None:
    """Upload, look, start, follow, list, and download."""
    stall = await new_stall(commerce)
    host = Browser(commerce)
    await host.call("POST", "/session", {"email": "mei@example.com", "password": PASSWORD})
    place = f"/shops/{stall.shop}/imports"
    raw = b"Title,Price\nMug,12\nCup,free\n"
    found = await host.call("POST", place, raw, key="file-0001", name="cups.csv")
    assert (found["progress"]["file_name"], found["progress"]["state"]) == ("cups.csv", "checked")
    assert [(one["line"], one["code"]) for one in found["report"]["faults"]] == [(3, "bad_price")]
    one = f"{place}/{found['progress']['id']}"
    assert (await host.call("POST", f"{one}/start"))["progress"]["state"] == "running"
    await commerce.imports.run_due()
    done = await host.call("GET", one)
    assert await host.call("GET", f"{one}/progress") == done["progress"]
    assert (done["progress"]["state"], done["progress"]["made"], done["progress"]["rows_failed"]) == (
        "done",
        1,
        1,
    )
    assert [import_["id"] for import_ in (await host.call("GET", place))["imports"]] == [
        done["progress"]["id"]
    ]
    with pytest.raises(FeedFormat):
        await host.call("POST", place, b"nothing of ours", key="file-0002")
    with pytest.raises(NoSuchImport):
        await host.call("GET", f"{place}/im_nowhere")
    with pytest.raises(NoSuchImport):
        await host.call("GET", f"{place}/im_nowhere/progress")
    for kind, name in (("shopify", "products.csv"), ("google", "products.xml")):
        route, path = find("GET", f"/shops/{stall.shop}/exports/{kind}")
        assert route.role == "host"
        call: Any = type("Call", (), {"path": path})
        reply: Any = await route.handler(commerce, call)
        assert (await whole(reply.body)).count(b"Mug") >= 1
        assert dict(reply.headers)["content-disposition"] == f'attachment; filename="{name}"'
