"""How a tick to thousands is cut: by what it costs itself, and nothing else."""

import asyncio
from typing import cast

from realtime.sockets.fanout import (
    FIRST_SLICE_TOTAL,
    LARGEST_SLICE_TOTAL,
    SMALLEST_SLICE_TOTAL,
    Member,
    Slices,
)

SLICE_MS = 3.0


class Clock:
    """CPU time that passes when somebody works."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def work(self, took_s: float) -> None:
        self.now_s += took_s


def members(total: int) -> list[Member]:
    """Return so many members; nothing is written to them here."""
    return cast("list[Member]", list(range(total)))


async def test_a_slice_holds_what_fits_into_its_time() -> None:
    """Ten microseconds each: between half of 3 ms and 3 ms, also when others keep the loop busy meanwhile."""
    clock = Clock()
    slices = Slices(SLICE_MS, clock)
    busy = True

    async def others() -> None:
        while busy:
            clock.work(0.020)
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    for _ in range(5):
        await slices.each(members(2_000), lambda _: clock.work(10e-6))
    busy = False
    await task
    assert 150 <= slices.members_total <= 300


async def test_slices_are_bounded() -> None:
    """However cheap or dear a member is; and everybody gets it."""
    clock, given = Clock(), list[object]()
    cheap, dear = Slices(SLICE_MS, clock), Slices(SLICE_MS, clock)
    assert cheap.members_total == FIRST_SLICE_TOTAL
    await cheap.each(members(20_000), given.append)
    assert given == list(range(20_000))
    assert cheap.members_total == LARGEST_SLICE_TOTAL
    await dear.each(members(1_000), lambda _: clock.work(0.002))
    assert dear.members_total == SMALLEST_SLICE_TOTAL
