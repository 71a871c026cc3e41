"""Questions about one subject that come at the same time are asked together.

What comes while a call is under way goes into the next one, so that a crowd costs one call for `most` of
them, and somebody alone waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

# A connection that was dropped without a word would hold up everybody after it for as long as TCP tries.
LIMIT_S = 10.0

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Asks `ask_all(subject, questions)`, at most `most` at a time; it answers in their order.

    When it raises, or takes longer than `limit_s` (`TimeoutError`), everybody in that call gets the error;
    those after them are asked for anew.
    """

    def __init__(
        self,
        ask_all: Callable[[str, Sequence[Question]], Awaitable[Sequence[Answer]]],
        most: int,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._ask_all = ask_all
        self._limit_s = limit_s
        self._most = most
        self._waiting: dict[str, deque[tuple[Question, asyncio.Future[Answer]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, subject: str, question: Question) -> Answer:
        """Return the answer to one question. Raises what `ask_all` does."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(subject)
        if waiting is None:
            waiting = self._waiting[subject] = deque()
            # It starts in the next turn of the loop: whoever asks in this one is in its first call.
            running = asyncio.create_task(self._run(subject, waiting))
            self._running.add(running)
            running.add_done_callback(self._running.discard)
        waiting.append((question, answer))
        return await answer

    async def _run(self, subject: str, waiting: "deque[tuple[Question, asyncio.Future[Answer]]]") -> None:
        try:
            while waiting:
                taken = [waiting.popleft() for _ in range(min(self._most, len(waiting)))]
                taken = [(question, answer) for question, answer in taken if not answer.done()]
                if taken:
                    await self._call(subject, taken)
        finally:
            del self._waiting[subject]
            for _, answer in waiting:  # only when this task was cancelled
                answer.cancel()

    async def _call(self, subject: str, taken: Sequence[tuple[Question, "asyncio.Future[Answer]"]]) -> None:
        try:
            async with asyncio.timeout(self._limit_s):
                answers = await self._ask_all(subject, [question for question, _ in taken])
        except Exception as error:  # noqa: BLE001 - it is raised where the questions were asked
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error)
        except asyncio.CancelledError:
            for _, answer in taken:
                answer.cancel()
            raise
        else:
            for (_, answer), found in zip(taken, answers, strict=True):
                if not answer.done():  # whoever asked may have left meanwhile
                    answer.set_result(found)
