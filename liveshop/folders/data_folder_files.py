"""The data folder: one writer at a time, whoever was killed before.

A file lock (flock) says whether anybody works on the folder; every child inherits it, so it is free only
when the last of them is gone. `processes.json` says who: the supervisor and its children, replaced in one
step. A start that finds the lock taken looks there: if that supervisor lives, the start is refused at once;
if it is dead, what is left of its children is ended and the lock awaited.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from commerce.durable_files import write_durably
from liveshop.errors import DataFolderBusy, DataFolderError
from liveshop.folders.process_marks_files import ProcessMark, is_alive, mark_of

LOCK_NAME = "lock"
PROCESSES_NAME = "processes.json"
HOME_NAME = "home"
SECRET_NAME = "secret"  # noqa: S105 - the name of the file


class ProcessRecord(msgspec.Struct):
    """Who works on the folder."""

    supervisor: ProcessMark | None = None
    children: dict[str, ProcessMark] = msgspec.field(default_factory=dict)


class DataFolder:
    """An opened data folder. `lock_fd` is to be inherited by every child."""

    def __init__(self, path: Path, lock_fd: int) -> None:
        self.path = path
        self.lock_fd = lock_fd
        self._children: dict[str, ProcessMark] = {}

    def record_child(self, name: str, pid: int) -> None:
        """Write down that a child runs, before anything relies on it."""
        mark = mark_of(pid)
        if mark is not None:
            self._children[name] = mark
            self._write()

    def forget_child(self, name: str) -> None:
        """Write down that a child is gone."""
        if self._children.pop(name, None) is not None:
            self._write()

    def record_self(self) -> None:
        """Write down that this process owns the folder."""
        self._write()

    def secret(self) -> bytes:
        """Read the secret, made at the first call."""
        return read_secret(self.path)

    def home(self) -> str:
        """Read the random id of this machine's server, made at the first call."""
        path = self.path / HOME_NAME
        if not path.exists():
            _write_new(path, secrets.token_hex(8))
        return path.read_text(encoding="ascii").strip()

    def close(self) -> None:
        """Let go of the folder. The lock stays taken while a child that inherited it lives."""
        (self.path / PROCESSES_NAME).unlink(missing_ok=True)
        os.close(self.lock_fd)

    def _write(self) -> None:
        record = ProcessRecord(mark_of(os.getpid()), self._children)
        path = self.path / PROCESSES_NAME
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(record))
        fresh.replace(path)


def read_secret(path: Path) -> bytes:
    """Read the secret of a data folder, made at the first call; only the owner may read its file."""
    file = path / SECRET_NAME
    if not file.exists():
        _write_new(file, secrets.token_urlsafe(32))
    if stat.S_IMODE(file.stat().st_mode) != 0o600:
        file.chmod(0o600)
    return file.read_text(encoding="ascii").strip().encode()


def make_folder(path: Path) -> None:
    """Make the data folder, readable by its owner only; raises `DataFolderError` with the reason."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = path / f".write-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataFolderError(f"The data folder {path} cannot be written: {reason}.") from error


def try_lock(path: Path) -> DataFolder | None:
    """Take the folder if nobody has it; None if somebody has."""
    lock_fd = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock_fd)
        return None
    return DataFolder(path, lock_fd)


def orphans(path: Path) -> Mapping[str, ProcessMark]:
    """Living children of a dead supervisor, by name; raises `DataFolderBusy` if the supervisor lives."""
    record = _read_record(path)
    if record.supervisor is not None and is_alive(record.supervisor):
        pid = record.supervisor.pid
        raise DataFolderBusy(f"The data folder {path} is in use by the liveshop with pid {pid}.")
    return {name: mark for name, mark in record.children.items() if is_alive(mark)}


def _read_record(path: Path) -> ProcessRecord:
    try:
        return msgspec.json.decode((path / PROCESSES_NAME).read_bytes(), type=ProcessRecord)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return ProcessRecord()


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read; once this returns it survives a power cut."""
    write_durably(path, text.encode("ascii"), 0o600)
