"""Running the jobs nobody waits for, each under a lease: one worker at a time does a job, and any can.

A job is idempotent, so that two at once are waste and not harm; the lease only keeps them from wasting. It is
kept while the job runs, given back at the end, and taken from a dead worker by its supervisor at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol

from liveshop.jobs.jobs_metrics import JOB_DURATION, JOB_FAILURES, JOB_LAST_SUCCESS, JOB_LEASED
from liveshop.tasks import ended

LEASE_MS = 10_000
RENEW_S = 3.0
LOOK_AGAIN_S = 2.0
FAILURE_DELAY_S_MAX = 30.0

log = logging.getLogger(__name__)


class JobLike(Protocol):
    """A job as its package declares it."""

    @property
    def name(self) -> str:
        """Name among all jobs."""

    @property
    def period_s(self) -> float:
        """Pause between two runs."""

    @property
    def run(self) -> Callable[[Any], Awaitable[object]]:
        """What it does, on the services."""


class LeaseTaker(Protocol):
    """Where leases are taken."""

    async def take(self, name: str, length_ms: int) -> int | None:
        """Take or keep a lease; None if somebody else holds it."""

    async def free(self, name: str) -> bool:
        """Give a lease back."""


class JobRunner:
    """Runs jobs on one set of services until it is cancelled."""

    def __init__(self, jobs: Sequence[JobLike], services: Any, leases: LeaseTaker) -> None:
        self._jobs = jobs
        self._services = services
        self._leases = leases

    async def run(self) -> None:
        """Run all jobs at their periods until cancelled; leases are given back then."""
        tasks = [asyncio.create_task(self._keep(job), name=f"job-{job.name}") for job in self._jobs]
        try:
            await asyncio.gather(*tasks)
        finally:
            await ended(tasks)
            for job in self._jobs:
                with contextlib.suppress(Exception):  # Redis may be away; the lease then runs out
                    await self._leases.free(_lease(job))

    async def run_last(self, names: Collection[str]) -> None:
        """Run once more, at the stop, the jobs of these names."""
        for job in self._jobs:
            if job.name in names:
                await self._once(job)

    async def _keep(self, job: JobLike) -> None:
        failures = 0
        while True:
            fence = await self._lease_taken(job)
            if fence is None:
                await asyncio.sleep(LOOK_AGAIN_S)
                continue
            failures = 0 if await self._once_leased(job) else failures + 1
            delay_s = min(job.period_s * 2**failures, max(FAILURE_DELAY_S_MAX, job.period_s))
            await asyncio.sleep(delay_s)

    async def _lease_taken(self, job: JobLike) -> int | None:
        try:
            fence = await self._leases.take(_lease(job), LEASE_MS)
        except Exception as error:  # noqa: BLE001 - Redis may be away; it is tried again
            log.warning("The lease of job %s could not be taken: %s", job.name, error)
            fence = None
        JOB_LEASED.labels(job.name).set(0 if fence is None else fence)
        return fence

    async def _once_leased(self, job: JobLike) -> bool:
        """Run a job once while keeping its lease."""
        keeping = asyncio.create_task(self._keep_lease(job))
        try:
            return await self._once(job)
        finally:
            await ended([keeping])

    async def _keep_lease(self, job: JobLike) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self._lease_taken(job)

    async def _once(self, job: JobLike) -> bool:
        with JOB_DURATION.labels(job.name).time():
            try:
                await job.run(self._services)
            except Exception:
                # One job's defect must not stop the others; it is counted, written down and tried again.
                log.exception("Job %s failed.", job.name)
                JOB_FAILURES.labels(job.name).inc()
                return False
        JOB_LAST_SUCCESS.labels(job.name).set_to_current_time()
        return True


def _lease(job: JobLike) -> str:
    return f"job:{job.name}"
