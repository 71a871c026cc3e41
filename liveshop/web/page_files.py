"""Reading the pages' files from disk, each once as long as it does not change."""

import hashlib
from pathlib import Path


class PageFiles:
    """Reads files below one folder and keeps them in memory with content-hash ETags."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._cache: dict[Path, tuple[int, bytes, str]] = {}

    def read(self, relative: str) -> tuple[bytes, str] | None:
        """Return (content, ETag) of a file below the folder; None when there is none."""
        path = (self._folder / relative).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            return None
        modified = path.stat().st_mtime_ns
        cached = self._cache.get(path)
        if cached is None or cached[0] != modified:
            content = path.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            cached = (modified, content, etag)
            self._cache[path] = cached
        return cached[1], cached[2]
