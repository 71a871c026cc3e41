"""The temporary folders of tests are in memory, where there is room: nobody waits for a disk there.

SQLite, the embedded Redis and whoever keeps files flush what they acknowledge: 2 to 10 ms a time on a disk,
3 µs here. Whether they do, the tests with `fixtures_power_cut` find out. `--basetemp FOLDER` puts the folders
elsewhere and keeps them.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30


def parent() -> Path | None:
    """Answer where memory has room for the folders, and programs in them may be run; None if nowhere."""
    if not os.access(MEMORY, os.W_OK):
        return None
    found = os.statvfs(MEMORY)
    has_room = found.f_bavail * found.f_frsize >= ROOM_BYTES
    return MEMORY if has_room and not found.f_flag & os.ST_NOEXEC else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the place, unless somebody did: workers are told theirs."""
    where = parent()
    if config.option.basetemp is not None or where is None:
        return
    config.option.basetemp = tempfile.mkdtemp(prefix="liveshop-tests-", dir=where)
    config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))
