"""One running shop for the story: two fronts, one media process, the sandbox, a fresh data folder."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.liveshop.running_server import RunningServer, running


def free_udp_port() -> int:
    """Return a port nobody uses now, below the ones the system gives out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """Run a whole liveshop until the test ends."""
    settings = {
        "LIVESHOP_FRONTS": "2",
        "LIVESHOP_PAYMENTS": "sandbox",
        "LIVESHOP_MEDIA_PORT": str(free_udp_port()),
    }
    with running(tmp_path / "data", **settings) as started:
        yield started
