"""Byte ranges as players ask for them (RFC 9110, section 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.conversations.ranges import wanted_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 999)),
        ("bytes=0-0", (0, 0)),
        ("bytes=100-199", (100, 199)),
        ("bytes=900-5000", (900, 999)),
        ("bytes=-1", (999, 999)),
        ("bytes=-5000", (0, 999)),
        ("bytes=5-3", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
    ],
)
def test_a_range_is_read(header: str | None, wanted: tuple[int, int] | None) -> None:
    """One range is cut to the file; what is not one range is the whole file."""
    assert wanted_range(header, 1_000) == wanted


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_outside_the_file_is_an_error(header: str) -> None:
    """It is the caller's 416."""
    with pytest.raises(ValueError, match="bytes"):
        wanted_range(header, 1_000)


@given(st.text(max_size=40), st.integers(1, 5_000))
def test_whatever_comes_stays_inside_the_file(header: str, size_bytes: int) -> None:
    """No header leads outside."""
    try:
        found = wanted_range("bytes=" + header, size_bytes)
    except ValueError:
        return
    assert found is None or 0 <= found[0] <= found[1] < size_bytes
