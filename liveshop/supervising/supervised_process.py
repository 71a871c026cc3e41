"""One supervised process: started, watched, started again, and ended in order.

`Supervised` is the part that all share; `Child` is a forked process of this program that is spoken to over a
socket pair, `RedisChild` the embedded Redis.
"""

import abc
import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from liveshop.errors import ChildFailed
from liveshop.folders.data_folder_files import DataFolder
from liveshop.redis.connections_redis import wait_for_redis
from liveshop.redis.embedded_redis_process import RedisProgram, last_lines, start_redis
from liveshop.supervising.control import (
    Answer,
    Drain,
    Drained,
    Failed,
    Go,
    Order,
    Ready,
    Said,
    Stop,
    decode_answer,
    line,
)
from liveshop.supervising.restarts import Restarts

OnDeath = Callable[["Supervised"], Awaitable[None]]

UNSEEN = 71
"""Exit code of a process whose end nobody could see."""


class Process(Protocol):
    """A started process: asyncio's own, or one that was forked for us."""

    @property
    def pid(self) -> int:
        """Number of the process."""

    @property
    def returncode(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""

    async def wait(self) -> int:
        """Wait for its end; returns the exit code."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once."""


@dataclass(frozen=True, slots=True)
class Started:
    """A started child and the line to it."""

    process: Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


Start = Callable[[str], Awaitable[Started]]


class Supervised(abc.ABC):
    """A process that is kept running. Subclasses say how it starts and when it is ready."""

    def __init__(self, name: str, folder: DataFolder) -> None:
        self.name = name
        self.kind = name.rpartition("-")[0] or name
        self.restarts = Restarts()
        self.ready = asyncio.Event()
        self.process: Process | None = None
        self.on_death: OnDeath | None = None
        self._folder = folder
        self._ending = False

    async def keep(self) -> None:
        """Keep the process running until `end`; raises `ChildFailed` after five deaths before ready."""
        while not self._ending:
            self.process = await self._start()
            self._folder.record_child(self.name, self.process.pid)
            watch = asyncio.create_task(self._watch())
            await self._end_if_too_late()
            code = await self.process.wait()
            await self._finish(watch)
            self._folder.forget_child(self.name)
            if not self._ending:
                await self._died(code)

    async def end(self, limit_s: float) -> None:
        """Ask it to end, and kill it when it has not after `limit_s`."""
        self._ending = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, OSError):
            self._ask_to_end(process)
        try:
            await asyncio.wait_for(process.wait(), limit_s)
        except TimeoutError:
            say(f"{self.name} did not end within {limit_s:g} s and was killed.")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._ending = True
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()

    async def _end_if_too_late(self) -> None:
        """End a process that was still starting when `end` was called."""
        if self._ending:
            self.kill()

    async def _died(self, code: int) -> None:
        was_ready = self.ready.is_set()
        self.ready.clear()
        reason = self._reason(code)
        delay_s = self.restarts.died(was_ready=was_ready)
        if self.on_death is not None:
            await self.on_death(self)
        if delay_s is None:
            raise ChildFailed(f"{self.name} died five times in a row before it was ready: {reason}")
        say(f"{self.name} died: {reason} It is started again.")
        await asyncio.sleep(delay_s)

    async def _finish(self, watch: asyncio.Task[None]) -> None:
        """Let the watch read what the dead process said last, then end it."""
        _done, pending = await asyncio.wait({watch}, timeout=0.2)
        for task in pending:
            task.cancel()
            await asyncio.wait({task})

    def _reason(self, code: int) -> str:
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}."
        if code == UNSEEN:
            return "it ended while nobody could see how."
        return f"it ended with code {code}."

    @abc.abstractmethod
    async def _start(self) -> Process:
        """Start the process."""

    @abc.abstractmethod
    async def _watch(self) -> None:
        """Set `ready` once it is; cancelled when the process ends."""

    def _ask_to_end(self, process: Process) -> None:
        process.terminate()


class RedisChild(Supervised):
    """The embedded Redis."""

    def __init__(
        self, folder: DataFolder, program: RedisProgram, socket_path: Path, appendfsync: str
    ) -> None:
        super().__init__("redis", folder)
        self._appendfsync = appendfsync
        self._program = program
        self._socket_path = socket_path
        self._log = folder.path / "logs" / "redis.log"

    async def _start(self) -> asyncio.subprocess.Process:
        redis_folder = self._folder.path / "redis"
        return await start_redis(
            self._program,
            redis_folder,
            self._socket_path,
            self._log,
            self._folder.lock_fd,
            self._appendfsync,
        )

    async def _watch(self) -> None:
        await wait_for_redis(f"unix://{self._socket_path}")
        self.restarts.deaths = 0
        self.ready.set()

    def _reason(self, code: int) -> str:
        return f"{super()._reason(code)} Its last words: {last_lines(self._log)}"


class Child(Supervised):
    """A process of this program, begun by `start` and told what `make_go` makes once all is prepared."""

    def __init__(
        self,
        name: str,
        folder: DataFolder,
        start: Start,
        make_go: Callable[[str], Go],
        prepared: asyncio.Event,
    ) -> None:
        super().__init__(name, folder)
        self.boot_id = ""
        self.drained = asyncio.Event()
        self._start_child = start
        self._make_go = make_go
        self._prepared = prepared
        self._failure: str | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    def allow(self) -> None:
        """Say that everything it needs is prepared; for a child with an event of its own."""
        self._prepared.set()

    def drain(self) -> None:
        """Tell it to let nothing new begin."""
        self._send(Drain())

    async def _start(self) -> Process:
        self._failure = None
        self.drained.clear()
        started = await self._start_child(self.name)
        self._reader, self._writer = started.reader, started.writer
        return started.process

    async def _watch(self) -> None:
        await self._prepared.wait()
        go = self._make_go(self.name)
        self.boot_id = go.boot_id
        self._send(go)
        reader = self._reader
        while reader is not None and (text := await _next_line(reader)):
            self._heard(decode_answer(text))

    def _heard(self, answer: Answer) -> None:
        match answer:
            case Ready():
                self.restarts.deaths = 0
                self.ready.set()
            case Drained():
                self.drained.set()
            case Failed(reason):
                self._failure = reason
            case Said(text):
                say(text)

    def _reason(self, code: int) -> str:
        return self._failure or super()._reason(code)

    def _send(self, order: Order) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(line(order))

    def _ask_to_end(self, process: Process) -> None:
        if self.ready.is_set():
            self._send(Stop())
        else:
            # It may still be importing, and would read its line late.
            process.terminate()

    async def _finish(self, watch: asyncio.Task[None]) -> None:
        await super()._finish(watch)
        if self._writer is not None:
            self._writer.close()


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except (ConnectionError, msgspec.DecodeError):
        return b""


def say(text: str) -> None:
    """Print a line for the person at the terminal, at once."""
    print(text, file=sys.stderr, flush=True)
