"""SQLite connections whose statements come to their end, whatever happens to who asked.

The driver, aiosqlite, runs a statement in a thread of its connection. When who asked is cancelled meanwhile
(a limit of time, a client that left), the statement goes on, and SQLAlchemy closes the connection. But SQLite
keeps a closed connection, with its transaction and its locks, for as long as anything refers to a cursor of
it, and the traceback of the cancellation does: from then on nobody could write any more, in no process.

So nobody is taken from a statement. The cancellation comes at the next thing that is awaited and is no
statement, at the latest at the end of the unit of work: there `let_cancel` is called.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

ROWS_AT_ONCE = 64
"""Fetched at a time where rows are iterated over; the driver's own number."""


class _Answer(asyncio.Future[Any]):
    """Of a statement under way. A task that waits for it and is cancelled hears of it once it is there."""

    def cancel(self, msg: Any | None = None) -> bool:  # noqa: ARG002 - the name is asyncio's
        """Refuse; the task remembers that it is to be cancelled."""
        return False


class _Connection(aiosqlite.Connection):
    """Puts cancellations off."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        answer = _Answer()
        self._tx.put_nowait((answer, partial(fn, *args, **kwargs)))
        try:
            return await answer
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            assert task is not None
            # Counted once, as it was.
            task.uncancel()
            task.cancel(*error.args)
            return answer.result()


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """Make what `aiosqlite.connect` makes; for SQLAlchemy's `async_creator_fn`."""
    connection = _Connection(partial(sqlite3.connect, database, **options), ROWS_AT_ONCE)
    # As SQLAlchemy does with connections it makes itself: a process that ends waits for none.
    connection._thread.daemon = True  # noqa: SLF001 - it has no other way
    return connection


async def let_cancel() -> None:
    """Raise a cancellation that was put off; to be called when a unit of work is over."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await asyncio.sleep(0)
