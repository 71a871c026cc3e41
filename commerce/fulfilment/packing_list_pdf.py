"""The packing list: what goes into the box of each order, with boxes to tick. It names no prices."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from commerce.language import in_language
from commerce.orders.messages import Seller
from commerce.paper_pdf import Cell, Paper
from commerce.returns.facts import Facts
from commerce.returns.letters import day


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words."""

    title: str
    order: str
    ordered: str
    ship_to: str
    item: str
    quantity: str
    nothing: str


_ENGLISH = Words("Packing list", "Order", "Ordered", "Ship to", "Item", "Quantity", "Nothing left to send")
_CHINESE = Words("装箱单", "订单", "下单日期", "收货地址", "商品", "数量", "没有待发商品")


def packing_list(orders: Sequence[Facts], language: str) -> bytes:
    """Return one PDF with a page or more for each order: what is packed or still to be packed."""
    words = in_language(language, english=_ENGLISH, chinese=_CHINESE)
    paper = Paper(words.title)
    for place, facts in enumerate(orders):
        if place:
            paper.new_page()
        _order(paper, facts, words)
    return paper.end()


def _order(paper: Paper, facts: Facts, words: Words) -> None:
    row = facts.record.order
    seller = msgspec.json.decode(row.seller, type=Seller)
    paper.row([Cell(words.title, 0, 0.6), Cell(seller.name, 0.5, 0.5, "right")], size=16, bold=True)
    paper.space(10)
    paper.text(f"{words.order}: {row.number}", size=12, bold=True)
    paper.text(f"{words.ordered}: {day(row.created_at_ms)}")
    paper.space(10)
    paper.text(words.ship_to, bold=True)
    for part in address_of(row):
        paper.text(part)
    paper.space(14)
    paper.row([Cell(words.item, 0.06, 0.7), Cell(words.quantity, 0.8, 0.2, "right")], bold=True)
    paper.rule()
    wanted = {line.position: line.to_send + line.packed for line in facts.progress.values()}
    for line in facts.record.lines:
        if wanted[line.position]:
            title = line.title + (f" · {line.variant_title}" if line.variant_title else "")
            paper.box(0, 9)
            paper.row(
                [Cell(title, 0.06, 0.7), Cell(f"{wanted[line.position]} ×", 0.8, 0.2, "right")], size=11
            )
            paper.space(5)
    if not any(wanted.values()):
        paper.text(words.nothing)


def address_of(row: object) -> list[str]:
    """Return the lines of an order's address, as they stand on a label."""
    names = ("contact_name", "address_line1", "address_line2", "address_city", "address_region",
             "address_postcode", "address_country", "contact_phone")  # fmt: skip
    part = {name: getattr(row, name) or "" for name in names}
    city = " ".join(one for one in (part["address_postcode"], part["address_city"]) if one)
    lines = [
        part["contact_name"],
        part["address_line1"],
        part["address_line2"],
        city,
        part["address_region"],
        part["address_country"],
        part["contact_phone"],
    ]
    return [line for line in lines if line]
