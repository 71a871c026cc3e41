"""The mails about what follows a sale, as plain text, in the buyer's language; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

import msgspec

from commerce.language import in_language
from commerce.money import plain
from commerce.orders.confirmation import order_link
from commerce.orders.messages import Seller
from commerce.orders.orders_sql import Row
from commerce.orders.units import LineUnits
from commerce.returns.facts import Facts
from commerce.returns.refunds_sql import Refund
from commerce.returns.states import Cause, ReturnKind


class Letter(TypedDict):
    """The payload of an outbox row of kind `mail`."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; `{…}` are filled in."""

    hello: str
    see: str
    reason: str
    seller: str
    refund_subject: str
    refund: str
    cancelled: str
    withdrawal_subject: str
    withdrawal: str
    withdrawal_rest: str
    return_subject: str
    return_asked: str
    cancel_subject: str
    cancel_asked: str
    declined_subject: str
    declined: str
    answer: str
    by: str


_ENGLISH = Words(
    hello="Hello {name},",
    see="See your order:",
    reason="Reason: {reason}",
    seller="Seller:",
    refund_subject="Refund for your order {number} at {shop}",
    refund="we are giving you back {amount} for your order {number}. The money goes the way it came; "
    "that can take some days.",
    cancelled="your order {number} is cancelled. You get back {amount} the way you paid; "
    "that can take some days.",
    withdrawal_subject="We have your withdrawal from order {number}",
    withdrawal="we have received your withdrawal from the contract of order {number}.\n\n"
    "Received: {when}\nWithdrawn from: order {number} of {ordered}\nBy: {who}",
    withdrawal_rest="Please send the goods back within 14 days, unless we have not sent them yet. "
    "Keep this mail: it is your receipt.",
    return_subject="Your return of order {number}",
    return_asked="we have received your wish to return a part of your order {number}, or all of it, "
    "on {when}. The shop will get in touch with you.",
    cancel_subject="Your wish to cancel order {number}",
    cancel_asked="we have received your wish to cancel your order {number} on {when}. "
    "If it has not been sent yet, you get your money back.",
    declined_subject="About your request for order {number}",
    declined="the shop cannot do what you asked for your order {number}.",
    answer="The shop says: {answer}",
    by="{name}, {email}",
)
_CHINESE = Words(
    hello="{name}，您好：",
    see="查看订单：",
    reason="原因：{reason}",
    seller="卖家：",
    refund_subject="您在 {shop} 的订单 {number} 已退款",
    refund="您的订单 {number} 退款 {amount}。款项将按原路退回，可能需要几天。",
    cancelled="您的订单 {number} 已取消。{amount} 将按原路退回，可能需要几天。",
    withdrawal_subject="我们已收到您对订单 {number} 的撤回声明",
    withdrawal="我们已收到您撤回订单 {number} 合同的声明。\n\n"
    "收到时间：{when}\n撤回内容：{ordered} 的订单 {number}\n声明人：{who}",
    withdrawal_rest="请在 14 天内寄回商品（尚未发货的除外）。请保存此邮件作为凭证。",
    return_subject="订单 {number} 的退货申请",
    return_asked="我们已于 {when} 收到您对订单 {number} 的退货申请。店铺会与您联系。",
    cancel_subject="订单 {number} 的取消申请",
    cancel_asked="我们已于 {when} 收到您取消订单 {number} 的申请。如尚未发货，款项将退还给您。",
    declined_subject="关于您对订单 {number} 的申请",
    declined="店铺无法同意您对订单 {number} 的申请。",
    answer="店铺留言：{answer}",
    by="{name}，{email}",
)


def moment(at_ms: int) -> str:
    """Write a moment so that nobody reads it otherwise: `2026-06-19 14:32:05 UTC`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def day(at_ms: int) -> str:
    """Write a day: `2026-06-19`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def words_of(row: Row) -> Words:
    """Return the phrases in the order's language."""
    return in_language(row.language, english=_ENGLISH, chinese=_CHINESE)


def item_lines(facts: Facts, units: Sequence[LineUnits]) -> str:
    """Return what some units are, one line each."""
    lines = {line.position: line for line in facts.record.lines}
    named = []
    for one in units:
        line = lines[one.position]
        variant = f" · {line.variant_title}" if line.variant_title else ""
        named.append(f"  {one.quantity} × {line.title}{variant}")
    return "\n".join(named)


def letter(facts: Facts, subject: str, blocks: Sequence[str], public_url: str, *, to: str = "") -> Letter:
    """Return a mail about an order: greeting, blocks, the link, who sells."""
    row, words = facts.record.order, words_of(facts.record.order)
    seller = msgspec.json.decode(row.seller, type=Seller)
    sold_by = [seller.legal_name or seller.name, *seller.legal_address.splitlines(), seller.contact_email]
    texts = [
        words.hello.format(name=row.contact_name),
        *(block for block in blocks if block),
        f"{words.see}\n{order_link(row, public_url)}",
        "\n".join([words.seller, *(f"  {part}" for part in sold_by if part)]),
    ]
    one_line = " ".join(subject.split())
    return Letter(to=to or row.contact_email or "", subject=one_line, text="\n\n".join(texts) + "\n")


def refund_letter(facts: Facts, refund: Refund, public_url: str) -> Letter:
    """Return the mail that tells of a refund, or of a cancellation with its money."""
    row, words = facts.record.order, words_of(facts.record.order)
    shop = msgspec.json.decode(row.seller, type=Seller).name
    said = words.cancelled if refund.row.cause == Cause.CANCELLATION else words.refund
    amount = plain(refund.row.amount_minor, refund.row.currency)
    units = [LineUnits(one.position, one.quantity) for one in refund.units]
    blocks = [
        said.format(number=row.number, amount=amount),
        item_lines(facts, units),
        words.reason.format(reason=refund.row.reason) if refund.row.reason else "",
    ]
    return letter(facts, words.refund_subject.format(number=row.number, shop=shop), blocks, public_url)


def asked_letter(
    facts: Facts,
    kind: ReturnKind,
    units: Sequence[LineUnits],
    reason: str,
    who: tuple[str, str],
    now_ms: int,
    public_url: str,
) -> Letter:
    """Return the acknowledgement of what a buyer asked for: when it came, and its whole content.

    `who` is name and e-mail of the person who asked; for a withdrawal it goes there.
    """
    row, words = facts.record.order, words_of(facts.record.order)
    subject, said, rest = {
        ReturnKind.WITHDRAWAL: (words.withdrawal_subject, words.withdrawal, words.withdrawal_rest),
        ReturnKind.RETURN: (words.return_subject, words.return_asked, ""),
        ReturnKind.CANCELLATION: (words.cancel_subject, words.cancel_asked, ""),
    }[kind]
    filled = said.format(
        number=row.number,
        when=moment(now_ms),
        ordered=day(row.created_at_ms),
        who=words.by.format(name=who[0], email=who[1]),
    )
    blocks = [filled, item_lines(facts, units), words.reason.format(reason=reason) if reason else "", rest]
    return letter(facts, subject.format(number=row.number), blocks, public_url, to=who[1])


def declined_letter(facts: Facts, answer: str, public_url: str) -> Letter:
    """Return the mail that says no to a return or a cancellation."""
    row, words = facts.record.order, words_of(facts.record.order)
    blocks = [words.declined.format(number=row.number), words.answer.format(answer=answer) if answer else ""]
    return letter(facts, words.declined_subject.format(number=row.number), blocks, public_url)
