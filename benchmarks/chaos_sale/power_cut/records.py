"""The journal that the preload library writes, read back in the order in which things happened."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

MAGIC = 0x706F776572637574
HEAD = struct.Struct("=13Q")

Inode = tuple[int, int]
"""Device and number: one file, whatever its names."""


class Kind(IntEnum):
    """What happened, as in power_cut.c."""

    WRITE = 1
    RESIZE = 2
    SYNC = 3
    CREATE = 4
    UNLINK = 5
    RENAME = 6
    CANCEL = 7


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened to a file, or to the names of a folder.

    `offset` is a write's place, a resize's new size, the last number that a sync covers. `payload` holds the
    replaced bytes from `offset` on. For names `inode` is the folder, `name` the name that changed, `second`
    the one before a rename, `moved` the file's number and `replaced` that of the file it took the name from.
    """

    number: int
    kind: Kind
    inode: Inode
    offset: int = 0
    length: int = 0
    old_size: int = 0
    moved: int = 0
    replaced: int = 0
    name: str = ""
    second: str = ""
    payload: bytes = b""


def read_journals(side: Path) -> list[Record]:
    """Read what all processes of a life wrote down, in order; what was cancelled is left out."""
    found = [record for path in side.glob("journal-*") for record in parse(path.read_bytes())]
    cancelled = {record.offset for record in found if record.kind is Kind.CANCEL}
    kept = (one for one in found if one.kind is not Kind.CANCEL and one.number not in cancelled)
    return sorted(kept, key=lambda record: record.number)


def parse(data: bytes) -> Iterator[Record]:
    """Take one journal apart; a record that its process could not finish ends it."""
    place = 0
    while place + HEAD.size <= len(data):
        words = HEAD.unpack_from(data, place)
        magic, number, kind, dev, inode, offset, length, old_size, moved, replaced = words[:10]
        if magic != MAGIC:
            raise ValueError("the journal of a power cut is damaged")
        start = place + HEAD.size
        ends = [start + sum(words[10 : 10 + part]) for part in (1, 2, 3)]
        if ends[2] > len(data):
            return
        name, second = data[start : ends[0]].decode(), data[ends[0] : ends[1]].decode()
        payload = data[ends[1] : ends[2]]
        yield Record(
            number, Kind(kind), (dev, inode), offset, length, old_size, moved, replaced, name, second, payload
        )
        place = ends[2]


def unsynced(records: Iterable[Record], baseline: int = 0) -> list[Record]:
    """Return what is not on disk yet, in order; up to the number `baseline` everything is."""
    ordered = list(records)
    on_disk: dict[Inode, int] = {}
    for record in ordered:
        if record.kind is Kind.SYNC:
            on_disk[record.inode] = max(on_disk.get(record.inode, 0), record.offset)
    return [
        record
        for record in ordered
        if record.kind is not Kind.SYNC and record.number > max(baseline, on_disk.get(record.inode, 0))
    ]
