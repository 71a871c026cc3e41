"""What every serving child does beside its work: it says that it lives, and measures its loop."""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator, Callable

from liveshop.redis.connections_redis import open_redis
from liveshop.redis.processes_redis import Processes, ProcessInfo
from liveshop.run import Run
from liveshop.tasks import ended
from liveshop.watching.loop_delay import PERIOD_S
from liveshop.watching.process_metrics import measured

# A media process sends to hundreds between two sleeps of some milliseconds; to wake it each 20 ms for this
# alone took 2% of what 300 viewers cost.
PROBE_S = {"media": 0.100}


def _none() -> int:
    """Return 0: what is no media process carries no sessions."""
    return 0


def info_of(run: Run, sessions: int = 0) -> ProcessInfo:
    """Describe this process for the registry."""
    return ProcessInfo(
        kind=run.kind,
        index=run.index,
        boot_id=run.boot_id,
        address=run.inside_address(),
        pid=os.getpid(),
        home=run.home,
        sessions=sessions,
    )


def is_first(run: Run) -> bool:
    """Whether this is the one process of this machine that says what concerns the whole machine."""
    counts = {"front": run.settings.fronts, "media": run.settings.medias, "worker": run.settings.workers}
    first_kind = next(kind for kind, count in counts.items() if count)
    return (run.kind, run.index) == (first_kind, run.settings.first_index)


@contextlib.asynccontextmanager
async def present(run: Run, sessions: Callable[[], int] = _none) -> AsyncIterator[Processes]:
    """Register the process, keep it registered, and take it out at the end.

    `sessions` tells how many it carries.
    """
    redis = open_redis(run.redis_url, max_connections=2)
    processes = Processes(redis)
    info = info_of(run)
    await processes.beat(info)
    beating = asyncio.create_task(processes.keep_beating(lambda: info_of(run, sessions())))
    try:
        yield processes
    finally:
        await ended([beating])
        # Redis may be gone already; the registry then forgets the process by itself.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.5):
                await processes.gone(info.name, info.boot_id)
        await redis.aclose()


@contextlib.asynccontextmanager
async def ready(run: Run) -> AsyncIterator[None]:
    """Say that everything is open: put away what was made until now, and measure the loop from here on.

    Imports and the first look at everything take up to 0.3 s in one piece; nobody is served before they are
    done. What stays for good is taken out of the garbage collector's sight: a full pass over it takes 100 ms.
    """
    gc.collect()
    gc.freeze()
    async with measured(run.folder if is_first(run) else None, PROBE_S.get(run.kind, PERIOD_S)):
        yield
