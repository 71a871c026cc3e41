"""Comments in other languages, by a translator outside that may be slow, or away.

    wanted --> cache --hit--------------------------> answer
                 `--miss--> waiting, by language --BATCH_MS--> one call of up to BATCH_TEXTS --> cache --> all

Each comment is asked for once for each language, however many want it and however often, as long as the
cache holds it (`CACHE_TEXTS`, the least wanted goes). Not more than `CALLS_MOST` calls run at once, and not
more than `WAITING_MOST` texts wait: above that, and while the translator is away, the answer is "not now" at
once. After `FAILURES` calls in a row without an answer it is left alone for `PAUSE_MS`, then tried with one.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Final

from realtime import metrics as names
from realtime.errors import TranslateOff, Unavailable
from realtime.ports import Metrics, Translator

BATCH_MS: Final = 100
BATCH_TEXTS: Final = 50
CALLS_MOST: Final = 2
WAITING_MOST: Final = 500
CACHE_TEXTS: Final = 5_000
TEXT_CHARS: Final = 2_000
WITHIN_S: Final = 5.0
FAILURES: Final = 3
PAUSE_MS: Final = 30_000

log = logging.getLogger(__name__)

Wanted = tuple[str, str]
"""A comment and the language it is wanted in."""


class Translations:
    """One process's translations. `translator` None: there is none, and every question is refused."""

    def __init__(self, translator: Translator | None, metrics: Metrics, now_ms: Callable[[], int]) -> None:
        self._translator = translator
        self._metrics = metrics
        self._now_ms = now_ms
        self._known: OrderedDict[Wanted, str | None] = OrderedDict()
        self._asked: dict[Wanted, asyncio.Future[str | None]] = {}
        self._waiting: dict[str, dict[str, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls = asyncio.Semaphore(CALLS_MOST)
        self._failures = 0
        self._tried_ms = 0

    @property
    def on(self) -> bool:
        """Whether there is a translator."""
        return self._translator is not None

    async def of(self, texts: Mapping[str, str], to: str) -> dict[str, str | None]:
        """Return texts, by comment, in a language; None is what could not be translated.

        Raises `TranslateOff`, and `Unavailable` when the translator is away or has too much to do.
        """
        if self._translator is None:
            raise TranslateOff("Comments are not translated on this server.")
        new = [one for one in texts if (one, to) not in self._known and (one, to) not in self._asked]
        if new:
            self._admit(len(new))
        for comment in new:
            self._begin(comment, texts[comment], to)
        wanted = {comment: self._known_or_asked((comment, to)) for comment in texts}
        return {
            # Shielded: one reader who leaves does not end it for the others.
            comment: await asyncio.shield(text) if isinstance(text, asyncio.Future) else text
            for comment, text in wanted.items()
        }

    async def close(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _admit(self, count: int) -> None:
        """Let so many texts wait; raises `Unavailable`."""
        if self._failures >= FAILURES:
            left_ms = self._tried_ms + PAUSE_MS - self._now_ms()
            if left_ms > 0 or self._asked:
                self._metrics.count(names.TRANSLATE_REFUSED)
                raise Unavailable("The translator does not answer.", retry_after_ms=max(left_ms, 1_000))
        if len(self._asked) + count > WAITING_MOST:
            self._metrics.count(names.TRANSLATE_REFUSED)
            raise Unavailable("The translator has too much to do.", retry_after_ms=2_000)

    def _begin(self, comment: str, text: str, to: str) -> None:
        self._asked[comment, to] = asyncio.get_running_loop().create_future()
        batch = self._waiting.setdefault(to, {})
        batch[comment] = text
        if len(batch) == 1:
            self._run(self._send_soon(to))
        if len(batch) >= BATCH_TEXTS:
            self._run(self._send(to, self._waiting.pop(to)))

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name="translate")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _known_or_asked(self, wanted: Wanted) -> "str | asyncio.Future[str | None] | None":
        if wanted not in self._known:
            return self._asked[wanted]
        self._known.move_to_end(wanted)
        return self._known[wanted]

    async def _send_soon(self, to: str) -> None:
        await asyncio.sleep(BATCH_MS / 1000)
        batch = self._waiting.pop(to, None)
        if batch:
            await self._send(to, batch)

    async def _send(self, to: str, batch: Mapping[str, str]) -> None:
        try:
            async with self._calls:
                answer = await self._call(list(batch.values()), to)
        except BaseException as error:
            self._failed([(comment, to) for comment in batch], error)
            if not isinstance(error, Exception):
                raise
            return
        self._failures = 0
        for comment, text in zip(batch, answer, strict=True):
            self._keep((comment, to), None if text is None else text[:TEXT_CHARS])

    async def _call(self, texts: Sequence[str], to: str) -> Sequence[str | None]:
        assert self._translator is not None
        self._metrics.count(names.TRANSLATED, len(texts))
        async with asyncio.timeout(WITHIN_S):
            answer = await self._translator.translate(texts, to)
        if len(answer) != len(texts):
            raise ValueError(f"{len(texts)} texts were asked for, {len(answer)} came")
        return answer

    def _keep(self, wanted: Wanted, text: str | None) -> None:
        self._known[wanted] = text
        while len(self._known) > CACHE_TEXTS:
            self._known.popitem(last=False)
        self._asked.pop(wanted).set_result(text)

    def _failed(self, batch: Sequence[Wanted], error: BaseException) -> None:
        self._failures += 1
        self._tried_ms = self._now_ms()
        self._metrics.count(names.TRANSLATE_FAILED)
        log.warning("the translator did not answer: %r", error)
        for wanted in batch:
            asked = self._asked.pop(wanted)
            asked.set_exception(Unavailable("The translator does not answer.", retry_after_ms=2_000))
            asked.exception()  # who asked may have left: then nobody is told, and that is no defect
