"""Rows of CSV (RFC 4180) that a spreadsheet opens as what they are; pure.

UTF-8 with a byte order mark. A cell that a spreadsheet would read as a formula begins with an apostrophe
instead: cells come from strangers (https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: object) -> str:
    """Return a cell's text that no spreadsheet takes for a formula; numbers stay numbers, None is empty."""
    text = "" if cell is None else str(cell)
    if isinstance(cell, str) and text.lstrip(" ").startswith(_FORMULA):
        return f"'{text}"
    return text


def csv_row(cells: Iterable[object]) -> bytes:
    """Return one row with its line end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return out.getvalue().encode()


def moment(at_ms: int) -> str:
    """Return a time as text, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
