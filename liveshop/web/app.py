"""The front, assembled: commerce, the room, the media doors and the pages in one ASGI application."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from commerce.clock import system_clock_ms
from commerce.routes import ROUTES as COMMERCE_ROUTES
from commerce.services import CommerceServices
from commerce.webhooks.events import KINDS as WEBHOOK_KINDS
from liveshop.keys import ADDRESS_KEYS, MEDIA_GRANT, WATCH_TOKEN
from liveshop.outside.classifier_client import open_classifier
from liveshop.outside.translator_client import open_translator
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.processes_redis import Processes
from liveshop.run import Run
from liveshop.settings.addresses import public_address
from liveshop.settings.settings import Settings
from liveshop.shop import open_shop
from liveshop.watching.garbage import garbage_watched
from liveshop.watching.metrics_client import gathered_metrics
from liveshop.web import ports
from liveshop.web.assembly_http import FrontParts, assemble
from liveshop.web.door_metrics import door_metrics
from liveshop.web.health_checks import redis_check, sql_check
from liveshop.web.media_client import MediaClient
from liveshop.web.media_directory_redis import AudienceRedis, MediaDirectoryRedis
from liveshop.web.media_proxy_http import MediaDoors
from liveshop.web.media_rights import MediaRights
from liveshop.web.room_metrics import RoomMetrics
from liveshop.web.room_policy import checked_policy
from liveshop.web.show_figures import ShowFiguresReader
from realtime.ports import Ports
from realtime.routes import ROUTES as ROOM_ROUTES
from realtime.server import open_realtime
from realtime.settings import RoomSettings
from streaming.routes import ROUTES as MEDIA_ROUTES

STATIC_FOLDER = Path(__file__).resolve().parents[2] / "static"


@contextlib.asynccontextmanager
async def build_front(settings: Settings, run: Run, name: str) -> AsyncIterator[ASGIApp]:
    """Open everything a front stands on and yield its application."""
    async with contextlib.AsyncExitStack() as stack:
        redis = open_redis(run.redis_url)
        stack.push_async_callback(redis.aclose)
        services = await stack.enter_async_context(open_shop(run, redis))
        stack.enter_context(door_metrics(services.door))
        client = MediaClient()
        stack.push_async_callback(client.close)
        shop_of = ports.ShopOfShow(services)
        rights = _rights(run, services, shop_of)
        directory = MediaDirectoryRedis(redis, client, time.monotonic, rights.inside)
        services.shows.watchers.append(directory.show_changed)
        services.screens.audience = AudienceRedis(redis, system_clock_ms)
        services.moderation.policies.check = checked_policy
        classifier = await stack.enter_async_context(
            open_classifier(settings.classifier_url, settings.classifier_token)
        )
        translator = await stack.enter_async_context(
            open_translator(settings.translate_url, settings.translate_token)
        )
        needs = _room_ports(run, services, shop_of, rights, directory)
        room = await stack.enter_async_context(
            open_realtime(
                _room_settings(run, settings),
                redis,
                replace(needs, classifier=classifier, translator=translator),
                name,
            )
        )
        await stack.enter_async_context(garbage_watched(lambda: len(room.people.connections)))
        # The supervisor waits for it: the ledger is copied once nobody is connected any more.
        run.drains.append(room.drain)
        yield assemble(
            FrontParts(
                commerce=services,
                commerce_routes=COMMERCE_ROUTES,
                hooks=WEBHOOK_KINDS,
                room=room,
                room_routes=ROOM_ROUTES,
                media_routes=MEDIA_ROUTES,
                media=MediaDoors(
                    directory,
                    client,
                    rights.publish,
                    rights.watch,
                    settings.limits.offer_bytes,
                    settings.spread_sessions,
                ),
                figures=ShowFiguresReader(directory, client, shop_of, rights.inside),
                checks={"redis": redis_check(redis), "sql": sql_check(services.database)},
                metrics=lambda: _metrics(redis),
                metrics_token=settings.metrics_token,
                draining=run.draining.is_set,
                now_ms=system_clock_ms,
                static_folder=STATIC_FOLDER,
                sandbox="sandbox" in settings.payments,
                trusted_proxies=tuple(ip_network(text) for text in settings.trusted_proxies),
            )
        )


def _rights(run: Run, services: CommerceServices, shop_of: ports.ShopOfShow) -> MediaRights:
    return MediaRights(
        services.shows,
        system_clock_ms,
        token_key=run.key_for(WATCH_TOKEN),
        grant_key=run.key_for(MEDIA_GRANT),
        is_banned=ports.Banned(services, shop_of),
    )


def _room_settings(run: Run, settings: Settings) -> RoomSettings:
    """Own origins only where the operator named the public address; else host and origin must agree."""
    room = RoomSettings(
        address_secret=run.key_for(ADDRESS_KEYS),
        common_terms=settings.common_terms,
        sockets_total=settings.sockets_most,
        sockets_per_address=settings.sockets_per_address,
    )
    if settings.public_url is None:
        return room
    parts = urlsplit(public_address(settings))
    return replace(room, own_origins=frozenset({f"{parts.scheme}://{parts.netloc}"}))


def _room_ports(
    run: Run,
    services: CommerceServices,
    shop_of: ports.ShopOfShow,
    rights: MediaRights,
    directory: MediaDirectoryRedis,
) -> Ports:
    return Ports(
        identify=ports.TokenReader(services),
        roles=ports.StaffRoles(services),
        shows=ports.Shows(services),
        own=ports.OwnState(services, shop_of),
        buying=ports.Till(services, shop_of, run.draining.is_set),
        bans=ports.ShopBans(services, directory.end_pictures),
        whep=rights,
        metrics=RoomMetrics(),
        ledgers=services.door.sold_out,
        standings=ports.ShopStandings(services),
        arrivals=ports.ShareArrivals(services),
        pictures=ports.ShownPictures(services),
    )


async def _metrics(redis: Any) -> str:
    living = await Processes(redis).living()
    return await gathered_metrics([(one.name, one.address) for one in living])
