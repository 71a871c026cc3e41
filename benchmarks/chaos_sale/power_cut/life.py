"""One life of a machine: from the start of its processes to the cut, and what is on its disk after it."""

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.chaos_sale.power_cut.records import read_journals, unsynced
from benchmarks.chaos_sale.power_cut.undo import carry_out, choose

MAPPED = "*-shm"
"""Files that are mapped and not durable by design; after a cut they are not there."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What one cut took back: of `unsynced` pages, resizes and names, `lost` ones."""

    unsynced: int
    lost: int
    everything: bool


class Life:
    """The preload's side folder for the files below some folders.

    `side` is on the same file system, and outside them; all processes that write there are told of it by
    `environment`.
    """

    def __init__(self, side: Path, roots: Sequence[Path]) -> None:
        self.side = side.resolve()
        self.roots = tuple(root.resolve() for root in roots)
        self.baseline = 0

    @classmethod
    def begin(cls, side: Path, roots: Sequence[Path]) -> "Life":
        """Begin: everything that is there is on disk."""
        life = cls(side, roots)
        shutil.rmtree(side, ignore_errors=True)
        (side / "inodes").mkdir(parents=True)
        for folder in (side, side / "inodes"):
            folder.chmod(0o777)  # PostgreSQL is another user
        return life

    def environment(self, library: Path) -> dict[str, str]:
        """Return the variables under which a process is watched."""
        return {
            "LD_PRELOAD": str(library),
            "POWER_CUT_ROOTS": ":".join(map(str, self.roots)),
            "POWER_CUT_SIDE": str(self.side),
        }

    def settle(self) -> None:
        """Take it that everything until now has reached the disk."""
        control = self.side / "control"
        if control.exists():
            self.baseline = struct.unpack_from("=QQ", control.read_bytes())[1]

    def cut(self, random: Random, *, everything: bool | None = None) -> Undone:
        """Take back what is lost, once no process lives, and begin the next life.

        `everything` None takes all unsynced writes in a third of the cases, else a random part.
        """
        if everything is None:
            everything = random.random() < 1 / 3
        left = unsynced(read_journals(self.side), self.baseline)
        plan = choose(left, random, everything=everything)
        carry_out(plan, self.side / "inodes")
        for root in self.roots:
            for mapped in root.rglob(MAPPED):
                mapped.unlink()
        Life.begin(self.side, self.roots)
        self.baseline = 0
        return Undone(plan.unsynced, plan.lost, everything)
