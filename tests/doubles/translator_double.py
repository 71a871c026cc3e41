"""A translator that speaks the protocol of docs/translation.md: it says every text backwards."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TranslatorDouble:
    """What it heard, and how it answers: `status`, or `body` in place of translations."""

    url: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        asked = json.loads(await reader.readexactly(int(fields["content-length"])))
        self.heard.append(asked)
        self.tokens.append(fields.get("authorization", ""))
        said = [None if text == "?" else f"{asked['target']}:{text[::-1]}" for text in asked["texts"]]
        body = json.dumps({"translations": said}).encode() if self.body is None else self.body
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (self.status, len(body), body))
        await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def translating() -> AsyncIterator[TranslatorDouble]:
    """Run one on a free port."""
    double = TranslatorDouble()
    server = await asyncio.start_server(double.serve, "127.0.0.1", 0)
    async with server:
        double.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/translate"
        yield double
