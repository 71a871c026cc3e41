"""SQLAlchemy engines that outlive a test: what they compiled and learned of a database is not paid for again.

An engine compiles each statement once, which is a fifth of what a test of a whole market costs. Closing a
`Database` ends its connections and begins a new pool; the engine itself may be used by the next test, in
another event loop.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncEngine

from commerce.database_sql import Database


class KeptEngines:
    """Engines by URL; each is lent to one `Database` at a time."""

    def __init__(self) -> None:
        self._free: defaultdict[str, list[AsyncEngine]] = defaultdict(list)

    @contextlib.contextmanager
    def lent(self, url: str) -> Iterator[Database]:
        """Lend a database for the block, which must close it."""
        free = self._free[url]
        database = Database(free.pop()) if free else Database.open(url)
        yield database
        free.append(database.engine)
