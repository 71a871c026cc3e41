"""What the gallery sells and who holds what of it; kept in memory, for pictures of pages only."""

import itertools
import json
from typing import Any

from starlette.websockets import WebSocket

from tests.static import gallery_data as data

Json = dict[str, Any]
HOLD_MS = 8 * data.MINUTE_MS
REFUSALS = ("all_held", "sold_out", "limit_reached", "price_changed", "sale_ended")


class Gallery:
    """What the one visitor has done."""

    def __init__(self) -> None:
        self.shows = data.all_shows()
        self.person: Json = {}
        self.account = False
        self.reservations: dict[str, Json] = {}
        self.orders: dict[str, Json] = {}
        self.payments: dict[str, Json] = {}
        self.saved: Json = {"contact": None, "address": None, "shipping": {}, "means": []}
        self.follows = False
        self.sockets: set[WebSocket] = set()
        self.ids = itertools.count(1)
        self.offsets = itertools.count(2)

    def variant(self, wanted: str) -> tuple[Json, Json]:
        """Find a variant and its product."""
        for show in self.shows.values():
            for product in show["products"]:
                for variant in product["variants"]:
                    if variant["id"] == wanted:
                        return variant, product
        raise KeyError(wanted)

    def reserve(self, body: Json) -> Json:
        """Hold, or refuse as the variant's name says."""
        line = body["lines"][0]
        variant, product = self.variant(line["variant"])
        code = variant["id"].removeprefix("va_")
        if code in REFUSALS and not (code == "price_changed" and line["price_version"] == 2):
            raise Refused(code, {"price_minor": 2100, "price_version": 2, "held": 3})
        sale = next((s for s in self.shows["sh_live"]["sales"] if s["id"] == line["sale"]), None)
        price = sale["price_minor"] if sale else 2100 if code == "price_changed" else variant["price_minor"]
        held = {
            "pool": sale["pool"] if sale else variant["pool"],
            "variant": variant["id"],
            "sale": line["sale"],
            "product": product["id"],
            "title": product["title"],
            "quantity": line["quantity"],
            "price_minor": price,
            "price_version": line["price_version"],
        }
        return self.put(f"rs_{next(self.ids)}", [held], product["currency"], data.now_ms() + HOLD_MS)

    def put(self, name: str, lines: list[Json], currency: str, deadline_ms: int, state: str = "open") -> Json:
        """Keep a reservation."""
        self.reservations[name] = {
            "id": name,
            "shop": "sp_tea",
            "show": "sh_live",
            "person": "gu_you",
            "state": state,
            "deadline_ms": deadline_ms,
            "lines": lines,
            "total_minor": sum(one["quantity"] * one["price_minor"] for one in lines),
            "currency": currency,
        }
        return self.reservations[name]

    def change(self, name: str, pool: str, quantity: int) -> Json:
        """Change a quantity; none left releases."""
        old = self.reservations[name]
        lines = [
            {**one, "quantity": quantity if one["pool"] == pool else one["quantity"]} for one in old["lines"]
        ]
        lines = [one for one in lines if one["quantity"]]
        return self.put(name, lines, old["currency"], old["deadline_ms"], "open" if lines else "released")

    def quote(self, body: Json) -> Json:
        """Say what reservations cost: a post that costs 4.50, a counter, and a tax on top."""
        held = [self.reservations[one] for one in body["reservations"]]
        items = sum(one["total_minor"] for one in held)
        chosen = body.get("shipping") or "sm_post"
        shipping = 450 if chosen == "sm_post" else 0
        tax = round((items + shipping) * 0.0725)
        return {
            "currency": held[0]["currency"],
            "lines": [],
            "methods": data.SHIPPING,
            "shipping": chosen,
            "tax_name": "Sales tax",
            "tax_rate_ppm": 72_500,
            "tax_inclusive": False,
            "items_minor": items,
            "discount_minor": 0,
            "shipping_minor": shipping,
            "shipping_tax_minor": 0,
            "tax_minor": tax,
            "total_minor": items + shipping + tax,
            "taxes": [
                {"name": "Sales tax", "rate_ppm": 72_500, "net_minor": items + shipping, "tax_minor": tax}
            ],
        }

    def remember(self, body: Json) -> None:
        """Remember what an order asks to be remembered."""
        if body.get("save"):
            means = [{"id": "me_1", "provider": "sandbox", "label": "TEST card"}]
            self.saved = {"contact": body["contact"], "address": body["address"] or None, "means": means}
            self.saved["shipping"] = {"sp_tea": body.get("shipping")}

    def order(self, body: Json) -> Json:
        """Make an order of reservations and its payment."""
        held = [self.reservations[one] for one in body["reservations"]]
        lines = [self.order_line(line) for one in held for line in one["lines"]]
        costs = self.quote(body)
        way = next(one for one in data.SHIPPING if one["id"] == costs["shipping"])
        self.remember(body)
        name = f"or_{next(self.ids)}"
        self.orders[name] = {
            "id": name,
            "number": f"2026-{1000 + len(self.orders)}",
            "shop": data.SHOP,
            "show": "sh_live",
            "person": "gu_you",
            "state": "pending",
            "created_at_ms": data.now_ms(),
            "deadline_ms": held[0]["deadline_ms"],
            "lines": lines,
            **{key: value for key, value in costs.items() if key not in {"lines", "methods", "shipping"}},
            "shipping": way,
            "contact": body["contact"],
            "address": body["address"] or None,
            "payment": None,
            "token": "t0ken",
        }
        for one in held:
            one["state"] = "paying"
        answer = self.pay(name, body.get("return_url", "/"))
        if body.get("means"):
            order = self.orders[name]
            order["payment"].update(state="captured", pay_url=None)
            order.update(state="paid", deadline_ms=None)
            return {"order": order, "pay_url": None}
        return answer

    def order_line(self, line: Json) -> Json:
        """Turn a held line into an order's."""
        variant, product = self.variant(line["variant"])
        return {
            "product": product["id"],
            "variant": variant["id"],
            "sale": line["sale"],
            "title": product["title"],
            "variant_title": variant["title"],
            "quantity": line["quantity"],
            "price_minor": line["price_minor"],
            "line_total_minor": line["quantity"] * line["price_minor"],
            "picture": product["picture"],
        }

    def pay(self, name: str, return_url: str) -> Json:
        """Begin a payment attempt."""
        order = self.orders[name]
        payment = f"pp_{next(self.ids)}"
        pay_url = f"/pay/sandbox/{payment}"
        order["payment"] = {
            "id": f"pa_{payment}",
            "method": "sandbox",
            "state": "pending",
            "pay_url": pay_url,
        }
        self.payments[payment] = {
            "id": payment,
            "order": name,
            "state": "created",
            "amount_minor": order["total_minor"],
            "currency": order["currency"],
            "description": f"Order {order['number']}",
            "seller_name": order["shop"]["legal_name"],
            "return_url": f"{return_url}{'&' if '?' in return_url else '?'}order={name}",
            "pay_url": pay_url,
            "expires_at_ms": order["deadline_ms"],
            "test": True,
        }
        return {"order": order, "pay_url": pay_url}

    async def act(self, name: str, action: str) -> Json:
        """Do what the buyer chose on the provider's page."""
        payment = self.payments[name]
        order = self.orders[payment["order"]]
        payment["state"] = {"approve": "authorised", "decline": "declined", "time_out": "timed_out"}[action]
        order["payment"]["state"] = "captured" if action == "approve" else payment["state"]
        if action == "approve":
            order.update(state="paid", deadline_ms=None)
        await self.tell({"type": "you", "event": "order", "order": order})
        return {"return_url": payment["return_url"], "state": payment["state"]}

    async def tell(self, frame: Json) -> None:
        """Send a frame to every open room."""
        for socket in list(self.sockets):
            await socket.send_text(json.dumps(frame))

    def you(self) -> Json:
        """Say what the visitor owns."""
        orders = list(self.orders.values())
        return {
            "person": self.person.get("id", "gu_you"),
            "name": self.person.get("name", "Guest"),
            "kind": self.person.get("kind", "guest"),
            "role": "viewer",
            "muted_until_ms": None,
            "banned": False,
            "reservations": [one for one in self.reservations.values() if one["state"] == "open"],
            "orders_pending": [one for one in orders if one["state"] == "pending"],
            "last_order": orders[-1] if orders else None,
        }


class Refused(Exception):
    """A stable code and its facts."""

    def __init__(self, code: str, facts: Json) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


GALLERY = Gallery()
