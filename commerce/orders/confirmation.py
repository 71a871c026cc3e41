"""The mail that confirms an order, paid or to be paid by hand: text and HTML, in the buyer's language; pure.

What the law of most places wants of it stands in it: who sells and how to reach them, what was bought,
every price and the total, and a lasting link to the order.
"""

from dataclasses import dataclass, replace
from html import escape
from typing import TypedDict

import msgspec

from commerce.language import in_language
from commerce.money import percent, plain
from commerce.orders.messages import OrderShipping, Seller
from commerce.orders.order_taxes import order_taxes
from commerce.orders.orders_sql import Record, Row
from commerce.orders.states import OrderState
from commerce.places import region_text
from commerce.terms.structs import TaxSum


class Letter(TypedDict):
    """The payload of an outbox row of kind `mail`."""

    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; `{…}` are filled in."""

    subject: str
    greeting: str
    thanks: str
    placed: str
    how_to_pay: str
    items: str
    shipping: str
    discount: str
    tax: str
    tax_in: str
    total: str
    ship_to: str
    fetch: str
    view: str
    seller: str
    private: str


_ENGLISH = Words(
    subject="Your order {number} at {shop}",
    greeting="Hello {name},",
    thanks="thank you for your order {number}. It is paid, and {shop} has been told.",
    placed="thank you for your order {number}. {shop} keeps the goods for you and waits for your payment.",
    how_to_pay="How to pay",
    items="Items",
    shipping="Shipping",
    discount="Discount",
    tax="{name} {rate}",
    tax_in="of which {name} {rate}",
    total="Total",
    ship_to="Goes to",
    fetch="To be picked up",
    view="See your order",
    seller="Sold by",
    private="Who has this link can see the order; please keep it to yourself.",
)
_CHINESE = Words(
    subject="您在 {shop} 的订单 {number}",
    greeting="{name}，您好：",
    thanks="感谢您的订单 {number}。订单已付款，{shop} 已收到通知。",
    placed="感谢您的订单 {number}。{shop} 已为您保留商品，等待您付款。",
    how_to_pay="付款方式",
    items="商品",
    shipping="运费",
    discount="优惠",
    tax="{name} {rate}",
    tax_in="其中 {name} {rate}",
    total="合计",
    ship_to="收货地址",
    fetch="自提",
    view="查看订单",
    seller="卖家",
    private="持有此链接的人都能看到订单，请妥善保管。",
)


def order_link(row: Row, public_url: str) -> str:
    """Return the lasting link to an order; its token stands behind `#`, so that no log sees it."""
    return f"{public_url}/orders/{row.id}#token={row.token}"


def confirmation_letter(record: Record, public_url: str, state: OrderState = OrderState.PAID) -> Letter:
    """Return the confirmation of an order that has become paid, or placed: then it says how to pay."""
    row, words = record.order, in_language(record.order.language, english=_ENGLISH, chinese=_CHINESE)
    if state is OrderState.PLACED:
        words = replace(words, thanks=words.placed)
    seller = msgspec.json.decode(row.seller, type=Seller)
    subject = words.subject.format(number=row.number, shop=_one_line(seller.name))
    return Letter(
        to=row.contact_email or "",
        subject=subject,
        text=_text(record, seller, words, public_url, _how_to_pay(record, state)),
        html=_html(record, seller, words, public_url, _how_to_pay(record, state)),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(record: Record) -> list[tuple[str, str]]:
    """Return what was bought and what each line costs."""
    currency = record.order.currency
    return [
        (
            f"{line.quantity} × {line.title}" + (f" · {line.variant_title}" if line.variant_title else ""),
            plain(line.quantity * line.price_minor, currency),
        )
        for line in record.lines
    ]


def _shipping(row: Row) -> OrderShipping | None:
    return None if row.shipping is None else msgspec.json.decode(row.shipping, type=OrderShipping)


def _sums(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return what stands above the total: what was added to it, what went off."""
    row = record.order
    shipping = _shipping(row)
    sums = [(words.items, row.items_minor)]
    if row.discount_minor:
        sums.append((words.discount, -row.discount_minor))
    by = f" ({shipping.name})" if shipping else ""
    sums.append((words.shipping + by, row.shipping_minor))
    if not row.tax_inclusive:
        sums += [(_tax(tax, words.tax), tax.tax_minor) for tax in order_taxes(record)]
    return [(name, plain(amount_minor, row.currency)) for name, amount_minor in sums]


def _contained(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return what stands below the total: the taxes it contains, rate by rate."""
    row = record.order
    if not row.tax_inclusive:
        return []
    return [(_tax(tax, words.tax_in), plain(tax.tax_minor, row.currency)) for tax in order_taxes(record)]


def _tax(tax: TaxSum, words: str) -> str:
    return words.format(name=tax.name, rate=percent(tax.rate_ppm))


def _goes_to(row: Row, words: Words) -> tuple[str, list[str]]:
    """Return where it goes, or where the buyer fetches it: a heading and its lines."""
    shipping = _shipping(row)
    if shipping is None or shipping.kind != "pickup":
        return words.ship_to, _address(row)
    return words.fetch, [part for part in (shipping.name, *shipping.note.splitlines()) if part]


def _address(row: Row) -> list[str]:
    region = region_text(row.address_country, row.address_region)
    city = " ".join(part for part in (row.address_postcode, row.address_city, region) if part)
    parts = [row.contact_name, row.address_line1, row.address_line2, city, row.address_country]
    return [part for part in parts if part]


def _seller(seller: Seller) -> list[str]:
    parts = [seller.legal_name or seller.name, *seller.legal_address.splitlines(), seller.contact_email]
    return [part for part in parts if part]


def _how_to_pay(record: Record, state: OrderState) -> str:
    """Return the shop's instructions as they were at checkout; nothing once the order is paid."""
    if state is not OrderState.PLACED or record.order.winner is None:
        return ""
    return record.attempt(record.order.winner).instructions or ""


def _text(record: Record, seller: Seller, words: Words, public_url: str, how_to_pay: str) -> str:
    row = record.order
    bought = [f"  {what}\n      {cost}" for what, cost in _lines(record)]
    total = (words.total, plain(row.total_minor, row.currency))
    sums = [f"  {name}: {cost}" for name, cost in (*_sums(record, words), total, *_contained(record, words))]
    heading, lines = _goes_to(row, words)
    blocks = [
        words.greeting.format(name=row.contact_name),
        words.thanks.format(number=row.number, shop=seller.name),
        *([f"{words.how_to_pay}:\n{how_to_pay}"] if how_to_pay else []),
        "\n".join(bought),
        "\n".join(sums),
        f"{heading}:\n" + "\n".join(f"  {part}" for part in lines),
        f"{words.view}:\n{order_link(row, public_url)}\n{words.private}",
        f"{words.seller}:\n" + "\n".join(f"  {part}" for part in _seller(seller)),
    ]
    return "\n\n".join(blocks) + "\n"


def _html(record: Record, seller: Seller, words: Words, public_url: str, how_to_pay: str) -> str:
    row = record.order
    cell, money = 'style="padding:6px 0"', 'style="padding:6px 0;text-align:right;white-space:nowrap"'

    def table_row(name: str, cost: str, tag: str = "td") -> str:
        return f"<tr><{tag} {cell}>{escape(name)}</{tag}><{tag} {money}>{escape(cost)}</{tag}></tr>"

    rows = [table_row(*line) for line in _lines(record)]
    rows += ['<tr><td colspan="2"><hr></td></tr>', *(table_row(*line) for line in _sums(record, words))]
    rows.append(table_row(words.total, plain(row.total_minor, row.currency), "th"))
    rows += [table_row(*line) for line in _contained(record, words)]
    heading, lines = _goes_to(row, words)
    link = escape(order_link(row, public_url), quote=True)
    by_hand = escape(how_to_pay).replace("\n", "<br>")
    address, sold_by = ("<br>".join(escape(part) for part in parts) for parts in (lines, _seller(seller)))
    return (
        f'<!doctype html><html lang="{escape(row.language, quote=True)}"><meta charset="utf-8">'
        '<body style="font:16px/1.5 system-ui,sans-serif;color:#1b1b1f;max-width:560px;margin:24px auto">'
        f"<p>{escape(words.greeting.format(name=row.contact_name))}</p>"
        f"<p>{escape(words.thanks.format(number=row.number, shop=seller.name))}</p>"
        f"{f'<h3>{escape(words.how_to_pay)}</h3><p>{by_hand}</p>' if how_to_pay else ''}"
        f'<table style="width:100%;border-collapse:collapse;text-align:left">{"".join(rows)}</table>'
        f"<h3>{escape(heading)}</h3><p>{address}</p>"
        f'<p><a href="{link}">{escape(words.view)}</a><br><small>{escape(words.private)}</small></p>'
        f"<h3>{escape(words.seller)}</h3><p>{sold_by}</p></body></html>\n"
    )
