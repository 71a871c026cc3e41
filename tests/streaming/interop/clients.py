"""Programs that publish and watch with other people's WebRTC stacks, each a process of its own.

A program tells what happens in lines of JSON, `{"event": …}`, and obeys lines on its standard input; the end
of the input is the command `stop`.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.streaming.interop.clip import clip_file

HERE = Path(__file__).parent
EVENT_LIMIT_S = 20.0
LINE_LIMIT_BYTES = 8 * 1024 * 1024
KEY = "sk_test"


@dataclass
class Client:
    """A running program; `heard` keeps every event it told."""

    process: asyncio.subprocess.Process
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def says(self, *events: str, **facts: object) -> dict[str, Any]:
        """Read on until the program tells one of these events with these facts."""
        assert self.process.stdout is not None
        async with asyncio.timeout(EVENT_LIMIT_S):
            while line := await self.process.stdout.readline():
                told = json.loads(line)
                self.heard.append(told)
                if told["event"] in events and facts.items() <= told.items():
                    return dict(told)
        raise EOFError(f"it ended without {events}; it said {self.heard}")

    def ask(self, command: str) -> None:
        """Give a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())

    async def stop(self) -> int:
        """Let it leave in its own way; the status its DELETE was answered with."""
        self.ask("stop")
        status = int((await self.says("deleted"))["status"])
        await asyncio.wait_for(self.process.wait(), EVENT_LIMIT_S)
        return status


@contextlib.asynccontextmanager
async def running(*command: str) -> AsyncIterator[Client]:
    """Run a program; one that is still there at the end of the block is killed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=LINE_LIMIT_BYTES)
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def obs(url: str, codec: str = "H264", layers: int = 1) -> AsyncIterator[Client]:
    """Publish a clip in OBS's way, playing when the block begins. Raises `ConnectionRefusedError`."""
    clip = await asyncio.to_thread(clip_file, codec, layers)
    script = str(HERE / "obs_publisher.mjs")
    async with running("node", script, url, KEY, str(clip), codec, str(layers)) as client:
        told = await client.says("playing", "refused")
        if told["event"] == "refused":
            raise ConnectionRefusedError(client.heard)
        yield client


@contextlib.asynccontextmanager
async def obs_trying_again(url: str) -> AsyncIterator[Client]:
    """Publish like OBS that has lost its connection: it tries until it is let in."""
    async with contextlib.AsyncExitStack() as stack:
        async with asyncio.timeout(EVENT_LIMIT_S):
            client = None
            while client is None:
                with contextlib.suppress(ConnectionRefusedError):
                    client = await stack.enter_async_context(obs(url))
        yield client


@contextlib.asynccontextmanager
async def node(script: str, *arguments: str) -> AsyncIterator[Client]:
    """Run one of this folder's Node programs."""
    async with running("node", str(HERE / script), *arguments) as client:
        yield client
