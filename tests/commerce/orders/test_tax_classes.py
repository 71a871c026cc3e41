"""Goods of two tax classes in one purchase: quoted, stamped, put on paper, given back; on real parts."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from commerce.catalogue.structs import ProductChange
from commerce.orders.tables_sql import order_lines, orders
from commerce.services import CommerceServices
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.returns.a_desk import Desk
from tests.pdf_text import pdf_text

RATES = [
    {"place": "GB", "name": "VAT", "rate_ppm": 200_000},
    {"place": "GB", "name": "VAT", "rate_ppm": 50_000, "tax_class": "Reduced"},
]


async def set_classes(market: Market, *, cap: str = "reduced") -> dict[str, Any]:
    """Let caps be of another class than mugs, both taxed in Britain; returns the table as it is kept."""
    host = Buyer(market, market.owner, 0)
    await change_class(market.services, market, cap)
    answer = await host.call("PUT", f"/shops/{market.shop}/taxes", {"rates": RATES, "inclusive": True})
    assert answer.status_code == 200, answer.text
    table: dict[str, Any] = answer.json()
    return table


async def change_class(services: CommerceServices, market: Market, cap: str) -> None:
    """Give the cap another class."""
    product = (await services.catalogue.by_variants(market.shop, (market.cap,)))[market.cap]
    changed = await services.catalogue.change(market.shop, product.id, ProductChange(tax_class=cap))
    assert changed.tax_class == cap


async def test_a_place_has_a_rate_for_each_class(market: Market) -> None:
    """Names are compared in lower case; a second rate of one class is refused and changes nothing."""
    table = await set_classes(market)
    host, path = Buyer(market, market.owner, 0), f"/shops/{market.shop}/taxes"
    assert [(one["tax_class"], one["rate_ppm"]) for one in table["rates"]] == [
        ("standard", 200_000), ("reduced", 50_000),
    ]  # fmt: skip
    for wrong in ({**RATES[0], "tax_class": "zero"}, {**RATES[1], "tax_class": "reduced"}):
        answer = await host.call("PUT", path, {"rates": [*RATES, wrong], "inclusive": False})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert (await host.call("GET", path)).json() == table


async def test_an_order_stamps_each_lines_rate(market: Market) -> None:
    """Quote and order say the same, and both keep saying it when the product's class changes."""
    await set_classes(market)
    buyer = market.buyer()
    mug, cap = await buyer.holds(2), await buyer.holds(1, variant=market.cap)
    body = {"reservations": [mug["id"], cap["id"]], "country": "GB"}
    shown = (await buyer.call("POST", f"/shops/{market.shop}/quote", body)).json()
    # 24.00 contain 4.00 at 20%, 25.00 contain 1.19 at 5%.
    rows = [
        {"name": "VAT", "rate_ppm": 200_000, "net_minor": 2000, "tax_minor": 400},
        {"name": "VAT", "rate_ppm": 50_000, "net_minor": 2381, "tax_minor": 119},
    ]
    assert (shown["taxes"], shown["tax_minor"], shown["total_minor"]) == (rows, 519, 4900)
    made = (await buyer.check_out(mug["id"], cap["id"], total_minor=4900)).json()["order"]
    await change_class(market.services, market, "zero")
    order = await buyer.order(made["id"])
    for one in (made, order):
        assert (one["taxes"], one["tax_minor"], one["tax_rate_ppm"]) == (rows, 519, 50_000)
        assert [(line["tax_class"], line["tax_rate_ppm"], line["tax_minor"]) for line in one["lines"]] == [
            ("standard", 200_000, 400), ("reduced", 50_000, 119),
        ]  # fmt: skip


async def test_a_class_that_changed_since_the_quote_is_told(market: Market) -> None:
    """With tax on top the total is another one then: refused with what it costs now, nothing is changed."""
    await set_classes(market, cap="zero")
    host, buyer = Buyer(market, market.owner, 0), market.buyer()
    table = {"rates": RATES, "inclusive": False}
    assert (await host.call("PUT", f"/shops/{market.shop}/taxes", table)).status_code == 200
    cap = await buyer.holds(1, variant=market.cap)
    refused = await buyer.check_out(cap["id"], total_minor=2625)  # what was shown while it was reduced
    assert (refused.status_code, refused.json()["code"]) == (409, "total_changed")
    assert refused.json()["total_minor"] == 2500
    assert await buyer.mine() == []
    assert await market.counts(market.cap) == (4, 1, 0)


async def test_papers_name_each_rate_and_refunds_give_back_their_own(market: Market) -> None:
    """The invoice has a line a rate; a cap that goes back takes 5% with it; all of it is all the tax."""
    await set_classes(market)
    desk = Desk(market)
    buyer, order = await desk.paid(1, cap=2)
    [page] = pdf_text((await desk.call("GET", f"/orders/{order}/documents/{order}")).content)
    assert {"VAT 20% (Net 10.00 EUR)", "2.00 EUR", "VAT 5% (Net 47.62 EUR)", "2.38 EUR"} <= set(page)
    one_cap = {"lines": [{"position": 1, "quantity": 1}]}
    refund = (await desk.does(order, "refunds", one_cap))["refunds"][0]["id"]
    [note] = pdf_text((await buyer.call("GET", f"/orders/{order}/documents/{refund}")).content)
    assert "VAT 5% (Net 23.81 EUR)" in note
    assert not any("VAT 20%" in words and "(Net 0.00" not in words for words in note)
    rest = (await desk.does(order, "refunds", {"everything": True}))["refunds"][1]["id"]
    [last] = pdf_text((await buyer.call("GET", f"/orders/{order}/documents/{rest}")).content)
    assert {"VAT 20% (Net 10.00 EUR)", "VAT 5% (Net 23.81 EUR)", "Total refunded", "37.00 EUR"} <= set(last)


async def test_shipping_shares_the_rates_on_every_paper(market: Market) -> None:
    """Quote, order, invoice, export and credit note: 5.00 for a mug of 12.00 and two caps of 25.00."""
    await set_classes(market)
    host, desk = Buyer(market, market.owner, 0), Desk(market)
    post = {"methods": [{"name": "Post", "price_minor": 500, "kind": "delivery"}]}
    assert (await host.call("PUT", f"/shops/{market.shop}/shipping", post)).status_code == 200
    buyer, order = await desk.paid(1, cap=2)
    seen = await buyer.order(order)
    # The mug has 0.97 of the parcel, with 0.16; the caps 4.03, with 0.19.
    shared = [
        {"name": "VAT", "rate_ppm": 200_000, "net_minor": 81, "tax_minor": 16},
        {"name": "VAT", "rate_ppm": 50_000, "net_minor": 384, "tax_minor": 19},
    ]
    assert (seen["shipping_taxes"], seen["shipping_tax_minor"], seen["total_minor"]) == (shared, 35, 6700)
    assert seen["taxes"] == [
        {"name": "VAT", "rate_ppm": 200_000, "net_minor": 1000 + 81, "tax_minor": 200 + 16},
        {"name": "VAT", "rate_ppm": 50_000, "net_minor": 4762 + 384, "tax_minor": 238 + 19},
    ]
    [page] = pdf_text((await desk.call("GET", f"/orders/{order}/documents/{order}")).content)
    assert {"VAT 20% (Net 10.81 EUR)", "2.16 EUR", "VAT 5% (Net 51.46 EUR)", "2.57 EUR"} <= set(page)
    today = datetime.now(UTC).date()
    answer = await desk.call("GET", f"/orders.csv?from={today}&to={today}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {row["order_shipping_taxes"] for row in rows} == {"VAT 20%: 0.81 + 0.16; VAT 5%: 3.84 + 0.19"}
    assert sum(int(row["line_tax_minor"]) for row in rows) + 35 == int(rows[0]["order_tax_minor"])
    refund = (await desk.does(order, "refunds", {"shipping": True}))["refunds"][0]["id"]
    [note] = pdf_text((await buyer.call("GET", f"/orders/{order}/documents/{refund}")).content)
    assert {"VAT 20% (Net 0.81 EUR)", "0.16 EUR", "VAT 5% (Net 3.84 EUR)", "0.19 EUR"} <= set(note)
    rest = (await desk.does(order, "refunds", {"everything": True}))["refunds"][1]["id"]
    [last] = pdf_text((await buyer.call("GET", f"/orders/{order}/documents/{rest}")).content)
    assert {"VAT 20% (Net 10.00 EUR)", "2.00 EUR", "VAT 5% (Net 47.62 EUR)", "2.38 EUR"} <= set(last)


async def test_an_order_from_before_shipping_shared_rates_reads_as_it_did(market: Market) -> None:
    """Its parcel bears the one rate that stands on the order, on screen and on the credit note."""
    await set_classes(market)
    host, desk = Buyer(market, market.owner, 0), Desk(market)
    post = {"methods": [{"name": "Post", "price_minor": 500, "kind": "delivery"}]}
    assert (await host.call("PUT", f"/shops/{market.shop}/shipping", post)).status_code == 200
    buyer, order = await desk.paid(1, cap=2)
    async with market.services.database.write() as sql:
        as_before = {"shipping_taxes": None, "shipping_tax_minor": 24, "tax_minor": 200 + 238 + 24}
        await sql.execute(sa.update(orders).values(as_before))
    seen = await buyer.order(order)
    assert seen["shipping_taxes"] == [{"name": "VAT", "rate_ppm": 50_000, "net_minor": 476, "tax_minor": 24}]
    assert [(row["net_minor"], row["tax_minor"]) for row in seen["taxes"]] == [(1000, 200), (5238, 262)]
    refund = (await desk.does(order, "refunds", {"shipping": True}))["refunds"][0]["id"]
    [note] = pdf_text((await buyer.call("GET", f"/orders/{order}/documents/{refund}")).content)
    assert {"VAT 5% (Net 4.76 EUR)", "0.24 EUR"} <= set(note)


async def test_the_export_says_what_each_line_bears(market: Market) -> None:
    """Class, rate and tax stand behind the columns there were before."""
    await set_classes(market, cap="zero")
    desk = Desk(market)
    await desk.paid(1, cap=1)
    today = datetime.now(UTC).date()
    answer = await desk.call("GET", f"/orders.csv?from={today}&to={today}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [(row["tax_class"], row["tax_name"], row["tax_rate"], row["line_tax"]) for row in rows] == [
        ("standard", "VAT", "20%", "2.00"), ("zero", "VAT", "0%", "0.00"),
    ]  # fmt: skip


async def test_an_order_of_yesterday_reads_as_before(market: Market) -> None:
    """Lines written by a release that knew one rate an order show the order's, and their tax as it was."""
    await set_classes(market, cap="standard")
    desk = Desk(market)
    buyer, order = await desk.paid(1, cap=1)
    before = await buyer.order(order)
    async with market.services.database.write() as sql:
        as_before = {"tax_class": "standard", "tax_name": None, "tax_rate_ppm": None}
        await sql.execute(sa.update(order_lines).values(as_before))
        await sql.execute(sa.update(orders).values(shipping_taxes=None))
    assert await buyer.order(order) == before
    assert before["taxes"] == [{"name": "VAT", "rate_ppm": 200_000, "net_minor": 3083, "tax_minor": 617}]
    [page] = pdf_text((await desk.call("GET", f"/orders/{order}/documents/{order}")).content)
    assert {"VAT 20% (Net 30.83 EUR)", "6.17 EUR"} <= set(page)
