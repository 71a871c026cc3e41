"""A line between a client and a server that delays and cuts only while it is told to."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from benchmarks.chaos_sale.bad_line_process import BadLines, Line

ASKED = b"x" * 1000


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder whose path is short enough for sockets."""
    made = Path(tempfile.mkdtemp(prefix="ls-line-", dir="/tmp"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def echo(folder: Path) -> AsyncIterator[Path]:
    """Serve what says everything back."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    server = await asyncio.start_unix_server(serve, str(folder / "echo.sock"))
    yield folder / "echo.sock"
    server.close()


async def say_it(entrance: Path) -> bytes:
    """Ask once; returns what came back before the end."""
    reader, writer = await asyncio.open_unix_connection(str(entrance))
    try:
        writer.write(ASKED)
        async with asyncio.timeout(10):
            return await reader.readexactly(len(ASKED))
    except asyncio.IncompleteReadError as error:
        return error.partial
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_bad_line_cuts_and_a_good_one_does_not(folder: Path, echo: Path) -> None:
    """Good: all comes back. Bad with certainty: the connection ends in the middle of the first words."""
    line = Line(folder / "line.sock", echo, cut_chance=1.0, delay_chance=0.0)
    with await asyncio.to_thread(BadLines, [line], 1) as lines:
        assert await say_it(line.entrance) == ASKED
        assert lines.be("bad").cuts == 0
        assert len(await say_it(line.entrance)) < len(ASKED)
        cuts = lines.be("good").cuts
        assert await say_it(line.entrance) == ASKED
        passed = lines.be("good")
    assert cuts in {1, 2}  # the first connection's end may come when the line is bad already
    assert (passed.connections, passed.cuts, passed.delays) == (3, cuts, 0)


async def test_a_bad_line_delays(folder: Path, echo: Path) -> None:
    """What is late comes all the same."""
    line = Line(folder / "line.sock", echo, cut_chance=0.0, delay_chance=1.0)
    with await asyncio.to_thread(BadLines, [line], 1) as lines:
        lines.be("bad")
        assert await say_it(line.entrance) == ASKED
        assert lines.be("bad").delays >= 2


async def test_a_server_that_is_away_ends_the_connection(folder: Path) -> None:
    """A client of a dead server is told so by its connection's end, and the line lives on."""
    line = Line(folder / "line.sock", folder / "nobody.sock")
    with await asyncio.to_thread(BadLines, [line], 1):
        assert await say_it(line.entrance) == b""
        assert await say_it(line.entrance) == b""
