"""A media process of its own and pages that publish and watch through the client libraries we ship."""

import contextlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.async_api import Route

from tests.fixtures_browser import OpenPage, Shape, Visit
from tests.free_ports import free_port
from tests.streaming.media_server import MediaServer

ROOT = Path(__file__).parents[3]
PAGES = Path(__file__).parent / "pages"
READY_LIMIT_S = 60.0
_numbers = itertools.count(1)


class MediaPage(Protocol):
    """Opens a page of `pages/` at the media server's address."""

    def __call__(
        self, server: MediaServer, name: str = "media.html", shape: Shape = "desktop", **context: Any
    ) -> Awaitable[Visit]: ...


class Mortal:
    """A media process at fixed ports that can be killed and started again, as the supervisor would."""

    def __init__(self) -> None:
        self._arguments = ["--http-port", str(free_port()), "--media-port", str(free_port())]
        self.process: subprocess.Popen[bytes] | None = None
        self.server = MediaServer("", [])

    def start(self) -> None:
        """Start it and wait until it serves."""
        command = [sys.executable, "-m", "tests.streaming.media_server", *self._arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        ready = json.loads(first_line(self.process))
        self.server = MediaServer(ready["url"], [tuple(pair) for pair in ready["candidates"]])

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """End it, if it still runs, and forget it."""
        assert self.process is not None
        self.process.terminate()
        self.process.communicate(timeout=10)


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for the first line of a process's output."""
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], READY_LIMIT_S)[0]:
        raise TimeoutError(f"{process.args!r} said nothing within {READY_LIMIT_S} s")
    return process.stdout.readline()


@pytest.fixture
def mortal_media() -> Iterator[Mortal]:
    """Run a media process that the test may kill."""
    mortal = Mortal()
    mortal.start()
    yield mortal
    mortal.end()


@pytest.fixture(scope="session")
def media() -> Iterator[MediaServer]:
    """Run one media process for all tests that leave it alive; each takes a `show` of its own."""
    mortal = Mortal()
    mortal.start()
    yield mortal.server
    mortal.end()


@pytest.fixture
def show() -> str:
    """Name a show that no other test uses."""
    return f"sh_{next(_numbers)}"


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_publisher() -> Iterator[Start]:
    """Start publishers as processes: `start_publisher("demo" | "ffmpeg", url)`."""
    with contextlib.ExitStack() as stack:

        def start(kind: str, url: str, *more: str) -> subprocess.Popen[bytes]:
            demo = ["liveshop.demo.publisher_process", "--url", url, "--key", "sk_test"]
            module = (
                demo
                if kind == "demo"
                else ["tests.streaming.browser.ffmpeg_publisher", url, "sk_test", *more]
            )
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                stdin=subprocess.PIPE if kind == "ffmpeg" else None,
                stdout=subprocess.PIPE if kind == "ffmpeg" else None,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
            stack.callback(end_publisher, process)
            return process

        yield start


def end_publisher(process: subprocess.Popen[bytes]) -> None:
    """End a publisher in the polite way, so that it deletes its session; once is enough."""
    if process.returncode is not None:
        return
    if process.stdin is None:
        process.terminate()
    process.communicate(timeout=10)  # FFmpeg's ends when its input is closed


async def serve_files(route: Route) -> None:
    """Answer requests for our pages and for `/static` from the disk."""
    path = route.request.url.split("/", 3)[3].split("?")[0]
    file = PAGES / path.removeprefix("pages/") if path.startswith("pages/") else ROOT / path
    await route.fulfill(path=file)


@pytest.fixture
def media_page(open_page: OpenPage) -> MediaPage:
    """Open pages that carry the test functions of `pages/media.js`."""

    async def open_one(
        server: MediaServer, name: str = "media.html", shape: Shape = "desktop", **context: Any
    ) -> Visit:
        visit = await open_page(shape, **context)
        # Who leaves says goodbye twice; the media connection's may come before the DELETE and end it.
        visit.expect_complaint(r"404 .*/whip/")
        await visit.context.route("**/static/**", serve_files)
        await visit.context.route("**/pages/**", serve_files)
        await visit.page.goto(f"{server.url}/pages/{name}")
        await visit.page.wait_for_function("window.ready")
        return visit

    return open_one
