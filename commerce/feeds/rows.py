"""Delimited text (RFC 4180) to rows that know their line in the file and their columns by our names."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import UNSET, UnsetType

from commerce.feeds.cells import BadCell, Parse
from commerce.feeds.drafts import MAX_ROWS, Remarks
from commerce.feeds.refusals import FeedFormat, FeedTooLong

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` has the raw text by our names for columns, `names` what the file calls each."""

    line: int
    cells: Mapping[str, str]
    names: Mapping[str, str]
    remarks: Remarks

    def raw(self, column: str) -> str:
        """Answer a cell without blanks around it, "" when blank or when the file has no such column."""
        return self.cells.get(column, "").strip()

    def value(self, column: str, parse: Parse[T]) -> T | UnsetType:
        """Answer a cell's value; UNSET without such a column, and for a cell that is found faulty."""
        if column not in self.cells:
            return UNSET
        try:
            return parse(self.cells[column])
        except BadCell as bad:
            self.fault(column, bad.code, str(bad))
            return UNSET

    def fault(self, column: str, code: str, sentence: str) -> None:
        """Say what is wrong with a cell of this row."""
        self.remarks.fault(self.line, self.names.get(column, column), code, sentence)

    def note(self, column: str, code: str, sentence: str) -> None:
        """Say what is not as it may seem."""
        self.remarks.note(self.line, self.names.get(column, column), code, sentence)


@dataclass(slots=True)
class Sheet:
    """A file's rows, read once. `bad_rows` counts those that are no rows of the header's shape."""

    names: dict[str, str]
    ignored: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    bad_rows: int = 0


def header_of(text: str) -> tuple[str, list[str]]:
    """Answer the separator (comma, semicolon or tab) and the column names; raises FeedFormat."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    separator = max(",;\t", key=first.count)
    try:
        names = next(csv.reader([first], delimiter=separator, strict=True), [])
    except csv.Error as error:
        raise FeedFormat from error
    return separator, [name.strip() for name in names]


def read_sheet(text: str, separator: str, known: Mapping[str, str], remarks: Remarks) -> Sheet:
    """Answer all rows. `known` names our column for a file's (in lower case).

    Raises FeedFormat, FeedTooLong.
    """
    records = _records(text, separator, remarks)
    _, header = next(records)
    assert header is not None, "header_of has read it"
    columns = [known.get(name.strip().lower(), "") for name in header]
    sheet = _sheet(columns, [name.strip() for name in header])
    for line, record in records:
        if record is None:
            sheet.bad_rows += 1
        elif len(record) != len(header):
            sheet.bad_rows += 1
            told = f"The row has {len(record)} cells, the header {len(header)}."
            remarks.fault(line, "", "cell_count", told)
        else:
            cells = {ours: cell for ours, cell in zip(columns, record, strict=True) if ours}
            sheet.rows.append(Row(line, cells, sheet.names, remarks))
        if len(sheet.rows) + sheet.bad_rows > MAX_ROWS:
            raise FeedTooLong(max_rows=MAX_ROWS)
    return sheet


def _sheet(columns: list[str], header: list[str]) -> Sheet:
    """Answer an empty sheet with its columns; raises FeedFormat when two of them say the same."""
    names: dict[str, str] = {}
    for ours, theirs in zip(columns, header, strict=True):
        if ours and ours in names:
            raise FeedFormat(f"The columns {names[ours]!r} and {theirs!r} say the same.", column=theirs)
        names[ours] = theirs
    names.pop("", None)
    both = zip(columns, header, strict=True)
    return Sheet(names, tuple(theirs for ours, theirs in both if not ours and theirs))


def _records(text: str, separator: str, remarks: Remarks) -> Iterator[tuple[int, list[str] | None]]:
    """Yield (line where it begins, cells) of each record that is not blank; None: it breaks the rules."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error:
            remarks.fault(
                line, "", "csv_malformed", "A quoted cell is not closed, or text follows its quote."
            )
            yield line, None
            continue
        if record is None:
            return
        if any(cell.strip() for cell in record):
            yield line, record
