"""The mail that tells a shop's owners that a webhook was switched off."""

from dataclasses import dataclass
from typing import Any

from commerce.accounts import people_sql as people
from commerce.language import in_language
from commerce.outbox_sql import Unit
from commerce.shops import staff_sql
from commerce.webhooks.schedule import OffReason


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sentences; `{name}`, `{url}` and `{link}` are filled in."""

    subject: str
    gone: str
    failing: str
    after: str


_ENGLISH = Words(
    subject="A webhook of your shop was switched off",
    gone="Hello {name},\n\nthe receiver of this webhook answered that it wants nothing more (410 Gone):\n\n"
    "{url}\n\n",
    failing="Hello {name},\n\nthis webhook has taken nothing for five days:\n\n{url}\n\n",
    after="It is switched off and gets no new events. When it works again, switch it on here, and send again "
    "what it missed:\n\n{link}\n",
)
_CHINESE = Words(
    subject="您店铺的一个 Webhook 已停用",
    gone="{name}，您好：\n\n以下 Webhook 的接收方表示不再需要通知（410 Gone）：\n\n{url}\n\n",
    failing="{name}，您好：\n\n以下 Webhook 已连续五天未能接收通知：\n\n{url}\n\n",
    after="它已停用，不再收到新事件。恢复后请在此重新启用，并补发错过的内容：\n\n{link}\n",
)


async def tell_owners(unit: Unit, endpoint: Any, reason: OffReason, public_url: str) -> None:
    """Mail every owner of an endpoint's shop, in the transaction that switches it off."""
    words = in_language(endpoint.language, english=_ENGLISH, chinese=_CHINESE)
    text = (words.gone if reason is OffReason.GONE else words.failing) + words.after
    link = f"{public_url}/host#shop={endpoint.shop}&page=webhooks"
    staff = await staff_sql.staff_of(unit.sql, endpoint.shop)
    owners = [one.person for one in staff if one.role == "owner"]
    known = await people.names_and_emails(unit.sql, owners)
    for name, email in known.values():
        if email:
            letter = {
                "to": email,
                "subject": words.subject,
                "text": text.format(name=name, url=endpoint.url, link=link),
            }
            await unit.add("mail", letter)
