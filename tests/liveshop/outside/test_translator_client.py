"""A translator behind HTTP: a small server that really answers."""

import pytest

from liveshop.outside.json_service_client import ServiceError
from liveshop.outside.translator_client import open_translator
from tests.doubles.translator_double import translating


async def test_texts_go_out_alone_and_come_back_in_order() -> None:
    """The token goes along; null is what cannot be translated."""
    async with translating() as double, open_translator(double.url, "s3cret") as translator:
        assert translator is not None
        assert await translator.translate(["tea", "?", "cup"], "zh") == ["zh:aet", None, "zh:puc"]
    assert double.heard == [{"target": "zh", "texts": ["tea", "?", "cup"]}]
    assert double.tokens == ["bearer s3cret"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"oops", 200), (b'{"translations": [5]}', 200), (b"{}", 200), (b'{"translations": ["x"]}', 500)],
)
async def test_an_answer_without_translations_is_no_answer(body: bytes, status: int) -> None:
    """Whatever it is instead."""
    async with translating() as double, open_translator(double.url, None) as translator:
        double.body, double.status = body, status
        assert translator is not None
        with pytest.raises(ServiceError):
            await translator.translate(["tea"], "zh")


async def test_an_answer_without_end_is_refused() -> None:
    """A megabyte is more than any fifty comments."""
    async with translating() as double, open_translator(double.url, None) as translator:
        double.body = b'{"translations": ["' + b"x" * 1_000_001 + b'"]}'
        assert translator is not None
        with pytest.raises(ServiceError):
            await translator.translate(["tea"], "zh")


async def test_without_an_address_there_is_none() -> None:
    """Off by default."""
    async with open_translator(None, None) as translator:
        assert translator is None
