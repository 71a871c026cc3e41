"""A bad line to Redis or PostgreSQL: a process between them and the server that delays and cuts, by a seed.

It stands on Unix sockets, as both servers do here. A cut comes in the middle of a question (nobody knows
whether it ran: it did not), or of an answer (it did), or instead of an answer.
"""

import asyncio
import contextlib
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Self

import uvloop

CHUNK_BYTES = 1 << 16
DELAY_S = (0.005, 0.15)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; the chances are those of each chunk of bytes that passes."""

    entrance: Path
    target: Path
    cut_chance: float = 0.001
    delay_chance: float = 0.02


@dataclass(slots=True)
class Passed:
    """What happened on all lines together."""

    connections: int = 0
    cuts: int = 0
    delays: int = 0


class _Lines:
    def __init__(self, seed: int) -> None:
        self._random = Random(f"{seed} lines")
        self.passed = Passed()
        self.bad = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def listen(self, line: Line) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(line, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        line.entrance.unlink(missing_ok=True)
        self._servers.append(await asyncio.start_unix_server(accept, str(line.entrance), limit=CHUNK_BYTES))
        line.entrance.chmod(0o777)

    async def _serve(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.passed.connections += 1
        writers = [writer]
        try:
            their_reader, their_writer = await asyncio.open_unix_connection(
                str(line.target), limit=CHUNK_BYTES
            )
            writers.append(their_writer)
            ways = (self._pass(line, reader, their_writer), self._pass(line, their_reader, writer))
            tasks = {asyncio.create_task(way) for way in ways}
            _done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in left:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        except OSError:
            pass  # the server behind is away, as it is meant to be now and then
        finally:
            for one in writers:
                one.close()

    async def _pass(self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self.bad and self._random.random() < line.delay_chance:
                    self.passed.delays += 1
                    await asyncio.sleep(self._random.uniform(*DELAY_S))
                if self.bad and self._random.random() < line.cut_chance:
                    self.passed.cuts += 1
                    writer.write(chunk[: self._random.randrange(len(chunk))])
                    return
                writer.write(chunk)
                await writer.drain()


def _serve(pipe: Connection, lines: Sequence[Line], seed: int) -> None:
    async def main() -> None:
        made = _Lines(seed)
        for line in lines:
            await made.listen(line)
        pipe.send(made.passed)
        while True:
            word = await asyncio.to_thread(pipe.recv)
            if word == "leave":
                return
            made.bad = word == "bad"
            pipe.send(made.passed)

    with contextlib.suppress(EOFError, KeyboardInterrupt):
        uvloop.run(main())


class BadLines:
    """The lines, in a process of their own. They are good until told to be bad."""

    def __init__(self, lines: Sequence[Line], seed: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, lines, seed), daemon=True)
        self._process.start()
        theirs.close()
        self.passed: Passed = self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send("leave")
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    def be(self, word: str) -> Passed:
        """Be "bad" or "good" from now on; returns what has happened so far."""
        self._pipe.send(word)
        self.passed = self._pipe.recv()
        return self.passed
