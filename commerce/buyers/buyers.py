"""What buyers let us remember: read, changed, used to pay, forgotten."""

import logging
import re
from collections.abc import Mapping

from commerce.buyers import buyers_sql
from commerce.buyers.buyers_sql import MeansRow
from commerce.buyers.structs import SaveBuyer, SavedBuyer
from commerce.database_sql import Sql
from commerce.errors import InvalidField
from commerce.orders.contact import checked_address, checked_contact
from commerce.orders.messages import Address, Contact
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.payments.provider import KeepsMeans, PaymentProvider, ProviderPayment, ProviderRefused
from commerce.payments.states import PaymentState
from commerce.ports import Clock, NewId

log = logging.getLogger(__name__)

_ID = re.compile(r"me_[a-z0-9]{1,32}")
FORGET = "forget_means"
"""The outbox's kind of row that tells a provider to forget a means of payment."""


class Buyers:
    """Remembers buyers who asked for it; the provider keeps the means of payment, here is only its token."""

    def __init__(
        self, outbox: Outbox, providers: Mapping[str, PaymentProvider], now_ms: Clock, new_id: NewId
    ) -> None:
        self._outbox = outbox
        self._providers = providers
        self._now_ms = now_ms
        self._new_id = new_id
        outbox.handle(FORGET, self._tell_provider)

    async def of(self, person: str) -> SavedBuyer:
        """Return what is remembered of a person."""
        async with self._outbox.database.read() as sql:
            return await buyers_sql.saved_of(sql, person)

    async def put(self, person: str, body: SaveBuyer) -> SavedBuyer:
        """Remember contact and address in place of earlier ones; raises InvalidField."""
        contact = checked_contact(body.contact)
        address = None if body.address is None else checked_address(body.address)
        async with self._outbox.database.write() as sql:
            await buyers_sql.put_details(sql, person, contact, address, self._now_ms())
        return await self.of(person)

    async def remember(
        self,
        sql: Sql,
        person: str,
        shop: str,
        contact: Contact,
        address: Address | None,
        shipping: str | None,
    ) -> None:
        """Remember what an order was made with; an order without address leaves the earlier one."""
        saved = await buyers_sql.saved_of(sql, person)
        await buyers_sql.put_details(sql, person, contact, address or saved.address, self._now_ms())
        if shipping is not None:
            await buyers_sql.put_shipping(sql, person, shop, shipping)

    async def forget(self, person: str) -> None:
        """Forget everything, also at the providers. Repeating it is harmless."""
        async with self._outbox.write() as unit:
            unit.lanes |= dict.fromkeys(await self._forget(unit.sql, person))

    async def forget_in(self, sql: Sql, person: str) -> None:
        """Forget everything in the caller's transaction; the worker tells the providers."""
        await self._forget(sql, person)

    async def _forget(self, sql: Sql, person: str) -> list[str]:
        """Delete all rows of a person; returns the lanes of the outbox in which providers are told."""
        tokens = await buyers_sql.means(sql, person)
        await buyers_sql.forget(sql, person)
        told = [{"provider": one.provider, "token": one.token} for one in tokens]
        return [(await self._outbox.add(sql, FORGET, one))[1] for one in told]

    async def forget_means(self, person: str, means: str) -> SavedBuyer:
        """Forget one means of payment, also at its provider; harmless when it is not there."""
        async with self._outbox.write() as unit:
            found = await buyers_sql.means(unit.sql, person, means) if _ID.fullmatch(means) else []
            for one in found:
                await buyers_sql.drop_means(unit.sql, person, one.id)
                await unit.add(FORGET, {"provider": one.provider, "token": one.token})
        return await self.of(person)

    async def charge_token(self, person: str, method: str, means: str) -> str:
        """Return the provider's token of a means of payment; raises InvalidField `means`.

        It must be the person's own, of the provider named by `method`, and one that can be charged.
        """
        async with self._outbox.database.read() as sql:
            found = await buyers_sql.means(sql, person, means) if _ID.fullmatch(means) else []
        if not found or found[0].provider != method or not self.keeps(method):
            raise InvalidField("There is no such remembered means of payment.", field="means")
        return found[0].token

    def keeps(self, method: str) -> bool:
        """Tell whether this provider can keep a means of payment."""
        return isinstance(self._providers.get(method), KeepsMeans)

    async def authorised(self, person: str, method: str, news: ProviderPayment) -> None:
        """Write down the means of payment that the provider kept of an authorised payment, if it did.

        A webhook may tell less than the provider knows, so it is asked.
        """
        provider = self._providers[method]
        told = news if news.means else await provider.status(news.payment, news.reference)
        if told is None or told.means is None or told.state in {PaymentState.DECLINED, PaymentState.VOIDED}:
            return
        row = MeansRow(self._new_id("me"), person, method, told.means.token)
        async with self._outbox.database.write() as sql:
            await buyers_sql.add_means(sql, row, told.means.label, self._now_ms())

    async def _tell_provider(self, row: OutboxRow) -> None:
        name, token = row.payload["provider"], row.payload["token"]
        provider: object = self._providers.get(name)
        async with self._outbox.database.read() as sql:
            if await buyers_sql.token_is_used(sql, name, token):
                return  # remembered again meanwhile
        if not isinstance(provider, KeepsMeans):
            log.warning("a means of payment cannot be forgotten at %s: it is switched off", name)
            return
        try:
            await provider.forget(token)
        except ProviderRefused as refused:
            log.warning("%s did not forget a means of payment (%s)", name, refused.code)
