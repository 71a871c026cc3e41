"""The bodies of events: their form, their length, and what does not stand in them."""

import msgspec
import pytest

from commerce.terms.checks import MAX_CLASSES
from commerce.webhooks.events import (
    CHOICES,
    DATA_OF,
    MAX_BODY_BYTES,
    MAX_LINES,
    TAX_CHARS,
    TITLE_CHARS,
    VARIANT_CHARS,
    EventType,
    LineData,
    OrderData,
    ShowData,
    TaxData,
    encode_body,
    shortened,
)

SHOW = ShowData("sh_1", "Evening tea", "live", 1, 2, None)


def test_a_body_is_as_the_specification_wants_it() -> None:
    """Type, time and data; the time is of the event."""
    body = msgspec.json.decode(encode_body(EventType.SHOW_LIVE, "sp_1", SHOW, 1_764_144_000_123))
    assert body == {
        "type": "show.live",
        "timestamp": "2025-11-26T08:00:00.123Z",
        "shop": "sp_1",
        "data": {"id": "sh_1", "title": "Evening tea", "state": "live", "starts_at_ms": 1,
                 "started_at_ms": 2, "ended_at_ms": None},
    }  # fmt: skip


def test_the_longest_order_stays_below_20_kb() -> None:
    """Titles of four bytes a letter, ids and figures as long as columns allow."""
    line = LineData(
        "p" * 40, "v" * 40, "s" * 40, "\U0001f375" * TITLE_CHARS, "\U0001f375" * VARIANT_CHARS,
        2**31, 2**53,
    )  # fmt: skip
    tax = TaxData("\U0001f375" * TAX_CHARS, 1_000_000, 2**53, 2**53)
    order = OrderData(
        "o" * 40, "n" * 16, "capture_failed", "h" * 40, "EUR", 2**53, 2**53, 2**53, False,
        (tax,) * (MAX_CLASSES + 1), 2**53, 2**43, 400, (line,) * MAX_LINES,
    )  # fmt: skip
    assert len(encode_body(EventType.ORDER_PAID, "p" * 32, order, 0)) < MAX_BODY_BYTES


def test_data_of_another_kind_is_refused() -> None:
    """A type always carries what the table says."""
    with pytest.raises(TypeError):
        encode_body(EventType.ORDER_PAID, "sp_1", SHOW, 0)


def test_the_table_has_every_type_and_a_test_cannot_be_asked_for() -> None:
    """The enumeration and the table say the same."""
    assert set(DATA_OF) == set(EventType)
    assert set(EventType) - set(CHOICES) == {EventType.TEST}


def test_no_event_tells_who_somebody_is() -> None:
    """No field for a name, an address, an e-mail, or the buyer's id."""
    fields = {name for kind in DATA_OF.values() for name in kind.__struct_fields__}
    assert not fields & {"person", "name", "email", "contact", "address", "phone", "token"}


def test_long_titles_are_cut_with_an_ellipsis() -> None:
    """Short ones stay."""
    assert (shortened("abc", 3), shortened("abcd", 3)) == ("abc", "ab…")
