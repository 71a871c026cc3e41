"""What the doors of imports answer."""

import msgspec

from commerce.feeds.drafts import Remark
from commerce.feeds.plan import Report


class ImportProgress(msgspec.Struct, frozen=True):
    """How far an import is. `state`: checked (nothing changed yet), running, pictures, done.

    `rows_total` counts all rows of the file; `rows_failed` those that were or will be left out, the
    faulty ones of the dry run from the start. `pictures_left`: still to be fetched.
    """

    id: str
    shop: str
    file_name: str
    state: str
    rows_total: int
    rows_done: int
    rows_failed: int
    made: int
    changed: int
    kept: int
    pictures_left: int
    created_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None


class Import(msgspec.Struct, frozen=True):
    """An import: its dry run's `report`, its progress, and what went wrong after the dry run."""

    report: Report
    progress: ImportProgress
    later: tuple[Remark, ...]


class ImportList(msgspec.Struct, frozen=True):
    """A shop's imports, newest first."""

    imports: tuple[ImportProgress, ...]
