"""One configuration of the log for every process: lines of text on the error output.

    2026-11-26T09:30:12.345Z media-0 info streaming.session_log: viewer 3fa91c20 of sh_1 began: …

What this program's packages say is written from the chosen level on; libraries only warn. A loop must not
wait for a terminal that somebody has stopped, nor for a full pipe: lines wait in a bounded queue for a thread
that writes them. When it is full a line is dropped and counted, and the next one that fits says how many.
"""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from queue import Full, Queue
from threading import Thread
from typing import TextIO

LEVELS = ("debug", "info", "warning", "error")
OWN_PACKAGES = ("liveshop", "streaming", "realtime", "commerce")
MAX_WAITING = 10_000
END_LIMIT_S = 1.0

Waiting = Queue[logging.LogRecord | None]


class LineFormat(logging.Formatter):
    """Time (UTC), process, level, logger, text."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class names it
        """Return the line, without a traceback."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level = record.levelname.lower()
        return f"{at.replace('+00:00', 'Z')} {record.processName} {level} {record.name}: {record.message}"


class BoundedHandler(QueueHandler):
    """Puts lines into the queue, or drops them."""

    def __init__(self, process: str, waiting: Waiting, on_drop: Callable[[], None]) -> None:
        super().__init__(waiting)
        self._process = process
        self._waiting = waiting
        self._on_drop = on_drop
        self._dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Put the text together, a traceback included, and name the process."""
        prepared: logging.LogRecord = super().prepare(record)
        prepared.processName = self._process
        return prepared

    def enqueue(self, record: logging.LogRecord) -> None:
        """Add a line without waiting."""
        if self._dropped:
            record.msg = f"({self._dropped} lines before this one were dropped) {record.msg}"
        try:
            self._waiting.put_nowait(record)
        except Full:
            self._dropped += 1
            self._on_drop()
        else:
            self._dropped = 0


class Log:
    """The running log of this process."""

    def set_level(self, level: str) -> None:
        """Write what this program's packages say from this level on."""
        for package in OWN_PACKAGES:
            logging.getLogger(package).setLevel(level.upper())

    def let_go(self) -> None:
        """Leave the levels as they were found."""
        for package in OWN_PACKAGES:
            logging.getLogger(package).setLevel(logging.NOTSET)


def _nothing() -> None:
    """Nobody counts."""


@contextlib.contextmanager
def log_lines(
    process: str,
    level: str,
    *,
    on_drop: Callable[[], None] = _nothing,
    stream: TextIO | None = None,
    max_waiting: int = MAX_WAITING,
) -> Iterator[Log]:
    """Write this process's log until the block is left; what waits then is written, for 1 s at most."""
    waiting: Waiting = Queue(max_waiting)
    writer = logging.StreamHandler(stream or sys.stderr)
    writer.setFormatter(LineFormat())

    def write() -> None:
        while (record := waiting.get()) is not None:
            writer.handle(record)

    handler = BoundedHandler(process, waiting, on_drop)
    log = Log()
    log.set_level(level)
    thread = Thread(target=write, name="log", daemon=True)
    thread.start()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield log
    finally:
        root.removeHandler(handler)
        log.let_go()
        with contextlib.suppress(Full):
            waiting.put(None, timeout=END_LIMIT_S)
            thread.join(END_LIMIT_S)
