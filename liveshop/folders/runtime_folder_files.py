"""The runtime folder: a short path for Unix sockets, whose names may have 107 bytes at most (unix(7)).

It is named after the data folder, so that every process of one server finds it, and only its owner may enter.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from liveshop.errors import DataFolderError

SOCKET_PATH_BYTES_MAX = 107
LONGEST_SOCKET = "worker-999.sock"


def runtime_folder(data: Path, environ: Mapping[str, str]) -> Path:
    """Make and return the runtime folder of a data folder; raises `DataFolderError` if it is not ours."""
    short = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    name = f"liveshop-{os.getuid()}-{short}"
    for base in (environ.get("XDG_RUNTIME_DIR"), environ.get("TMPDIR"), "/tmp"):  # noqa: S108 - checked below
        if not base or not os.access(base, os.W_OK):
            continue
        folder = Path(base) / name
        if len(os.fsencode(folder / LONGEST_SOCKET)) <= SOCKET_PATH_BYTES_MAX:
            return _made(folder)
    raise DataFolderError(
        "No folder with a path short enough for sockets can be written; set XDG_RUNTIME_DIR."
    )


def _made(folder: Path) -> Path:
    """Make the folder, and refuse one that somebody else put there to listen."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise DataFolderError(f"The runtime folder {folder} belongs to somebody else.")
    folder.chmod(0o700)
    return folder


def write_restarts(folder: Path, totals: Mapping[str, int]) -> None:
    """Write how often children of each kind were started again; replaced in one step."""
    fresh = folder / "restarts.new"
    fresh.write_bytes(msgspec.json.encode(dict(totals)))
    fresh.replace(folder / "restarts.json")


def read_restarts(folder: Path) -> dict[str, int]:
    """Read how often children of each kind were started again; empty when none was."""
    try:
        return msgspec.json.decode((folder / "restarts.json").read_bytes(), type=dict[str, int])
    except FileNotFoundError:
        return {}
