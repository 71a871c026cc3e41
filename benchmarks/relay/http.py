"""A handful of keep-alive connections for many small requests: httpx would cost more than the handshake."""

import asyncio
from dataclasses import dataclass

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Answer:
    """Status, headers with lower-case names, and body."""

    status: int
    headers: dict[str, str]
    body: str


class Http:
    """Requests to one host."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: list[Connection] = []

    async def get(self, path: str) -> Answer:
        """Ask for something."""
        return await self._request("GET", path, "", {})

    async def post(self, path: str, body: str, headers: dict[str, str]) -> Answer:
        """Send something."""
        return await self._request("POST", path, body, headers)

    async def _request(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        # A server closes connections that were idle for long.
        self._idle = [one for one in self._idle if not one[0].at_eof()]
        connection = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        reader, writer = connection
        head = {"host": f"{self._host}:{self._port}", "content-length": str(len(body.encode())), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        text = (await _body(reader, found)).decode()
        self._idle.append(connection)
        return Answer(int(first.split()[1]), found, text)

    async def close(self) -> None:
        """Close the idle connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
