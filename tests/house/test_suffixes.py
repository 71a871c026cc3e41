"""The suffix of a file's name is its licence to do I/O."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.source_tree import imported, package_files, tree


@dataclass(frozen=True)
class Licence:
    """What files with a suffix may import, and why the suffix exists."""

    modules: tuple[str, ...]
    reason: str


LICENCES: dict[str, Licence] = {
    "redis": Licence(("redis",), "speaks to Redis"),
    "sql": Licence(("sqlalchemy", "alembic", "asyncpg", "aiosqlite", "sqlite3"), "speaks to the database"),
    "http": Licence(("starlette", "uvicorn", "socket"), "answers HTTP; one file serves it with uvicorn"),
    "ws": Licence(("starlette", "uvicorn", "websockets"), "answers websockets"),
    "udp": Licence(("socket", "fcntl"), "sends and receives packets, asks interfaces for addresses"),
    "tcp": Licence(("socket",), "ours: ICE-TCP, the stream twin of `udp`"),
    "sockets": Licence(
        ("socket",), "ours: takes ports before any child needs them, neither packets nor HTTP"
    ),
    "aiortc": Licence(("aiortc", "OpenSSL", "cryptography", "pylibsrtp", "ssl"), "SDP and DTLS by aiortc"),
    "aioice": Licence(("aioice",), "STUN messages by aioice"),
    "av": Licence(("av",), "media containers and codecs by PyAV"),
    "image": Licence(("PIL",), "reads and draws pictures"),
    "native": Licence(("cffi", "pylibsrtp", "_cffi_backend", "ctypes", "socket"), "libsrtp and system calls"),
    "client": Licence(
        ("aiohttp", "httpx", "ssl", "stripe"), "asks others over HTTP, with their certificates"
    ),
    "smtp": Licence(("aiosmtplib", "smtplib"), "sends mail"),
    "files": Licence(("fcntl", "shutil", "tempfile"), "reads and writes files"),
    "process": Licence(
        ("subprocess", "multiprocessing", "socket", "uvloop", "shutil", "ctypes"), "starts and is a process"
    ),
    "crypto": Licence(("cryptography", "argon2", "OpenSSL"), "ours: passwords, keys, sealed data, DTLS"),
    "pdf": Licence(("reportlab",), "ours: draws invoices, packing lists and QR codes"),
    "metrics": Licence(("prometheus_client",), "ours: figures for Prometheus"),
}
GUARDED = {name for licence in LICENCES.values() for name in licence.modules} | {"alembic", "urllib.request"}
FILE_CALLS = {"read_text", "read_bytes", "write_text", "write_bytes"}
FILE_SUFFIXES = {"files", "process", "av"}


def suffix_of(path: Path) -> str:
    """Last word of a file's name."""
    return path.stem.rpartition("_")[2]


def may_import(path: Path) -> set[str]:
    """Guarded modules a file may import."""
    if "migrations" in path.parts:
        return {"sqlalchemy", "alembic"}
    licence = LICENCES.get(suffix_of(path))
    return set(licence.modules) if licence else set()


def violations(path: Path) -> list[str]:
    """List imports and file accesses a file has no licence for."""
    found = []
    for name, line in imported(path):
        if name.startswith("starlette.types"):
            continue  # shapes of functions, no I/O
        guarded = {g for g in GUARDED if name == g or name.startswith(g + ".")}
        if guarded - may_import(path):
            found.append(f"{path}:{line} imports {name}")
    if suffix_of(path) not in FILE_SUFFIXES and "migrations" not in path.parts:
        found.extend(f"{path}:{line} opens files" for line in file_accesses(path))
    return found


def file_accesses(path: Path) -> list[int]:
    """Lines that open, read or write files; data of the package itself (importlib.resources) is no file."""
    resources = any(name.startswith("importlib.resources") for name, _line in imported(path))
    lines = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            lines.append(node.lineno)
        if isinstance(called, ast.Attribute) and called.attr in FILE_CALLS and not resources:
            lines.append(node.lineno)
    return lines


def test_only_licensed_files_do_io() -> None:
    """A file without the suffix is pure, or calls files that have it."""
    assert sorted({text for path in package_files() for text in violations(path)}) == []


@pytest.mark.parametrize(
    ("name", "line", "allowed"),
    [
        ("stock_redis.py", "from redis.asyncio import Redis", True),
        ("stock.py", "from redis.asyncio import Redis", False),
        ("stock.py", "def f():\n    import sqlalchemy as sa", False),
        ("orders_sql.py", "import sqlalchemy as sa", True),
        ("orders_sql.py", "import redis", False),
        ("notes.py", "open('x')", False),
        ("notes_files.py", "open('x')", True),
        ("notes.py", "from pathlib import Path\nPath('x').read_text()", False),
    ],
)
def test_the_law_sees_what_it_should(
    name: str, line: str, allowed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above finds what is wrong and lets pass what is right."""
    monkeypatch.setattr("tests.house.source_tree.ROOT", tmp_path)
    # A folder of its own for each case, because trees are kept by path.
    path = Path("commerce") / f"case_{abs(hash((name, line)))}" / name
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(line)
    assert (violations(path) == []) is allowed


def test_every_suffix_has_a_reason() -> None:
    """A new suffix needs a line of reason in the table."""
    assert [suffix for suffix, licence in LICENCES.items() if len(licence.reason) < 8] == []
