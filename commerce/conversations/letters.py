"""The mails about messages that wait, as plain text, in the reader's language; pure.

They tell that there is something, never what: a mailbox may have other readers than the conversation.
"""

from typing import Any

import msgspec

from commerce.accounts.letters import Letter, Words
from commerce.language import in_language
from commerce.orders.confirmation import order_link
from commerce.orders.messages import Seller

_TO_BUYER = {
    "english": Words(
        "{shop} wrote to you about your order {number}",
        "Hello,\n\n{shop} wrote to you about your order {number}. Read it and answer here:\n\n{link}\n\n"
        "Please do not answer this mail: the shop would not see it.\n",
    ),
    "chinese": Words(
        "{shop} 给您发来了关于订单 {number} 的消息",
        "您好：\n\n{shop} 给您发来了关于订单 {number} 的消息。请在此查看并回复：\n\n{link}\n\n"
        "请勿直接回复此邮件，店铺无法看到。\n",
    ),
}
_TO_SHOP = {
    "english": Words(
        "A buyer wrote to you about order {number}",
        "Hello {name},\n\nthe buyer of order {number} wrote to you. Read it and answer here:\n\n{link}\n\n"
        "Please do not answer this mail: the buyer would not see it.\n",
    ),
    "chinese": Words(
        "买家发来了关于订单 {number} 的消息",
        "{name}，您好：\n\n订单 {number} 的买家给您发来了消息。请在此查看并回复：\n\n{link}\n\n"
        "请勿直接回复此邮件，买家无法看到。\n",
    ),
}


def to_buyer(order: Any, public_url: str) -> Letter:
    """Tell a buyer that the shop wrote."""
    words = in_language(order.language, **_TO_BUYER)
    shop = " ".join(msgspec.json.decode(order.seller, type=Seller).name.split())
    facts = {"shop": shop, "number": order.number, "link": f"{order_link(order, public_url)}&messages=1"}
    return Letter(
        to=order.contact_email, subject=words.subject.format(**facts), text=words.text.format(**facts)
    )


def to_staff(order: Any, language: str, name: str, email: str, public_url: str) -> Letter:
    """Tell somebody of the shop that a buyer wrote."""
    words = in_language(language, **_TO_SHOP)
    link = f"{public_url}/host/orders#shop={order.shop}&order={order.id}"
    facts = {"name": name, "number": order.number, "link": link}
    return Letter(to=email, subject=words.subject.format(**facts), text=words.text.format(**facts))
