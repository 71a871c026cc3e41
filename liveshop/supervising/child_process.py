"""What every child process has: the line to its supervisor, the end when that is gone, and one orderly life.

A thread reads the control socket. It notices the supervisor's death even when the loop is busy, asks the
loop to end, and ends the process for good after `ORPHAN_LIMIT_S`: no child outlives its supervisor for long.
"""

import asyncio
import contextlib
import os
import resource
import select
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import uvloop

from liveshop.errors import LiveshopError
from liveshop.run import Run
from liveshop.supervising.control import (
    Answer,
    Drain,
    Drained,
    Failed,
    Go,
    Order,
    Ready,
    Stop,
    decode_order,
    line,
)

ORPHAN_LIMIT_S = 1.2
DRAIN_LIMIT_S = 5.0
EXIT_ORPHANED = 70

Part = Callable[[Run], AbstractAsyncContextManager[None]]
PartOf = Callable[[str], Part]
MakeRun = Callable[[Go], Run]


class Control:
    """The child's end of the line to its supervisor."""

    def __init__(self, handle: int, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = socket.socket(fileno=handle)
        self._loop = loop
        self._go: asyncio.Future[Go] = loop.create_future()
        self.drain = asyncio.Event()
        self.stop = asyncio.Event()

    def begin(self) -> None:
        """Start to listen."""
        threading.Thread(target=self._listen, name="control", daemon=True).start()

    async def go(self) -> Go | None:
        """Wait for the word to start; None when told to end instead."""
        stopped = asyncio.create_task(self.stop.wait())
        stopped.add_done_callback(lambda _task: self._go.cancel())
        await asyncio.wait({self._go})
        stopped.cancel()
        return None if self._go.cancelled() else self._go.result()

    def tell(self, answer: Answer) -> None:
        """Tell the supervisor; it may be gone."""
        with contextlib.suppress(OSError):
            self._socket.sendall(line(answer))

    def _listen(self) -> None:
        # A RuntimeError: the loop is closed, and the process ends anyway.
        with contextlib.suppress(OSError, RuntimeError), self._socket.makefile("rb") as lines:
            for text in lines:
                self._loop.call_soon_threadsafe(self._heard, decode_order(text))
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.stop.set)
        time.sleep(ORPHAN_LIMIT_S)
        os._exit(EXIT_ORPHANED)

    def _heard(self, order: Order) -> None:
        match order:
            case Go():
                if not self._go.done():
                    self._go.set_result(order)
            case Drain():
                self.drain.set()
            case Stop():
                self.stop.set()


@contextlib.contextmanager
def ending_with_supervisor(handle: int) -> Iterator[None]:
    """End the process at once when the supervisor dies during the block, after which no thread is left.

    For the seconds in which a fork server imports: it has begun nothing.
    """
    stay, leave = os.pipe()

    def watch() -> None:
        lines = select.poll()
        lines.register(handle, select.POLLRDHUP)
        lines.register(stay, select.POLLIN)
        if any(ready == handle for ready, _events in lines.poll()):
            os._exit(EXIT_ORPHANED)

    watcher = threading.Thread(target=watch, name="orphan", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        os.write(leave, b"!")
        watcher.join()
        os.close(stay)
        os.close(leave)


def lived(handle: int, make_run: MakeRun, part_of: PartOf) -> int:
    """Live one child's life on a loop of its own; returns the exit code."""
    code: int = uvloop.run(live(handle, make_run, part_of))
    return code


async def live(handle: int, make_run: MakeRun, part_of: PartOf) -> int:
    """Live one child's life: wait for the word, run the part, drain and end when told; the exit code."""
    loop = asyncio.get_running_loop()
    control = Control(handle, loop)
    loop.add_signal_handler(signal.SIGTERM, control.stop.set)
    control.begin()
    go = await control.go()
    if go is None:
        return 0
    run = make_run(go)
    try:
        async with part_of(run.kind)(run), _draining(control, run):
            control.tell(Ready())
            await control.stop.wait()
    except LiveshopError as error:
        control.tell(Failed(str(error)))
        return 1
    except Exception as error:
        # The supervisor prints the reason; the traceback goes to the error output, as for any defect.
        control.tell(Failed(f"{type(error).__name__}: {error}."))
        raise
    return 0


@contextlib.asynccontextmanager
async def _draining(control: Control, run: Run) -> AsyncIterator[None]:
    async def drain() -> None:
        await control.drain.wait()
        run.draining.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_LIMIT_S):
                await asyncio.gather(*(finish() for finish in run.drains))
        control.tell(Drained())

    task = asyncio.create_task(drain())
    try:
        yield
    finally:
        run.draining.set()
        task.cancel()
        await asyncio.wait({task})


def settle_in() -> None:
    """Do what must come first in a fork server: leave signals to the supervisor, allow many sockets."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
