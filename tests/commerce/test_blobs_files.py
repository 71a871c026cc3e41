"""Blobs in a folder."""

from pathlib import Path

import pytest

from commerce.blobs_files import BlobsFiles


def files_in(folder: Path) -> list[str]:
    """Name every file in the folder and below it."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_bytes_come_back_until_they_are_deleted(tmp_path: Path) -> None:
    """Putting and deleting twice is harmless, and no draft is left behind."""
    blobs = BlobsFiles(str(tmp_path))
    for _ in range(2):
        await blobs.put("pictures/abc-320.webp", b"bytes")
    assert await blobs.get("pictures/abc-320.webp") == b"bytes"
    assert files_in(tmp_path) == ["abc-320.webp"]
    for _ in range(2):
        await blobs.delete("pictures/abc-320.webp")
    assert await blobs.get("pictures/abc-320.webp") is None


@pytest.mark.parametrize(
    "name",
    [
        "pictures/../../etc/passwd",
        "/etc/passwd",
        "pictures/..",
        "pictures/a/b",
        "pictures/.hidden",
        "x",
        "p/A",
    ],
)
async def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    """Reading finds nothing, writing is refused."""
    blobs = BlobsFiles(str(tmp_path / "blobs"))
    assert await blobs.get(name) is None
    with pytest.raises(ValueError, match="cannot name a blob"):
        await blobs.put(name, b"bytes")
    assert files_in(tmp_path) == []
