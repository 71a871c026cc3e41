"""Jobs under leases."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from liveshop.jobs.jobs import JobRunner


@dataclass(frozen=True)
class AJob:
    """A job of a test."""

    name: str
    run: Callable[[object], Awaitable[object]]
    period_s: float = 0.001


@dataclass
class Leaser:
    """Answers for Redis what a test wants to see."""

    fence: int | None = 1
    broken: int = 0
    freed: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, name: str, length_ms: int) -> int | None:
        """Grant or refuse; fail `broken` times before."""
        assert (name, length_ms > 0) == ("job:copy", True)
        self.asked.set()
        if self.broken:
            self.broken -= 1
            raise ConnectionError
        return self.fence

    async def free(self, name: str) -> bool:
        """Remember what was given back."""
        self.freed.append(name)
        return True


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a runner and wait for its end."""
    task.cancel()
    await asyncio.wait({task})


async def test_a_job_runs_again_and_again_and_gives_its_lease_back() -> None:
    """Each run gets the services; the end frees the lease."""
    thrice = asyncio.Event()
    given: list[object] = []

    async def copy(services: object) -> None:
        given.append(services)
        if len(given) == 3:
            thrice.set()

    leases = Leaser()
    task = asyncio.create_task(JobRunner([AJob("copy", copy)], "services", leases).run())
    await asyncio.wait_for(thrice.wait(), 5)
    await ended(task)
    assert set(given) == {"services"}
    assert leases.freed == ["job:copy"]


async def test_a_job_whose_lease_is_elsewhere_does_not_run() -> None:
    """Who does not hold the lease only looks again."""
    ran = asyncio.Event()

    async def copy(_services: object) -> None:
        ran.set()

    leases = Leaser(fence=None)
    task = asyncio.create_task(JobRunner([AJob("copy", copy)], None, leases).run())
    await asyncio.wait_for(leases.asked.wait(), 5)
    await asyncio.sleep(0)
    await ended(task)
    assert not ran.is_set()


async def test_a_failing_job_is_tried_again_and_does_not_stop_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A defect is written down and the job runs on."""
    again = asyncio.Event()
    runs = 0

    async def copy(_services: object) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError
        again.set()

    task = asyncio.create_task(JobRunner([AJob("copy", copy)], None, Leaser()).run())
    await asyncio.wait_for(again.wait(), 5)
    await ended(task)
    assert "Job copy failed." in caplog.text


async def test_only_the_named_jobs_run_at_the_stop() -> None:
    """The last run is for those whose work must not wait for the next start."""
    ran: list[str] = []

    def job(name: str) -> AJob:
        async def run(_services: object) -> None:
            ran.append(name)

        return AJob(name, run)

    await JobRunner([job("copy"), job("purge")], None, Leaser()).run_last(("copy",))
    assert ran == ["copy"]
