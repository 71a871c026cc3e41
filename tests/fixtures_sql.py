"""Real databases for tests: SQLite files and a PostgreSQL cluster of our own, migrated and fresh each time.

PostgreSQL refuses to run as root, so it runs as an unprivileged user in a temporary folder, on a Unix socket
alone; it lives as long as the test session and is ended by its own pid. A migrated database is lent to one
test after another and emptied in between (see `kept_postgres`), an empty one is made for each that asks.
"""

import asyncio
import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from commerce.migrations.migrate import migrate
from commerce.sale.calls_redis import write_client
from commerce.services import CommerceServices, open_commerce
from commerce.settings import CommerceSettings
from tests.ended_process import end
from tests.kept_engines import KeptEngines
from tests.kept_postgres import KeptDatabases

START_LIMIT_S = 30.0
STOP_LIMIT_S = 20.0
SECRET = b"a secret of tests, 32 bytes long"
_numbers = itertools.count(1)


def _postgres_bin() -> Path:
    """Find PostgreSQL's programs: the newest of Debian's folders, else those on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.fail("PostgreSQL's initdb is missing: install the package postgresql")
    return (found[-1] if found else Path(str(on_path))).parent


def _unprivileged() -> tuple[list[str], str | None]:
    """Answer the words that start a program without root's rights, and whose files it will be."""
    if os.geteuid() != 0:
        return [], None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    return ["setpriv", f"--reuid={user}", "--clear-groups", f"--regid={pwd.getpwnam(user).pw_gid}"], user


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL. `socket` is the folder of its Unix socket."""

    programs: Path
    socket: Path

    def url(self, name: str) -> str:
        """Answer the URL of one database."""
        return f"postgresql://liveshop@/{name}?host={self.socket}"

    def run(self, statement: str) -> None:
        """Run one statement outside any database of a test."""
        words = [str(self.programs / "psql"), "-qX", "-h", str(self.socket), "-U", "liveshop"]
        subprocess.run([*words, "-d", "postgres", "-c", statement], check=True, timeout=START_LIMIT_S)


@contextlib.contextmanager
def running_postgres() -> Iterator[Cluster]:
    """Run a PostgreSQL of our own until the block is left."""
    programs, (words, user) = _postgres_bin(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="ls-pg-", dir="/tmp"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = str(folder / "data")
        make = [str(programs / "initdb"), "-D", data, "-U", "liveshop", "--auth=trust", "--encoding=UTF8"]
        subprocess.run(
            [*words, *make, "--locale=C", "--no-sync"],
            check=True, timeout=START_LIMIT_S, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        options = {
            "listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off",
            "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
        }  # fmt: skip
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*words, str(programs / "postgres"), "-D", data, *settings],
                stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        try:
            _wait_until_ready(programs, folder, server)
            yield Cluster(programs, folder)
        finally:
            end(server, STOP_LIMIT_S, signal.SIGINT)  # its fast shutdown: open connections are cut
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(programs: Path, socket: Path, server: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + START_LIMIT_S
    ask = [str(programs / "pg_isready"), "-q", "-h", str(socket)]
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > limit:
            pytest.fail("PostgreSQL did not start: " + (socket / "log").read_text(errors="replace")[-2000:])
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.05)


def _migrate_aside(url: str) -> None:
    """Migrate in a thread: a session's fixture may be asked for while a test's loop is running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(migrate(url))).result()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """Run one PostgreSQL for the session, with a migrated template."""
    with running_postgres() as cluster:
        cluster.run("CREATE DATABASE liveshop_template")
        _migrate_aside(cluster.url("liveshop_template"))
        yield cluster


@pytest.fixture(scope="session")
def kept_databases(postgres_cluster: Cluster) -> Iterator[KeptDatabases]:
    """Keep migrated PostgreSQL databases for all tests of the session."""
    with contextlib.closing(KeptDatabases(postgres_cluster, "liveshop_template")) as kept:
        yield kept


@pytest.fixture
def postgres_url(kept_databases: KeptDatabases) -> Iterator[str]:
    """Offer a migrated PostgreSQL database."""
    with kept_databases.lent() as url:
        yield url


@pytest.fixture
def postgres_empty_url(postgres_cluster: Cluster) -> Iterator[str]:
    """Offer an empty PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    postgres_cluster.run(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgres_cluster.url(name)
    postgres_cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate_aside(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_empty_url(tmp_path: Path) -> str:
    """Offer a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> str:
    """Offer a migrated SQLite database: always a new file, always at the same place (see `kept_engines`)."""
    path = sqlite_template.with_name("liveshop.db")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def kept_engines() -> KeptEngines:
    """Keep engines for all tests of the session."""
    return KeptEngines()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Offer a migrated database, each test once on SQLite and once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Offer an empty database, each test once on SQLite and once on PostgreSQL."""
    name = "sqlite_empty_url" if request.param == "sqlite" else "postgres_empty_url"
    url: str = request.getfixturevalue(name)
    return url


class KeptMail:
    """A mailbox: keeps what is sent as (to, subject, text)."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []
        self.unsubscribes: list[str | None] = []

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, unsubscribe: str | None = None
    ) -> None:
        """Keep one mail."""
        self.letters.append((to, subject, text))
        self.unsubscribes.append(unsubscribe)


@pytest.fixture
def mailbox() -> KeptMail:
    """Offer the mailbox that `commerce` sends to."""
    return KeptMail()


@pytest.fixture(params=["sqlite-plain", "postgresql-cluster"])
async def commerce(
    request: pytest.FixtureRequest, tmp_path: Path, mailbox: KeptMail, kept_engines: KeptEngines
) -> AsyncIterator[CommerceServices]:
    """Open all of commerce: on SQLite with a plain Redis, and on PostgreSQL with a Redis Cluster."""
    sql, redis = ("sqlite_url", "redis_plain_url")
    if request.param == "postgresql-cluster":
        sql, redis = ("postgres_url", "redis_cluster_url")
    settings = CommerceSettings(
        database_url=request.getfixturevalue(sql),
        data_folder=str(tmp_path),
        secret=SECRET,
        public_url="http://shop.test",
        payments=("sandbox",),
        password_memory_kib=1_024,
    )
    client = write_client(request.getfixturevalue(redis))
    with kept_engines.lent(settings.database_url) as database:
        opening = open_commerce(settings, client, database=database, mailer=mailbox)
        async with contextlib.aclosing(client), opening as services:
            yield services
