"""Invoices and credit notes: numbers without gaps, what stands on them, the same bytes each time."""

import asyncio

import msgspec
import sqlalchemy as sa

from commerce.invoices.content import Content, Kind, TaxRow
from commerce.invoices.invoice_pdf import document_pdf
from commerce.invoices.tables_sql import invoices
from tests.commerce.orders.a_market import Market
from tests.commerce.returns.a_desk import Desk
from tests.pdf_text import pdf_text


async def numbers(market: Market) -> list[str]:
    """Return every number there is."""
    async with market.services.database.read() as sql:
        query = sa.select(invoices.c.number).order_by(invoices.c.kind.desc(), invoices.c.sequence)
        return list((await sql.execute(query)).scalars())


async def test_a_paid_order_gets_its_invoice(market: Market, desk: Desk) -> None:
    """For buyer and host the same: seller and buyer as they were, lines, total, a number."""
    buyer, order = await desk.paid(2, cap=1)
    assert await market.services.after.invoices.issue_due() == 1
    [document] = (await desk.see(order))["documents"]
    assert (document["kind"], document["subject"]) == ("invoice", order)
    bought = await buyer.call("GET", f"/orders/{order}/documents/{order}")
    sold = await desk.call("GET", f"/orders/{order}/documents/{order}")
    assert bought.content == sold.content
    assert bought.headers["content-disposition"] == f'attachment; filename="{document["number"]}.pdf"'
    [page] = pdf_text(bought.content)
    assert {
        "Invoice", f"Number: {document['number']}", "Clay GmbH", "Weg 1", "10115 Berlin", "Buyer 1",
        "1 High Street", "YO1 7EP York", "GB", "Mug · Blue", "2", "12.00 EUR", "24.00 EUR", "25.00 EUR",
        "Total", "49.00 EUR", "Paid.",
    } <= set(page)  # fmt: skip


async def test_an_invoice_is_the_same_for_ever(market: Market, desk: Desk) -> None:
    """Also when the shop moves and the buyer is forgotten."""
    buyer, order = await desk.paid(1)
    first = await buyer.call("GET", f"/orders/{order}/documents/{order}")
    await desk.set_order(order, contact_name=None, address_line1=None, seller='{"name": "Other"}')
    again = await desk.call("GET", f"/orders/{order}/documents/{order}")
    assert again.content == first.content
    assert first.status_code == 200


async def test_numbers_have_no_gap_and_none_is_used_twice(market: Market, desk: Desk) -> None:
    """Whoever asks first, at once and again; each shop counts for itself."""
    paid = [(await desk.paid(1))[1] for _ in range(3)]
    service = market.services.after.invoices
    await asyncio.gather(*(service.issue(order) for order in paid * 3), service.issue_due())
    await desk.does(paid[0], "refunds", {"amount_minor": 100})
    await desk.does(paid[0], "refunds", {"amount_minor": 200})
    await asyncio.gather(service.issue_due(), service.issue_due())
    found = await numbers(market)
    year = found[0][:4]
    assert found == [f"{year}-00000{n}" for n in (1, 2, 3)] + [f"C{year}-00000{n}" for n in (1, 2)]
    assert await service.issue_due() == 0


async def test_a_refund_gets_a_credit_note(market: Market, desk: Desk) -> None:
    """It names the invoice, the units and the money that goes back beside them."""
    buyer, order = await desk.paid(2)
    body = {"lines": [{"position": 0, "quantity": 1}], "amount_minor": 1500, "reason": "Cracked"}
    refund = (await desk.does(order, "refunds", body))["refunds"][0]["id"]
    answer = await buyer.call("GET", f"/orders/{order}/documents/{refund}")
    [page] = pdf_text(answer.content)
    invoice = next(one for one in await numbers(market) if not one.startswith("C"))
    assert {
        "Credit note", f"Corrects invoice {invoice}", "Mug · Blue", "1", "12.00 EUR", "Other refund",
        "3.00 EUR", "Total refunded", "15.00 EUR", "Reason: Cracked",
    } <= set(page)  # fmt: skip


async def test_only_buyer_and_host_of_a_paid_order_get_its_documents(market: Market, desk: Desk) -> None:
    """Nobody else, no other order's, none before it is paid; and no number is used up by asking."""
    buyer, order = await desk.paid(1)
    _, other = await desk.paid(1)
    stranger = await market.buyer().call("GET", f"/orders/{order}/documents/{order}")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_yours")
    wrong = await buyer.call("GET", f"/orders/{order}/documents/{other}")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "no_such_document")
    pending = market.buyer()
    made = (await pending.orders_one())["order"]["id"]
    early = await pending.call("GET", f"/orders/{made}/documents/{made}")
    assert (early.status_code, early.json()["code"]) == (404, "no_such_document")
    assert [one for one in await numbers(market) if one.endswith("3")] == []


def a_content(**changes: object) -> Content:
    """Return a document as it is kept."""
    content = Content(
        kind=Kind.INVOICE, number="2026-000007", issued_at_ms=1_781_000_000_000, order_number="7K3M-92QD",
        ordered_at_ms=1_780_900_000_000, language="zh", currency="CNY", seller=["梅记茶行", "杭州市 1 号"],
        buyer=["林 Müller"], items=[], shipping_minor=500, other_minor=0, total_minor=11900,
        tax_on_top=False, taxes=[TaxRow("VAT", 190_000, 10000, 1900)],
    )  # fmt: skip
    return msgspec.structs.replace(content, **changes)


def test_an_invoice_is_drawn_in_chinese() -> None:
    """With the shop's own letters, whichever the language."""
    [page] = pdf_text(document_pdf(a_content(), "zh"))
    text = "".join(page)
    for part in (
        "发票",
        "编号",
        "2026-000007",
        "梅记茶行",
        "林",
        "Müller",
        "合计",
        "119.00 CNY",
        "价格已含税。",
    ):
        assert part in text
    assert "Invoice" not in text


def test_a_tax_table_says_name_rate_net_and_tax() -> None:
    """Inclusive tax is told from tax on top."""
    [inside] = pdf_text(document_pdf(a_content(), "en"))
    assert {"VAT 19% (Net 100.00 CNY)", "19.00 CNY", "The prices include tax."} <= set(inside)
    [on_top] = pdf_text(document_pdf(a_content(tax_on_top=True), "en"))
    assert "The prices include tax." not in on_top
    odd = a_content(taxes=[TaxRow("", 0, 1, 2)])
    assert any(text.startswith("Tax (Net") for text in pdf_text(document_pdf(odd, "en"))[0])


def test_the_same_content_makes_the_same_bytes() -> None:
    """Nothing of the moment or the machine gets in."""
    assert document_pdf(a_content(), "en") == document_pdf(a_content(), "en")
    assert document_pdf(a_content(), "en") != document_pdf(a_content(number="2026-000008"), "en")
