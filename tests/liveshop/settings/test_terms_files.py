"""The file of terms that hold in all shops."""

from pathlib import Path

import pytest

from liveshop.errors import SettingError
from liveshop.settings.terms_files import common_terms
from realtime.moderation.policy import Term

NAME = "LIVESHOP_TERMS_FILE"


def test_terms_are_read(tmp_path: Path) -> None:
    """With their defaults; no file is no terms."""
    file = tmp_path / "terms.json"
    file.write_text('[{"text": "scam"}, {"text": "b[ao]d", "kind": "re2", "effect": "hold"}]', "utf-8")
    assert common_terms(NAME, str(file)) == (Term("scam"), Term("b[ao]d", "re2", "hold"))
    assert common_terms(NAME, "") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no list of terms"),
        ('[{"text": "x", "kind": "perl"}]', "no list of terms"),
        ('[{"text": "(", "kind": "re2"}]', "no RE2"),
        ("[" + ",".join(['{"text": "x"}'] * 1001) + "]", "1001 terms"),
    ],
)
def test_what_cannot_be_used_stops_the_start_and_is_named(tmp_path: Path, text: str, said: str) -> None:
    """The setting, the file and the fault."""
    file = tmp_path / "terms.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingError, match=NAME) as refused:
        common_terms(NAME, str(file))
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(SettingError, match="No such file"):
        common_terms(NAME, str(tmp_path / "none.json"))
