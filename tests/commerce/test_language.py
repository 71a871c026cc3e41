"""Which language a mail is written in."""

import pytest

from commerce.language import in_language, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh;q=0.4,en;q=0.5", "en"),
        ("de", "en"),
        ("zh;q=oops,en", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_language_is_what_the_browser_prefers(header: str, language: str) -> None:
    """Of the two there are."""
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("tag", "word"), [("zh", "B"), ("zh-Hant-TW", "B"), ("en", "A"), ("de", "A"), ("", "A")]
)
def test_a_tag_that_is_not_chinese_reads_english(tag: str, word: str) -> None:
    """There are two."""
    assert in_language(tag, english="A", chinese="B") == word
