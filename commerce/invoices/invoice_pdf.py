"""An invoice or a credit note on paper; the same content gives the same bytes."""

from dataclasses import dataclass

from commerce.invoices.content import Content, Item, Kind, TaxRow
from commerce.language import in_language
from commerce.money import percent, plain
from commerce.paper_pdf import Cell, Paper
from commerce.returns.letters import day


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `{…}` are filled in."""

    invoice: str
    credit_note: str
    number: str
    issued: str
    order: str
    of_invoice: str
    seller: str
    buyer: str
    item: str
    quantity: str
    price: str
    amount: str
    discount: str
    shipping: str
    other: str
    net: str
    tax: str
    total: str
    credited: str
    tax_included: str
    reason: str
    paid: str


_ENGLISH = Words(
    invoice="Invoice",
    credit_note="Credit note",
    number="Number",
    issued="Date",
    order="Order {number} of {day}",
    of_invoice="Corrects invoice {number}",
    seller="Seller",
    buyer="Bill to",
    item="Item",
    quantity="Qty",
    price="Price",
    amount="Amount",
    discount="Discount",
    shipping="Shipping",
    other="Other refund",
    net="Net {net}",
    tax="Tax",
    total="Total",
    credited="Total refunded",
    tax_included="The prices include tax.",
    reason="Reason: {reason}",
    paid="Paid.",
)
_CHINESE = Words(
    invoice="发票",
    credit_note="红字发票（退款单）",
    number="编号",
    issued="日期",
    order="订单 {number}，{day}",
    of_invoice="冲销发票 {number}",
    seller="卖方",
    buyer="买方",
    item="商品",
    quantity="数量",
    price="单价",
    amount="金额",
    discount="折扣",
    shipping="运费",
    other="其他退款",
    net="不含税 {net}",
    tax="税费",
    total="合计",
    credited="退款合计",
    tax_included="价格已含税。",
    reason="原因：{reason}",
    paid="已付款。",
)


def document_pdf(content: Content, language: str) -> bytes:
    """Draw a document in a language."""
    words = in_language(language, english=_ENGLISH, chinese=_CHINESE)
    title = words.invoice if content.kind is Kind.INVOICE else words.credit_note
    foot = f"{title} {content.number} · {content.seller[0] if content.seller else ''}"
    paper = Paper(f"{title} {content.number}", foot=foot, author=content.seller[0] if content.seller else "")
    _head(paper, content, words, title)
    _items(paper, content, words)
    _sums(paper, content, words)
    return paper.end()


def _head(paper: Paper, content: Content, words: Words, title: str) -> None:
    paper.text(title, size=20, bold=True)
    paper.space(6)
    paper.text(f"{words.number}: {content.number}", bold=True)
    paper.text(f"{words.issued}: {day(content.issued_at_ms)}")
    paper.text(words.order.format(number=content.order_number, day=day(content.ordered_at_ms)))
    if content.of_invoice:
        paper.text(words.of_invoice.format(number=content.of_invoice))
    paper.space(16)
    paper.row([Cell(words.seller, 0, 0.48), Cell(words.buyer, 0.52, 0.48)], bold=True)
    for place in range(max(len(content.seller), len(content.buyer))):
        left = content.seller[place] if place < len(content.seller) else ""
        right = content.buyer[place] if place < len(content.buyer) else ""
        paper.row([Cell(left, 0, 0.48), Cell(right, 0.52, 0.48)])
    paper.space(20)


def _columns(title: str, quantity: str, price: str, amount: str) -> list[Cell]:
    return [
        Cell(title, 0, 0.5),
        Cell(quantity, 0.5, 0.1, "right"),
        Cell(price, 0.6, 0.19, "right"),
        Cell(amount, 0.8, 0.2, "right"),
    ]


def _items(paper: Paper, content: Content, words: Words) -> None:
    paper.row(_columns(words.item, words.quantity, words.price, words.amount), bold=True)
    paper.rule()
    for item in content.items:
        paper.row(_item(item, content))
        if item.discount_minor:
            taken = plain(-item.discount_minor, content.currency)
            paper.row([Cell(f"{words.discount}: {taken}", 0.03, 0.6)], size=8)
        paper.space(3)
    for name, amount_minor in ((words.shipping, content.shipping_minor), (words.other, content.other_minor)):
        if amount_minor:
            paper.row(_columns(name, "", "", plain(amount_minor, content.currency)))
    paper.rule()


def _item(item: Item, content: Content) -> list[Cell]:
    price, amount = (plain(part, content.currency) for part in (item.price_minor, item.total_minor))
    return _columns(item.title, str(item.quantity), price, amount)


def _sums(paper: Paper, content: Content, words: Words) -> None:
    for tax in content.taxes:
        net = words.net.format(net=plain(tax.net_minor, content.currency))
        name = f"{_tax_name(tax, words)} ({net})"
        paper.row(
            [Cell(name, 0.25, 0.54, "right"), Cell(plain(tax.tax_minor, content.currency), 0.8, 0.2, "right")]
        )
    total = words.total if content.kind is Kind.INVOICE else words.credited
    paper.row(
        [
            Cell(total, 0.25, 0.54, "right"),
            Cell(plain(content.total_minor, content.currency), 0.8, 0.2, "right"),
        ],
        size=12,
        bold=True,
    )
    paper.space(16)
    if content.taxes and not content.tax_on_top:
        paper.text(words.tax_included)
    if content.kind is Kind.INVOICE:
        paper.text(words.paid)
    if content.reason:
        paper.text(words.reason.format(reason=content.reason))


def _tax_name(tax: TaxRow, words: Words) -> str:
    """Name a tax with its rate: `VAT 19%`."""
    return f"{tax.name} {percent(tax.rate_ppm)}" if tax.name else words.tax
