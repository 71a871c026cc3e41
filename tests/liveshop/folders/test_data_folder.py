"""The data folder: one writer, its secret, and what a dead supervisor left."""

import asyncio
import os
import signal
import stat
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from liveshop.errors import DataFolderBusy, DataFolderError
from liveshop.folders.data_folder_files import (
    DataFolder,
    ProcessRecord,
    make_folder,
    orphans,
    read_secret,
    try_lock,
)
from liveshop.folders.data_folder_process import end, take_data_folder
from liveshop.folders.process_marks_files import ProcessMark, is_alive, mark_of
from liveshop.folders.runtime_folder_files import read_restarts, runtime_folder, write_restarts

GONE = ProcessMark(2**22 - 1, "1", "another-boot")


def taken(path: Path) -> DataFolder:
    """Take a folder that must be free."""
    make_folder(path)
    folder = try_lock(path)
    assert folder is not None
    folder.record_self()
    return folder


def write_record(path: Path, record: ProcessRecord) -> None:
    """Say who works on the folder."""
    (path / "processes.json").write_bytes(msgspec.json.encode(record))


async def test_a_living_supervisor_keeps_others_out_at_once(tmp_path: Path) -> None:
    """The second start does not wait, and names the first."""
    folder = taken(tmp_path)
    with pytest.raises(DataFolderBusy, match=f"in use by the liveshop with pid {os.getpid()}"):
        await take_data_folder(tmp_path, limit_s=60)
    folder.close()
    again = await take_data_folder(tmp_path, limit_s=1)
    again.close()


async def test_an_unknown_holder_of_the_lock_is_waited_for_and_refused(tmp_path: Path) -> None:
    """The lock counts, also when nobody says who has it."""
    folder = taken(tmp_path)
    write_record(tmp_path, ProcessRecord(supervisor=GONE))
    with pytest.raises(DataFolderBusy, match="does not show"):
        await take_data_folder(tmp_path, limit_s=0.2)
    folder.close()


async def test_orphans_of_a_dead_supervisor_are_ended(tmp_path: Path) -> None:
    """What a killed supervisor left is ended before the folder is taken."""
    orphan = await asyncio.create_subprocess_exec(sys.executable, "-c", "import signal; signal.pause()")
    mark = mark_of(orphan.pid)
    assert mark is not None
    write_record(tmp_path, ProcessRecord(supervisor=GONE, children={"redis": mark}))
    folder = await take_data_folder(tmp_path, limit_s=10)
    assert not is_alive(mark)
    assert await orphan.wait() == -signal.SIGTERM
    folder.close()


def test_another_process_with_the_same_pid_is_no_orphan(tmp_path: Path) -> None:
    """A pid given away again is not touched."""
    mine = mark_of(os.getpid())
    assert mine is not None
    stranger = replace(mine, start_ticks="1")
    write_record(tmp_path, ProcessRecord(supervisor=GONE, children={"redis": stranger}))
    assert orphans(tmp_path) == {}
    end(stranger, signal.SIGKILL)
    assert is_alive(mine)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"children": 5}'])
def test_a_broken_record_counts_as_none(tmp_path: Path, content: bytes) -> None:
    """A record cut short by a power cut does not stop the next start."""
    (tmp_path / "processes.json").write_bytes(content)
    assert orphans(tmp_path) == {}


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """The secret stays the same, and its file is closed to others, also if somebody opened it."""
    first = read_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    assert read_secret(tmp_path) == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_the_home_id_stays(tmp_path: Path) -> None:
    """A machine's server keeps its id over starts."""
    folder = taken(tmp_path)
    home = folder.home()
    assert folder.home() == home
    folder.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way is said in one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="cannot be written: Not a directory"):
        make_folder(tmp_path / "file" / "data")


def test_the_runtime_folder_is_short_and_ours(tmp_path: Path) -> None:
    """However long the data path, sockets fit; a long runtime path is passed over."""
    data = Path("/" + "d" * 150)
    long_base = tmp_path / ("x" * 90)
    long_base.mkdir()
    folder = runtime_folder(data, {"XDG_RUNTIME_DIR": str(long_base)})
    try:
        assert len(str(folder / "worker-999.sock")) <= 107
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder == runtime_folder(data, {"XDG_RUNTIME_DIR": str(long_base)})
        assert folder.parent != long_base
    finally:
        folder.rmdir()


def test_a_runtime_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A link put there by another is not followed."""
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    made = runtime_folder(tmp_path / "data", environ)
    made.rmdir()
    made.symlink_to(tmp_path)
    try:
        with pytest.raises((DataFolderError, FileExistsError)):
            runtime_folder(tmp_path / "data", environ)
    finally:
        made.unlink()  # a long path of the test's leads to the system's folder, which outlives it


def test_restarts_are_kept_in_the_runtime_folder(tmp_path: Path) -> None:
    """What the supervisor counts, others read."""
    assert read_restarts(tmp_path) == {}
    write_restarts(tmp_path, {"front": 2})
    assert read_restarts(tmp_path) == {"front": 2}
