"""Blobs in a local folder, two characters of the name deep; for servers with one machine."""

import asyncio
import re
from pathlib import Path

from commerce.durable_files import write_durably

_NAME = re.compile(r"[a-z0-9_]+/[a-z0-9][a-z0-9_.-]*")


class BlobsFiles:
    """Keeps each blob as a file `folder/kind/ab/abcdef…`."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` as `name`: once this returns it is there, also after a power cut."""
        await asyncio.to_thread(_write, self._path(name), content)

    async def get(self, name: str) -> bytes | None:
        """Answer the bytes, or None when there are none of that name."""
        if not _NAME.fullmatch(name):
            return None
        return await asyncio.to_thread(_read, self._path(name))

    async def delete(self, name: str) -> None:
        """Forget the bytes; harmless when there are none."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a blob")
        kind, _, rest = name.partition("/")
        return self._folder / kind / rest[:2] / rest


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        return  # a name never changes its bytes: what is there is the same
    write_durably(path, content)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
