"""What is on the screen: the shop's snapshot with the log's facts applied, one by one.

Every fact is an absolute value, so applying facts that the snapshot holds already changes nothing, and any
front that applied the same facts shows the same room.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from realtime.log.entries import Entry, Kind, is_for_staff
from realtime.moderation.cases import HELD, MODES, SHIELD
from realtime.moderation.policy import Modes, Policy, Shield

Json = dict[str, Any]
COMMENTS_SHOWN_TOTAL = 50
ORDERS_SHOWN_TOTAL = 5
STAFF_NOTES_SHOWN_TOTAL = 50
_ROOM_OWN = frozenset({"order", "comment_deleted", "comments_removed", "board", "staff_note"})
_STAFF_STATE = frozenset({"board", "policy", "staff_note"})
_FACT_FIELDS = frozenset({"kind", "at_ms", "seq", "show"})
_ORDER_FIELDS = ("name", "product", "variant", "quantity", "order_ref", "at_ms")


class Scene:
    """The latest state of one show's room.

    `stale` becomes True when a fact names something the snapshot does not hold; the owner then reads the
    shop's snapshot again and hands it to `refresh`.
    """

    def __init__(self) -> None:
        self.show: Json = {}
        self.shop = ""
        self.pinned: str | None = None
        self.products: list[Json] = []
        self.sales: list[Json] = []
        self.stock: dict[str, Json] = {}
        self.run_of_show: list[str] = []
        self.prices: dict[str, Json] = {}
        self.host = "off"
        self.comments: deque[Mapping[str, Any]] = deque(maxlen=COMMENTS_SHOWN_TOTAL)
        self.orders: deque[Json] = deque(maxlen=ORDERS_SHOWN_TOTAL)
        self.staff_notes: deque[Mapping[str, Any]] = deque(maxlen=STAFF_NOTES_SHOWN_TOTAL)
        self.slow_mode_s = 0
        self.board: dict[str, Any] = {}
        self.policy = Policy()
        self.stale = False

    def refresh(self, snapshot: Mapping[str, Any]) -> None:
        """Take the shop's side anew; what the room itself knows (comments, orders, host) stays."""
        self.show = dict(snapshot["show"])
        self.shop = str(snapshot["shop"])
        self.pinned = snapshot.get("pinned")
        self.products = [dict(product) for product in snapshot.get("products", ())]
        self.sales = [dict(sale) for sale in snapshot.get("sales", ())]
        self.stock = dict(snapshot.get("stock", {}))
        self.run_of_show = list(snapshot.get("run_of_show", ()))
        self.prices = dict(snapshot.get("prices", {}))
        self._take_policy(snapshot.get("policy"))
        self.stale = False

    def apply(self, entry: Entry) -> None:
        """Apply one entry of the log."""
        if entry.kind is Kind.TALK:
            self.comments.append(entry.data)
        elif entry.kind is Kind.FACT or entry.data.get("kind") in _STAFF_STATE:
            rule = self._RULES.get(str(entry.data.get("kind")))
            if rule is not None:
                rule(self, entry.data)

    def recall(self, entry: Entry) -> None:
        """Apply what only the room itself knows: used when a snapshot is newer than the entry."""
        if entry.kind is Kind.TALK or entry.data.get("kind") in _ROOM_OWN:
            self.apply(entry)

    def apply_shops(self, entry: Entry) -> None:
        """Apply what the shop decides: used when a snapshot may be older than the entry."""
        kind = entry.data.get("kind")
        if kind == "policy" or (entry.kind is Kind.FACT and kind not in _ROOM_OWN):
            self.apply(entry)

    def forget(self) -> None:
        """Forget what only the room itself knows: its log is read again."""
        self.comments.clear()
        self.orders.clear()
        self.staff_notes.clear()

    def shows_pool(self, pool: str) -> bool:
        """Whether somebody looking at this room needs this pool's stock."""
        if pool in self.stock or any(sale.get("pool") == pool for sale in self.sales):
            return True
        return any(
            variant.get("pool") == pool
            for product in self.products
            for variant in product.get("variants", ())
        )

    def shows_product(self, product: str) -> bool:
        """Whether this product is on somebody's screen here."""
        return any(each["id"] == product for each in self.products)

    def has_expired(self, now_ms: int) -> bool:
        """Whether a held comment waited longer than it may (the shop's clock)."""
        return any(
            value["expires_at_ms"] <= now_ms for name, value in self.board.items() if name.startswith(HELD)
        )

    def set_stock(self, pool: str, stock: Json) -> bool:
        """Set one pool's counters; returns whether they changed."""
        if self.stock.get(pool) == stock:
            return False
        self.stock[pool] = stock
        return True

    def snapshot(self, viewers_total: int, likes_total: int) -> Json:
        """Return the room as `realtime.shapes.Snapshot` describes it."""
        return {
            "show": self.show,
            "pinned": self.pinned,
            "products": self.products,
            "sales": self.sales,
            "stock": self.stock,
            "comments": list(self.comments),
            "viewers": viewers_total,
            "likes": likes_total,
            "host": self.host,
            "run_of_show": self.run_of_show,
            "orders": list(self.orders),
            "prices": self.prices,
            "board": {name: value for name, value in self.board.items() if not is_for_staff(name)},
        }

    def staff_board(self) -> Json:
        """Return what is pinned up for staff only."""
        return {name: value for name, value in self.board.items() if is_for_staff(name)}

    def _pin(self, fact: Mapping[str, Any]) -> None:
        self.pinned = fact["product"]
        self._need(self.pinned)

    def _price(self, fact: Mapping[str, Any]) -> None:
        variant, version = fact["variant"], fact["price_version"]
        if self.prices.get(variant, {}).get("price_version", -1) > version:
            return
        price = {"price_minor": fact["price_minor"], "price_version": version}
        self.prices[variant] = price
        for product in self.products:
            product["variants"] = [
                {**each, **price} if each.get("id") == variant else each
                for each in product.get("variants", ())
            ]

    def _sale(self, fact: Mapping[str, Any]) -> None:
        sale = fact["sale"]
        self.sales = [each for each in self.sales if each["id"] != sale["id"]] + [sale]
        self._need(sale.get("product"))

    def _sale_ended(self, fact: Mapping[str, Any]) -> None:
        self.sales = [
            {**each, "state": "ended", "ended_at_ms": fact["at_ms"]} if each["id"] == fact["sale"] else each
            for each in self.sales
        ]

    def _show(self, fact: Mapping[str, Any]) -> None:
        told = {name: value for name, value in fact.items() if name not in _FACT_FIELDS}
        self.show = {**self.show, **told}
        if fact["state"] == "ended":
            self.host = "off"
        elif fact["state"] == "live" and not self.show.get("started_at_ms"):
            self.show["started_at_ms"] = fact["at_ms"]

    def _run_of_show(self, fact: Mapping[str, Any]) -> None:
        self.run_of_show = list(fact["products"])
        for product in self.run_of_show:
            self._need(product)

    def _product(self, fact: Mapping[str, Any]) -> None:
        new = fact["product"]
        known = [each["id"] for each in self.products]
        if new["id"] in known:
            self.products[known.index(new["id"])] = dict(new)
        else:
            self.products.append(dict(new))

    def _host(self, fact: Mapping[str, Any]) -> None:
        self.host = fact["state"]

    def _order(self, fact: Mapping[str, Any]) -> None:
        self.orders.append({name: fact[name] for name in _ORDER_FIELDS})

    def _comment_deleted(self, fact: Mapping[str, Any]) -> None:
        self._keep(lambda said: said["id"] != fact["comment"])

    def _comments_removed(self, fact: Mapping[str, Any]) -> None:
        self._keep(lambda said: said["person"] != fact["person"])

    def _slow_mode(self, fact: Mapping[str, Any]) -> None:
        self.slow_mode_s = fact["seconds"]

    def _board(self, fact: Mapping[str, Any]) -> None:
        if fact["value"] is None:
            self.board.pop(fact["name"], None)
        else:
            self.board[fact["name"]] = fact["value"]

    def _staff_note(self, fact: Mapping[str, Any]) -> None:
        self.staff_notes.append(fact)

    def _policy(self, fact: Mapping[str, Any]) -> None:
        self._take_policy({**fact["policy"], "version": fact["version"]})

    def _take_policy(self, told: Any) -> None:
        """Take the shop's rules unless older than those known; what cannot be read changes nothing."""
        with contextlib.suppress(msgspec.ValidationError):
            policy = Policy() if told is None else msgspec.convert(told, type=Policy)
            if policy.version >= self.policy.version:
                self.policy = policy

    def usual_modes(self) -> Modes:
        """Return who may say what when no shield is up."""
        pinned = self.board.get(MODES)
        return self.policy.modes if pinned is None else msgspec.convert(pinned, type=Modes)

    def modes(self, now_ms: int) -> Modes:
        """Return who may say what at this time (the shop's clock)."""
        raised = self.board.get(SHIELD)
        if raised is not None:
            shield = msgspec.convert(raised, type=Shield)
            if now_ms < shield.until_ms:
                return shield.modes
        return self.usual_modes()

    def _keep(self, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
        self.comments = deque(filter(wanted, self.comments), maxlen=COMMENTS_SHOWN_TOTAL)

    def _need(self, product: str | None) -> None:
        if product is not None and all(each["id"] != product for each in self.products):
            self.stale = True

    _RULES: ClassVar[dict[str, Callable[["Scene", Mapping[str, Any]], None]]] = {
        "pin": _pin,
        "price": _price,
        "sale": _sale,
        "sale_ended": _sale_ended,
        "show": _show,
        "run_of_show": _run_of_show,
        "product": _product,
        "host": _host,
        "order": _order,
        "comment_deleted": _comment_deleted,
        "comments_removed": _comments_removed,
        "slow_mode": _slow_mode,
        "board": _board,
        "staff_note": _staff_note,
        "policy": _policy,
    }
