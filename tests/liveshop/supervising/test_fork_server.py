"""The fork server as a real process, and what a supervisor holds of its children."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from liveshop.folders.data_folder_files import make_folder, try_lock
from liveshop.folders.process_marks_files import is_alive, mark_of
from liveshop.supervising.fork_server_process import ForkedProcess, ForkServer
from liveshop.supervising.supervised_process import UNSEEN, Started
from tests.waiting import until

IMPORT_LIMIT_S = 60.0
LIMIT_S = 20.0


@asynccontextmanager
async def a_fork_server(path: Path) -> AsyncIterator[ForkServer]:
    """Keep one for a single kind in a data folder of its own."""
    make_folder(path)
    folder = try_lock(path)
    assert folder is not None
    server = ForkServer(folder, ["prepare"])
    keeping = asyncio.create_task(server.keep())
    try:
        yield server
    finally:
        await server.end(LIMIT_S)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        folder.close()


async def started(server: ForkServer) -> Started:
    """Start a child, waiting for the imports."""
    async with asyncio.timeout(IMPORT_LIMIT_S):
        return await server.start("prepare-0")


async def end_of(started: Started) -> int:
    """Wait for the end of a child, and close the line to it; returns the exit code."""
    async with asyncio.timeout(LIMIT_S):
        code = await started.process.wait()
    started.writer.close()
    return code


async def test_each_end_is_told_with_its_code(tmp_path: Path) -> None:
    """A signal, an orderly end when asked, and the end when the line is closed."""
    async with a_fork_server(tmp_path) as server:
        killed, asked, left = [await started(server) for _ in range(3)]
        assert len({one.process.pid for one in (killed, asked, left)}) == 3
        killed.process.kill()
        assert await end_of(killed) == -signal.SIGKILL
        with pytest.raises(ProcessLookupError):
            killed.process.kill()
        asked.writer.write(b'{"type":"stop"}\n')
        assert await end_of(asked) == 0
        left.writer.close()
        assert await end_of(left) == 0


async def test_children_outlive_their_server_and_the_next_one_forks_on(tmp_path: Path) -> None:
    """Who was asked for while none was there comes of the next; an end in between is noticed all the same."""
    async with a_fork_server(tmp_path) as server:
        first = await started(server)
        head = server.process
        assert head is not None
        head.kill()
        second = await started(server)
        assert server.process is not head
        assert server.restarts.restarts_total == 1
        assert first.process.returncode is None
        first.process.kill()
        assert await end_of(first) == UNSEEN
        second.process.kill()
        assert await end_of(second) == -signal.SIGKILL


async def test_who_is_asked_for_and_no_longer_wanted_ends(tmp_path: Path) -> None:
    """A start that is given up leaves no child behind."""
    async with a_fork_server(tmp_path) as server:
        first = await started(server)
        head = server.process
        assert isinstance(head, asyncio.subprocess.Process)
        head.send_signal(signal.SIGSTOP)
        wish = asyncio.create_task(server.start("prepare-0"))
        await until(lambda: len(server._asked) == 1)
        wish.cancel()
        await asyncio.gather(wish, return_exceptions=True)
        head.send_signal(signal.SIGCONT)
        last = await started(server)
        wanted = {first.process.pid, last.process.pid}
        await until(lambda: set(server._living) == wanted, limit_s=LIMIT_S)
        for one in (first, last):
            one.process.kill()
            await end_of(one)


async def test_the_server_ends_with_its_supervisors_line(tmp_path: Path) -> None:
    """Nobody needs to kill it; signals of a whole group do not end it before its time."""
    async with a_fork_server(tmp_path) as server:
        child = await started(server)
        head = server.process
        assert head is not None
        mark = mark_of(head.pid)
        head.terminate()
        child.process.kill()
        assert await end_of(child) == -signal.SIGKILL
        assert mark is not None
        assert is_alive(mark)
    assert head.returncode == 0
    assert not is_alive(mark)


async def test_a_process_that_is_gone_before_anybody_looked() -> None:
    """Its code is still told; a signal finds nobody."""
    brief = await asyncio.create_subprocess_exec("true")
    await brief.wait()
    process = ForkedProcess(brief.pid)
    with pytest.raises(ProcessLookupError):
        process.terminate()
    process.end(3)
    assert await process.wait() == 3
