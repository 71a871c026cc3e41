"""The supervisor: what is started in which order, kept running, and ended in which order.

    data folder ─ Redis, fork server ─ prepare (once) ─ front, media, worker
    end: fronts drain ─ worker copies the ledger and ends ─ front, media ─ fork server ─ Redis ─ data folder

The fork server imports while Redis is still loading. Children are forked from it and wait for the word.
"""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from liveshop.folders.data_folder_files import DataFolder
from liveshop.folders.data_folder_process import take_data_folder
from liveshop.folders.runtime_folder_files import runtime_folder, write_restarts
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.embedded_redis_process import find_redis_server
from liveshop.redis.leases_redis import Leases
from liveshop.redis.processes_redis import Processes
from liveshop.settings.addresses import public_address
from liveshop.settings.settings import Settings
from liveshop.supervising.control import Go
from liveshop.supervising.fork_server_process import ForkServer
from liveshop.supervising.listening_sockets import free_media_port, hold_http_port
from liveshop.supervising.supervised_process import Child, RedisChild, Supervised, say

DRAIN_LIMIT_S = 6.0
WORKER_LIMIT_S = 10.0
SERVING_LIMIT_S = 6.0
FORK_SERVER_LIMIT_S = 3.0
REDIS_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one start consists of; with `demo`, the demo's shops are made and its show is published."""

    settings: Settings
    demo: bool = False


class Supervisor:
    """Runs one plan until it is told to end."""

    def __init__(self, plan: Plan, folder: DataFolder, run_folder: Path) -> None:
        self._plan = plan
        self._settings = plan.settings
        self._folder = folder
        self._run_folder = run_folder
        self._prepared = asyncio.Event()
        self._enough = asyncio.Event()
        self._redis: RedisChild | None = None
        names = self._names()
        kinds = sorted({name.rpartition("-")[0] for name in names})
        self._forks = ForkServer(folder, ["prepare", *kinds])
        self._prepare = self._child("prepare-0", asyncio.Event())
        self._children = [self._child(name, self._prepared) for name in names]
        self._publisher: Supervised | None = None
        self._keeping: list[asyncio.Task[None]] = []
        self.signals_total = 0

    def end_soon(self) -> None:
        """Begin to end; the second call ends everything at once."""
        self.signals_total += 1
        if self.signals_total > 1:
            for part in self._all_parts():
                part.kill()
        self._enough.set()

    async def run(self) -> None:
        """Start everything, keep it running, end it in order; raises `LiveshopError` if a part cannot run."""
        try:
            self._start_redis()
            self._write_restarts()
            self._keep(self._forks)
            for child in self._children:
                self._keep(child)
            await self._until_done(self._begin())
            await self._until_done(self._enough.wait())
        finally:
            await self._end()

    async def _begin(self) -> None:
        if self._redis is not None:
            await self._redis.ready.wait()
        prepare = self._prepare
        prepare.allow()
        self._keep(prepare)
        await prepare.ready.wait()
        self._prepared.set()
        await prepare.end(SERVING_LIMIT_S)
        for child in self._children:
            await child.ready.wait()
        address = public_address(self._settings)
        if self._plan.demo:
            for text in self._begin_demo(address):
                say(text)
        say(f"liveshop serves {address}")

    def _begin_demo(self, address: str) -> list[str]:
        """Put the demo show on the air; returns what to print."""
        from liveshop.demo.lines import demo_lines
        from liveshop.demo.plan_files import read_demo
        from liveshop.demo.publisher_child_process import PublisherChild

        self._publisher = PublisherChild(self._folder, self._run_folder, self._settings)
        self._keep(self._publisher)
        return demo_lines(read_demo(self._run_folder), address)

    async def _until_done(self, work: Awaitable[object]) -> None:
        """Wait for work, for the order to end, or for the first part that cannot run: its error is raised."""
        task = asyncio.ensure_future(work)
        enough = asyncio.ensure_future(self._enough.wait())
        try:
            while not task.done() and not enough.done():
                waiting = {task, enough, *(k for k in self._keeping if not k.done())}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for keeping in self._keeping:
                    if keeping.done() and not keeping.cancelled():
                        keeping.result()
            if task.done():
                task.result()
        finally:
            task.cancel()
            enough.cancel()

    def _start_redis(self) -> None:
        if self._settings.redis_url is not None:
            return
        program = find_redis_server(self._settings.redis_server)
        self._redis = RedisChild(
            self._folder, program, self._run_folder / "redis.sock", self._settings.durability.appendfsync
        )
        self._keep(self._redis)

    def _keep(self, part: Supervised) -> None:
        part.on_death = self._on_death
        self._keeping.append(asyncio.create_task(part.keep(), name=part.name))

    def _write_restarts(self) -> None:
        totals: dict[str, int] = {}
        for one in [*self._children, self._forks, *([self._redis] if self._redis else [])]:
            totals[one.kind] = totals.get(one.kind, 0) + one.restarts.restarts_total
        write_restarts(self._run_folder, totals)

    async def _on_death(self, part: Supervised) -> None:
        """Tell the others at once that a process is gone, and count."""
        self._write_restarts()
        if isinstance(part, Child) and part.boot_id:
            redis = open_redis(self._redis_url(), max_connections=1, answer_timeout_s=0.5)
            # The registry forgets the process by itself after some seconds when Redis is away.
            with contextlib.suppress(Exception):
                await Processes(redis).gone(part.name, part.boot_id)
                await Leases(redis, part.boot_id).drop_all()
            await redis.aclose()

    async def _end(self) -> None:
        self._enough.set()
        fronts = [c for c in self._children if c.kind == "front" and c.ready.is_set()]
        for front in fronts:
            front.drain()
        if fronts and self.signals_total <= 1:
            waits = [asyncio.create_task(front.drained.wait()) for front in fronts]
            _done, late = await asyncio.wait(waits, timeout=DRAIN_LIMIT_S)
            for task in late:
                task.cancel()
        await self._end_kinds({"worker", "prepare", "publisher"}, WORKER_LIMIT_S)
        await self._end_kinds({"front", "media"}, SERVING_LIMIT_S)
        await self._forks.end(FORK_SERVER_LIMIT_S)
        if self._redis is not None:
            await self._redis.end(REDIS_LIMIT_S)
        for keeping in self._keeping:
            keeping.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _end_kinds(self, kinds: set[str], limit_s: float) -> None:
        parts = [part for part in self._all_parts() if part.kind in kinds]
        await asyncio.gather(*(part.end(limit_s) for part in parts))

    def _all_parts(self) -> list[Supervised]:
        """All that is kept running, but for the fork server and Redis, which are ended alone and last."""
        return [*self._children, self._prepare, *([self._publisher] if self._publisher else [])]

    def _names(self) -> list[str]:
        s = self._settings
        counts = {"front": s.fronts, "media": s.medias, "worker": s.workers}
        return [f"{kind}-{s.first_index + i}" for kind, count in counts.items() for i in range(count)]

    def _child(self, name: str, prepared: asyncio.Event) -> Child:
        return Child(name, self._folder, self._forks.start, self._go, prepared)

    def _redis_url(self) -> str:
        return self._settings.redis_url or f"unix://{self._run_folder / 'redis.sock'}"

    def _go(self, name: str) -> Go:
        s = self._settings
        return Go(
            name=name,
            boot_id=secrets.token_hex(8),
            home=self._folder.home(),
            folder=str(self._run_folder),
            redis_url=self._redis_url(),
            database_url=s.effective_database_url(),
            secret=s.secret or self._folder.secret().decode(),
            http_port=s.http_port,
            media_port=s.media_port,
            payments=tuple(sorted(s.payments)),
            log_level=s.log_level,
            demo=self._plan.demo,
        )


async def supervise(plan: Plan, environ: Mapping[str, str]) -> None:
    """Take the data folder and the ports, then run the plan; raises `LiveshopError` with the reason."""
    settings = plan.settings
    folder = await take_data_folder(settings.data)
    held = None
    try:
        run_folder = runtime_folder(settings.data, environ)
        if settings.fronts:
            held = hold_http_port(settings.host, settings.http_port)
            settings = replace(settings, http_port=int(held.getsockname()[1]))
        if settings.medias:
            first = settings.media_port + settings.first_index if settings.media_port else 0
            media_port = free_media_port("0.0.0.0", first, settings.medias) - settings.first_index
            settings = replace(settings, media_port=media_port)
        supervisor = Supervisor(replace(plan, settings=settings), folder, run_folder)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, supervisor.end_soon)
        await supervisor.run()
    finally:
        if held is not None:
            held.close()
        folder.close()
