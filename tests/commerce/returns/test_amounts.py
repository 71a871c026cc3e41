"""What units cost in a refund, to the minor unit."""

from hypothesis import given
from hypothesis import strategies as st

from commerce.returns.amounts import units_minor


@given(
    paid=st.integers(0, 10**12),
    parts=st.lists(st.integers(1, 20), min_size=1, max_size=12),
)
def test_parts_of_a_line_come_to_the_line(paid: int, parts: list[int]) -> None:
    """However it is split and in whatever steps: no part is negative, and none is lost."""
    total, before, values = sum(parts), 0, []
    for part in parts:
        values.append(units_minor(paid, total, before, part))
        before += part
    assert sum(values) == paid
    assert min(values) >= 0


def test_a_third_of_a_hundred() -> None:
    """The last one gets what is left."""
    assert [units_minor(100, 3, before, 1) for before in range(3)] == [33, 33, 34]
    assert units_minor(100, 3, 1, 2) == 67
