"""Asking other processes of this server, over a real Unix socket and over TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from liveshop.serving.inside_client import InsideClient, Unreachable
from liveshop.serving.serving_http import listen_unix, served

LINKS = ['<stun:one.test>; rel="ice-server"', '<turn:two.test>; rel="ice-server"; username="a, b"']
LATE_S = 0.3


async def _mirror(request: Request) -> JSONResponse:
    """Say what came."""
    scope = request.scope
    heard = {
        "method": request.method,
        "target": (scope["raw_path"] + b"?" + scope["query_string"]).decode(),
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": (await request.body()).decode(),
    }
    return JSONResponse(heard, status_code=201)


async def _links(_: Request) -> Response:
    response = Response(b"v=0", headers={"etag": '"1"', "set-cookie": "a=b"})
    for link in LINKS:
        response.headers.append("link", link)
    return response


async def _moved(_: Request) -> Response:
    return RedirectResponse("/mirror", status_code=307)


async def _never(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


ROUTES = {"/links": _links, "/moved": _moved, "/never": _never, "/{rest:path}": _mirror}
VERBS = ["GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE"]


@pytest.fixture(params=["unix", "tcp"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[InsideClient]:
    """A process that mirrors what it is asked, and who asks it."""
    app = Starlette(routes=[Route(path, endpoint, methods=VERBS) for path, endpoint in ROUTES.items()])
    if request.param == "unix":
        listening, address = listen_unix(tmp_path / "here"), f"unix:{tmp_path}/here"
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setblocking(False)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with served(app, [listening]), InsideClient(address, LATE_S * 10) as asking:
        yield asking


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "OPTIONS", "GET"])
@pytest.mark.parametrize("body", [b"", b"v=0\r\n" * 5000])
async def test_what_is_asked_arrives_and_nothing_beside_it(
    client: InsideClient, method: str, body: bytes
) -> None:
    """A path as it is quoted, our headers, the body; no header that says what the client never said."""
    answer = await client.request(method, "/a%20b/%2e%2e//c?d=%3F", {"if-match": "*"}, body)
    assert answer.status == 201
    heard = answer.body.decode()
    assert '"target":"/a%20b/%2e%2e//c?d=%3F"' in heard
    assert f'"method":"{method}"' in heard
    assert ("v=0" in heard) == bool(body)
    assert '"if-match":"*"' in heard
    for name in ("user-agent", "accept", "accept-encoding", "content-type", "cookie"):
        assert f'"{name}"' not in heard


async def test_every_link_is_handed_on_by_itself(client: InsideClient) -> None:
    """A comma within a link is not where the next one begins."""
    answer = await client.request("POST", "/links", body=b"x")
    assert (answer.status, answer.body, answer.links) == (200, b"v=0", tuple(LINKS))
    assert answer.headers["ETag"] == '"1"'
    assert b"cookie" not in (await client.request("GET", "/")).body


async def test_a_head_has_no_body(client: InsideClient) -> None:
    """Its length is that of a body which does not come."""
    answer = await client.request("HEAD", "/links")
    assert (answer.status, answer.body) == (200, b"")


async def test_a_redirection_is_an_answer(client: InsideClient) -> None:
    """It is for whoever asked us."""
    answer = await client.request("POST", "/moved", body=b"x")
    assert (answer.status, answer.headers["location"]) == (307, "/mirror")


async def test_a_hundred_and_more_at_once_are_answered(client: InsideClient) -> None:
    """Those that find no free connection wait for one."""
    answers = await asyncio.gather(*(client.request("POST", f"/{n}", body=b"x") for n in range(250)))
    assert all(f'"target":"/{n}?"'.encode() in answer.body for n, answer in enumerate(answers))


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    """No socket, one that nobody listens on, one whose owner hangs up, and a late answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for address in (f"unix:{tmp_path}/none", f"http://127.0.0.1:{port}", f"unix:{tmp_path}/{'x' * 200}"):
        async with InsideClient(address, LATE_S) as asking:
            with pytest.raises(Unreachable):
                await asking.request("GET", "/")


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", b"nonsense\r\n\r\n"]
)
async def test_half_an_answer_is_none(said: bytes) -> None:
    """Also what is no HTTP."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, InsideClient(f"http://127.0.0.1:{port}", LATE_S * 10) as asking:
        with pytest.raises(Unreachable):
            await asking.request("POST", "/", body=b"x")


async def test_a_late_answer_is_none(tmp_path: Path) -> None:
    """And who asks goes on after its limit."""
    app = Starlette(routes=[Route("/never", _never)])
    address = f"unix:{tmp_path}/here"
    async with served(app, [listen_unix(tmp_path / "here")]), InsideClient(address, LATE_S) as asking:
        with pytest.raises(Unreachable, match="TimeoutError"):
            await asking.request("GET", "/never")
