"""The temporary folders of tests are in memory, where there is room: nobody waits for a disk there.

SQLite, the embedded Redis and whoever keeps files flush what they acknowledge: 2 to 10 ms a time on a disk,
3 µs here. Whether they do, the tests with `fixtures_power_cut` find out. `--basetemp FOLDER` puts the folders
elsewhere and keeps them.

A run that is killed leaves its folder behind. Each run holds a lock on its own, which ends with the process,
and clears away what nobody holds. pytest makes the folder it is told anew, so that is one inside.
"""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
PREFIX = "liveshop-pytest-"
NEW_S = 60


def parent() -> Path | None:
    """Answer where memory has room for the folders, and programs in them may be run; None if nowhere."""
    if not os.access(MEMORY, os.W_OK):
        return None
    found = os.statvfs(MEMORY)
    has_room = found.f_bavail * found.f_frsize >= ROOM_BYTES
    return MEMORY if has_room and not found.f_flag & os.ST_NOEXEC else None


def hold(folder: Path) -> int | None:
    """Lock a folder until the descriptor that is returned is closed; None if somebody else holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def clear_away(where: Path) -> None:
    """Remove the folders of runs that are over; what was made just now is about to be locked."""
    for left in where.glob(f"{PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime < NEW_S:
                continue
            descriptor = hold(left)
        except OSError:  # another run was first, or it belongs to somebody else
            continue
        if descriptor is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(descriptor)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the place, unless somebody did: workers are told theirs."""
    where = parent()
    if config.option.basetemp is not None or where is None:
        return
    clear_away(where)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    hold(folder)
    config.option.basetemp = str(folder / "t")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
