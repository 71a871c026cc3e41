"""Commerce assembled: everything the doors, the worker, the command line and the tests call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from commerce.accounts.accounts import Accounts
from commerce.accounts.passwords_crypto import Passwords
from commerce.accounts.revocations_redis import Revocations
from commerce.accounts.sessions import Sessions
from commerce.accounts.throttle_redis import Throttle
from commerce.blobs_files import BlobsFiles
from commerce.catalogue.catalogue import Catalogue
from commerce.catalogue.pictures import Pictures
from commerce.clients_redis import is_cluster
from commerce.clock import system_clock_ms
from commerce.database_sql import Database
from commerce.feeds.exports import Exports
from commerce.feeds.imports import Imports
from commerce.ids import new_id as random_id
from commerce.keys_crypto import Keys
from commerce.mail import mailer_for
from commerce.moderation.assembly import Moderation, open_moderation
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.ports import Blobs, Clock, Mailer, NewId, PictureSource
from commerce.sale.calls_redis import Copies
from commerce.sale.engine_redis import SaleEngine
from commerce.settings import CommerceSettings
from commerce.shops.bans_redis import RoomBans
from commerce.shops.bans_sql import Bans
from commerce.shops.shops import Shops
from commerce.shops.staff import Staff
from commerce.shows.sales import FlashSales
from commerce.shows.screens import Screens
from commerce.shows.shows import Shows
from commerce.terms.shop_terms import ShopTerms
from commerce.webhooks.assembly import Webhooks, open_webhooks


@dataclass(slots=True)
class CommerceServices:
    """The services by name. `redis` is a redis.asyncio client (plain or cluster) with retries off."""

    settings: CommerceSettings
    database: Database
    redis: Any
    now_ms: Clock
    new_id: NewId
    keys: Keys
    mailer: Mailer
    blobs: Blobs
    engine: SaleEngine
    outbox: Outbox
    accounts: Accounts
    sessions: Sessions
    staff: Staff
    shops: Shops
    bans: Bans
    catalogue: Catalogue
    pictures: Pictures
    shows: Shows
    sales: FlashSales
    screens: Screens
    webhooks: Webhooks
    imports: Imports
    exports: Exports
    terms: ShopTerms
    moderation: Moderation
    # Filled by commerce.orders.assembly.fill_orders; typed there, since it imports this file.
    orders: Any = field(default=None)
    payments: Any = field(default=None)
    door: Any = field(default=None)
    buyers: Any = field(default=None)
    waitlist: Any = field(default=None)
    jobs: Any = field(default=None)
    book: Any = field(default=None)
    after: Any = field(default=None)
    # Filled by commerce.community.assembly.fill_community.
    community: Any = field(default=None)
    # Filled by commerce.conversations.assembly.fill_conversations.
    conversations: Any = field(default=None)
    # Filled by commerce.sharing.assembly.fill_sharing.
    sharing: Any = field(default=None)
    # Filled by commerce.comment_pictures.assembly.fill_comment_pictures.
    comment_pictures: Any = field(default=None)

    async def snapshot(self, show: str) -> dict[str, Any] | None:
        """Answer what a room starts from (see `Screens.snapshot`)."""
        return await self.screens.snapshot(show)

    async def stream_key_check(self, show: str, key: str) -> str:
        """Answer the shop of a show whose encoder shows the right key (see `Shows.stream_key_check`)."""
        return await self.shows.stream_key_check(show, key)


def assemble(
    settings: CommerceSettings,
    database: Database,
    redis: Any,
    *,
    mailer: Mailer,
    blobs: Blobs,
    now_ms: Clock,
    new_id: NewId,
    pictures_from: PictureSource | None = None,
) -> CommerceServices:
    """Put the services together, each with what it calls; opens and starts nothing."""
    keys, passwords = Keys(settings.secret), Passwords(settings.password_memory_kib)
    copies = Copies(settings.replicas) if settings.replicas else None
    engine = SaleEngine(redis, sharded_wake=is_cluster(redis), copies=copies)
    outbox = Outbox(database, now_ms, new_id)
    gate, revocations = Throttle(redis, new_id), Revocations(redis)
    sessions = Sessions(settings, outbox, engine, keys, passwords, gate, revocations, now_ms, new_id)
    shops = Shops(database, now_ms, new_id)
    sales = FlashSales(outbox, engine, now_ms, new_id)
    catalogue, pictures = Catalogue(outbox, engine, now_ms, new_id), Pictures(database, blobs, now_ms, new_id)
    bans = Bans(outbox, engine, RoomBans(redis), now_ms)
    _handle_mail(outbox, mailer)
    return CommerceServices(
        settings=settings,
        database=database,
        redis=redis,
        now_ms=now_ms,
        new_id=new_id,
        keys=keys,
        mailer=mailer,
        blobs=blobs,
        engine=engine,
        outbox=outbox,
        accounts=Accounts(settings, outbox, keys, passwords, gate, sessions, now_ms, new_id),
        sessions=sessions,
        staff=Staff(database, now_ms),
        shops=shops,
        bans=bans,
        catalogue=catalogue,
        pictures=pictures,
        shows=Shows(outbox, engine, sales, keys, now_ms, new_id),
        sales=sales,
        screens=Screens(database, engine, shops, sales, now_ms),
        webhooks=open_webhooks(settings, outbox, keys, now_ms),
        imports=Imports(catalogue, pictures, shops, outbox, engine, blobs, now_ms, new_id, pictures_from),
        exports=Exports(database, engine, shops, settings.public_url),
        terms=ShopTerms(database, now_ms, new_id),
        moderation=open_moderation(outbox, bans, now_ms),
    )


def _handle_mail(outbox: Outbox, mailer: Mailer) -> None:
    """Let the outbox's mails leave by the mailer."""

    async def send_mail(row: OutboxRow) -> None:
        letter = row.payload
        await mailer.send(
            letter["to"],
            letter["subject"],
            letter["text"],
            letter.get("html"),
            unsubscribe=letter.get("unsubscribe"),
        )

    outbox.handle("mail", send_mail)


@asynccontextmanager
async def open_commerce(
    settings: CommerceSettings,
    redis: Any,
    *,
    database: Database | None = None,
    mailer: Mailer | None = None,
    blobs: Blobs | None = None,
    now_ms: Clock = system_clock_ms,
    new_id: NewId = random_id,
    own_url: str | None = None,
    follow: bool = True,
    pictures_from: PictureSource | None = None,
) -> AsyncIterator[CommerceServices]:
    """Open everything on a migrated database (`commerce.migrations.migrate_sql.migrate(database_url)`).

    `redis` is the caller's, made by `commerce.sale.calls_redis.write_client`, and stays open. `database`,
    closed at the end, `mailer` and `blobs` None take what the settings say. `follow` False does not follow
    sign-outs in other processes (command line tools). `own_url` is where this server reaches its own front.
    `pictures_from` None fetches no pictures that an imported file names.
    """
    from commerce.comment_pictures.assembly import fill_comment_pictures  # they import this file
    from commerce.community.assembly import fill_community
    from commerce.conversations.assembly import fill_conversations
    from commerce.orders.assembly import fill_orders
    from commerce.sharing.assembly import fill_sharing

    services = assemble(
        settings,
        database or Database.open(settings.database_url),
        redis,
        mailer=mailer or mailer_for(settings, now_ms, new_id),
        blobs=blobs or BlobsFiles(f"{settings.data_folder}/blobs"),
        now_ms=now_ms,
        new_id=new_id,
        pictures_from=pictures_from,
    )
    fill_orders(services, own_url=own_url)
    fill_community(services)
    fill_conversations(services)
    fill_sharing(services)
    fill_comment_pictures(services)
    try:
        if follow:
            await services.sessions.revocations.start()
        yield services
    finally:
        await services.sessions.revocations.stop()
        await services.payments.close()
        await services.webhooks.close()
        await services.sharing.counter.close()
        await services.database.close()
