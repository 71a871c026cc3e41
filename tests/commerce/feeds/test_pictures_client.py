"""Fetching pictures: from the open internet alone, by an address judged and then used."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from commerce.errors import PictureTooLarge
from commerce.feeds.pictures_client import PictureClient
from commerce.feeds.refusals import PictureUnreachable
from commerce.webhooks.addresses import AddressRules

PUBLIC = AddressRules().permits


class Server:
    """Answers every connection with fixed bytes and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked: list[str] = []
        self.port = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode())
        with contextlib.suppress(ConnectionError):
            writer.write(self.answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Run a server on loopback."""
    found = Server()
    listening = await asyncio.start_server(found.take, "127.0.0.1", 0)
    found.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield found


async def loopback(host: str, port: int) -> list[str]:
    """Resolve every name to loopback, where the test's server is."""
    return ["127.0.0.1"]


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Write an HTTP answer."""
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


async def test_a_picture_is_fetched_from_the_judged_address(server: Server) -> None:
    """The connection goes to the address that was judged; the host's name is only told."""
    server.answer = answer("200 OK", b"\xff\xd8\xff")
    client = PictureClient(allow=lambda _: True, resolve=loopback)
    assert await client.fetch(f"http://pictures.example:{server.port}/a.jpg?x=1") == b"\xff\xd8\xff"
    assert server.asked[0].startswith("GET /a.jpg?x=1 HTTP/1.1")
    assert f"host: pictures.example:{server.port}" in server.asked[0].lower()


@pytest.mark.parametrize(
    "url",
    ["http://pictures.example:{port}/a.jpg", "ftp://pictures.example/a.jpg", "http:///a.jpg", "http://u:p@x.example/",
     "http://x.example:99999/", "http://[::1/"],
)  # fmt: skip
async def test_what_must_not_be_asked_is_not_asked(server: Server, url: str) -> None:
    """Loopback behind a public name, other schemes, users in addresses: no byte is sent."""
    server.answer = answer("200 OK", b"secret")
    client = PictureClient(PUBLIC, loopback)
    with pytest.raises(PictureUnreachable):
        await client.fetch(url.format(port=server.port))
    assert server.asked == []


async def test_a_host_with_one_inner_address_is_refused(server: Server) -> None:
    """However many public ones stand before it."""

    async def both(host: str, port: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    with pytest.raises(PictureUnreachable):
        await PictureClient(PUBLIC, both).fetch(f"http://pictures.example:{server.port}/")
    assert server.asked == []


async def test_a_redirect_is_judged_like_the_first_address(server: Server) -> None:
    """A public server cannot send us inside."""
    server.answer = answer("302 Found", b"", f"location: http://inside.example:{server.port}/secret")

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "pictures.example" else ["10.0.0.1"]

    client = PictureClient(allow=lambda address: address == "127.0.0.1", resolve=resolve)
    with pytest.raises(PictureUnreachable):
        await client.fetch(f"http://pictures.example:{server.port}/")
    assert len(server.asked) == 1


async def test_redirects_come_to_an_end(server: Server) -> None:
    """Three are followed."""
    server.answer = answer("302 Found", b"", "location: /again")
    with pytest.raises(PictureUnreachable):
        await PictureClient(lambda _: True, loopback).fetch(f"http://pictures.example:{server.port}/")
    assert len(server.asked) == 4


async def test_other_answers_and_endless_ones_are_refused(server: Server) -> None:
    """Not found, and more bytes than a picture may have."""
    client = PictureClient(lambda _: True, loopback)
    url = f"http://pictures.example:{server.port}/"
    server.answer = answer("404 Not Found", b"no")
    with pytest.raises(PictureUnreachable, match="404"):
        await client.fetch(url)
    server.answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * (10 * 1024 * 1024 + 1)
    with pytest.raises(PictureTooLarge):
        await client.fetch(url)
