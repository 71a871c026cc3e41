"""The folders of tests go into memory where that bears them, else to the usual place."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import fixtures_memory
from tests.fixtures_memory import PREFIX, ROOM_BYTES, clear_away, hold, parent


def test_a_machine_without_such_a_folder_uses_its_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is made where nothing is."""
    monkeypatch.setattr(fixtures_memory, "MEMORY", tmp_path / "missing")
    assert parent() is None
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    ("free_bytes", "flag", "is_taken"),
    [(ROOM_BYTES, 0, True), (ROOM_BYTES - 1, 0, False), (ROOM_BYTES, os.ST_NOEXEC, False)],
)
def test_a_small_one_and_one_without_programs_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_bytes: int, flag: int, is_taken: bool
) -> None:
    """As in a container, which has 64 MB of it, and where nothing in it may be run."""
    found = SimpleNamespace(f_bavail=free_bytes, f_frsize=1, f_flag=flag)
    monkeypatch.setattr(fixtures_memory, "MEMORY", tmp_path)
    monkeypatch.setattr("os.statvfs", lambda _: found)
    assert parent() == (tmp_path if is_taken else None)


def test_what_a_killed_run_left_is_cleared_away_and_a_running_ones_stays(tmp_path: Path) -> None:
    """The lock tells them apart; folders of others are not touched."""
    names = (f"{PREFIX}killed", f"{PREFIX}running", f"{PREFIX}new", "other")
    killed, running, new, other = (tmp_path / name for name in names)
    for folder in (killed, running, new, other):
        (folder / "deep").mkdir(parents=True)
        if folder is not new:
            os.utime(folder, (0, 0))
    descriptor = hold(running)
    assert descriptor is not None
    clear_away(tmp_path)
    assert [folder.exists() for folder in (killed, running, new, other)] == [False, True, True, True]
    os.close(descriptor)
    clear_away(tmp_path)
    assert not running.exists()


def test_this_runs_own_folder_is_held(tmp_path: Path) -> None:
    """Else another run on this machine would clear it away; there is none where `--basetemp` was given."""
    own = [folder for folder in tmp_path.parents if folder.name.startswith(PREFIX)]
    assert [hold(folder) for folder in own] == [None] * len(own)
