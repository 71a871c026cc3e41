"""Gives memory back that the C library keeps for later (glibc, malloc_trim(3)); elsewhere it does nothing.

What thousands of sockets held lies in holes of the heap when they are gone, and a process that once had ten
thousand viewers would weigh that for ever.
"""

import ctypes
from collections.abc import Callable


def _trimmer() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # no glibc: musl and macOS give back by themselves
        return None
    return found


_trim = _trimmer()


def give_back() -> bool:
    """Return whole free pages to the system; takes milliseconds. Returns whether any were given."""
    return _trim is not None and bool(_trim(0))
