"""What the doubles of payment providers share: calls that go wrong by plan, and notifications under way."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.responses import Response

from tests.doubles.listening import listening


class Cut(Response):
    """An answer that begins and breaks off: whoever asked learns nothing of what was done."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"999")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


class ProviderDouble:
    """A provider's calls, each by its verb, and how they shall go.

    `lost_answers`, `failures` and `slow` count calls whose answer is cut off, which fail with the provider's
    own error, or which are answered only after `go_on`. `calls` counts what was asked.
    """

    def __init__(self) -> None:
        self.lost_answers: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.slow: Counter[str] = Counter()
        self.go_on = asyncio.Event()
        self.calls: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._http = httpx.AsyncClient(trust_env=False, verify=False, timeout=10)

    def app(self) -> Starlette:
        """Return what serves it."""
        raise NotImplementedError

    @staticmethod
    def due(plan: Counter[str], verb: str) -> bool:
        """Tell whether this call is one of those planned; then there is one fewer."""
        if not plan[verb]:
            return False
        plan[verb] -= 1
        return True

    async def called(self, verb: str) -> None:
        """Count a call, and keep a slow one waiting."""
        self.calls[verb] += 1
        if self.due(self.slow, verb):
            await self.go_on.wait()

    async def tell(
        self, how: str, send: Callable[[], Coroutine[Any, Any, object]], hold: Callable[[], None]
    ) -> None:
        """Send a notification: `normal` or `twice` beside the call, `before_answer`, `held`, or `lost`."""
        if how == "held":
            hold()
        elif how == "before_answer":
            await send()
        elif how != "lost":
            for _ in range(2 if how == "twice" else 1):
                task = asyncio.create_task(send())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait for notifications under way."""
        while self._tasks:
            # Not `gather`, which does not let the loop go on when all are done (Python 3.12).
            ended, _ = await asyncio.wait(self._tasks)
            for task in ended:
                task.result()

    async def close(self) -> None:
        """Let go of what waits, and close the connections."""
        self.go_on.set()
        await self.idle()
        await self._http.aclose()


@contextlib.asynccontextmanager
async def running(double: ProviderDouble) -> AsyncIterator[str]:
    """Serve a double; yields its address."""
    async with listening(double.app()) as url:
        try:
            yield url
        finally:
            await double.close()
