"""What was written down durably is there after a power cut; a machine that forgets is the judge."""

import os
import stat
from pathlib import Path

import pytest

from commerce.durable_files import make_folder, write_durably
from tests.fixtures_power_cut import Machine

RENAMED_ONLY = """
import os
from pathlib import Path
handle = os.open("draft", os.O_WRONLY | os.O_CREAT)
os.write(handle, b"content")
os.fsync(handle)
Path("draft").replace("name")
"""
BLOB = """
import asyncio
from commerce.blobs_files import BlobsFiles
asyncio.run(BlobsFiles(".").put("pictures/abc-320.webp", b"content"))
"""
MAIL = """
import asyncio
from commerce.mail_files import FileMailer
mailer = FileMailer("mail", "shop@example.org", lambda: 7, lambda prefix: prefix + "_1")
asyncio.run(mailer.send("mei@example.org", "Paid", "Thank you", None))
"""
SECRET = """
from pathlib import Path
from liveshop.folders.data_folder_files import read_secret
read_secret(Path("."))
"""


def files(machine: Machine) -> set[str]:
    """Name every file on the disk."""
    return {str(path.relative_to(machine.disk)) for path in machine.disk.rglob("*") if path.is_file()}


def test_a_renamed_file_is_lost_without_its_folder(machine: Machine) -> None:
    """The judge sees it: the file's own sync does not keep its name."""
    machine.run(RENAMED_ONLY)
    assert files(machine) == {"name"}
    machine.cut()
    assert files(machine) == set()


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (BLOB, "pictures/ab/abc-320.webp"),
        (MAIL, "mail/7-ml_1.eml"),
        (SECRET, "secret"),
    ],
)
def test_uploads_mails_and_the_secret_survive(machine: Machine, script: str, name: str) -> None:
    """What was answered, sent, or is needed to read everything else, is there, whole and alone."""
    machine.run(script)
    before = (machine.disk / name).read_bytes()
    machine.cut()
    assert files(machine) == {name}
    assert (machine.disk / name).read_bytes() == before


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    """No draft stays behind, and folders are made on the way."""
    path = tmp_path / "deep" / "er" / "file"
    for content in (b"one", b"two"):
        write_durably(path, content, 0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_each_new_folder_is_synced_into_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that was there before needs nothing."""
    synced: list[str] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    make_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path.name, "a"]
    make_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path.name, "a"]
