"""One byte range of a file, as players ask for it (RFC 9110, section 14); pure."""

import re

_ONE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def wanted_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Return (first, last) byte of what is wanted, None for the whole file.

    Several ranges, other units and nonsense are answered with the whole file, as the RFC allows. Raises
    ValueError for a range that lies outside the file (416).
    """
    found = _ONE.fullmatch((header or "").strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        length = min(int(found[2]), size_bytes)
        if length == 0:
            raise ValueError(header)
        return size_bytes - length, size_bytes - 1
    first = int(found[1])
    last = min(int(found[2]), size_bytes - 1) if found[2] else size_bytes - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size_bytes:
        raise ValueError(header)
    return first, last
