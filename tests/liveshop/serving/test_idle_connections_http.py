"""Connections on which nothing is asked, on a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from liveshop.serving import idle_connections_http as idle
from liveshop.serving.serving_http import served
from tests.waiting import until

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Line]]
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
SOON_S = 0.5


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Serve an app that tells a body's length; returns how to connect."""
    monkeypatch.setattr(idle, "HEAD_WITHIN_S", SOON_S)
    monkeypatch.setattr(idle, "BODY_PAUSE_S", SOON_S)
    monkeypatch.setattr(idle, "IDLE_TOTAL", 3)
    app = Starlette(routes=[Route("/", _length, methods=["GET", "POST"])])
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    lines: list[Line] = []

    async def line() -> Line:
        lines.append(await asyncio.open_connection(*listening.getsockname()))
        return lines[-1]

    async with served(app, [listening]):
        yield line
        for _, writer in lines:
            writer.close()


async def _told(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the server closes."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b"reset"


async def _answer(line: Line, request: bytes) -> bytes:
    reader, writer = line
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


async def test_a_connection_that_never_asks_is_closed_without_a_word(connect: Connect) -> None:
    """Browsers open connections in advance; they are not told off."""
    reader, _ = await connect()
    assert await _told(reader) == b""


async def test_an_unfinished_head_is_answered_with_408(connect: Connect) -> None:
    """A byte now and then buys no time."""
    reader, writer = await connect()
    writer.write(GET[:10])
    assert (await _told(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_pauses_is_dropped(connect: Connect) -> None:
    """The request had begun; there is nobody to answer."""
    reader, writer = await connect()
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
    assert await _told(reader) in (b"", b"reset")


async def test_a_body_that_goes_on_slowly_is_taken(connect: Connect) -> None:
    """Only a pause ends a body, not its length."""
    line = await connect()
    line[1].write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\n")
    loop = asyncio.get_running_loop()
    for number in range(5):
        loop.call_later(SOON_S * 0.3 * number, line[1].write, b"x")
    late = asyncio.Event()
    loop.call_later(SOON_S * 0.3 * 5, late.set)
    await late.wait()
    assert await _answer(line, b"x") == b"6"


async def test_a_second_request_has_its_own_time(connect: Connect) -> None:
    """A connection kept for the next request is uvicorn's to close; a head that begins is ours."""
    line = await connect()
    assert await _answer(line, GET) == b"0"
    late = asyncio.Event()
    asyncio.get_running_loop().call_later(2 * SOON_S, late.set)
    await late.wait()
    assert await _answer(line, GET) == b"0"
    line[1].write(GET[:10])
    assert (await _told(line[0])).startswith(b"HTTP/1.1 408 ")


async def test_who_holds_too_many_idle_connections_loses_the_oldest(connect: Connect) -> None:
    """Newcomers always get in; nothing is kept of what has gone."""
    lines = [await connect() for _ in range(3)]
    for line in lines:
        assert await _answer(line, GET) == b"0"
    newcomer = await connect()
    assert await _answer(newcomer, GET) == b"0"
    assert await _told(lines[0][0]) in (b"", b"reset")
    assert await _answer(lines[1], GET) == b"0"
    for _, writer in [*lines, newcomer]:
        writer.close()
    await until(lambda: not idle.PromptProtocol.idle)
