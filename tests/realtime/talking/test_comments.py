"""Words and names made safe to show and to compare."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.errors import BadName, CommentEmpty, CommentTooLong
from realtime.talking.comments import clean_comment, clean_line, clean_name, fold_name
from tests.realtime.properties import QUICK


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  hello\n\tworld ", "hello world"),
        ("e\u0301", "é"),
        ("a\u202eb\u0000c", "abc"),
        ("👩‍👩‍👧 你好", "👩‍👩‍👧 你好"),
    ],
)
def test_text_is_one_clean_line(text: str, shown: str) -> None:
    """Control and direction characters go, emoji stay whole."""
    assert clean_comment(text, 300) == shown


@QUICK
@given(st.text(max_size=60))
def test_cleaning_is_stable_and_leaves_no_control_characters(text: str) -> None:
    """Cleaning twice changes nothing more."""
    line = clean_line(text)
    assert clean_line(line) == line
    assert all(unicodedata.category(character) not in {"Cc", "Cs"} for character in line)


def test_empty_and_long_texts_are_refused() -> None:
    """Invisible characters do not make a comment."""
    for text in ("", "   ", "\u200b\u200d", "\u0301"):
        with pytest.raises(CommentEmpty):
            clean_comment(text, 300)
    with pytest.raises(CommentTooLong) as long:
        clean_comment("x" * 301, 300)
    assert long.value.facts == {"limit_chars": 300}
    with pytest.raises(BadName):
        clean_name(" \u200b ", 40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mei", "MEI"),
        ("Mei", "m e i"),
        ("Mei", "Mеi"),
        ("Mei", "Ｍｅｉ"),
        ("Mei", "Méi"),
        ("hello", "he11o".replace("1", "l")),
    ],
)
def test_names_that_look_the_same_fold_the_same(one: str, other: str) -> None:
    """Case, width, accents, spaces, Cyrillic look-alikes."""
    assert fold_name(one) == fold_name(other)


def test_different_names_stay_different() -> None:
    """Also in Chinese, and names of signs only."""
    names = ["Mei", "Lin", "美", "林", "★", "☆", "Mei Lin"]
    assert len({fold_name(name) for name in names}) == len(names)
