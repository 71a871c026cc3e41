"""A classifier behind HTTP: a small server that really answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from liveshop.outside.classifier_client import open_classifier
from liveshop.outside.json_service_client import ServiceError


@contextlib.asynccontextmanager
async def _answering(answer: bytes, status: bytes = b"200 OK") -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request with this body; offers the address and what came in."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        heard.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(answer), answer))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/score", heard


async def test_scores_are_asked_for_with_nothing_but_the_text() -> None:
    """The token goes along; the answer is what it scored."""
    async with (
        _answering(b'{"scores": {"abuse": 0.5}, "model": "x"}') as (url, heard),
        open_classifier(url, "s3cret") as classifier,
    ):
        assert classifier is not None
        assert await classifier.scores("grr") == {"abuse": 0.5}
    assert b"authorization: bearer s3cret" in heard[0].lower()
    assert heard[0].endswith(b'{"text":"grr"}') or heard[0].endswith(b'{"text": "grr"}')


@pytest.mark.parametrize(
    ("answer", "status"), [(b"oops", b"200 OK"), (b'{"scores": {"a": "b"}}', b"200 OK"), (b"{}", b"500 No")]
)
async def test_an_answer_without_scores_is_no_answer(answer: bytes, status: bytes) -> None:
    """Whatever it is instead."""
    async with _answering(answer, status) as (url, _), open_classifier(url, None) as classifier:
        assert classifier is not None
        with pytest.raises(ServiceError):
            await classifier.scores("grr")


async def test_without_an_address_there_is_none() -> None:
    """Off by default."""
    async with open_classifier(None, None) as classifier:
        assert classifier is None
