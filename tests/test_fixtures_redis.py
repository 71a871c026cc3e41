"""The Redis servers that tests start."""

import socket
from pathlib import Path

import pytest

from tests import fixtures_redis_many
from tests.fixtures_redis import cluster_words
from tests.fixtures_redis_many import running_server
from tests.free_ports import free_port

BUS_ABOVE = 10_000


def test_a_node_starts_where_a_connection_has_the_bus_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The port 10,000 above a node's own may be anybody's: a node does without it."""
    with socket.socket() as somebody:
        port = free_port()
        somebody.bind(("127.0.0.1", port + BUS_ABOVE))
        monkeypatch.setattr(fixtures_redis_many, "free_port", lambda: port)
        with running_server(tmp_path, *cluster_words()) as server:
            assert server.command("PING")


def test_a_server_that_ends_says_why(tmp_path: Path) -> None:
    """What Redis wrote is in the failure, not that nobody answers."""
    with pytest.raises(AssertionError, match="no-such"), running_server(tmp_path, "--no-such", "word"):
        pass
