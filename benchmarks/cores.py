"""Processes on cores of their own."""

import os
from collections.abc import Iterable
from pathlib import Path


def bind(pid: int, cores: Iterable[int]) -> None:
    """Let a process's threads run on these cores only; threads to come inherit it."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)
