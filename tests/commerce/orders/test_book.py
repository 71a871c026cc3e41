"""The host's book: found by state and words, exported as CSV that spreadsheets read and do not run."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from commerce.csv_rows import BOM, safe
from tests.commerce.orders.a_market import Market
from tests.commerce.returns.a_desk import Desk


def today(days: int = 0) -> str:
    """Name today, or a day near it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def found(desk: Desk, query: str) -> list[str]:
    """List the ids a search finds."""
    answer = await desk.call("GET", f"/orders?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["orders"]]


async def test_orders_are_found_by_state_and_by_words(market: Market) -> None:
    """To send, with a request, by the beginning of number or e-mail in any case; no pattern is a pattern."""
    desk = Desk(market)
    buyer, paid = await desk.paid(1)
    _, sent = await desk.paid(1)
    await desk.does(sent, "parcels")
    pending = (await market.buyer().orders_one())["order"]["id"]
    assert await found(desk, "state=to_send") == [paid]
    assert await found(desk, "state=fulfilled") == [sent]
    assert await found(desk, "state=pending") == [pending]
    assert await found(desk, "state=asked") == []
    await buyer.call("POST", f"/orders/{paid}/cancellation", {}, market.fresh_key())
    assert await found(desk, "state=asked") == [paid]
    number = (await desk.see(sent))["order"]["number"]
    assert await found(desk, f"q={number[:6].lower()}") == [sent]
    assert await found(desk, f"q=BUYER{buyer.number}@") == [paid]
    assert await found(desk, "q=%25") == []
    wrong = await desk.call("GET", "/orders?state=lost")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "state")


async def test_the_export_is_read_by_a_spreadsheet(market: Market) -> None:
    """A mark, CRLF, quoted where needed, a row a line, money twice."""
    desk = Desk(market)
    contact = {"email": "a@example.com", "name": '=HYPERLINK("http://x")'}
    _, order = await desk.paid(2, cap=1, contact=contact)
    await desk.does(order, "refunds", {"amount_minor": 150})
    answer = await desk.call("GET", f"/orders.csv?from={today()}&to={today(1)}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(BOM)
    text = answer.content.decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n") == 3
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["title"], row["quantity"], row["line_total"]) for row in rows] == [
        ("Mug", "2", "24.00"), ("Cap", "1", "25.00"),
    ]  # fmt: skip
    first = rows[0]
    assert first["name"] == '\'=HYPERLINK("http://x")'
    assert (first["order_total"], first["order_total_minor"], first["order_refunded"]) == (
        "49.00", "4900", "1.50",
    )  # fmt: skip
    assert first["state"] == "partly_refunded"


async def test_an_export_has_every_order_of_its_days_once(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in several pages; what was ordered on other days is not in it."""
    monkeypatch.setattr("commerce.orders.book.ROWS_PER_READ", 2)
    desk = Desk(market)
    made = [(await market.buyer().orders_one())["order"] for _ in range(5)]
    await desk.set_order(made[0]["id"], created_at_ms=1)
    answer = await desk.call("GET", f"/orders.csv?from={today(-1)}&to={today(1)}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert sorted(row["order"] for row in rows) == sorted(one["number"] for one in made[1:])
    old = await desk.call("GET", "/orders.csv?from=1970-01-01&to=1970-01-01")
    assert old.content.decode("utf-8-sig").count("\r\n") == 2


@pytest.mark.parametrize("days", ["from=2026-01-02&to=2026-01-01", "from=x&to=2026-01-01", "from=2026-01-01"])
async def test_days_that_are_none_are_refused(market: Market, days: str) -> None:
    """Before the first byte is sent."""
    answer = await Desk(market).call("GET", f"/orders.csv?{days}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("cell", "text"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), (" =1", "' =1"),
     (-5, "-5"), ("a=1", "a=1"), (None, "")],
)  # fmt: skip
def test_a_cell_never_becomes_a_formula(cell: object, text: str) -> None:
    """Numbers of ours keep their sign."""
    assert safe(cell) == text


async def test_what_several_buyers_have_is_read_together(market: Market) -> None:
    """The newest of each in the shop, newest first, without contact; who has none is missing."""
    ann, paid = await Desk(market).paid(1)
    pending = (await ann.orders_one())["order"]["id"]
    ben, bens = await Desk(market).paid(1)
    people = [ann.person, ben.person, market.buyer().person]
    found = await market.services.orders.own(people, market.shop)
    assert {person: [order.id for order in has] for person, has in found.items()} == {
        ann.person: [pending, paid],
        ben.person: [bens],
    }
    assert all(order.contact is None for order in found[ben.person])
    assert await market.services.orders.own(people, "sp_other") == {}
