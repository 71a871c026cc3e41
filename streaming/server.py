"""A media process's insides, assembled: `async with media_app(settings, owners) as app`."""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.types import ASGIApp

from streaming.counters import Counters
from streaming.ports import AloneOwners, Owners, Siblings
from streaming.relay import Relay
from streaming.replays import REPLAY_STEP_S
from streaming.settings import MediaSettings
from streaming.transport.addresses_udp import Bind, media_binds
from streaming.transport.dtls_crypto import DtlsIdentity
from streaming.transport.twins_sockets import open_twins
from streaming.whip_http import media_asgi

TICK_S = 0.020
# While nothing is under way that could need it sooner, the relay is looked after every so many periods: each
# time wakes the process, whose code and data have left the processor's caches since.
CALM_TICKS = 3
# Timers come up to a millisecond early; as a share of the period.
EARLY = 0.25


@dataclass(slots=True, frozen=True)
class MediaApp:
    """`asgi` is to be served on the process's Unix socket; `candidates` are the UDP ends in use.

    `tcp_candidates` are the TCP ends.
    """

    asgi: ASGIApp
    relay: Relay
    candidates: tuple[tuple[str, int], ...]
    tcp_candidates: tuple[tuple[str, int], ...]


class _Ticker:
    """Drives the relay's clocks with timers and no task; the second runs while somebody catches up.

    Ticks come every 20 ms, or every 60 while the relay is not busy; what disturbs its calm calls `hurry`.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._handles: list[asyncio.TimerHandle | None] = [None, None]
        relay.on_hurry = self.hurry
        self._tick()

    def _tick(self) -> None:
        try:
            self._relay.tick(time.monotonic())
        finally:
            # A fault in one show must not stop the clocks of all.
            self._arm(TICK_S if self._relay.is_busy else CALM_TICKS * TICK_S)
        if self._handles[1] is None:
            self._replay()

    def _arm(self, period_s: float) -> None:
        # What is read within a tick may have called for the next one already.
        if self._handles[0] is not None:
            self._handles[0].cancel()
        # On multiples of the period: other timers of the process that keep to them share its waking up.
        due_s = (int(self._loop.time() / period_s + EARLY) + 1) * period_s
        self._handles[0] = self._loop.call_at(due_s, self._tick)

    def hurry(self) -> None:
        """Let the next tick come within 20 ms."""
        self._arm(TICK_S)

    def _replay(self) -> None:
        self._handles[1] = None
        left = self._relay.step_replays()
        self._handles[1] = self._loop.call_later(REPLAY_STEP_S, self._replay) if left else None

    def stop(self) -> None:
        for handle in self._handles:
            if handle is not None:
                handle.cancel()


@contextlib.asynccontextmanager
async def media_app(
    settings: MediaSettings, owners: Owners | None = None, siblings: Siblings | None = None
) -> AsyncIterator[MediaApp]:
    """Open the UDP side and assemble the doors; on leaving, every peer gets a DTLS close alert.

    `owners` is who carries which show: `streaming.owners_redis.RedisOwners` in an installation; None for a
    process alone. `siblings` are asked for copies of the shows they own; without them nobody is. Works under
    asyncio's own loop and uvloop. Raises `OSError` when a port is taken.

    In a media process of liveshop (`run` is its Run, `redis` a client with retries off):

        settings = MediaSettings(run.key_for("media grant"), run.index, run.settings.media_port,
                                 run.settings.public_ips)
        async with RedisOwners(redis, process=str(run.index), boot_id=run.boot_id) as owners:
            async with media_app(settings, owners) as app:
                ...  # serve app.asgi on the Unix socket, without lifespan; then await app.relay.resume()
    """
    counters = Counters()
    identity = DtlsIdentity(dt.datetime.now(tz=dt.UTC))
    owners = owners or AloneOwners()
    relay = Relay(settings, owners, identity, counters, siblings)
    owners.on_lost = relay.lose_show
    binds = [Bind(one, (one,)) for one in settings.bind_addresses] or media_binds(settings.public_ips)
    ticker = None
    try:
        _open_ports(relay, binds, settings)
        ticker = _Ticker(relay)
        yield MediaApp(media_asgi(relay, settings), relay, relay.udp.candidates, relay.tcp.candidates)
    finally:
        if ticker is not None:
            ticker.stop()
        relay.close_all()
        relay.tcp.close()
        relay.udp.close()


def _open_ports(relay: Relay, binds: list[Bind], settings: MediaSettings) -> None:
    tcp = settings.limits.tcp_connections > 0
    for udp, listener in open_twins(binds, settings.udp_port, relay.counters, tcp=tcp):
        relay.udp.add(udp)
        if listener is not None:
            relay.tcp.add(listener, udp.advertised)
