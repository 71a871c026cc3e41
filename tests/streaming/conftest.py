"""Fixtures of the media tests: a server on each of the two event loops, and an HTTP client for it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.streaming.media_server import MediaServer, media_server
from tests.streaming.studio import Studio


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """A media server on this test's loop. What it raises while it takes packets fails the test."""
    async with media_server() as server:
        yield server
        assert "own_fault" not in server.inside.relay.counters.drops


@pytest.fixture
async def http(media: MediaServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server's front."""
    async with httpx.AsyncClient(base_url=media.url, verify=False) as client:
        yield client


@pytest.fixture
def studio() -> Iterator[Studio]:
    """Three layers; the publisher lists the largest first."""
    made = Studio(1280, 640, 320)
    yield made
    made.close()
