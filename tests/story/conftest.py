"""One running shop for the story: two fronts, one media process, the sandbox, a fresh data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.free_ports import free_port
from tests.liveshop.running_server import RunningServer, running
from tests.story.caddy_process import caddy


@dataclass(frozen=True)
class Shop:
    """A running server, and the address people reach it at."""

    server: RunningServer
    address: str

    @property
    def own_port(self) -> str:
        """The address of the HTTP port itself, without a proxy."""
        return f"http://127.0.0.1:{self.server.environ['LIVESHOP_HTTP_PORT']}"

    @property
    def media(self) -> tuple[str, int]:
        """Where the media process listens."""
        return "127.0.0.1", int(self.server.environ["LIVESHOP_MEDIA_PORT"])


def settings() -> dict[str, str]:
    """Return what both shops share."""
    return {
        "LIVESHOP_FRONTS": "2",
        "LIVESHOP_PAYMENTS": "sandbox",
        "LIVESHOP_MEDIA_PORT": str(free_port()),
    }


@contextmanager
def behind_caddy(folder: Path, **more: str) -> Iterator[Shop]:
    """Run a shop behind Caddy: HTTPS and secure websockets outside, plain HTTP between the two."""
    port, backend = free_port(), free_port()
    behind = {
        "LIVESHOP_HTTP_PORT": str(backend),
        "LIVESHOP_PUBLIC_URL": f"https://localhost:{port}",
        "LIVESHOP_TRUSTED_PROXIES": "127.0.0.1",
    }
    with (
        running(folder / "data", **settings(), **behind, **more) as server,
        caddy(folder, port, f"127.0.0.1:{backend}") as address,
    ):
        yield Shop(server, address)


@pytest.fixture
def direct_shop(tmp_path: Path) -> Iterator[Shop]:
    """Run a shop that people reach on its own port."""
    with running(tmp_path / "data", **settings()) as server:
        yield Shop(server, server.address)


@pytest.fixture
def shop_behind_caddy(tmp_path: Path, postgres_empty_url: str) -> Iterator[Shop]:
    """Run a shop behind Caddy with PostgreSQL, the parts that `compose.yaml` puts together."""
    with behind_caddy(tmp_path, DATABASE_URL=postgres_empty_url) as shop:
        yield shop


@pytest.fixture(params=["direct_shop", "shop_behind_caddy"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """Run the story on both."""
    found: Shop = request.getfixturevalue(request.param)
    return found
