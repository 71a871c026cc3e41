"""The embedded Redis: which program, how it is started, and why with these options.

It runs in its own session, so that Ctrl-C in the terminal does not reach it before the server has drained,
and asks the kernel to be ended when its supervisor dies (PR_SET_PDEATHSIG). The kernel sends that signal when
the *thread* that made the child ends, so the child is made on the main thread. Setting it in `preexec_fn`
could deadlock in a program with threads; a tiny launcher sets it and then becomes redis-server.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from liveshop.errors import PartMissing

OLDEST_VERSION = (7, 0)
PROGRAM_NAMES = ("redis-server", "valkey-server")
USUAL_FOLDERS = ("/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/redis/bin", "/opt/homebrew/bin")
LOG_BYTES_MAX = 1 << 20

# argv: parent's pid, program, its arguments. Signal 15 lets Redis close its files in order.
LAUNCHER = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the supervisor is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class RedisProgram:
    """A redis-server or valkey-server on this machine."""

    path: str
    version: tuple[int, ...]


def find_redis_server(setting: str | None) -> RedisProgram:
    """Find the first redis-server that is new enough; raises `PartMissing` with what to install.

    `setting` (LIVESHOP_REDIS_SERVER) names the only one to look at. Others that are too old are skipped: a
    machine may well have an old one first in its path.
    """
    too_old: list[RedisProgram] = []
    for path in [setting] if setting else _candidates():
        version = program_version(path)
        if version is not None and version >= OLDEST_VERSION:
            return RedisProgram(path, version)
        if version is not None:
            too_old.append(RedisProgram(path, version))
    hint = "install it with 'apt-get install redis-server', or set REDIS_URL"
    if too_old:
        found = ".".join(map(str, too_old[0].version))
        raise PartMissing(f"Redis 7.0 or newer is needed and {too_old[0].path} is {found}; {hint}.")
    if setting:
        raise PartMissing(f"LIVESHOP_REDIS_SERVER names {setting}, which is no redis-server; {hint}.")
    raise PartMissing(f"No redis-server was found; {hint}.")


def _candidates() -> Iterable[str]:
    seen: set[str] = set()
    for folder in [*os.get_exec_path(), *USUAL_FOLDERS]:
        for name in PROGRAM_NAMES:
            path = shutil.which(name, path=folder)
            if path is not None and os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                yield path


def program_version(path: str) -> tuple[int, ...] | None:
    """Version of a redis-server program, or None if it is none."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\bv=(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in match.groups()) if match else None


def redis_arguments(folder: Path, socket: Path, log: Path, appendfsync: str = "always") -> list[str]:
    """Options of the embedded Redis: every acknowledged write is on disk, nothing is evicted, no TCP port.

    `appendfsync` "everysec" is the operator's choice of less.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": appendfsync,
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "supervised": "no",
        "logfile": str(log),
        "always-show-logo": "no",
        "shutdown-timeout": "0",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


async def start_redis(
    program: RedisProgram, folder: Path, socket: Path, log: Path, lock_fd: int, appendfsync: str = "always"
) -> asyncio.subprocess.Process:
    """Start the embedded Redis on a Unix socket; to be called on the main thread. Returns at once."""
    _make_room(folder, log)
    arguments = redis_arguments(folder, socket, log, appendfsync)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-c", LAUNCHER, str(os.getpid()), program.path, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=(lock_fd,),
    )


def _make_room(folder: Path, log: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    log.parent.mkdir(mode=0o700, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".old"))


def last_lines(log: Path, count: int = 3) -> str:
    """Return the last lines Redis wrote, joined: the reason when it does not start."""
    if not log.exists():
        return "it wrote no log"
    text = log.read_text(encoding="utf-8", errors="replace")[-4000:]
    return " / ".join(line.strip() for line in text.splitlines()[-count:])
