"""What the Stripe double knows: sessions, intents, charges and refunds, and what each verb does to them.

After docs.stripe.com/api: the same objects, states, checks and error shapes, as far as a hosted payment with
manual capture needs them.
"""

import itertools
from collections.abc import Mapping
from typing import Any

ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
WHOLE_ONLY = frozenset({"isk", "ugx"})
REQUIRED = frozenset({"mode", "success_url", "line_items[0][price_data][currency]", "line_items[0][quantity]",
                      "line_items[0][price_data][unit_amount]"})  # fmt: skip
KNOWN = REQUIRED | {
    "cancel_url", "client_reference_id", "expires_at", "metadata[payment]",
    "line_items[0][price_data][product_data][name]", "payment_intent_data[capture_method]",
    "payment_intent_data[description]", "payment_intent_data[metadata][payment]",
}  # fmt: skip


class StripeError(Exception):
    """A refusal in Stripe's shape."""

    def __init__(
        self, status: int, code: str, kind: str = "invalid_request_error", message: str = "", **more: Any
    ) -> None:
        super().__init__(message or code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message or code, **more}}


class StripeBook:
    """The objects. `emit` is called with the type and object of each event."""

    def __init__(self, now_s: Any, emit: Any) -> None:
        self._now_s = now_s
        self._emit = emit
        self._numbers = itertools.count(1)
        self.url = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.refused_captures: set[str] = set()
        """Payments (our ids) whose capture is refused."""

    def _id(self, prefix: str) -> str:
        return f"{prefix}_test_{next(self._numbers):06d}"

    def create(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Make a Checkout Session."""
        for name in sorted(form.keys() - KNOWN):
            raise StripeError(400, "parameter_unknown", param=name)
        for name in sorted(REQUIRED - form.keys()):
            raise StripeError(400, "parameter_missing", param=name)
        amount = _checked_amount(form)
        expires_at = int(form.get("expires_at", self._now_s() + 86_400))
        if not self._now_s() + 1800 <= expires_at <= self._now_s() + 86_400:
            raise StripeError(400, "invalid_expires_at", param="expires_at")
        made: dict[str, Any] = {
            "id": self._id("cs"), "object": "checkout.session", "status": "open", "payment_status": "unpaid",
            "mode": form["mode"], "amount_total": amount, "livemode": False, "payment_intent": None,
            "currency": form["line_items[0][price_data][currency]"], "expires_at": expires_at,
            "client_reference_id": form.get("client_reference_id"),
            "metadata": {"payment": form.get("metadata[payment]")},
            "capture_method": form.get("payment_intent_data[capture_method]", "automatic"),
        }  # fmt: skip
        made["url"] = f"{self.url}/c/pay/{made['id']}"
        self.sessions[made["id"]] = made
        return made

    def session(self, name: str, *, expand: bool = False) -> dict[str, Any]:
        """Return a session, its intent and charge inside when expanded."""
        found = self.sessions.get(name)
        if found is None:
            raise StripeError(404, "resource_missing", param="session")
        if found["status"] == "open" and found["expires_at"] < self._now_s():
            self._end(found)
        shown = dict(found)
        if expand and found["payment_intent"]:
            intent = dict(self.intents[found["payment_intent"]])
            intent["latest_charge"] = self.charges.get(intent["latest_charge"])
            shown["payment_intent"] = intent
        return shown

    def of_intent(self, intent: str) -> dict[str, Any]:
        """Return the list of sessions of an intent."""
        found = [one for one in self.sessions.values() if one["payment_intent"] == intent]
        return {"object": "list", "data": found, "has_more": False, "url": "/v1/checkout/sessions"}

    def expire(self, name: str) -> dict[str, Any]:
        """End an open session; only an open one can be."""
        if self.session(name)["status"] != "open":
            raise StripeError(400, "checkout_session_not_open", message="Only open sessions can be expired.")
        self._end(self.sessions[name])
        return self.sessions[name]

    def _end(self, session: dict[str, Any]) -> None:
        session.update(status="expired", url=None)
        if session["payment_intent"]:
            self.intents[session["payment_intent"]]["status"] = "canceled"
        self._emit("checkout.session.expired", session)

    def act(self, name: str, action: str, card: str) -> bool:
        """Do what a buyer does on the page; False when it takes no money any more."""
        if self.session(name)["status"] != "open":
            return False
        session = self.sessions[name]
        intent = self._intent(session)
        if action == "challenge":
            intent["status"] = "requires_action"
            self._emit("payment_intent.requires_action", intent)
            return True
        charge = self._charge(intent, card, paid=action == "approve")
        if action == "decline":
            intent.update(status="requires_payment_method", last_payment_error={"code": "card_declined"})
            self._emit("charge.failed", charge)
            self._emit("payment_intent.payment_failed", intent)
            return True
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        session.update(status="complete", url=None)
        self._emit("charge.succeeded", charge)
        self._emit("payment_intent.amount_capturable_updated", intent)
        self._emit("checkout.session.completed", session)
        return True

    def _intent(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["payment_intent"] is None:
            made = {
                "id": self._id("pi"), "object": "payment_intent", "status": "requires_payment_method",
                "amount": session["amount_total"], "amount_capturable": 0, "amount_received": 0,
                "currency": session["currency"], "capture_method": session["capture_method"],
                "metadata": session["metadata"], "latest_charge": None,
            }  # fmt: skip
            self.intents[made["id"]] = made
            session["payment_intent"] = made["id"]
            self._emit("payment_intent.created", made)
        return self.intents[session["payment_intent"]]

    def _charge(self, intent: dict[str, Any], card: str, *, paid: bool) -> dict[str, Any]:
        made = {
            "id": self._id("ch"), "object": "charge", "payment_intent": intent["id"], "paid": paid,
            "captured": False, "amount": intent["amount"], "amount_captured": 0, "amount_refunded": 0,
            "currency": intent["currency"], "metadata": intent["metadata"],
            "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": card[-4:],
                                                                "fingerprint": f"print{card}"}},
        }  # fmt: skip
        self.charges[made["id"]] = made
        intent["latest_charge"] = made["id"]
        return made

    def capture(self, name: str) -> dict[str, Any]:
        """Take all of what is set aside."""
        intent = self._known(name)
        if intent["metadata"]["payment"] in self.refused_captures and intent["status"] == "requires_capture":
            intent.update(status="canceled", amount_capturable=0)
            self._emit("payment_intent.canceled", intent)
            raise StripeError(400, "charge_expired_for_capture", payment_intent=dict(intent))
        self._must_be(intent, {"requires_capture"})
        charge = self.charges[intent["latest_charge"]]
        charge.update(captured=True, amount_captured=intent["amount"])
        intent.update(status="succeeded", amount_received=intent["amount"], amount_capturable=0)
        self._emit("charge.captured", charge)
        self._emit("payment_intent.succeeded", intent)
        return intent

    def cancel(self, name: str) -> dict[str, Any]:
        """Let go of what is set aside."""
        intent = self._known(name)
        self._must_be(intent, {"requires_capture", "requires_action", "requires_payment_method"})
        if any(one["payment_intent"] == name and one["status"] == "open" for one in self.sessions.values()):
            raise StripeError(400, "payment_intent_unexpected_state", message="Expire its session instead.")
        intent.update(status="canceled", amount_capturable=0)
        self._emit("payment_intent.canceled", intent)
        return intent

    def refund(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Give money back, never more than was taken."""
        intent = self._known(form["payment_intent"])
        self._must_be(intent, {"succeeded"})
        charge, amount = self.charges[intent["latest_charge"]], int(form["amount"])
        left = charge["amount_captured"] - charge["amount_refunded"]
        if amount > left:
            code = "charge_already_refunded" if left == 0 else "amount_too_large"
            raise StripeError(400, code, message=f"{amount} is more than the {left} that are left")
        charge["amount_refunded"] += amount
        made = {"id": self._id("re"), "object": "refund", "amount": amount, "status": "succeeded",
                "payment_intent": intent["id"], "charge": charge["id"],
                "metadata": {"refund": form.get("metadata[refund]")}}  # fmt: skip
        self.refunds.append(made)
        self._emit("charge.refunded", charge)
        return made

    def _known(self, name: str) -> dict[str, Any]:
        if name not in self.intents:
            raise StripeError(404, "resource_missing", param="intent")
        return self.intents[name]

    def _must_be(self, intent: dict[str, Any], allowed: set[str]) -> None:
        if intent["status"] not in allowed:
            raise StripeError(400, "payment_intent_unexpected_state", payment_intent=dict(intent))


def _checked_amount(form: Mapping[str, str]) -> int:
    """Return the amount, or refuse what Stripe refuses for this currency."""
    currency, text = (
        form["line_items[0][price_data][currency]"],
        form["line_items[0][price_data][unit_amount]"],
    )
    if not text.isdigit() or int(text) == 0:
        raise StripeError(400, "parameter_invalid_integer", param="unit_amount")
    amount = int(text)
    if (currency in THREE_DECIMAL and amount % 10) or (currency in WHOLE_ONLY and amount % 100):
        raise StripeError(400, "invalid_amount", param="unit_amount")
    if amount < (50 if currency not in ZERO_DECIMAL else 1):
        raise StripeError(400, "amount_too_small", param="unit_amount")
    return amount * int(form["line_items[0][quantity]"])
