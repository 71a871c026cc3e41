"""Finding out whether something grows: a process's memory, or this process's objects."""

import asyncio
import gc
import time
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

PAGE_BYTES = 4096
LIMIT_S = 10.0
LOOK_AGAIN_S = 0.05


class LeakError(AssertionError):
    """Something was not given back."""


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


async def growth_bytes(pid: int, work: Callable[[], Awaitable[object]]) -> int:
    """How much a process has grown by work of a kind that it has done before; negative if it shrank."""
    before = resident_bytes(pid)
    await work()
    return resident_bytes(pid) - before


def must_not_grow(grown_bytes: int, bound_bytes: int) -> None:
    """Raise `LeakError` for more than the bound."""
    if grown_bytes > bound_bytes:
        raise LeakError(f"{grown_bytes} bytes more, {bound_bytes} allowed")


def living(kinds: Iterable[type]) -> Counter[str]:
    """How many objects of these classes there are after a collection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what other tests left open is not looked for here
        gc.collect()
    wanted = tuple(kinds)
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in wanted)


async def must_return_to(before: Counter[str], kinds: Iterable[type], *, limit_s: float = LIMIT_S) -> None:
    """Wait until no more objects of these classes live than before. Raises `LeakError`."""
    until_s = time.monotonic() + limit_s
    while left := living(kinds) - before:
        if time.monotonic() > until_s:
            raise LeakError(f"still there: {dict(left)}")
        await asyncio.sleep(LOOK_AGAIN_S)
