"""Starting a process of this program, and keeping a spare one that is ready to become any kind.

Importing what a front needs takes 2 s of CPU time, on a busy machine several times that; a child that died
must be back within 3 s. So once everything serves, one further process imports what all kinds need and waits
for the word; a dead child's place is taken by it, and the next spare is started when the place is filled. It
costs about 100 MiB.
"""

import asyncio
import contextlib
import socket
import sys
from dataclasses import dataclass

from liveshop.folders.data_folder_files import DataFolder
from liveshop.supervising.control import Stop, line

SPARE_NAME = "spare-0"
NEXT_AFTER_S = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """A started process and the line to it."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def start_process(name: str, lock_fd: int) -> Line:
    """Start `python -m liveshop child NAME`, in a session of its own, with a line to it."""
    mine, its = socket.socketpair()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "liveshop", "child", name, "--control-fd", str(its.fileno())),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(its.fileno(), lock_fd),
        )
    finally:
        its.close()
    reader, writer = await asyncio.open_connection(sock=mine)
    return Line(process, reader, writer)


class Spare:
    """Keeps one spare process."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._line: Line | None = None
        self._starting: asyncio.Task[None] | None = None

    def begin(self, after_s: float = 0.0) -> None:
        """Start a spare process in a while."""
        self._starting = asyncio.create_task(self._start(after_s), name="spare")

    def take(self) -> Line | None:
        """Hand out the spare process, if there is a living one; another is started later."""
        taken, self._line = self._line, None
        if taken is None:
            return None
        self._folder.forget_child(SPARE_NAME)
        self.begin(NEXT_AFTER_S)
        return taken if taken.process.returncode is None else None

    async def end(self, limit_s: float) -> None:
        """End the spare process."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        spare, self._line = self._line, None
        if spare is None or spare.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, OSError):
            spare.writer.write(line(Stop()))
            spare.process.terminate()
        try:
            await asyncio.wait_for(spare.process.wait(), limit_s)
        except TimeoutError:
            spare.process.kill()
            await spare.process.wait()
        self._folder.forget_child(SPARE_NAME)
        spare.writer.close()

    async def _start(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._line = await start_process(SPARE_NAME, self._folder.lock_fd)
        self._folder.record_child(SPARE_NAME, self._line.process.pid)
