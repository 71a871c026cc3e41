"""Which entries of the shop's ledger and the show's media stream are facts of this room, and how they read.

Pure: one source entry in, log entries out as (class, JSON without time and place). Class "f" is for everyone,
"m" for moderators, "b" a ban. Only facts of this show, or of the shop without a show, go in.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from commerce.events import Entry, Kind
from realtime.log.entries import encode
from realtime.log.facts import FACTS, STAFF_FACTS, Fact
from streaming.events import Ended, HostAway, HostBack, HostLive, MediaEvent, MediaMoved

Appended = tuple[str, bytes]
SOMEONE = "Someone"
_NOTES = frozenset(str(fact.__struct_config__.tag) for fact in FACTS)
_STAFF = frozenset(str(fact.__struct_config__.tag) for fact in STAFF_FACTS)
_SALE_INTERNAL = frozenset({"version", "drained"})


class BrokenFactError(ValueError):
    """A note whose body does not fit its kind."""


class LedgerReader:
    """Maps a shop's ledger for one show.

    `currency` is the shop's; `wants_pool` and `wants_product` say what is on the screen here.
    """

    def __init__(
        self,
        show: str,
        currency: str,
        wants_pool: Callable[[str], bool],
        wants_product: Callable[[str], bool],
    ) -> None:
        self._show = show
        self._currency = currency
        self._wants_pool = wants_pool
        self._wants_product = wants_product

    def concerns(self, entry: Entry) -> bool:
        """Whether the entry is of this show, or of the shop without a show."""
        return entry.show is None or entry.show == self._show

    def stock(self, entry: Entry) -> tuple[str, dict[str, int]] | None:
        """Return (pool, counters) when the entry says how a pool shown here now stands."""
        if entry.pool is None or entry.counters is None:
            return None
        if not (entry.show == self._show or self._wants_pool(entry.pool)):
            return None
        now = entry.counters
        return entry.pool, {
            "available": now.available,
            "held": now.held,
            "sold": now.sold,
            "total": now.total,
        }

    def buyer(self, entry: Entry) -> str | None:
        """Return the person whose shown name `facts` needs for this entry, None when it needs none."""
        if entry.kind is Kind.COMMIT and entry.announce and entry.show == self._show:
            return entry.person
        return None

    def facts(self, entry: Entry, names: Mapping[str, str]) -> list[Appended]:
        """Return what this entry adds to the log. Raises `BrokenFactError`."""
        if not self.concerns(entry):
            return []
        rule = self._RULES.get(entry.kind)
        return [] if rule is None else rule(self, entry, names)

    def _commit(self, entry: Entry, names: Mapping[str, str]) -> list[Appended]:
        if not entry.announce or entry.show != self._show:
            return []
        order = encode(
            "order",
            name=names.get(entry.person or "", SOMEONE),
            product=entry.product or "",
            variant=entry.variant or "",
            quantity=entry.quantity,
            order_ref=entry.order or entry.reservation or "",
        )
        return [("f", order)]

    def _price(self, entry: Entry, _: Mapping[str, str]) -> list[Appended]:
        if entry.variant is None or entry.price_minor is None:
            return []
        version = entry.price_version or 0
        price = encode("price", variant=entry.variant, price_minor=entry.price_minor, price_version=version)
        return [("f", price)]

    def _sale_put(self, entry: Entry, _: Mapping[str, str]) -> list[Appended]:
        return [("f", encode("sale", sale=self._sale(entry)))] if entry.show == self._show else []

    def _sale_ended(self, entry: Entry, _: Mapping[str, str]) -> list[Appended]:
        if entry.sale is None or entry.show != self._show:
            return []
        return [("f", encode("sale_ended", sale=entry.sale))]

    def _restock(self, entry: Entry, _: Mapping[str, str]) -> list[Appended]:
        if entry.pool is None or not self._wants_pool(entry.pool):
            return []
        return [("f", encode("restocked", pool=entry.pool))]

    def _clock_stepped(self, _: Entry, __: Mapping[str, str]) -> list[Appended]:
        return [("f", encode("clock_stepped"))]

    def _note(self, entry: Entry, _: Mapping[str, str]) -> list[Appended]:
        if entry.note is None:
            return []
        product: Any = entry.body.get("product")
        to_whole_shop = entry.note == "product" and entry.show is None and isinstance(product, dict)
        if to_whole_shop and not self._wants_product(str(product.get("id"))):
            return []  # of no interest where the product is not shown
        return note_facts(entry.note, entry)

    def _sale(self, entry: Entry) -> dict[str, Any]:
        """Return the Sale as commerce's API shows it; its state is what it is at the entry's time."""
        sale = {name: value for name, value in entry.body.items() if name not in _SALE_INTERNAL}
        sale.setdefault("ended_at_ms", None)
        return {
            **sale,
            "id": entry.sale,
            "pool": entry.pool or f"po_{entry.sale}",
            "currency": self._currency,
            "state": sale_state(sale, entry.at_ms),
        }

    _RULES: ClassVar[dict[Kind, Callable[["LedgerReader", Entry, Mapping[str, str]], list[Appended]]]] = {
        Kind.COMMIT: _commit,
        Kind.PRICE: _price,
        Kind.SALE: _sale_put,
        Kind.SALE_ENDED: _sale_ended,
        Kind.RESTOCK: _restock,
        Kind.CLOCK_STEPPED: _clock_stepped,
        Kind.NOTE: _note,
    }


def sale_state(sale: Mapping[str, Any], now_ms: int) -> str:
    """Return "scheduled", "open" or "ended" by the shop's clock."""
    ends_ms = sale.get("ended_at_ms") or sale.get("ends_at_ms") or now_ms + 1
    if now_ms >= ends_ms:
        return "ended"
    return "scheduled" if now_ms < (sale.get("starts_at_ms") or 0) else "open"


def note_facts(kind: str, entry: Entry) -> list[Appended]:
    """Return what a note adds: its body is the fact. Raises `BrokenFactError`."""
    if kind == "banned":
        return [("b", msgspec.json.encode({"person": entry.body.get("person"), "actor": ""}))]
    if kind not in _NOTES:
        return []
    values = {**entry.body, "kind": kind}
    if kind == "payment_failed":
        values = {"kind": kind, "order_ref": entry.body.get("order_ref") or entry.body.get("order")}
    try:
        msgspec.convert({**values, "at_ms": entry.at_ms}, type=Fact)
    except msgspec.ValidationError as error:
        raise BrokenFactError(f"note {kind} of entry {entry.id}: {error}") from error
    return [("m" if kind in _STAFF else "f", msgspec.json.encode(values))]


_HOST_STATES: dict[type[MediaEvent], str] = {
    HostLive: "live",
    HostBack: "live",
    HostAway: "away",
    Ended: "off",
}


def media_facts(event: MediaEvent) -> list[Appended]:
    """Return what one media event adds to the log."""
    if isinstance(event, MediaMoved):
        return [("f", encode("media_moved"))]
    state = host_state(event)
    return [] if state is None else [("f", encode("host", state=state))]


def host_state(event: MediaEvent) -> str | None:
    """Return what this media event says of the host: "live", "away", "off", or None when nothing."""
    return _HOST_STATES.get(type(event))
