"""Which source entries are facts of a room, and how they read."""

from typing import Any

import msgspec
import pytest

from commerce.events import Counters, Entry, Kind
from realtime.log.announcer import BrokenFactError, LedgerReader, host_state, media_facts, sale_state
from realtime.log.facts import Fact
from streaming.events import Ended, HostAway, HostBack, HostLive, MediaMoved

READER = LedgerReader("sh_1", "EUR", lambda pool: pool == "po_va_1", lambda product: product == "pr_1")


def _entry(kind: Kind, **values: Any) -> Entry:
    return Entry(id="5-0", kind=kind, at_ms=5, **values)


def _facts(entry: Entry, **names: str) -> list[dict[str, Any]]:
    return [{"class": group, **msgspec.json.decode(body)} for group, body in READER.facts(entry, names)]


def test_only_facts_of_this_show_or_of_the_whole_shop_go_in() -> None:
    """Another show's pin stays out; a price without a show comes in."""
    note: dict[str, Any] = {"note": "pin", "body": {"product": "pr_1"}}
    assert _facts(_entry(Kind.NOTE, show="sh_2", **note)) == []
    assert _facts(_entry(Kind.NOTE, show="sh_1", **note)) == [
        {"class": "f", "kind": "pin", "product": "pr_1"}
    ]
    price = _entry(Kind.PRICE, variant="va_1", price_minor=700, price_version=2)
    assert _facts(price) == [
        {"class": "f", "kind": "price", "variant": "va_1", "price_minor": 700, "price_version": 2}
    ]


def test_a_flash_sale_reads_as_the_api_shows_it() -> None:
    """Internal fields go; pool, currency and state come."""
    body = {
        "id": "fs_1",
        "starts_at_ms": 9,
        "ends_at_ms": 99,
        "version": 3,
        "drained": False,
        "variant": "va_1",
    }
    (fact,) = _facts(_entry(Kind.SALE, show="sh_1", sale="fs_1", pool="po_fs_1", body=body))
    assert fact["sale"] == {
        "id": "fs_1",
        "variant": "va_1",
        "starts_at_ms": 9,
        "ends_at_ms": 99,
        "ended_at_ms": None,
        "pool": "po_fs_1",
        "currency": "EUR",
        "state": "scheduled",
    }
    assert [sale_state(body, now_ms) for now_ms in (8, 9, 98, 99)] == ["scheduled", "open", "open", "ended"]
    assert sale_state({**body, "ended_at_ms": 50}, 50) == "ended"


def test_a_commit_is_announced_only_where_it_was_made_and_allowed() -> None:
    """With the shown name or "Someone"."""
    about: dict[str, Any] = {
        "person": "gu_mei",
        "quantity": 1,
        "product": "p",
        "variant": "v",
        "order": "or_1",
    }
    assert _facts(_entry(Kind.COMMIT, show="sh_1", announce=False, **about)) == []
    assert _facts(_entry(Kind.COMMIT, show=None, announce=True, **about)) == []
    shown = _entry(Kind.COMMIT, show="sh_1", announce=True, **about)
    assert _facts(shown)[0]["name"] == "Someone"
    assert _facts(shown, gu_mei="Mei")[0]["name"] == "Mei"
    assert READER.buyer(shown) == "gu_mei"


def test_stock_is_told_of_pools_on_the_screen() -> None:
    """Others of the shop are not."""
    counters = Counters(1, 2, 3, 0, 6)
    told = READER.stock(_entry(Kind.RESERVE, pool="po_va_1", counters=counters))
    assert told == ("po_va_1", {"available": 1, "held": 2, "sold": 3, "total": 6})
    assert READER.stock(_entry(Kind.RESERVE, pool="po_other", counters=counters)) is None


def test_notes_are_checked_against_the_facts() -> None:
    """A bad body is said, an unknown kind is ignored, bans and failed payments have their classes."""
    with pytest.raises(BrokenFactError):
        _facts(_entry(Kind.NOTE, note="pin", body={"product": 5}))
    assert _facts(_entry(Kind.NOTE, note="something_new", body={})) == []
    assert _facts(_entry(Kind.NOTE, note="banned", body={"person": "gu_x"}))[0]["class"] == "b"
    failed = _facts(_entry(Kind.NOTE, note="payment_failed", show="sh_1", body={"order": "or_1"}))
    assert failed == [{"class": "m", "kind": "payment_failed", "order_ref": "or_1"}]


def test_a_product_told_to_the_whole_shop_goes_where_it_is_shown() -> None:
    """One told to this show always does: it may be new in the run."""
    for product, show, total in (("pr_1", None, 1), ("pr_2", None, 0), ("pr_2", "sh_1", 1)):
        facts = _facts(_entry(Kind.NOTE, note="product", show=show, body={"product": {"id": product}}))
        assert len(facts) == total


def test_media_events_say_where_the_host_is() -> None:
    """Live, away, back, ended; a move is a fact of its own."""
    place = ("sh_1", 1, "0", 1)
    states = [host_state(kind(*place)) for kind in (HostLive, HostAway, HostBack, Ended, MediaMoved)]
    assert states == ["live", "away", "live", "off", None]
    for kind in (HostLive, MediaMoved):
        ((group, body),) = media_facts(kind(*place))
        assert group == "f"
        msgspec.convert({**msgspec.json.decode(body), "at_ms": 1}, type=Fact)
