"""The mail that tells a shop what its buyers ask for, as plain text; pure.

It names orders and what is asked, no buyer and none of their words: a mailbox may have other readers than
the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from commerce.accounts.letters import Letter
from commerce.language import in_language
from commerce.returns.letters import moment
from commerce.returns.states import ReturnKind

MOST_NAMED: Final = 20
"""So many requests are named; the desk has the rest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its kind, the order's number, and when it came."""

    kind: ReturnKind
    number: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A kind of request: as the subject when it is the only one, and in the list of many."""

    subject: str
    listed: str


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; `{…}` are filled in."""

    kinds: dict[ReturnKind, Phrase]
    many: str
    hello: str
    line: str
    more: str
    withdrawal: str
    desk: str


_ENGLISH = Words(
    kinds={
        ReturnKind.RETURN: Phrase("A buyer wants to return goods of order {number}", "wants to return goods"),
        ReturnKind.WITHDRAWAL: Phrase("A buyer withdrew from order {number}", "withdrew from the contract"),
        ReturnKind.CANCELLATION: Phrase("A buyer wants to cancel order {number}", "wants to cancel"),
    },
    many="{count} requests of buyers wait for you",
    hello="Hello {name},\n\nthis came from your buyers:",
    line="  {number}: {kind} ({when})",
    more="  and {count} more",
    withdrawal="A withdrawal needs no consent of yours. The law gives you 14 days from when it came to pay "
    "the money back; you may wait for the goods, or for proof that they were sent.",
    desk="See what they want, and answer:\n{link}",
)
_CHINESE = Words(
    kinds={
        ReturnKind.RETURN: Phrase("买家申请退货：订单 {number}", "申请退货"),
        ReturnKind.WITHDRAWAL: Phrase("买家已撤回合同：订单 {number}", "撤回合同"),
        ReturnKind.CANCELLATION: Phrase("买家申请取消：订单 {number}", "申请取消"),
    },
    many="有 {count} 个买家申请等待处理",
    hello="{name}，您好：\n\n您的买家提交了以下申请：",
    line="  {number}：{kind}（{when}）",
    more="  另有 {count} 个",
    withdrawal="撤回合同无需您同意。依法应在收到声明后 14 天内退款；可待收到退回商品或寄出凭证后再退。",
    desk="查看并处理：\n{link}",
)


def asked_letter(
    asked: Sequence[Asked], shop: str, language: str, name: str, email: str, public_url: str
) -> Letter:
    """Tell somebody of the shop (by its id) what was asked, oldest first; `asked` is not empty."""
    words = in_language(language, english=_ENGLISH, chinese=_CHINESE)
    first = asked[0]
    subject = words.kinds[first.kind].subject if len(asked) == 1 else words.many
    lines = [
        words.line.format(number=one.number, kind=words.kinds[one.kind].listed, when=moment(one.at_ms))
        for one in asked
    ]
    if len(lines) > MOST_NAMED:
        lines[MOST_NAMED:] = [words.more.format(count=len(lines) - MOST_NAMED)]
    withdrawn = any(one.kind is ReturnKind.WITHDRAWAL for one in asked)
    blocks = [
        words.hello.format(name=name),
        "\n".join(lines),
        words.withdrawal if withdrawn else "",
        words.desk.format(link=f"{public_url}/host/orders#shop={shop}&state=asked"),
    ]
    return Letter(
        to=email,
        subject=subject.format(number=first.number, count=len(asked)),
        text="\n\n".join(block for block in blocks if block) + "\n",
    )
