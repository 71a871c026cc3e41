"""What every serving child does beside its work: it says that it lives, and measures its loop."""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator

from liveshop.connections_redis import open_redis
from liveshop.process_metrics import measured
from liveshop.processes_redis import Processes, ProcessInfo
from liveshop.run import Run
from liveshop.tasks import ended


def info_of(run: Run) -> ProcessInfo:
    """Describe this process for the registry."""
    return ProcessInfo(
        kind=run.kind,
        index=run.index,
        boot_id=run.boot_id,
        address=f"unix:{run.socket_of(run.kind, run.index)}",
        pid=os.getpid(),
        home=run.home,
    )


def is_first(run: Run) -> bool:
    """Whether this is the one process of this machine that says what concerns the whole machine."""
    counts = {"front": run.settings.fronts, "media": run.settings.medias, "worker": run.settings.workers}
    first_kind = next(kind for kind, count in counts.items() if count)
    return (run.kind, run.index) == (first_kind, run.settings.first_index)


@contextlib.asynccontextmanager
async def present(run: Run) -> AsyncIterator[Processes]:
    """Register the process, keep it registered, and take it out at the end."""
    redis = open_redis(run.redis_url, max_connections=2)
    processes = Processes(redis)
    info = info_of(run)
    await processes.beat(info)
    beating = asyncio.create_task(processes.keep_beating(info))
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
    async with measured(run.folder if is_first(run) else None):
        yield
