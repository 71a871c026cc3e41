"""Tells people that the waitlist offers them units: on their screens at once, and by mail when they are away.

Away means: some seconds after the offer it still stands, open and untouched. Before checkout only accounts
have an e-mail. The mail's row is written in the transaction that copies the ledger, so it comes once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from commerce.accounts.people_sql import names_and_emails
from commerce.database_sql import Sql
from commerce.events import Entry, Kind
from commerce.language import in_language
from commerce.orders.people_redis import PeopleChannel
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.ports import Mailer
from commerce.sale.door import BuyingDoor
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.messages import ReservationView
from commerce.sale.types import Reservation, ReservationState

AWAY_MS: Final = 15_000
"""An offer that is still untouched after this goes by mail too."""
KIND: Final = "offer_mail"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's phrases; `{…}` are filled in."""

    subject: str
    text: str


_ENGLISH = Words(
    "Yours until {time}: {title}",
    "Hello {name},\n\nyou waited for {title}. {quantity} × is held for you until {time}:\n\n{link}\n\n"
    "If you do not want it any more, do nothing: it goes to the next person in line.\n",
)
_CHINESE = Words(
    "为您保留至 {time}：{title}",
    "{name}，您好：\n\n您候补的商品 {title} 有货了，已为您保留 {quantity} 件，至 {time}：\n\n{link}\n\n"
    "如果您不再需要，无需操作，商品将转给下一位候补者。\n",
)


class Offers:
    """What the ledger's copier does about the waitlist's offers."""

    def __init__(
        self,
        outbox: Outbox,
        engine: SaleEngine,
        door: BuyingDoor,
        people: PeopleChannel,
        mailer: Mailer,
        public_url: str,
    ) -> None:
        self._outbox = outbox
        self._engine = engine
        self._door = door
        self._people = people
        self._mailer = mailer
        self._public_url = public_url
        outbox.handle(KIND, self._mail)

    async def plan(self, sql: Sql, shop: str, entries: Iterable[Entry]) -> None:
        """Write a row for each account that was offered something, in the caller's transaction."""
        for entry in entries:
            if _is_offer(entry) and (entry.person or "").startswith("ac_"):
                told = {"reservation": entry.reservation, "language": entry.body.get("language", "en")}
                await self._outbox.add(sql, KIND, told, shop=shop, delay_ms=AWAY_MS)

    async def tell(self, shop: str, entries: Iterable[Entry]) -> None:
        """Show offers on their people's screens."""
        for entry in entries:
            if _is_offer(entry) and (open_offer := await self._open(shop, entry.reservation or "")):
                view = await self._door.view(shop, open_offer)
                await self._people.reservation(shop, open_offer.person, view)

    async def _open(self, shop: str, reservation: str) -> Reservation | None:
        found = await self._engine.reservation(shop, reservation)
        return found if found is not None and found.state is ReservationState.OPEN else None

    async def _mail(self, row: OutboxRow) -> None:
        """Carry out `offer_mail`, unless the person was there and took or refused the offer."""
        assert row.shop is not None
        offer = await self._open(row.shop, row.payload["reservation"])
        if offer is None:
            return
        async with self._outbox.database.read() as sql:
            known = await names_and_emails(sql, [offer.person])
        if offer.person in known:
            view = await self._door.view(row.shop, offer)
            subject, text = offer_letter(
                known[offer.person][0], view, self._public_url, row.payload["language"]
            )
            await self._mailer.send(known[offer.person][1], subject, text)


def _is_offer(entry: Entry) -> bool:
    return entry.offered and entry.kind is Kind.RESERVE


def offer_letter(name: str, offer: ReservationView, public_url: str, language: str) -> tuple[str, str]:
    """Return subject and text; times are in UTC, since nobody knows the reader's zone."""
    words = in_language(language, english=_ENGLISH, chinese=_CHINESE)
    (line,) = offer.lines
    title = " ".join(f"{line.title} {line.variant_title}".split())
    facts = {
        "name": name,
        "title": title,
        "quantity": line.quantity,
        "time": f"{datetime.fromtimestamp(offer.deadline_ms / 1000, UTC):%H:%M} UTC",
        "link": f"{public_url}/shows/{offer.show}" if offer.show else public_url,
    }
    return words.subject.format(**facts), words.text.format(**facts)
