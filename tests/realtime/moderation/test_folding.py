"""Ways of writing a word that mean the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.moderation.folding import fold, runs_of
from tests.realtime.properties import QUICK


@pytest.mark.parametrize(
    "written",
    [
        "viagra",
        "VIAGRA",
        "Ｖｉａｇｒａ",
        "v1agr@",
        "vi\u200bag\u00adra",
        "víägra",
        "viаgrа",
        "ѵіаɡга".replace("г", "r"),
    ],
)
def test_look_alikes_marks_and_invisible_signs_fold_away(written: str) -> None:
    """Width, case, leet, zero-width signs, accents, Cyrillic."""
    assert [word.letters for word in fold(written).words] == ["viagra"]


def test_latin_letters_stay_themselves() -> None:
    """What another alphabet's letter folds to by case is not read as its look-alike."""
    for text in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        assert fold(text).text == "abcdefghijklmnopqrstuvwxyz"


def test_words_in_pieces_are_joined_beside_their_pieces() -> None:
    """Signs inside a word, and rows of single letters; ordinary words stay as they are."""
    assert [word.letters for word in fold("v.i-a_gra now").joined] == ["viagra"]
    assert [word.letters for word in fold("f r e e tea").loose] == ["free"]
    assert fold("nice tea, thank you").joined == fold("I am a b").joined == ()
    assert fold("to be or not").loose == ()


def test_places_point_into_the_folded_text() -> None:
    """Each word is found where it says."""
    folded = fold("Hello,world of ＴＥＡ")
    assert [folded.text[word.begin : word.end] for word in folded.words] == ["hello", "world", "of", "tea"]


def test_chinese_stays() -> None:
    """Han letters are words of their own, not look-alikes."""
    assert fold("假货！真的").text == "假货 真的"


def test_runs_count_letters_in_a_row() -> None:
    """What repeated letters are compared by."""
    assert runs_of("heello") == (("h", 1), ("e", 2), ("l", 2), ("o", 1))


@QUICK
@given(st.text(max_size=80))
def test_any_text_folds_and_its_words_have_their_places(text: str) -> None:
    """Nothing breaks it; places never point elsewhere."""
    folded = fold(text)
    assert [folded.text[word.begin : word.end] for word in folded.words] == [
        word.letters for word in folded.words
    ]
