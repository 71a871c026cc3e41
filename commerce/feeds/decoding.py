"""From a file's bytes to its text: UTF-8, UTF-16, or GB18030 as Chinese spreadsheets write it.

GB18030 gives some text for almost any bytes, western ones too, so it is believed only where what it gives is
mostly of the characters that Chinese is written with (those of GB2312).
"""

import codecs

from commerce.feeds.refusals import FeedEncoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_CHARS = 100_000
CHINESE_SHARE = 0.9


def decoded(raw: bytes) -> str:
    """Answer the text without its byte order mark; raises FeedEncoding."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strictly(raw, encoding)
    unmarked = _unmarked_utf16(raw)
    if unmarked is not None:
        return _strictly(raw, unmarked)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = _strictly(raw, "gb18030")
    if _share_of_chinese(text[:SAMPLE_CHARS]) < CHINESE_SHARE:
        raise FeedEncoding
    return text


def _strictly(raw: bytes, encoding: str | None) -> str:
    if encoding is None:
        raise FeedEncoding
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FeedEncoding from error


def _unmarked_utf16(raw: bytes) -> str | None:
    """Tell UTF-16 without a mark by its header, which begins with ASCII: every second byte is 0."""
    head = raw[:8]
    if len(head) < 8:
        return None
    if not any(head[0::2]) and all(head[1::2]):
        return "utf-16-be"
    return "utf-16-le" if all(head[0::2]) and not any(head[1::2]) else None


def _share_of_chinese(text: str) -> float:
    strange = [char for char in text if char > "\x7f"]
    common = sum(1 for char in strange if char.encode("gb2312", "ignore"))
    return common / len(strange) if strange else 1.0
