"""The loop's probe, on a real loop with real work."""

import asyncio
import time

from liveshop.watching.loop_delay import PERIOD_S, LoopProbe


def work(cpu_s: float) -> None:
    """Use that much CPU time of this thread."""
    end_s = time.thread_time() + cpu_s
    while time.thread_time() < end_s:
        pass


async def test_a_long_callback_is_seen_in_full() -> None:
    """One callback of 30 ms makes a turn of at least 30 ms of CPU and a late timer."""
    loop = asyncio.get_running_loop()
    turns: list[float] = []
    delays: list[float] = []
    probe = LoopProbe(loop, time.thread_time, delays.append, turns.append)
    probe.start()
    loop.call_later(2 * PERIOD_S, work, 0.030)
    passed = asyncio.Event()
    # Both timers are due when the work is done; the probe's was set first.
    loop.call_later(5 * PERIOD_S, passed.set)
    await passed.wait()
    probe.stop()
    assert 0.030 <= max(turns) < 0.045
    assert max(delays) > 0.015


async def test_many_short_callbacks_are_not_taken_for_a_long_one() -> None:
    """A loop that is busy for long with callbacks of 1 ms has turns of about 1 ms."""
    loop = asyncio.get_running_loop()
    turns: list[float] = []
    probe = LoopProbe(loop, time.thread_time, lambda _delay: None, turns.append)
    probe.start()
    for _ in range(100):
        work(0.001)
        await asyncio.sleep(0)
    probe.stop()
    turns.sort()
    assert len(turns) > 50
    # The first turn gathers until the probe's timer comes; from then on each turn is one callback.
    assert turns[len(turns) // 2] < 0.003


async def test_a_slow_probe_samples_single_turns() -> None:
    """Where the timer is slow, callbacks of 1 ms that ran since are not added up; one turn is looked at."""
    loop = asyncio.get_running_loop()
    turns: list[float] = []
    probe = LoopProbe(loop, time.thread_time, lambda _delay: None, turns.append, period_s=0.030)
    probe.start()
    ends_s = loop.time() + 0.5
    while loop.time() < ends_s:
        work(0.001)
        await asyncio.sleep(0)
    probe.stop()
    assert turns
    assert sorted(turns)[len(turns) // 2] < 0.003


async def test_another_threads_work_is_not_counted() -> None:
    """Only the loop's own thread is measured: what runs in threads does not make a turn."""
    turns: list[float] = []
    probe = LoopProbe(asyncio.get_running_loop(), time.thread_time, lambda _delay: None, turns.append)
    probe.start()
    await asyncio.to_thread(work, 0.050)
    probe.stop()
    assert all(turn < 0.025 for turn in turns)


async def test_a_stopped_probe_is_silent() -> None:
    """After stop nothing is called any more."""
    loop = asyncio.get_running_loop()
    seen: list[float] = []
    probe = LoopProbe(loop, time.thread_time, seen.append, seen.append)
    probe.start()
    probe.stop()
    passed = asyncio.Event()
    loop.call_later(3 * PERIOD_S, passed.set)
    await passed.wait()
    assert seen == []
