"""Which ways to pay a shop offers, and what it tells buyers who pay by hand."""

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

from commerce import text
from commerce.database_sql import Database
from commerce.errors import InvalidField
from commerce.payments import methods_sql
from commerce.payments.provider import Flow, PaymentProvider
from commerce.payments.refusals import NoSuchProvider
from commerce.ports import Clock

INSTRUCTIONS_CHARS: Final = 2_000


class PaymentMethod(msgspec.Struct):
    """A way to pay. `instructions` is the shop's text for paying by hand, None where there is none."""

    name: str
    flow: Flow
    instructions: str | None = None


class PaymentMethodList(msgspec.Struct):
    """The ways to pay a shop's buyers can choose from."""

    methods: list[PaymentMethod]


class PaymentSetting(msgspec.Struct):
    """A way to pay as its host sees it. `possible` False: it does not take the shop's currency."""

    name: str
    flow: Flow
    offered: bool
    possible: bool
    instructions: str


class PaymentSettingList(msgspec.Struct):
    """Every way to pay that this server knows."""

    methods: list[PaymentSetting]


class PaymentSettingRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the shop offers a way to pay, and its instructions."""

    offered: bool
    instructions: str = ""


class ShopFacts(Protocol):
    """What is needed to know of a shop."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def currency(self) -> str:
        """ISO 4217."""


class Shops(Protocol):
    """Looks up shops."""

    async def get(self, shop: str) -> ShopFacts:
        """Return a shop by id or slug; raises NoSuchShop."""


class PaymentMethods:
    """The shops' choices among the providers that are switched on.

    What a provider does by itself is offered until a host says no. Paying by hand is offered only after a
    host has said yes: somebody must watch for the money.
    """

    def __init__(
        self, database: Database, providers: Mapping[str, PaymentProvider], shops: Shops, now_ms: Clock
    ) -> None:
        self._database = database
        self._providers = providers
        self._shops = shops
        self._now_ms = now_ms

    async def settings(self, shop: str) -> PaymentSettingList:
        """Return every method with what the shop has decided; raises NoSuchShop."""
        found = await self._shops.get(shop)
        async with self._database.read() as sql:
            rows = await methods_sql.of_shop(sql, found.id)
        return PaymentSettingList(
            [
                PaymentSetting(
                    name=name,
                    flow=provider.flow,
                    offered=rows[name].offered if name in rows else provider.flow is not Flow.MANUAL,
                    possible=provider.currencies is None or found.currency in provider.currencies,
                    instructions=rows[name].instructions if name in rows else "",
                )
                for name, provider in sorted(self._providers.items())
            ]
        )

    async def offered(self, shop: str) -> PaymentMethodList:
        """Return what buyers can choose; raises NoSuchShop."""
        known = (await self.settings(shop)).methods
        return PaymentMethodList(
            [
                PaymentMethod(one.name, one.flow, one.instructions or None)
                for one in known
                if one.offered and one.possible
            ]
        )

    async def check(self, shop: str, method: str) -> None:
        """Raise InvalidField {methods} unless buyers of this shop can pay that way."""
        names = [one.name for one in (await self.offered(shop)).methods]
        if method not in names:
            raise InvalidField("There is no such way to pay.", field="method", methods=names)

    async def put(self, shop: str, method: str, wanted: PaymentSettingRequest) -> PaymentSettingList:
        """Decide about one method, as often as one likes. Raises NoSuchShop, NoSuchProvider, InvalidField."""
        found = await self._shops.get(shop)
        provider = self._providers.get(method)
        if provider is None:
            raise NoSuchProvider(methods=sorted(self._providers))
        said = text.paragraph(wanted.instructions, "instructions", INSTRUCTIONS_CHARS)
        if wanted.offered and not said and provider.needs_instructions:
            raise InvalidField("Buyers must be told how to pay.", field="instructions", reason="missing")
        values = {"offered": wanted.offered, "instructions": said, "updated_at_ms": self._now_ms()}
        async with self._database.write() as sql:
            await methods_sql.put(sql, found.id, method, values)
        return await self.settings(found.id)
