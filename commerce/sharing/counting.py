"""Counts visits and entries by share links without a write for each.

What came in waits in memory and is written every `FLUSH_S`, many rows a transaction; SQL decides what is new,
so any number of fronts may see the same device. A process that dies loses at most what came in during
`FLUSH_S` and the write itself; never an order, which carries its code from the start. While SQL is away
`WAITING_MOST` wait, more are left out and counted.
"""

import asyncio
import contextlib
import logging
from itertools import islice
from typing import Final, Literal

from commerce.database_sql import Database
from commerce.keys_crypto import Keys
from commerce.ports import Clock
from commerce.sharing import counts_sql
from commerce.sharing.codes import typed_code
from commerce.sharing.counting_metrics import NOT_COUNTED
from commerce.sharing.counts_sql import Link, Seen

FLUSH_S: Final = 2.0
WAITING_MOST: Final = 50_000
A_WRITE: Final = 2_000
DAY_MS: Final = 86_400_000
KEPT_DAYS: Final = 2
"""So long it is kept which device came; afterwards only the sums."""

log = logging.getLogger(__name__)


class ShareCounter:
    """One process's counts on their way to SQL."""

    def __init__(self, database: Database, keys: Keys, now_ms: Clock) -> None:
        self._database = database
        self._keys = keys
        self._now_ms = now_ms
        self._waiting: dict[Seen, tuple[str, str | None]] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(
        self, kind: Literal["visit", "entry"], code: str, person: str, device: str, show: str | None = None
    ) -> None:
        """Count a person's device at a link.

        Left out when it is written: unknown codes, one's own link, and a link of another show than `show`.
        """
        plain = typed_code(code)
        if plain is None:
            return
        day = self._now_ms() // DAY_MS
        seen = Seen(plain, kind, day, self._keys.digest("share-device", f"{day} {device}")[:32])
        if len(self._waiting) >= WAITING_MOST and seen not in self._waiting:
            NOT_COUNTED.inc()
            return
        self._waiting[seen] = person, show
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon(), name="share-counts")

    async def flush(self) -> None:
        """Write what waits now."""
        while self._waiting:
            batch = dict(islice(self._waiting.items(), A_WRITE))
            async with self._database.write() as sql:
                links = await counts_sql.links(sql, {seen.code for seen in batch})
                await counts_sql.count(
                    sql, [seen for seen in batch if _counts(links.get(seen.code), *batch[seen])]
                )
            for seen in batch:
                self._waiting.pop(seen, None)

    async def close(self) -> None:
        """Write what is left, and end."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        try:
            await self.flush()
        except Exception:  # the process ends; an uncounted visit must not keep it
            log.exception("%d visits by share links were not written", len(self._waiting))

    async def purge(self) -> int:
        """Forget which devices came (the worker's job); returns how many rows went."""
        async with self._database.write() as sql:
            return await counts_sql.purge(sql, self._now_ms() // DAY_MS - KEPT_DAYS + 1)

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
            except Exception:  # SQL may be away: what waits is written when it is back
                log.exception("visits by share links could not be written yet")


def _counts(link: Link | None, person: str, show: str | None) -> bool:
    return link is not None and link.owner != person and show in {None, link.show}
