"""Puts buying, orders and payments together on the services of the other domains."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commerce.buyers import buyers_sql
from commerce.buyers.buyers import Buyers
from commerce.clients_redis import is_cluster
from commerce.database_sql import Sql
from commerce.keys_crypto import Keys
from commerce.orders import orders_sql
from commerce.orders.book import OrderBook
from commerce.orders.checkout import CheckoutDesk, CheckoutSettings
from commerce.orders.ledger_copy import LedgerCopier
from commerce.orders.offers import Offers
from commerce.orders.orders_sql import Row
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.placed import PlacedOrders
from commerce.orders.quotes import Quotes
from commerce.orders.reconcile import Reconciler
from commerce.orders.repair import StockRepair
from commerce.orders.service import Orders
from commerce.orders.settlement import AuthorisedHook, Settlement
from commerce.orders.sweep import Sweep
from commerce.orders.wares import RememberedWares
from commerce.payments.after_answer import AfterAnswer
from commerce.payments.methods import PaymentMethods
from commerce.payments.provider import PaymentProvider, ProviderError, ProviderPayment
from commerce.payments.providers import providers_of
from commerce.payments.sandbox.bank import SandboxBank
from commerce.payments.sandbox.messages import Act
from commerce.payments.sandbox.webhook_client import WebhookSender
from commerce.payments.sandbox_client import SandboxClient
from commerce.payments.webhooks import WebhookInbox
from commerce.returns import returns_sql
from commerce.returns.assembly import after_sale
from commerce.sale.admission import QueueSettings
from commerce.sale.door import BuyingDoor
from commerce.sale.waitlist import Waitlist
from commerce.services import CommerceServices

log = logging.getLogger(__name__)

SANDBOX_PAGE = "/pay/sandbox"
"""Where the sandbox's page is: a path, so that it is on whatever address the buyer uses."""

LIMITS_KEY = "buyer-limits"
"""Purpose of the key under which e-mails, addresses and cards are counted against limits."""


@dataclass(slots=True)
class Sandbox:
    """The sandbox provider and what its merchant speaks to it with."""

    bank: SandboxBank
    api_key: str


@dataclass(slots=True)
class Payments:
    """Everything about paying. `sandbox` is None while it is off."""

    providers: Mapping[str, PaymentProvider]
    inbox: WebhookInbox
    background: AfterAnswer
    methods: PaymentMethods
    sandbox: Sandbox | None
    clients: list[Any] = field(default_factory=list)

    async def close(self) -> None:
        """Let running work end and close the connections."""
        await self.background.close()
        for client in self.clients:
            await client.close()


@dataclass(slots=True)
class JobParts:
    """What the worker's jobs call besides the services."""

    copier: LedgerCopier
    sweep: Sweep
    repair: StockRepair
    reconciler: Reconciler


def fill_orders(
    services: CommerceServices,
    *,
    own_url: str | None = None,
    sandbox_late_ms: int = 10_000,
    sandbox_test: Act | None = None,
) -> None:
    """Set `services.orders`, `.payments`, `.door`, `.waitlist`, `.jobs`, `.book` and `.after`.

    `own_url` is where this server reaches its own front (the sandbox speaks HTTP to it), None takes
    the public address. `sandbox_test` makes every sandbox payment act at once, without its page.
    Close with `await services.payments.close()`.
    """
    settings, keys = services.settings, services.keys
    base_url = (own_url or settings.public_url).rstrip("/")
    background = AfterAnswer()
    people = PeopleChannel(services.redis, sharded=is_cluster(services.redis))
    wares = RememberedWares(services.catalogue, services.shops, services.now_ms)
    queue = QueueSettings(settings.draw_ms, settings.queue_after_ms, settings.queue_most)
    door = BuyingDoor(
        services.engine, wares, people, services.new_id, hold_ms=settings.hold_s * 1000, queue=queue
    )
    made = providers_of(settings)
    providers: dict[str, PaymentProvider] = {**made}
    clients: list[Any] = [*made.values()]
    sandbox = None
    if "sandbox" in settings.payments:
        client, sandbox = _sandbox(services, keys, background, base_url, sandbox_late_ms, sandbox_test)
        providers[client.name] = client
        clients += [client, sandbox.bank]
    settlement = _settlement(services, providers, people, background)
    methods = PaymentMethods(services.database, providers, services.shops, services.now_ms)
    quotes = Quotes(services.engine, door, wares, services.terms)
    buyers = Buyers(services.outbox, providers, services.now_ms, services.new_id)
    settlement.authorised_hooks.append(_keep_means(buyers))
    desk = _desk(services, door, wares, providers, settlement, methods, quotes, buyers)
    inbox = WebhookInbox(services.database, providers, settlement, background, services.now_ms)
    offers = Offers(services.outbox, services.engine, door, people, services.mailer, settings.public_url)
    copier = LedgerCopier(services.outbox, services.engine, door, people, offers, services.now_ms)
    services.door = door
    services.waitlist = Waitlist(
        services.engine,
        door,
        wares,
        services.new_id,
        offer_ms=settings.offer_s * 1000,
        most=settings.waitlist_most,
    )
    services.orders = Orders(services.database, desk, quotes, settlement, services.staff, services.now_ms)
    services.payments = Payments(providers, inbox, background, methods, sandbox, clients)
    services.buyers = buyers
    services.book = OrderBook(services.database)
    services.after = after_sale(services, providers, people)
    services.sessions.merge_hooks += [_merge_orders, buyers_sql.give_to]
    services.accounts.forget_hooks += [_forget_orders, buyers.forget_in, returns_sql.forget_person]
    repair = StockRepair(services.database, services.engine, copier, services.now_ms, services.new_id)
    sweep = Sweep(services.database, services.engine, services.shops, copier, repair)
    reconciler = Reconciler(services.database, sweep, providers, services.now_ms)
    services.jobs = JobParts(copier, sweep, repair, reconciler)


def _settlement(
    services: CommerceServices,
    providers: Mapping[str, PaymentProvider],
    people: PeopleChannel,
    background: AfterAnswer,
) -> Settlement:
    return Settlement(
        services.database,
        services.outbox,
        services.engine,
        providers,
        people,
        background,
        services.now_ms,
        lambda text: services.keys.digest(LIMITS_KEY, text),
        services.settings.public_url,
    )


def _desk(
    services: CommerceServices,
    door: BuyingDoor,
    wares: RememberedWares,
    providers: Mapping[str, PaymentProvider],
    settlement: Settlement,
    methods: PaymentMethods,
    quotes: Quotes,
    buyers: Buyers,
) -> CheckoutDesk:
    settings = CheckoutSettings(
        public_url=services.settings.public_url,
        pay_extra_ms=services.settings.pay_extra_s * 1000,
        id_key=services.keys.derive("order-ids"),
        digest=lambda text: services.keys.digest(LIMITS_KEY, text),
    )
    placed = PlacedOrders(services.outbox, settlement, services.now_ms)
    return CheckoutDesk(
        services.outbox,
        services.engine,
        door,
        wares,
        providers,
        settlement,
        methods,
        placed,
        services.now_ms,
        settings,
        quotes,
        buyers,
    )


def _keep_means(buyers: Buyers) -> AuthorisedHook:
    """Let a buyer's means of payment be remembered once it paid, where they asked for it."""

    async def keep(order: Row, attempt: Row, news: ProviderPayment) -> None:
        if not attempt.keeps_means:
            return
        try:
            await buyers.authorised(order.person, attempt.method, news)
        except ProviderError as error:  # the buyer is asked for it again next time, no more
            log.warning("the means of payment of %s was not remembered: %s", attempt.id, error)

    return keep


async def _merge_orders(sql: Sql, guest: str, account: str) -> None:
    await orders_sql.give_to(sql, guest, account)


async def _forget_orders(sql: Sql, person: str) -> None:
    await orders_sql.forget_person(sql, person)


def _sandbox(
    services: CommerceServices,
    keys: Keys,
    background: AfterAnswer,
    base_url: str,
    late_ms: int,
    test: Act | None,
) -> tuple[SandboxClient, Sandbox]:
    """Make the provider, and the client that reaches it over HTTP like any other."""
    api_key, secret = keys.derive("sandbox-api-key").hex(), keys.derive("sandbox-webhooks")
    bank = SandboxBank(
        services.database,
        WebhookSender(f"{base_url}/api/v1/payments/sandbox/webhook", secret),
        background,
        services.now_ms,
        services.new_id,
        page_url=SANDBOX_PAGE,
        late_ms=late_ms,
    )
    return SandboxClient(base_url, api_key, secret, test), Sandbox(bank, api_key)
