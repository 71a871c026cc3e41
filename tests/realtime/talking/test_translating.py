"""Comments in other languages: asked for once, together, and never in the room's way."""

import asyncio
from collections.abc import Sequence

import pytest
from redis.asyncio import Redis

from liveshop.outside.translator_client import open_translator
from realtime import metrics as names
from realtime.errors import TranslateOff, Unavailable
from realtime.talking import translating
from realtime.talking.translating import FAILURES, PAUSE_MS, Translations
from tests.doubles.translator_double import translating as double_running
from tests.realtime.client import LIMIT_S, RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Counts, Front, Shop, serving


class Scribe:
    """A translator whose answers wait for `go`, or fail while it is `away`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.go = asyncio.Event()
        self.go.set()
        self._called = asyncio.Event()
        self.away = False
        self.running = self.most_running = 0

    async def translate(self, texts: Sequence[str], to: str) -> list[str | None]:
        """Say it in capitals."""
        self.calls.append((to, list(texts)))
        self._called.set()
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.go.wait()
        finally:
            self.running -= 1
        if self.away:
            raise ConnectionError("away")
        return [f"{to} {text.upper()}" for text in texts]

    async def until_called(self, times: int) -> None:
        """Wait until it was called so often."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.calls) < times:
                self._called.clear()
                await self._called.wait()


class Asked:
    """Translations by a scribe, with a clock."""

    def __init__(self) -> None:
        self.scribe = Scribe()
        self.metrics = Counts()
        self.now_ms = 1_000_000
        self.all = Translations(self.scribe, self.metrics, lambda: self.now_ms)

    async def fail(self) -> None:
        """Let the translator be away until it is left alone."""
        self.scribe.away = True
        for number in range(FAILURES):
            with pytest.raises(Unavailable):
                await self.all.of({f"co_fail{number}": "x"}, "zh")
        self.scribe.away = False


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Offer one that does not wait long for company."""
    monkeypatch.setattr(translating, "BATCH_MS", 5)
    return Asked()


async def test_a_comment_is_asked_for_once_for_everybody(asked: Asked) -> None:
    """By many at once and by more later; another language is another question."""
    answers = await asyncio.gather(*(asked.all.of({"co_1": "tea"}, "zh") for _ in range(50)))
    assert answers == [{"co_1": "zh TEA"}] * 50
    assert await asked.all.of({"co_1": "tea"}, "zh") == {"co_1": "zh TEA"}
    assert asked.scribe.calls == [("zh", ["tea"])]
    assert await asked.all.of({"co_1": "tea"}, "en") == {"co_1": "en TEA"}
    assert len(asked.scribe.calls) == 2


async def test_questions_of_a_moment_go_together(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """In calls of so many texts, and so many calls at once."""
    monkeypatch.setattr(translating, "BATCH_TEXTS", 4)
    asked.scribe.go.clear()
    wanted = [asyncio.create_task(asked.all.of({f"co_{number}": str(number)}, "zh")) for number in range(14)]
    await asked.scribe.until_called(translating.CALLS_MOST)
    asked.scribe.go.set()
    answers = await asyncio.gather(*wanted)
    assert answers == [{f"co_{number}": f"zh {number}"} for number in range(14)]
    assert sorted(len(texts) for _, texts in asked.scribe.calls) == [2, 4, 4, 4]
    assert asked.scribe.most_running == translating.CALLS_MOST


async def test_a_reader_who_leaves_does_not_end_it_for_others(asked: Asked) -> None:
    """The second still hears."""
    asked.scribe.go.clear()
    first = asyncio.create_task(asked.all.of({"co_1": "tea"}, "zh"))
    second = asyncio.create_task(asked.all.of({"co_1": "tea"}, "zh"))
    await asked.scribe.until_called(1)
    first.cancel()
    asked.scribe.go.set()
    assert await second == {"co_1": "zh TEA"}


async def test_a_translator_that_is_away_is_left_alone(asked: Asked) -> None:
    """After three failures nobody waits for it; after the pause one call tries, and all is well again."""
    await asked.fail()
    calls = len(asked.scribe.calls)
    with pytest.raises(Unavailable) as refused:
        await asked.all.of({"co_1": "tea"}, "zh")
    assert refused.value.retry_after_ms == PAUSE_MS
    assert len(asked.scribe.calls) == calls
    assert asked.metrics.counts[names.TRANSLATE_FAILED] == FAILURES
    asked.now_ms += PAUSE_MS
    asked.scribe.go.clear()
    trying = asyncio.create_task(asked.all.of({"co_1": "tea"}, "zh"))
    await asked.scribe.until_called(calls + 1)
    with pytest.raises(Unavailable):
        await asked.all.of({"co_2": "cup"}, "zh")
    asked.scribe.go.set()
    assert await trying == {"co_1": "zh TEA"}
    assert await asked.all.of({"co_2": "cup"}, "zh") == {"co_2": "zh CUP"}


async def test_what_is_known_is_told_while_the_translator_is_away(asked: Asked) -> None:
    """Only new questions are refused."""
    await asked.all.of({"co_1": "tea"}, "zh")
    await asked.fail()
    assert await asked.all.of({"co_1": "tea"}, "zh") == {"co_1": "zh TEA"}
    with pytest.raises(Unavailable):
        await asked.all.of({"co_1": "tea", "co_2": "cup"}, "zh")


async def test_what_waits_and_what_is_kept_is_bounded(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many are refused at once; the least wanted translation is forgotten first."""
    monkeypatch.setattr(translating, "WAITING_MOST", 2)
    with pytest.raises(Unavailable):
        await asked.all.of({"co_1": "a", "co_2": "b", "co_3": "c"}, "zh")
    assert asked.scribe.calls == []
    monkeypatch.setattr(translating, "CACHE_TEXTS", 2)
    for comment in ("co_1", "co_2", "co_1", "co_3"):
        await asked.all.of({comment: "a"}, "zh")
    assert len(asked.scribe.calls) == 3
    await asked.all.of({"co_1": "a"}, "zh")
    assert len(asked.scribe.calls) == 3
    await asked.all.of({"co_2": "a"}, "zh")
    assert len(asked.scribe.calls) == 4


async def test_one_that_is_too_slow_or_answers_too_little_failed(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever, and no text is given to the wrong comment."""
    monkeypatch.setattr(translating, "WITHIN_S", 0.01)
    asked.scribe.go.clear()
    with pytest.raises(Unavailable):
        await asked.all.of({"co_1": "tea"}, "zh")
    asked.scribe.go.set()
    monkeypatch.setattr(asked.scribe, "translate", _nothing)
    with pytest.raises(Unavailable):
        await asked.all.of({"co_1": "tea"}, "zh")


async def _nothing(_texts: Sequence[str], _to: str) -> list[str | None]:
    return []


async def test_without_a_translator_every_question_is_refused(front: Front) -> None:
    """With a code of its own, and the hello says it before."""
    with pytest.raises(TranslateOff):
        await Translations(None, Counts(), lambda: 0).of({"co_1": "tea"}, "zh")
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        assert mei.hello["limits"]["translate"] is False
        with pytest.raises(RefusedError, match="translate_off"):
            await mei.ask("translate", comments=["co_1"], to="zh")


async def test_a_viewer_reads_comments_in_their_language(plain_redis: Redis) -> None:
    """From a translator that speaks the protocol; what was deleted is told no more."""
    async with double_running() as double, open_translator(double.url, None) as translator:
        shop = Shop(plain_redis)
        shop.translator = translator
        async with (
            serving(plain_redis, shop) as front,
            RoomClient(front.url, SHOW, "gu_mei") as mei,
            RoomClient(front.url, SHOW, "ac_mod") as mod,
        ):
            assert mei.hello["limits"]["translate"] is True
            said, other = await mod.comment("tea"), await mod.comment("?")
            await mei.until(lambda: other["id"] in mei.comments)
            wanted = [said["id"], other["id"], "co_none"]
            answer = await mei.ask("translate", comments=wanted, to="zh")
            assert answer["translations"] == {said["id"]: "zh:aet", other["id"]: None}
            await mod.ask("delete", comment=said["id"], key=new_key())
            await mei.until_fact("comment_deleted")
            again = await mei.ask("translate", comments=wanted, to="zh")
            assert again["translations"] == {other["id"]: None}
    assert [sorted(asked["texts"]) for asked in double.heard] == [["?", "tea"]]
