"""The supervisor's side of the fork server: a child costs a fork, not an import.

Forked children share in memory what was imported, and a dead one's place is taken at once, however soon the
next one dies (docs/decisions/0029-children-are-forked.md).
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence

from liveshop.folders.data_folder_files import DataFolder
from liveshop.supervising.control import PACKET_BYTES, Ended, Forked, Imported, News, decode_news
from liveshop.supervising.supervised_process import UNSEEN, Process, Started, Supervised

NAME = "forkserver"


class ForkedProcess:
    """A child of the fork server: what `asyncio.subprocess.Process` can do, as far as a supervisor needs it.

    Signals go through a pidfd, so that no other process can be hit once this one is gone.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None  # it has ended; the fork server is about to say how

    @property
    def returncode(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        """Wait for its end; returns the exit code."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """Send a signal; raises `ProcessLookupError` when it is gone."""
        if self._handle is None:
            raise ProcessLookupError(self.pid)
        signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def end(self, code: int) -> None:
        """Be told that it has ended."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if not self._ended.done():
            self._ended.set_result(code)

    def watch_alone(self) -> None:
        """Notice the end without a fork server, which is gone; nobody learns the code then."""
        handle = self._handle
        if handle is None:
            return self.end(UNSEEN)
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(handle)
            self.end(UNSEEN)

        loop.add_reader(handle, ended)
        return None


class ForkServer(Supervised):
    """Keeps one fork server for `kinds`. One that dies is replaced; its children live on."""

    def __init__(self, folder: DataFolder, kinds: Sequence[str]) -> None:
        super().__init__(NAME, folder)
        self._kinds = kinds
        self._line: socket.socket | None = None
        self._asked: deque[asyncio.Future[ForkedProcess]] = deque()
        self._living: dict[int, ForkedProcess] = {}

    async def start(self, name: str) -> Started:
        """Start the child called `name` ("front-0"), with a line to it; waits while the server imports."""
        while True:
            await self.ready.wait()
            with contextlib.suppress(ConnectionError):
                return await self._fork(name)

    async def _fork(self, name: str) -> Started:
        mine, its = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=mine)
        try:
            with its:
                process = await self._ask(name, its)
        except BaseException:
            writer.close()  # whoever was forked for it ends
            raise
        return Started(process, reader, writer)

    async def _ask(self, name: str, its: socket.socket) -> ForkedProcess:
        asked: asyncio.Future[ForkedProcess] = asyncio.get_running_loop().create_future()
        if self._line is None:
            raise ConnectionError
        try:
            socket.send_fds(self._line, [name.encode()], [its.fileno()])
        except ConnectionError:
            self.ready.clear()  # it has died, and will be heard of in a moment
            raise
        self._asked.append(asked)
        return await asked

    async def _start(self) -> asyncio.subprocess.Process:
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.setblocking(False)
        with its:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "liveshop", "children", *self._kinds),
                *("--control-fd", str(its.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(its.fileno(), self._folder.lock_fd),
            )

    async def _watch(self) -> None:
        line = self._line
        assert line is not None
        with line:
            try:
                while text := await asyncio.get_running_loop().sock_recv(line, PACKET_BYTES):
                    self._heard(decode_news(text))
            except ConnectionError:
                pass  # it was killed
            finally:
                self._line = None
                self._lose_sight()

    def _heard(self, news: News) -> None:
        match news:
            case Imported():
                self.restarts.deaths = 0
                self.ready.set()
            case Forked(pid):
                process = self._living[pid] = ForkedProcess(pid)
                if not (asked := self._asked.popleft()).done():
                    asked.set_result(process)
            case Ended(pid, code):
                self._living.pop(pid).end(code)

    def _lose_sight(self) -> None:
        """Let the next server be asked for what this one was, and watch its children without it."""
        self.ready.clear()
        while self._asked:
            if not (asked := self._asked.popleft()).done():
                asked.set_exception(ConnectionError())
        while self._living:
            self._living.popitem()[1].watch_alone()

    def _ask_to_end(self, _process: Process) -> None:
        if self._line is not None:
            self._line.shutdown(socket.SHUT_RDWR)
