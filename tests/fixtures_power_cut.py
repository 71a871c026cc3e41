"""A machine whose power can be cut: programs run on it under the preload library."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from benchmarks.chaos_sale.power_cut.library_process import build
from benchmarks.chaos_sale.power_cut.life import Life, Undone
from tests.liveshop.running_server import ROOT

KILLED = -9
END = "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"


@dataclass
class Machine:
    """`disk` is the folder whose files a cut may take back."""

    disk: Path
    life: Life
    library: Path

    @classmethod
    def new(cls, folder: Path, library: Path) -> "Machine":
        """Make one with an empty disk."""
        disk = folder / "disk"
        disk.mkdir()
        return cls(disk, Life.begin(folder / "side", [disk]), library)

    def environment(self) -> dict[str, str]:
        """Return what a program on this machine is started with."""
        return {**os.environ, **self.life.environment(self.library)}

    def run(self, script: str) -> None:
        """Run a program in the disk's folder until it kills itself with signal 9; it may import ours."""
        words = [sys.executable, "-c", script + END]
        environ = {**self.environment(), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(words, cwd=self.disk, env=environ, timeout=60, check=False, capture_output=True)
        assert done.returncode == KILLED, done.stderr.decode()

    def cut(self, seed: int = 0, *, everything: bool | None = True) -> Undone:
        """Cut the power."""
        return self.life.cut(Random(seed), everything=everything)


@pytest.fixture(scope="session")
def power_cut_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the preload library once."""
    return build(tmp_path_factory.mktemp("library"))


@pytest.fixture
def machine(tmp_path: Path, power_cut_library: Path) -> Machine:
    """Offer a machine with an empty disk."""
    return Machine.new(tmp_path, power_cut_library)
