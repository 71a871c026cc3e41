"""A real media process for tests: the relay behind a tiny front that signs every request's grant.

In this process:

    async with media_server() as server:
        server.url  # http://127.0.0.1:PORT, answers /whip/{show} and /whep/{show}; / is an empty page
        server.inside.relay  # the relay itself, for looking inside

A request may bring its own `Liveshop-Grant` (`grant_token`), or `X-No-Grant: 1` to go without one.

As a process of its own (for kill -9 and for measuring): `async with media_process() as server`, or
`python -m tests.streaming.media_server`, which prints one JSON line `{"url":…, "candidates":[…]}`.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming.grants import Grant, sign
from streaming.ports import Owners, Siblings
from streaming.server import MediaApp, media_app
from streaming.settings import Limits, MediaSettings
from tests.prompt_server import bound_socket, served

GRANT_KEY = b"the key of the tests"
LOOPBACK = MediaSettings(GRANT_KEY, media_port=0, bind_addresses=("127.0.0.1",))
GRANT_LIFE_MS = 3_600_000
# Requests with one of these are passed on as they are.
UNSIGNED = {b"liveshop-grant", b"x-no-grant"}
READY_LIMIT_S = 10.0
PAGE = b"<!doctype html><meta charset=utf-8><title>media test</title>"


def grant_token(
    show: str,
    role: str,
    *,
    person: str = "gu_test",
    life_ms: int = GRANT_LIFE_MS,
    epoch: int = 0,
    address: str = "127.0.0.1",
) -> str:
    """A grant as a front would sign it; a negative life makes it expired."""
    assert role in ("publish", "watch", "relay", "inside")
    expires_at_ms = int(time.time() * 1000) + life_ms
    grant = Grant(show, role, person, address, expires_at_ms, stream_epoch=epoch)  # type: ignore[arg-type] # asserted
    return sign(grant, GRANT_KEY)


class TinyFront:
    """Adds a grant to every request that has none, and serves an empty page at `/`."""

    def __init__(self, media: ASGIApp) -> None:
        self._media = media

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/":
            headers = [(b"content-type", b"text/html")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": PAGE})
            return
        names = {name for name, _ in scope["headers"]}
        parts = scope["path"].strip("/").split("/")
        role = {"whip": "publish", "whep": "watch", "internal": "inside"}.get(parts[0])
        show = "" if role == "inside" else parts[-1]
        if role is not None and not names & UNSIGNED and (role == "inside" or len(parts) == 2):
            token = grant_token(show, role).encode()
            scope = {**scope, "headers": [*scope["headers"], (b"liveshop-grant", token)]}
        await self._media(scope, receive, send)


@dataclass
class MediaServer:
    """A running server; `app` is None for one in another process."""

    url: str
    candidates: list[tuple[str, int]]
    app: MediaApp | None = None
    process: asyncio.subprocess.Process | None = None

    @property
    def inside(self) -> MediaApp:
        """The app of a server in this process."""
        assert self.app is not None
        return self.app


@contextlib.asynccontextmanager
async def media_server(
    settings: MediaSettings = LOOPBACK,
    owners: Owners | None = None,
    siblings: Siblings | None = None,
    *,
    http_host: str = "127.0.0.1",
    http_port: int = 0,
) -> AsyncIterator[MediaServer]:
    """Run a server on this loop until the block is left."""
    bound = bound_socket(http_host, http_port)
    async with media_app(settings, owners, siblings) as app:
        config = uvicorn.Config(
            TinyFront(app.asgi), lifespan="off", log_level="warning", timeout_graceful_shutdown=1
        )
        async with served(config, bound):
            host = f"[{http_host}]" if ":" in http_host else http_host
            yield MediaServer(f"http://{host}:{bound.getsockname()[1]}", list(app.candidates), app)


@contextlib.asynccontextmanager
async def media_process(
    *arguments: str, module: str = "tests.streaming.media_server"
) -> AsyncIterator[MediaServer]:
    """Run a server in a process of its own; it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_LIMIT_S)
        ready = json.loads(line)
        yield MediaServer(ready["url"], [tuple(pair) for pair in ready["candidates"]], process=process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _serve(arguments: argparse.Namespace) -> None:
    settings = replace(LOOPBACK, media_port=arguments.media_port, public_ips=tuple(arguments.public_ip))
    if arguments.tcp_unproven:
        number = arguments.tcp_unproven
        # One person offers each of so many sessions, at every stage.
        limits = Limits(offers_per_minute=9 * number, tcp_unproven=number, tcp_unproven_per_address=number)
        settings = replace(settings, limits=limits)
    if arguments.all_addresses:
        settings = replace(settings, bind_addresses=())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    where = {"http_host": arguments.http_host, "http_port": arguments.http_port}
    async with media_server(settings, **where) as server:
        print(json.dumps({"url": server.url, "candidates": server.candidates}), flush=True)  # noqa: T201 the protocol
        await stop.wait()


def main() -> None:
    """Serve until SIGTERM or SIGINT, on uvloop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--http-host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--media-port", type=int, default=0)
    parser.add_argument("--public-ip", action="append", default=[])
    parser.add_argument("--all-addresses", action="store_true")
    parser.add_argument("--tcp-unproven", type=int, default=0)
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
