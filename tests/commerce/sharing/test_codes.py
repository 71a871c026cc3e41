"""The codes of share links."""

import pytest

from commerce.sharing.codes import ALPHABET, CODE_CHARS, new_code, typed_code


def test_a_code_is_short_and_has_no_letter_that_is_mistaken() -> None:
    """Eight characters, none of i, l, o, 0 and 1; two are hardly ever the same."""
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {CODE_CHARS}
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set("ilo01") & set(ALPHABET)


@pytest.mark.parametrize("typed", ["k7m2p9xq", "K7M2P9XQ", "k7m2-p9xq", " K7M2 p9xq "])
def test_a_code_may_be_typed_as_it_was_heard(typed: str) -> None:
    """Case, hyphens and spaces do not matter."""
    assert typed_code(typed) == "k7m2p9xq"


@pytest.mark.parametrize("typed", ["", "k7m2p9x", "k7m2p9xqq", "k7m2p9x1", "k7m2p9x'", "../../ab"])
def test_what_can_be_no_code_is_none(typed: str) -> None:
    """It is not even looked for."""
    assert typed_code(typed) is None
