"""Work after an answer, and the wait for its end."""

import asyncio

import pytest

from commerce.payments.after_answer import AfterAnswer


async def done() -> None:
    """End at once."""


@pytest.mark.timeout(20)
async def test_the_wait_ends_when_the_last_work_ended_in_the_same_turn() -> None:
    """It is over and not yet taken from the list; on Python 3.12 and later a wait by `gather` never ended."""
    background = AfterAnswer()
    background.start(done())
    await asyncio.create_task(background.idle())
    await background.close()
    assert background.left_to_worker_total == 0
