"""Stripe, as far as we use it: a small server that speaks its HTTP, keys, errors and signatures.

Form-encoded requests, JSON answers, `Idempotency-Key` (the same key: the same status and body again; other
parameters: 400 idempotency_error), webhooks with `Stripe-Signature`. What happens beyond the ordinary is set
on the double: see the attributes of `StripeDouble`.
"""

import contextlib
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.provider import Cut, ProviderDouble, running
from tests.doubles.stripe_book import StripeBook, StripeError

SECRET_KEY = "sk_test_of_a_double"
WEBHOOK_SECRET = "whsec_of_a_double"


class StripeDouble(ProviderDouble):
    """The server's state, and how it shall behave.

    `webhooks` is how deliveries go: normal, twice, before_answer (each is applied before its call is
    answered), held (see `deliver_held`), lost. `lost_answers`, `failures` and `slow` count calls by verb
    (create, read, expire, capture, cancel, refund) whose answer is cut off, which fail with 500, or which
    answer only after `go_on`; `limited` those that are told to come less often.
    """

    name = "stripe"

    def __init__(self, webhook_url: str = "") -> None:
        super().__init__()
        self.book = StripeBook(lambda: int(time.time()), self._emit)
        self.webhooks = "normal"
        self.limited: Counter[str] = Counter()
        self.held: list[tuple[str, bytes]] = []
        self.delivered: list[tuple[str, int]] = []
        self.webhook_url = webhook_url
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._events: list[bytes] = []
        self._numbers = 0

    def app(self) -> Starlette:
        """Return what serves it."""
        book = self.book
        calls: list[tuple[str, str, str, Callable[[Request, dict[str, str]], dict[str, Any]]]] = [
            ("POST", "/v1/checkout/sessions", "create", lambda _, form: book.create(form)),
            ("GET", "/v1/checkout/sessions", "read",
             lambda request, _: book.of_intent(request.query_params["payment_intent"])),
            ("GET", "/v1/checkout/sessions/{name}", "read", lambda request, _: book.session(
                request.path_params["name"],
                expand="payment_intent.latest_charge" in dict(request.query_params.multi_items()).values())),
            ("POST", "/v1/checkout/sessions/{name}/expire", "expire",
             lambda request, _: book.expire(request.path_params["name"])),
            ("POST", "/v1/payment_intents/{name}/capture", "capture",
             lambda request, _: book.capture(request.path_params["name"])),
            ("POST", "/v1/payment_intents/{name}/cancel", "cancel",
             lambda request, _: book.cancel(request.path_params["name"])),
            ("POST", "/v1/refunds", "refund", lambda _, form: book.refund(form)),
        ]  # fmt: skip
        routes = [
            Route(path, self._endpoint(verb, work), methods=[method]) for method, path, verb, work in calls
        ]
        return Starlette(routes=[*routes, Route("/c/pay/{name}", self._page, methods=["POST"])])

    async def _page(self, request: Request) -> Response:
        """Take a button of the hosted page: action and card."""
        form = dict(parse_qsl((await request.body()).decode()))
        taken = self.book.act(
            request.path_params["name"], form["action"], form.get("card", "4242424242424242")
        )
        await self._deliver()
        return JSONResponse({"taken": taken}, 200 if taken else 410)

    def _endpoint(self, verb: str, work: Callable[[Request, dict[str, str]], dict[str, Any]]) -> Any:
        async def endpoint(request: Request) -> Response:
            raw = (await request.body()).decode()
            await self.called(verb)
            if self.due(self.failures, verb):
                return JSONResponse({"error": {"type": "api_error", "message": "scripted"}}, 500)
            if self.due(self.limited, verb):
                return JSONResponse({"error": {"type": "invalid_request_error", "code": "rate_limit"}}, 429)
            status, body = self._answer(request, raw, work)
            await self._deliver()
            if self.due(self.lost_answers, verb):
                return Cut()
            return JSONResponse(body, status)

        return endpoint

    def _answer(
        self, request: Request, raw: str, work: Callable[[Request, dict[str, str]], dict[str, Any]]
    ) -> tuple[int, dict[str, Any]]:
        """Judge key and idempotency key, then do it or answer what was answered before."""
        if request.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
        key, asked = request.headers.get("idempotency-key"), f"{request.method} {request.url.path} {raw}"
        if request.method == "POST" and key in self._answers:
            known, status, body = self._answers[key]
            if known != asked:
                message = "Keys for idempotent requests can only be used with the same parameters."
                return 400, {"error": {"type": "idempotency_error", "message": message}}
            return status, body
        try:
            status, body = 200, dict(work(request, dict(parse_qsl(raw, keep_blank_values=True))))
        except StripeError as error:
            status, body = error.status, error.body
        if request.method == "POST" and key is not None:
            self._answers[key] = (asked, status, json.loads(json.dumps(body)))
        return status, body

    def _emit(self, kind: str, about: dict[str, Any]) -> None:
        self._numbers += 1
        event = {
            "id": f"evt_{self._numbers}",
            "object": "event",
            "type": kind,
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": about},
        }
        self._events.append(json.dumps(event).encode())

    async def _deliver(self) -> None:
        """Send what has happened, in the way that was asked for."""
        events, self._events = self._events, []
        for body in events:
            await self.tell(self.webhooks, partial(self.send, body), partial(self._hold, body))

    def _hold(self, body: bytes) -> None:
        self.held.append((json.loads(body)["type"], body))

    async def send(self, body: bytes, *, secret: str = WEBHOOK_SECRET, at_s: int | None = None) -> int:
        """Deliver one event, signed; returns the status."""
        stamp = int(time.time()) if at_s is None else at_s
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"stripe-signature": f"t={stamp},v1={mac}", "content-type": "application/json"}
        answer = await self._http.post(self.webhook_url, content=body, headers=headers)
        self.delivered.append((json.loads(body)["type"], answer.status_code))
        return answer.status_code

    async def deliver_held(self, *, backwards: bool = False) -> None:
        """Deliver what was held, one after the other."""
        held, self.held = self.held, []
        for _, body in reversed(held) if backwards else held:
            await self.send(body)

    def is_page(self, pay_url: str) -> bool:
        """Tell whether a buyer is sent to us."""
        return pay_url.startswith(self.book.url)

    def money(self) -> list[tuple[str, int, int]]:
        """Return state, taken and given back of every intent, in the order they were made."""
        return [
            (one["status"], one["amount_received"], (self.book.charges.get(one["latest_charge"]) or {}).get(
                "amount_refunded", 0))
            for one in self.book.intents.values()
        ]  # fmt: skip


@contextlib.asynccontextmanager
async def stripe_double() -> AsyncIterator[StripeDouble]:
    """Run the double; its address is `double.book.url`."""
    double = StripeDouble()
    async with running(double) as url:
        double.book.url = url
        yield double
