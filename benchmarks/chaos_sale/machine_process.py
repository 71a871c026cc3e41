"""The machine under test: Redis, PostgreSQL if asked for, and a whole liveshop, all under the preload.

Redis runs with the options of the embedded one, but here, so that a bad line can stand before it. Everything
that is durable is below `disk`; the provider's book and the harness' own files are not.

    disk/data       liveshop's data folder, with SQLite     disk/redis    disk/postgres
    book.sqlite     the provider's                          side          the journal of the preload library
    redis.sock      the real one    line.sock   the bad line before it    pg/ and pg-line/    the same
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmarks.chaos_sale.bad_line_process import Line
from benchmarks.chaos_sale.inside import Orders
from benchmarks.chaos_sale.kills import Kills
from benchmarks.chaos_sale.power_cut.life import Life, Undone
from commerce.tables_sql import metadata
from liveshop.redis.connections_redis import redis_answers
from liveshop.redis.embedded_redis_process import find_redis_server, redis_arguments
from tests.fixtures_sql import _postgres_bin, _unprivileged
from tests.liveshop.running_server import ROOT, RunningServer, clean_environment

START_LIMIT_S = 90.0
LOOK_AGAIN_S = 0.05
DATABASE = "chaos"
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class MachineDown(RuntimeError):  # noqa: N818 - named for what happened
    """A part did not come up; after a power cut that is a loss of everything."""


@dataclass(frozen=True, slots=True)
class Build:
    """How the machine is built. `hold_s` is how long a hold stands, and how much longer a payment."""

    folder: Path
    library: Path
    seed: int
    hold_s: int = 15
    fronts: int = 2
    postgres: bool = False
    appendfsync: str = "always"
    sqlite_off: bool = False
    http_port: int = 0


@dataclass(slots=True)
class Programs:
    """What runs."""

    redis: asyncio.subprocess.Process | None = None
    postgres: asyncio.subprocess.Process | None = None
    server: RunningServer | None = None
    keeping: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Totals:
    """What was done to the machine."""

    power_cuts: int = 0
    unsynced: int = 0
    lost: int = 0
    redis_starts: int = 0
    recovery_s: list[float] = field(default_factory=list)


class Machine:
    """Starts, cuts, and starts again; to be used on the main thread of one loop."""

    def __init__(self, build: Build) -> None:
        self.build = build
        folder = build.folder
        self.disk = folder / "disk"
        self.data, self.redis_folder = self.disk / "data", self.disk / "redis"
        self.postgres_folder = self.disk / "postgres"
        self.book, self.socket = folder / "book.sqlite", folder / "redis.sock"
        self.line, self.pg, self.pg_line = folder / "line.sock", folder / "pg", folder / "pg-line"
        self.kills = Kills(folder / "kills")
        self.totals = Totals()
        self.random = Random(f"{build.seed} cuts")
        self._programs = Programs()
        self._port = build.http_port or _free_port()
        self._words, self._user = _unprivileged() if build.postgres else ([], None)
        self._life: Life | None = None
        self._redis_starts = asyncio.Lock()

    @property
    def address(self) -> str:
        """Where people reach it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def redis_url(self) -> str:
        """Redis itself, without the bad line."""
        return f"unix://{self.socket}"

    @property
    def database_url(self) -> str:
        """The database itself, without the bad line."""
        if self.build.postgres:
            return f"postgresql://liveshop@/{DATABASE}?host={self.pg}"
        return f"sqlite:///{self.data / 'liveshop.sqlite'}"

    def lines(self) -> list[Line]:
        """Return the bad lines it is reached by."""
        lines = [Line(self.line, self.socket)]
        if self.build.postgres:
            lines.append(Line(self.pg_line / ".s.PGSQL.5432", self.pg / ".s.PGSQL.5432"))
        return lines

    def make(self) -> None:
        """Make the folders, the provider's book, and an empty PostgreSQL."""
        self.build.folder.chmod(0o711)
        for folder in (self.disk, self.redis_folder, self.pg, self.pg_line):
            folder.mkdir(mode=0o711)
        engine = sa.create_engine(f"sqlite:///{self.book}")
        book = [table for name, table in metadata.tables.items() if name.startswith("sandbox_")]
        metadata.create_all(engine, book)
        engine.dispose()
        if self.build.postgres:
            self._init_postgres()
        self._life = Life.begin(self.build.folder / "side", [self.disk])

    async def start(self) -> None:
        """Start everything; raises MachineDown when a part does not come up."""
        self._programs = Programs()
        await self._start_redis()
        if self.build.postgres:
            await self._start_postgres()
        self._programs.keeping = asyncio.create_task(self._keep_redis())
        self._programs.server = RunningServer(self.data, self._server_environment())
        try:
            await asyncio.to_thread(self._programs.server.wait_until_serving, START_LIMIT_S)
        except AssertionError as error:
            raise MachineDown(str(error)[-2000:]) from error

    def settle(self) -> None:
        """Take everything as written to disk; nothing may be under way."""
        assert self._life is not None
        self._life.settle()

    async def cut(self) -> Undone:
        """Cut the power: every process stops in the same moment, and unsynced writes are lost."""
        assert self._life is not None
        await self._let_redis_die()
        await self._kill_everything()
        self.kills.disarm()
        everything = True if self.build.sqlite_off or self.build.appendfsync != "always" else None
        undone = await asyncio.to_thread(self._life.cut, self.random, everything=everything)
        self.totals.power_cuts += 1
        self.totals.unsynced += undone.unsynced
        self.totals.lost += undone.lost
        return undone

    async def end(self) -> None:
        """End everything in order, then whatever is left."""
        server = self._programs.server
        if server is not None:
            await asyncio.to_thread(server.close)
        await self._let_redis_die()
        await self._kill_everything()
        if server is not None:
            shutil.rmtree(server.run_folder(), ignore_errors=True)

    async def is_whole(self) -> bool:
        """Tell whether nobody is missed: every front, the worker and Redis answer."""
        server = self._programs.server
        names = [*(f"front-{place}" for place in range(self.build.fronts)), "worker-0"]
        if server is None or not await redis_answers(self.redis_url):
            return False
        return await asyncio.to_thread(lambda: all(server.answers(name) for name in names))

    def said(self) -> str:
        """Return what the server printed in this life."""
        server = self._programs.server
        return "" if server is None else server.said()

    def _environment(self) -> dict[str, str]:
        assert self._life is not None
        return self._life.environment(self.build.library)

    def _server_environment(self) -> dict[str, str]:
        build = self.build
        orders = Orders(build.folder / "kills", self.book, build.seed, build.hold_s, build.sqlite_off)
        settings = {
            "REDIS_URL": f"unix://{self.line}",
            "LIVESHOP_HTTP_PORT": str(self._port),
            "LIVESHOP_PAYMENTS": "sandbox",
            "LIVESHOP_FRONTS": str(build.fronts),
            "LIVESHOP_LOG_LEVEL": "warning",
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent / "in_children"), str(ROOT))),
        }
        if build.postgres:
            settings["DATABASE_URL"] = f"postgresql://liveshop@/{DATABASE}?host={self.pg_line}"
        return clean_environment(**settings, **orders.environment(), **self._environment())

    async def _start_redis(self) -> None:
        program = find_redis_server(None)
        arguments = redis_arguments(self.redis_folder, self.socket, self.build.folder / "redis.log")
        words = [*arguments, "--appendfsync", self.build.appendfsync]
        self._programs.redis = await self._run(program.path, *words)
        self.kills.redis_pid.write_text(str(self._programs.redis.pid))
        self.totals.redis_starts += 1
        await self._until_redis_answers()

    async def _until_redis_answers(self) -> None:
        redis = self._programs.redis
        assert redis is not None
        async with _limit("Redis", self.build.folder / "redis.log"):
            while not await redis_answers(self.redis_url):
                if redis.returncode is not None:
                    raise MachineDown(_end_of(self.build.folder / "redis.log"))
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _keep_redis(self) -> None:
        """Start Redis again whenever it was killed, as liveshop's own supervisor does."""
        while self._programs.redis is not None:
            await self._programs.redis.wait()
            async with self._redis_starts:
                with contextlib.suppress(MachineDown):
                    await self._start_redis()

    async def _let_redis_die(self) -> None:
        """Stop keeping it; a start that is under way comes to its end, so that no Redis is forgotten."""
        keeping = self._programs.keeping
        if keeping is not None:
            async with self._redis_starts:
                keeping.cancel()
            await asyncio.wait({keeping})

    def _init_postgres(self) -> None:
        self.postgres_folder.mkdir()
        for folder in (self.postgres_folder, self.pg):
            if self._user is not None:
                shutil.chown(folder, self._user)
        make = [str(_postgres_bin() / "initdb"), "-D", str(self.postgres_folder), "-U", "liveshop"]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"]
        subprocess.run([*self._words, *make, *options], check=True, stdout=subprocess.DEVNULL, cwd="/")

    async def _start_postgres(self) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.pg),
            "max_connections": "100",
            "checkpoint_timeout": "30s",
            "log_min_messages": "error",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = str(_postgres_bin() / "postgres")
        self._programs.postgres = await self._run(
            *self._words, program, "-D", str(self.postgres_folder), *words, cwd="/"
        )
        ask = [str(_postgres_bin() / "pg_isready"), "-q", "-h", str(self.pg)]
        async with _limit("PostgreSQL", self.build.folder / "programs.log"):
            while (await asyncio.to_thread(subprocess.run, ask, check=False)).returncode != 0:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_AGAIN_S)
        psql = [str(_postgres_bin() / "psql"), "-qXt", "-h", str(self.pg), "-U", "liveshop", "-d", "postgres"]
        create = f"CREATE DATABASE {DATABASE}"
        await asyncio.to_thread(subprocess.run, [*psql, "-c", create], check=False, capture_output=True)

    async def _run(self, *words: str, cwd: str | None = None) -> asyncio.subprocess.Process:
        with (self.build.folder / "programs.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *words, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
                env={**clean_environment(), **self._environment()}, start_new_session=True,
                preexec_fn=_end_with_harness,
            )  # fmt: skip

    async def _kill_everything(self) -> None:
        programs = self._programs
        heads = [one for one in (programs.redis, programs.postgres) if one is not None]
        pids = [one.pid for one in heads if one.returncode is None]
        server = programs.server
        if server is not None and server.process.poll() is None:
            pids.append(server.process.pid)
        killed = await asyncio.to_thread(kill_trees, pids)
        await asyncio.gather(*(one.wait() for one in heads))
        if server is not None:
            await asyncio.to_thread(server.process.wait)
        async with asyncio.timeout(START_LIMIT_S):
            while any(_runs(pid) for pid in killed):  # noqa: ASYNC110 - other programs are awaited
                await asyncio.sleep(LOOK_AGAIN_S)
        if self.build.postgres:
            (self.postgres_folder / "postmaster.pid").unlink(missing_ok=True)


def kill_trees(heads: Iterable[int]) -> set[int]:
    """Kill processes and all below them in one moment: all are stopped first. Returns which."""
    stopped: set[int] = set()
    waiting = set(heads)
    while waiting:
        for pid in waiting:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= waiting
        waiting = {child for child, parent in _parents().items() if parent in stopped} - stopped
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return stopped


def _parents() -> dict[int, int]:
    """Return each process' parent."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return parents


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def _end_with_harness() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else "it wrote nothing"


@contextlib.asynccontextmanager
async def _limit(what: str, log: Path) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(START_LIMIT_S):
            yield
    except TimeoutError as error:
        raise MachineDown(f"{what} did not answer within {START_LIMIT_S:g} s: {_end_of(log)}") from error
