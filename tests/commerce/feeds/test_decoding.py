"""Bytes to text: the encodings that spreadsheets write, and a clear refusal of the others."""

import pytest

from commerce.feeds.decoding import decoded
from commerce.feeds.refusals import FeedEncoding

TEXT = "Handle,Title\ntea,普洱茶饼\ncup,白瓷茶杯\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_what_spreadsheets_write_is_read(encoding: str) -> None:
    """With or without a byte order mark."""
    assert decoded(TEXT.encode(encoding)) == TEXT


def test_utf_16_of_the_other_order_is_told_by_its_mark() -> None:
    """The mark itself is no character of the text."""
    assert decoded(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


@pytest.mark.parametrize(
    "raw",
    [
        "Handle,Title\ncafe,Cafés crème brûlée\n".encode("latin-1"),
        "Handle,Title\ntee,Schöne Grüße\n".encode("cp1252"),
        "Handle,Title\ntea,чай\n".encode("koi8-r") + b"\xff\xff",
        b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"),
        b"\xef\xbb\xbf\xff",
        b"\x89PNG\r\n\x1a\n\x00\x00\xff\xff",
    ],
)
def test_other_bytes_are_refused_and_not_guessed(raw: bytes) -> None:
    """Western text is never taken for Chinese, a picture never for text."""
    with pytest.raises(FeedEncoding):
        decoded(raw)
