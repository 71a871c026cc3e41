"""A folder in memory, for data of tests that do not ask what a power cut leaves.

SQLite and the embedded Redis flush every write before they acknowledge it: 2 to 10 ms on a disk, 3 µs here.
Whether they do, the tests with `fixtures_power_cut` find out.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM_BYTES = 512 << 20


def parent() -> Path | None:
    """Answer where memory has room for the files of a session; None for the usual place."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return None
    return MEMORY


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """Offer a folder in memory, or on disk where memory has no room for it."""
    with tempfile.TemporaryDirectory(prefix="liveshop-", dir=parent(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)
