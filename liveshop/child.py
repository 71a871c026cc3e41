"""One child process: which part it runs, and its life around it."""

import os
from importlib import import_module
from pathlib import Path

from liveshop.child_process import Part, lived, settle_in
from liveshop.control import Go
from liveshop.run import Run
from liveshop.settings import read_settings

# Which module holds the part of each kind; imported only in that kind's process, so that each stays small.
PARTS = {
    "prepare": "liveshop.prepare",
    "front": "liveshop.front",
    "media": "liveshop.media",
    "worker": "liveshop.worker",
}


def run_child(name: str, control_fd: int) -> int:
    """Run the child called `name` ("front-0"); returns its exit code."""
    settle_in()
    kind, _, index = name.rpartition("-")
    part: Part = import_module(PARTS[kind]).part
    settings = read_settings(os.environ)

    def make_run(go: Go) -> Run:
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

    return lived(control_fd, make_run, part)
