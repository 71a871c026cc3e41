"""Several real Redis servers together: a primary with a replica, and a cluster of three primaries."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as blocking_redis

from tests.fixtures_redis import _wait_until_ready, cluster_words, running_redis
from tests.free_ports import free_port

LIMIT_S = 20.0
SLOTS = 16384


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Look until something holds; fails after a limit."""
    limit = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < limit, f"not within {LIMIT_S} s: {what}"
        time.sleep(0.01)


class Server:
    """One redis-server of a test. `stop` holds it still as a frozen machine would; `kill` ends it at once."""

    def __init__(self, port: int, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.folder = folder
        self.url = f"redis://127.0.0.1:{port}/0"
        self.process = process
        self.client = blocking_redis.Redis(port=port)

    def command(self, *words: object, **options: object) -> Any:
        """Run one command on this server."""
        client: Any = self.client  # redis-py leaves execute_command untyped
        return client.execute_command(*words, **options)

    def stop(self) -> None:
        """Hold it still: it answers nobody."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running_server(folder: Path, *words: str) -> Iterator[Server]:
    """Run one server on a free TCP port, in a folder of its own."""
    port = free_port()
    home = folder / str(port)
    home.mkdir()
    with running_redis(home, "--port", str(port), "--bind", "127.0.0.1", *words) as process:
        server = Server(port, home, process)
        _wait_until_ready(server.client, process, home)
        try:
            yield server
        finally:
            server.client.close()
            with contextlib.suppress(ProcessLookupError):
                server.go_on()


class Pair:
    """A primary and its replica."""

    def __init__(self, primary: Server, replica: Server) -> None:
        self.primary = primary
        self.replica = replica

    def follow(self) -> None:
        """Let the replica follow the primary, and return once it does."""
        self.replica.command("REPLICAOF", "127.0.0.1", self.primary.port)
        wait_for(lambda: self.primary.command("WAIT", 1, 10) == 1, "a replica that follows")

    def cut(self) -> None:
        """Cut the line between them: the replica keeps what it has and hears no more."""
        self.replica.command("REPLICAOF", "127.0.0.1", 1)

    def promote(self) -> None:
        """Make the replica a primary."""
        self.replica.command("REPLICAOF", "NO", "ONE")


@contextlib.contextmanager
def running_pair(folder: Path, *words: str) -> Iterator[Pair]:
    """Run a primary whose replica has everything, both with these settings."""
    fast = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", *words)
    with running_server(folder, *fast) as primary, running_server(folder, *fast) as replica:
        pair = Pair(primary, replica)
        pair.follow()
        yield pair


@pytest.fixture
def redis_pair(tmp_path: Path) -> Iterator[Pair]:
    """Offer a primary and its replica that a test may break; both end with it."""
    with running_pair(tmp_path) as pair:
        yield pair


@pytest.fixture(scope="session")
def redis_pair_server(redis_folder: Path) -> Iterator[Pair]:
    """Run a primary and its replica for the session."""
    with running_pair(redis_folder) as pair:
        yield pair


@pytest.fixture
def redis_standing_pair(redis_pair_server: Pair) -> Pair:
    """Offer an empty primary and its replica, which other tests use too."""
    redis_pair_server.primary.client.flushall()
    return redis_pair_server


class ThreeNodes:
    """A cluster of three primaries, each with a third of the slots. `url` names two of them."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.url = f"redis://127.0.0.1:{servers[0].port},127.0.0.1:{servers[1].port}/?cluster=1"

    def form(self) -> None:
        """Let the nodes meet and share the slots out; returns once all agree."""
        share = SLOTS // len(self.servers) + 1
        bus = self.servers[0].command("CONFIG", "GET", "cluster-port")[b"cluster-port"]
        for place, server in enumerate(self.servers):
            first = place * share
            last = min(SLOTS, first + share) - 1
            server.command("CLUSTER", "SET-CONFIG-EPOCH", place + 1)
            server.command("CLUSTER", "ADDSLOTSRANGE", first, last)
            server.command("CLUSTER", "MEET", "127.0.0.1", self.servers[0].port, bus)
        wait_for(self.formed, "a cluster whose nodes agree")

    def formed(self) -> bool:
        """Whether every node knows all of them and all slots."""
        told = [str(server.command("CLUSTER", "INFO", NEVER_DECODE=[])) for server in self.servers]
        known = f"cluster_known_nodes:{len(self.servers)}"
        return all("cluster_state:ok" in text and known in text for text in told)

    def empty(self) -> None:
        """Remove every key of every node."""
        for server in self.servers:
            server.client.flushall()

    def owner(self, key: str) -> Server:
        """Answer the node a key is on."""
        slot = int(self.servers[0].command("CLUSTER", "KEYSLOT", key))
        for server in self.servers:
            if int(server.command("CLUSTER", "COUNTKEYSINSLOT", slot)):
                return server
        raise AssertionError(f"no node has {key}")

    def move_slot(self, key: str, to: Server) -> None:
        """Give the slot of `key`, with all its keys, to another node."""
        slot = int(to.command("CLUSTER", "KEYSLOT", key))
        source = self.owner(key)
        ids = {one.port: one.command("CLUSTER", "MYID").decode() for one in self.servers}
        to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source.port])
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to.port])
        keys = source.command("CLUSTER", "GETKEYSINSLOT", slot, 1000)
        source.command("MIGRATE", "127.0.0.1", to.port, "", 0, 5000, "KEYS", *keys)
        for server in (to, source, *self.servers):
            server.command("CLUSTER", "SETSLOT", slot, "NODE", ids[to.port])


@pytest.fixture(scope="session")
def redis_three_nodes_server(redis_folder: Path) -> Iterator[ThreeNodes]:
    """Run a cluster of three primaries for the session."""
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(
                running_server(redis_folder, *cluster_words(), "--cluster-node-timeout", "2000")
            )
            for _ in range(3)
        ]
        nodes = ThreeNodes(servers)
        nodes.form()
        yield nodes


@pytest.fixture
def redis_three_nodes(redis_three_nodes_server: ThreeNodes) -> ThreeNodes:
    """Offer an empty cluster of three primaries."""
    redis_three_nodes_server.empty()
    return redis_three_nodes_server
