"""Alipay: computer and mobile page pay, query, close and refund.

Sources: opendocs.alipay.com, alipay.trade.page.pay, .wap.pay, .query, .close, .refund, .fastpay.refund.query.

- The page's address is made here and signed; Alipay hears of the trade when the buyer arrives there. It takes
  money until `time_expire`, which is the hold's end. Who gives up on a phone is sent to `quit_url`; a
  computer's page has no such address. A payment that fails there leaves the trade waiting: the buyer may
  try again, until the hold's end, when we close it.
- `out_trade_no` is our payment's id: one payment is one trade, whoever opens the page how often.
- `out_request_no` is our refund's id: a repeat has no second effect, and then says `fund_change: N`, so
  the refund itself is asked after.
- Every answer must be signed by Alipay, or it is none.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec

from commerce.clock import system_clock_ms
from commerce.payments.alipay_forms import (
    Unreadable,
    fen,
    local_time,
    read_answer,
    read_form,
    signed_text,
    yuan,
)
from commerce.payments.http_client import open_http
from commerce.payments.provider import BadSignature, NewPayment, ProviderRefused, ProviderUnavailable
from commerce.payments.redirect import Notice, Trade, TradeState
from commerce.payments.rsa_crypto import RsaKeys

GATEWAY: Final = "https://openapi.alipay.com/gateway.do"
TIMEOUT_S: Final = 10
TRIES: Final = 3
PAUSE_S: Final = 0.3
_SUBJECT_CHARS: Final = 256
_QUIT_CHARS: Final = 400
"""The longest address to which a phone's buyer who gives up can be sent back."""
_NOT_THERE: Final = "ACQ.TRADE_NOT_EXIST"
_AGAIN: Final = ("SYSTEM_ERROR", "unknow-error", "service-busy")
"""Ends of sub codes that say nothing about the trade."""

_STATES: Final = {
    "WAIT_BUYER_PAY": TradeState.WAITING,
    "TRADE_SUCCESS": TradeState.PAID,
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}


class AlipayGateway:
    """A `RedirectGateway`. `seller_id` None does not check to whom a notification says it was paid."""

    name = "alipay"
    currencies: frozenset[str] | None = frozenset({"CNY"})
    acknowledgement: bytes | None = b"success"

    def __init__(
        self,
        app_id: str,
        keys: RsaKeys,
        notify_url: str,
        *,
        url: str | None = None,
        seller_id: str | None = None,
        timeout_s: float = TIMEOUT_S,
        now_ms: Callable[[], int] = system_clock_ms,
    ) -> None:
        self._app_id = app_id
        self._keys = keys
        self._notify_url = notify_url
        self._url = url or GATEWAY
        self._seller_id = seller_id
        self._now_ms = now_ms
        self.http = open_http(timeout_s)

    async def page(self, payment: NewPayment) -> str:
        """Sign the address of the page for a computer's or a phone's browser."""
        mobile = payment.device.mobile
        kind, product = ("wap", "QUICK_WAP_WAY") if mobile else ("page", "FAST_INSTANT_TRADE_PAY")
        content = {
            "out_trade_no": payment.payment,
            "total_amount": yuan(payment.amount_minor),
            "subject": payment.description[:_SUBJECT_CHARS],
            "product_code": product,
            "time_expire": local_time(payment.expires_at_ms),
        }
        if mobile and len(payment.return_url) <= _QUIT_CHARS:
            content["quit_url"] = payment.return_url
        back = {"return_url": payment.return_url, "notify_url": self._notify_url}
        return f"{self._url}?{urlencode(self._signed(f'alipay.trade.{kind}.pay', content, back))}"

    async def look(self, payment: str) -> Trade | None:
        """Query the trade."""
        try:
            told = await self._call("alipay.trade.query", {"out_trade_no": payment})
        except ProviderRefused as refused:
            if refused.code == _NOT_THERE:
                return None
            raise
        state = _STATES.get(str(told.get("trade_status")))
        if state is None or told.get("out_trade_no") != payment:
            raise ProviderUnavailable("Alipay told of another trade, or of a state that is not known")
        try:
            return Trade(state, fen(told.get("total_amount")), _fingerprint(told))
        except Unreadable as error:
            raise ProviderUnavailable("Alipay told no amount") from error

    async def end(self, payment: str) -> None:
        """Close an unpaid trade."""
        await self._call("alipay.trade.close", {"out_trade_no": payment})

    async def give_back(self, payment: str, refund: str, amount_minor: int) -> None:
        """Refund, and make sure that it was one."""
        asked = {"out_trade_no": payment, "out_request_no": refund}
        told = await self._call("alipay.trade.refund", asked | {"refund_amount": yuan(amount_minor)})
        if told.get("fund_change") == "Y":
            return
        found = await self._call("alipay.trade.fastpay.refund.query", asked)
        if found.get("refund_status") != "REFUND_SUCCESS":
            raise ProviderUnavailable("Alipay has not given the money back yet")

    def read(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Notice:  # noqa: ARG002
        """Verify a notification: its signature, and that it is for this application and seller.

        All is in the body, and it has no time to be checked: a repeat has the same id.
        """
        try:
            fields = read_form(body)
        except Unreadable as error:
            raise BadSignature(f"an Alipay notification is {error}") from error
        genuine = fields.get("sign_type") == "RSA2" and self._keys.is_genuine(
            signed_text(fields, "sign_type"), fields.get("sign", "")
        )
        if not genuine or fields.get("app_id") != self._app_id:
            raise BadSignature("an Alipay notification is not signed for this application")
        if self._seller_id is not None and fields.get("seller_id") != self._seller_id:
            raise BadSignature("an Alipay notification is about another seller's money")
        notice, payment = fields.get("notify_id", ""), fields.get("out_trade_no", "")
        if not notice or not payment or len(notice) > 128 or len(payment) > 40:
            raise BadSignature("an Alipay notification names no payment of ours")
        return Notice(notice, payment)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    def _signed(
        self, method: str, content: Mapping[str, str], more: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        fields = {
            "app_id": self._app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": local_time(self._now_ms()),
            "version": "1.0",
            **(more or {}),
            "biz_content": msgspec.json.encode(content).decode(),
        }
        return fields | {"sign": self._keys.sign(signed_text(fields))}

    async def _call(self, method: str, content: Mapping[str, str]) -> dict[str, Any]:
        """Make one call, repeated with the same numbers while no usable answer comes."""
        fault = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            try:
                answer = await self.http.post(self._url, data=self._signed(method, content))
                told = self._verified(method, answer)
            except httpx.HTTPError as error:
                fault = type(error).__name__
            except Unreadable as error:
                fault = str(error)
            else:
                code, sub_code = str(told.get("code")), str(told.get("sub_code") or told.get("code"))
                if code == "10000":
                    return told
                if code == "40004" and not sub_code.endswith(_AGAIN):
                    raise ProviderRefused(sub_code)
                fault = sub_code
        raise ProviderUnavailable(f"Alipay gave no answer: {fault}")

    def _verified(self, method: str, answer: httpx.Response) -> dict[str, Any]:
        if not answer.is_success:
            raise Unreadable(f"status {answer.status_code}")
        signed, told, signature = read_answer(answer.text, method)
        if not self._keys.is_genuine(signed, signature):
            raise Unreadable(f"an answer without Alipay's signature ({told.get('sub_code', 'no code')})")
        return told


def _fingerprint(told: Mapping[str, Any]) -> str | None:
    """Return what stands for the buyer's account, without telling it."""
    buyer = told.get("buyer_open_id") or told.get("buyer_user_id")
    return hashlib.sha256(f"alipay {buyer}".encode()).hexdigest() if buyer else None
