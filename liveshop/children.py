"""The fork server, and each child process that comes of it: which part it runs, and its life around it."""

import gc
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from setproctitle import setproctitle

from liveshop.run import Run
from liveshop.settings.settings import Settings, read_settings
from liveshop.supervising.child_process import ending_with_supervisor, lived, settle_in
from liveshop.supervising.control import Go
from liveshop.supervising.forking_process import Birth, fork_children
from liveshop.watching.log_lines import log_lines
from liveshop.watching.log_metrics import DROPPED

# Which module holds the part of each kind; on a machine that runs one kind only, no other is imported.
PARTS = {
    "prepare": "liveshop.prepare",
    "front": "liveshop.front",
    "media": "liveshop.media",
    "worker": "liveshop.worker",
}
# What the parts import only once they run, 0.1 s worth of modules: no loop shall wait for it.
IMPORTED_LATE = ("commerce.orders.assembly", "aiosqlite")


# Python's own (700, 10, 10) made a third of a front's work in a rush: each request makes dozens of objects
# that end by themselves, and the thousands of connections were gone through again and again.
GARBAGE_THRESHOLDS = (25_000, 20, 50)


def run_children(kinds: Sequence[str], control_fd: int) -> int:
    """Import what these kinds need, and fork children as the supervisor asks.

    Returns the exit code: the fork server's, and in each child that child's.
    """
    settle_in()
    setproctitle("liveshop forkserver")
    with ending_with_supervisor(control_fd):
        import_parts(kinds)
    birth = fork_children(control_fd)
    return 0 if birth is None else run_child(birth)


def run_child(birth: Birth) -> int:
    """Live the life of a child that was just forked; its exit code."""
    setproctitle(f"liveshop {birth.name}")
    settings = read_settings(os.environ)
    with log_lines(birth.name, settings.log_level, on_drop=DROPPED.inc) as log:

        def make_run(go: Go) -> Run:
            log.set_level(go.log_level)
            return run_of(go, settings)

        return lived(birth.control_fd, make_run, lambda kind: import_module(PARTS[kind]).part)


def import_parts(kinds: Sequence[str]) -> None:
    """Import all that parts of these kinds need, on a single thread.

    Nothing of it is ever garbage: looking for some would cost an eighth of the time, and 0.1 s later on; and
    it would write into pages that children share.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's wheel would start a thread that a fork loses
    gc.disable()
    late = IMPORTED_LATE if set(kinds) - {"media"} else ()
    for module in [*(PARTS[kind] for kind in kinds), *late]:
        import_module(module)
    gc.freeze()
    gc.enable()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def run_of(go: Go, settings: Settings) -> Run:
    """Make the run of a process from what it was told."""
    kind, _, index = go.name.rpartition("-")
    return Run(
        settings=go.over(settings),
        kind=kind,
        index=int(index),
        boot_id=go.boot_id,
        folder=Path(go.folder),
        redis_url=go.redis_url,
        database_url=go.database_url,
        secret=go.secret.encode(),
        home=go.home,
        demo=go.demo,
    )
