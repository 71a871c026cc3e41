"""Measures every single callback of a child's loop; `test_callbacks.py` puts this folder on the Python path.

uvloop calls callbacks from C and lets nobody look on. So here children run on asyncio's own loop, whose
`Handle._run` every callback and every step of a task goes through. Its transports are Python as well: what
is measured is somewhat more than what uvloop would spend.

What no loop shall do at all once it serves is counted beside it, for time says little on a busy machine:
reading certificates (35 ms on a fast one), and importing modules that nobody has imported before.
"""

import asyncio
import asyncio.events
import ssl
import sys
import time
from typing import Any

LONG_S = 0.005


def _name(callback: object) -> str:
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return f"step of {task.get_coro()!r}"
    return repr(callback)


def _measure() -> None:
    import uvloop
    from prometheus_client import Histogram

    edges = (0.0003, 0.0005, 0.001, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01,
             0.02, 0.03, 0.04, 0.05, 0.1, 0.2, 0.5)  # fmt: skip
    seen = Histogram("story_callback_cpu_seconds", "CPU time of one callback.", buckets=edges)
    handles: Any = asyncio.events.Handle
    run_untouched = handles._run

    def run(handle: Any) -> None:
        began_s = time.thread_time()
        run_untouched(handle)
        used_s = time.thread_time() - began_s
        seen.observe(used_s)
        if used_s > LONG_S:
            sys.stderr.write(f"long callback: {used_s * 1000:.1f} ms {_name(handle._callback)}\n")

    handles._run = run
    # Without this no child measures anything, and the test says so.
    setattr(uvloop, "run", asyncio.run)  # noqa: B010 - its type differs by the loop factory


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _count_what_takes_long() -> None:
    from prometheus_client import Counter

    late = Counter("story_late", "What a loop did that none shall.", ["what"])
    load = ssl.SSLContext.load_verify_locations

    def look(event: str, words: tuple[Any, ...]) -> None:
        if event == "import" and _in_loop():
            late.labels(f"imported {words[0]}").inc()

    def load_verify_locations(context: Any, *words: Any, **named: Any) -> None:
        if _in_loop():
            late.labels("read certificates").inc()
        load(context, *words, **named)

    sys.addaudithook(look)
    setattr(ssl.SSLContext, "load_verify_locations", load_verify_locations)  # noqa: B010 - mypy forbids it


if "children" in sys.orig_argv:
    _measure()
    _count_what_takes_long()
