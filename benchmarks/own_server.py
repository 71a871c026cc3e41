"""A real server of a benchmark's own, in a folder that goes with it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.liveshop.running_server import RunningServer, running


@contextmanager
def own_server(**settings: str) -> Iterator[RunningServer]:
    """Run a server with these settings (environment variables) and an empty data folder."""
    root = Path(tempfile.mkdtemp(prefix="liveshop-bench-"))
    try:
        with running(root / "data", **settings) as server:
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)
