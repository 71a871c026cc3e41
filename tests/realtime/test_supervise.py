"""Ending tasks: all of them, and with what they hold."""

import asyncio
import contextlib

import pytest

from realtime.supervise import end_all
from tests.waiting import until


async def test_what_a_task_raised_before_its_end_is_no_surprise_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said where the task is ended, not by the collector while something else runs."""

    async def fail() -> None:
        raise ConnectionError("cut")

    tasks = [asyncio.create_task(fail(), name="halves")]
    await asyncio.wait(tasks)
    with caplog.at_level("INFO"):
        await end_all(tasks)
        tasks.clear()
    assert [record.getMessage() for record in caplog.records] == ["halves ended with: cut"]


async def test_who_is_cancelled_again_while_ending_others_ends_them_first() -> None:
    """A task that is slow to end outlives nobody who waits for it."""
    over: list[str] = []
    hold = asyncio.Event()

    async def deaf() -> None:
        for _ in range(3):
            with contextlib.suppress(asyncio.CancelledError):
                await hold.wait()
        over.append("below")

    async def above() -> None:
        below = asyncio.create_task(deaf())
        try:
            await hold.wait()
        finally:
            await end_all([below])
            over.append("above")

    task = asyncio.create_task(above())
    await until(lambda: task.get_coro().cr_await is not None)  # type: ignore[union-attr]
    await end_all([task])
    assert over == ["below"]
    assert task.cancelled()
