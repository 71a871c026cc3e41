"""Data of tests goes into memory where there is room, else to the usual place."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import fixtures_memory


def test_a_machine_without_such_a_folder_uses_its_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is made where nothing is."""
    monkeypatch.setattr(fixtures_memory, "MEMORY", tmp_path / "missing")
    assert fixtures_memory.parent() is None
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("missing_bytes", [0, 1])
def test_a_small_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing_bytes: int
) -> None:
    """As in a container, which has 64 MB of it."""
    free = SimpleNamespace(free=fixtures_memory.ROOM_BYTES - missing_bytes)
    monkeypatch.setattr(fixtures_memory, "MEMORY", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    assert fixtures_memory.parent() == (None if missing_bytes else tmp_path)
