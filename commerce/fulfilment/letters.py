"""The mail that says that a parcel is under way, in the buyer's language; pure."""

from dataclasses import dataclass

import msgspec

from commerce.fulfilment.parcels_sql import Parcel
from commerce.language import in_language
from commerce.orders.messages import Seller
from commerce.orders.states import Fulfilment
from commerce.returns.facts import Facts
from commerce.returns.letters import Letter, item_lines, letter


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; `{…}` are filled in."""

    subject: str
    sent: str
    more: str
    carrier: str
    tracking: str


_ENGLISH = Words(
    subject="Your order {number} from {shop} is on its way",
    sent="this is on its way to you:",
    more="The rest of your order follows.",
    carrier="Carrier: {carrier}",
    tracking="Tracking number: {tracking}",
)
_CHINESE = Words(
    subject="您在 {shop} 的订单 {number} 已发货",
    sent="以下商品已发货：",
    more="订单的其余商品将随后发出。",
    carrier="承运商：{carrier}",
    tracking="运单号：{tracking}",
)


def sent_letter(facts: Facts, parcel: Parcel, public_url: str) -> Letter:
    """Return the mail about one parcel, with the page on which its way can be followed."""
    row = facts.record.order
    words = in_language(row.language, english=_ENGLISH, chinese=_CHINESE)
    shop = msgspec.json.decode(row.seller, type=Seller).name
    way = [
        words.carrier.format(carrier=parcel.row.carrier) if parcel.row.carrier else "",
        words.tracking.format(tracking=parcel.row.tracking) if parcel.row.tracking else "",
        parcel.row.tracking_url or "",
    ]
    blocks = [
        f"{words.sent}\n{item_lines(facts, parcel.units)}",
        "\n".join(line for line in way if line),
        words.more if facts.fulfilment is not Fulfilment.SENT else "",
    ]
    return letter(facts, words.subject.format(number=row.number, shop=shop), blocks, public_url)
