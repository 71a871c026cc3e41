"""Takes back what a power cut takes back: chooses, then makes the files what the disk would have kept.

A file is brought back to its last sync by undoing its changes newest first; before each step the bytes it had
written are read, so that those that stay can be written again, oldest first. So no new bytes need a journal.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.chaos_sale.power_cut.records import Inode, Kind, Record

PAGE_BYTES = 4096
NAMES = frozenset({Kind.CREATE, Kind.UNLINK, Kind.RENAME})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a write within one page, or a resize (`length` 0); `old` are the replaced bytes."""

    offset: int
    length: int
    old_size: int
    old: bytes
    resize: bool = False

    @property
    def changes_size(self) -> bool:
        """Whether the file is longer or shorter afterwards."""
        return self.resize or self.offset + self.length > self.old_size


@dataclass(slots=True)
class Plan:
    """What is lost. `files`: per file its pieces from the first lost one on, each with whether it stays."""

    files: dict[Inode, list[tuple[Piece, bool]]] = field(default_factory=dict)
    names: list[Record] = field(default_factory=list)
    unsynced: int = 0
    lost: int = 0


def pieces_of(record: Record) -> list[Piece]:
    """Cut a write at the pages' edges, as a disk may keep some pages of it; a resize is one piece."""
    if record.kind is Kind.RESIZE:
        return [Piece(record.offset, 0, record.old_size, record.payload, resize=True)]
    pieces, place, end = [], record.offset, record.offset + record.length
    size = record.old_size
    while place < end:
        stop = min(end, (place // PAGE_BYTES + 1) * PAGE_BYTES)
        old = record.payload[place - record.offset : stop - record.offset]
        pieces.append(Piece(place, stop - place, size, old))
        size, place = max(size, stop), stop
    return pieces


def choose(records: Sequence[Record], random: Random, *, everything: bool) -> Plan:
    """Say which of the unsynced `records` are lost: all, or a random part."""
    changes: dict[Inode, list[Piece]] = defaultdict(list)
    names: dict[Inode, list[Record]] = defaultdict(list)
    for record in records:
        if record.kind in NAMES:
            names[record.inode].append(record)
        else:
            changes[record.inode] += pieces_of(record)
    plan = Plan(unsynced=sum(map(len, changes.values())) + sum(map(len, names.values())))
    for inode, pieces in changes.items():
        share = 1.0 if everything else random.random()
        stays = _stays(pieces, share, random)
        plan.lost += stays.count(False)
        if False in stays:
            first = stays.index(False)
            plan.files[inode] = list(zip(pieces[first:], stays[first:], strict=True))
    for changed in names.values():
        kept = 0 if everything else random.randrange(len(changed) + 1)
        plan.names += changed[kept:]
        plan.lost += len(changed) - kept
    plan.names.sort(key=lambda record: -record.number)
    return plan


def _stays(pieces: Sequence[Piece], share: float, random: Random) -> list[bool]:
    """Say of each piece whether it stays.

    Sizes change in order: after a lost change of size none stays, nor does what was written beyond the end.
    """
    stays: list[bool] = []
    end: int | None = None
    for piece in pieces:
        possible = end is None or (not piece.changes_size and piece.offset + piece.length <= end)
        stay = random.random() >= share and possible
        if not stay and piece.changes_size:
            end = min(piece.old_size, piece.old_size if end is None else end)
        stays.append(stay)
    return stays


def carry_out(plan: Plan, inodes: Path) -> None:
    """Make the files what the disk has kept; `inodes` has a second name of each."""
    for (dev, number), pieces in plan.files.items():
        handle = os.open(_second_name(inodes, dev, number), os.O_RDWR)
        try:
            _rewrite(handle, pieces)
        finally:
            os.close(handle)
    for record in plan.names:
        _undo_name(record, inodes)


def _rewrite(handle: int, pieces: Sequence[tuple[Piece, bool]]) -> None:
    again: list[tuple[Piece, bytes]] = []
    for piece, stays in reversed(pieces):
        if stays:
            again.append((piece, os.pread(handle, piece.length, piece.offset)))
        if piece.resize or piece.changes_size:
            os.ftruncate(handle, piece.old_size)
        if piece.old:
            os.pwrite(handle, piece.old, piece.offset)
    for piece, fresh in reversed(again):
        if piece.resize:
            os.ftruncate(handle, piece.offset)
        else:
            os.pwrite(handle, fresh, piece.offset)


def _undo_name(record: Record, inodes: Path) -> None:
    """Undo one change of names, the newest first; a name that is gone by another way stays gone."""
    name = Path(record.name)
    dev = record.inode[0]
    if record.kind is Kind.UNLINK:
        _link(_second_name(inodes, dev, record.moved), name)
    elif record.kind is Kind.CREATE:
        name.unlink(missing_ok=True)
    elif name.exists():
        name.replace(record.second)
        if record.replaced:
            _link(_second_name(inodes, dev, record.replaced), name)


def _link(second_name: Path, name: Path) -> None:
    if not name.exists():
        os.link(second_name, name)


def _second_name(inodes: Path, dev: int, number: int) -> Path:
    return inodes / f"{dev}-{number}"
