"""What a power cut takes back, and what it leaves."""

import sqlite3
import subprocess
from pathlib import Path

import pytest
import redis

from benchmarks.chaos_sale.power_cut.records import HEAD, MAGIC, Kind, Record, parse, unsynced
from benchmarks.chaos_sale.power_cut.undo import PAGE_BYTES, pieces_of
from tests.fixtures_power_cut import Machine
from tests.fixtures_redis import REDIS_SERVER, running_redis
from tests.liveshop.running_server import until

OPEN = "import os\nhandle = os.open('file', os.O_RDWR)\n"


@pytest.fixture
def written(machine: Machine) -> Machine:
    """Offer a machine with one file on its disk."""
    (machine.disk / "file").write_bytes(b"a" * 10_000)
    return machine


@pytest.mark.parametrize(
    "write",
    [
        "os.pwrite(handle, b'b' * 9000, 500)",
        "os.lseek(handle, 500, 0); os.write(handle, b'b' * 9000)",
        "os.lseek(handle, 500, 0); os.writev(handle, [b'b' * 4000, b'b' * 5000])",
        "os.pwritev(handle, [b'b' * 9000], 500)",
        "os.pwrite(os.open('file', os.O_WRONLY), b'b' * 9000, 500)",
        "os.pwrite(os.dup(handle), b'b' * 9000, 500)",
        "open('file', 'r+b', buffering=0).write(b'b' * 9000)",
        "os.pwrite(handle, b'b' * 9000, 9500)",
        "os.write(os.open('file', os.O_WRONLY | os.O_APPEND), b'b' * 9000)",
        "os.ftruncate(handle, 17)",
        "os.ftruncate(handle, 20000)",
        "os.truncate('file', 17)",
        "os.open('file', os.O_WRONLY | os.O_TRUNC)",
        "open('file', 'wb', buffering=0).write(b'b')",
        "os.posix_fallocate(handle, 0, 50000)",
        "os.ftruncate(handle, 0); os.pwrite(handle, b'b' * 100, 0); os.ftruncate(handle, 3)",
    ],
)
def test_an_unsynced_change_is_undone_and_a_synced_one_stays(written: Machine, write: str) -> None:
    """Every way to change a file: gone after the cut, unless it was synced before."""
    written.run(OPEN + write)
    changed = (written.disk / "file").read_bytes()
    assert changed != b"a" * 10_000
    assert written.cut().lost > 0
    assert (written.disk / "file").read_bytes() == b"a" * 10_000
    written.run(OPEN + write + "\nos.fsync(handle)")
    assert written.cut().lost == 0
    assert (written.disk / "file").read_bytes() == changed


def test_only_what_came_after_the_last_sync_is_undone(written: Machine) -> None:
    """A synced in-place write stays under a later one that was not."""
    script = "os.pwrite(handle, b'1111', 0); os.fdatasync(handle); os.pwrite(handle, b'2222', 2)"
    written.run(OPEN + script)
    assert (written.disk / "file").read_bytes()[:8] == b"112222aa"
    written.cut()
    assert (written.disk / "file").read_bytes() == b"1111" + b"a" * 9996


@pytest.mark.parametrize("flag", ["O_DSYNC", "O_SYNC"])
def test_a_write_through_is_on_disk_at_once(written: Machine, flag: str) -> None:
    """O_SYNC and O_DSYNC need no fsync."""
    written.run(f"import os\nos.pwrite(os.open('file', os.O_RDWR | os.{flag}), b'bbbb', 0)")
    written.cut()
    assert (written.disk / "file").read_bytes()[:5] == b"bbbba"


def test_the_sync_of_one_process_counts_for_the_writes_of_another(written: Machine) -> None:
    """A file is synced, whoever wrote it; another file is not."""
    (written.disk / "other").write_bytes(b"aaaa")
    written.run(OPEN + "os.pwrite(handle, b'bbbb', 0); os.pwrite(os.open('other', os.O_RDWR), b'bbbb', 0)")
    written.run(OPEN + "os.fsync(handle); os.pwrite(handle, b'cccc', 8)")
    written.cut()
    assert (written.disk / "file").read_bytes()[:12] == b"bbbbaaaaaaaa"
    assert (written.disk / "other").read_bytes() == b"aaaa"


def test_threads_and_forked_children_are_watched(written: Machine) -> None:
    """Eight threads in two processes write at once; all of it is undone."""
    script = """
import threading
def work(number):
    for turn in range(200):
        os.pwrite(handle, bytes([98 + number]) * 700, (turn * 97 + number * 13) % 12000)
child = os.fork()
ones = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for one in ones: one.start()
for one in ones: one.join()
if not child: os._exit(0)
os.waitpid(child, 0)
"""
    written.run(OPEN + script)
    assert written.cut().lost > 3000
    assert (written.disk / "file").read_bytes() == b"a" * 10_000


RENAME = """
import os
handle = os.open('fresh', os.O_CREAT | os.O_WRONLY)
os.write(handle, b'new')
os.fsync(handle)
"""
FOLDER_SYNCED = "\nos.fsync(os.open('.', os.O_RDONLY))"


def names(machine: Machine) -> dict[str, bytes]:
    """Return what is on the disk."""
    return {path.name: path.read_bytes() for path in machine.disk.iterdir()}


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ("os.replace('fresh', 'file')", {"file": b"new"}),
        ("os.rename('fresh', 'other')", {"file": b"a" * 10_000, "other": b"new"}),
        ("os.unlink('file'); os.unlink('fresh')", {}),
        ("os.link('fresh', 'second'); os.remove('fresh')", {"file": b"a" * 10_000, "second": b"new"}),
        ("os.replace('fresh', 'file'); os.unlink('file')", {}),
    ],
)
def test_names_come_back_unless_their_folder_was_synced(
    written: Machine, change: str, after: dict[str, bytes]
) -> None:
    """A new, changed or removed name is on disk once the folder is; the file's own sync is not enough."""
    before = names(written)
    written.run(RENAME + change)
    assert names(written) == after
    written.cut()
    assert names(written) == before
    written.run(RENAME + change + FOLDER_SYNCED)
    assert written.cut().lost == 0
    assert names(written) == after


def test_a_random_part_is_kept_page_by_page_and_sizes_in_order(written: Machine) -> None:
    """Seeds differ in what stays; a file never shows an end whose beginning was lost."""
    seen: set[bytes] = set()
    for seed in range(12):
        (written.disk / "file").write_bytes(b"a" * 2 * PAGE_BYTES)
        written.run(OPEN + f"os.pwrite(handle, b'b' * {5 * PAGE_BYTES}, 0)")
        written.cut(seed, everything=False)
        data = (written.disk / "file").read_bytes()
        pages = [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]
        assert {*pages} <= {b"a" * PAGE_BYTES, b"b" * PAGE_BYTES}
        assert 2 <= len(pages) <= 5
        assert {*pages[2:]} <= {b"b" * PAGE_BYTES}
        seen.add(bytes(page[0] for page in pages))
    assert len(seen) > 4


def test_overlapping_writes_keep_what_stays_of_each(written: Machine) -> None:
    """Of two writes to one page any may be lost, and no byte comes from nowhere."""
    possible = {b"aaaaaaaa", b"1111aaaa", b"aa2222aa", b"112222aa"}
    seen: set[bytes] = set()
    for seed in range(40):
        (written.disk / "file").write_bytes(b"a" * 8)
        written.run(OPEN + "os.pwrite(handle, b'1111', 0); os.pwrite(handle, b'2222', 2)")
        written.cut(seed, everything=False)
        seen.add((written.disk / "file").read_bytes())
        if seen == possible:
            break
    assert seen == possible


def test_what_was_there_before_is_not_touched(written: Machine) -> None:
    """`settle` takes everything until then as written; files outside the folders are not watched."""
    written.run(OPEN + "os.pwrite(handle, b'bbbb', 0)")
    written.life.settle()
    outside = "os.pwrite(os.open('../out', os.O_CREAT | os.O_RDWR), b'x', 0)"
    written.run(OPEN + f"os.pwrite(handle, b'cccc', 0); {outside}")
    written.cut()
    assert (written.disk / "file").read_bytes()[:5] == b"bbbba"
    assert (written.disk.parent / "out").read_bytes() == b"x"


SQLITE = """
import sqlite3
sql = sqlite3.connect("shop.sqlite", isolation_level=None)
sql.execute("PRAGMA journal_mode=WAL")
sql.execute("PRAGMA synchronous={level}")
sql.execute("CREATE TABLE IF NOT EXISTS sold (number)")
for number in range(50): sql.execute("INSERT INTO sold VALUES (?)", (number,))
"""


def rows(machine: Machine) -> int:
    """Count what the database still has."""
    with sqlite3.connect(machine.disk / "shop.sqlite") as sql:
        found = int(sql.execute("SELECT count(*) FROM sold").fetchone()[0])
    sql.close()
    return found


@pytest.mark.parametrize(("level", "kept"), [("FULL", 100), ("OFF", 50)])
def test_sqlite_keeps_its_commits_with_full_and_loses_them_with_off(
    machine: Machine, level: str, kept: int
) -> None:
    """The cut tells a database that syncs from one that does not."""
    machine.run(SQLITE.format(level="FULL"))
    machine.life.settle()
    machine.run(SQLITE.format(level=level))
    assert (machine.cut().lost > 0) is (level == "OFF")
    assert rows(machine) == kept


@pytest.mark.parametrize(("fsync", "lost"), [("always", False), ("no", True)])
def test_redis_keeps_its_answers_with_always_and_loses_them_without(
    machine: Machine, fsync: str, lost: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cut tells an append-only file that is synced before the answer from one that is not."""
    for name, value in machine.life.environment(machine.library).items():
        monkeypatch.setenv(name, value)
    words = (
        "--appendonly",
        "yes",
        "--appendfsync",
        fsync,
        "--port",
        "0",
        "--unixsocket",
        str(tmp_path / "r"),
    )
    with running_redis(machine.disk, *words) as process:
        with redis.Redis(unix_socket_path=str(tmp_path / "r")) as client:
            until(lambda: _answers(client), 10, "an answer of Redis")
            machine.life.settle()
            assert client.set("sold", "1")
        process.kill()
    assert (machine.cut().lost > 0) is lost
    with running_redis(machine.disk, *words), redis.Redis(unix_socket_path=str(tmp_path / "r")) as client:
        until(lambda: _answers(client), 10, "an answer of Redis")
        assert client.get("sold") == (None if lost else b"1")


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_a_record_that_was_not_finished_ends_its_journal() -> None:
    """A process killed while it wrote its journal leaves a readable one; anything else is an error."""
    head = HEAD.pack(MAGIC, 1, Kind.WRITE, 1, 2, 0, 4, 9, 0, 0, 0, 0, 4)
    (first,) = parse(head + b"old!" + head + b"ol")
    assert first == Record(1, Kind.WRITE, (1, 2), 0, 4, 9, payload=b"old!")
    with pytest.raises(ValueError, match="damaged"):
        list(parse(b"\0" * HEAD.size))


def test_a_sync_covers_what_came_before_it_began() -> None:
    """A write that came while the sync was running is not on disk."""
    write = [Record(number, Kind.WRITE, (1, 2), length=1) for number in (1, 2, 3)]
    assert unsynced([*write, Record(4, Kind.SYNC, (1, 2), offset=2)]) == [write[2]]
    assert unsynced([*write, Record(4, Kind.SYNC, (1, 3), offset=3)], baseline=1) == write[1:]


def test_a_write_is_cut_at_the_edges_of_pages() -> None:
    """Each piece knows what it replaced and the size before it."""
    pieces = pieces_of(Record(1, Kind.WRITE, (1, 2), 4000, 5000, 4100, payload=b"x" * 100))
    assert [(one.offset, one.length, one.old_size, len(one.old)) for one in pieces] == [
        (4000, 96, 4100, 96),
        (4096, 4096, 4100, 4),
        (8192, 808, 8192, 0),
    ]


def test_the_library_is_there_for_programs_of_c(written: Machine) -> None:
    """A program that is no Python is watched too."""
    words = ["dd", "if=/dev/zero", "of=file", "bs=100", "count=1", "conv=notrunc", "status=none"]
    subprocess.run(words, cwd=written.disk, env=written.environment(), check=True)
    assert (written.disk / "file").read_bytes()[:100] == bytes(100)
    written.cut()
    assert (written.disk / "file").read_bytes() == b"a" * 10_000
    assert Path(REDIS_SERVER).exists()
