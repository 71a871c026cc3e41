"""WeChat Pay, API v3: H5 pages for phones, Native codes for all others, query, close and refund.

Sources: pay.weixin.qq.com/doc/v3/merchant, H5下单 (4012791834), Native下单 (4012791877), query by
out_trade_no (4013070356), closing, 申请退款, 查询单笔退款, 支付成功回调通知.

- The trade is made there before the buyer sees anything. `time_expire` is the hold's end; WeChat Pay moves
  one that is less than a minute away to a minute away, so whoever ends a hold closes the trade, too.
- `h5_url` opens within 5 minutes. The same order asked for again with the same numbers gives a fresh one and
  is no second trade.
- `code_url` is no page. Its buyer is sent to a page of ours that draws it (`scan_page`), with the code behind
  the `#`, which the page does not use: what is drawn is read from the books.
- A refund is accepted first and done later; it counts when it is done. The refund's number makes it one.
- A successful answer without WeChat Pay's signature is none. A refusal may come unsigned, as those of wrongly
  signed requests do; one with a wrong signature is none either. WeChat Pay sends wrong signatures now and
  then to see whether they are noticed (签名探测): such a call is repeated.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
import msgspec

from commerce.clock import system_clock_ms
from commerce.payments.aes_gcm_crypto import Unsealable, unseal
from commerce.payments.http_client import open_http
from commerce.payments.provider import BadSignature, NewPayment, ProviderRefused, ProviderUnavailable
from commerce.payments.redirect import Notice, Trade, TradeState
from commerce.payments.rsa_crypto import RsaKeys
from commerce.payments.wechat_pay_forms import (
    ALGORITHM,
    Notification,
    Subject,
    authorisation,
    china_time,
    is_recent,
    signed_message,
    signed_request,
)

API: Final = "https://api.mch.weixin.qq.com"
TIMEOUT_S: Final = 10
TRIES: Final = 3
PAUSE_S: Final = 0.3
_DESCRIPTION_CHARS: Final = 127
_NOT_THERE: Final = "ORDER_NOT_EXIST"
_SAY_NOTHING: Final = frozenset({401, 429})
"""Refusals beside 5xx that say nothing about the trade: our signature or clock is wrong, too many calls."""

_STATES: Final = {
    "NOTPAY": TradeState.WAITING,
    "USERPAYING": TradeState.WAITING,
    "PAYERROR": TradeState.WAITING,
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.PAID,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
}


class _NoAnswer(Exception):  # noqa: N818 - named for what happened
    """What came is not to be used."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who we are there. `serial` is our certificate's, `their_serial` the one their signatures name."""

    merchant_id: str
    app_id: str
    serial: str
    their_serial: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Addresses of ours: where notifications go, and where a code is shown (`/payment` is added)."""

    notify_url: str
    scan_page: str


class WechatPayGateway:
    """A `RedirectGateway`. `api_key` is the APIv3 key, 32 bytes."""

    name = "wechat_pay"
    currencies: frozenset[str] | None = frozenset({"CNY"})
    acknowledgement: bytes | None = None

    def __init__(
        self,
        merchant: Merchant,
        keys: RsaKeys,
        api_key: bytes,
        pages: Pages,
        *,
        url: str | None = None,
        timeout_s: float = TIMEOUT_S,
        now_ms: Callable[[], int] = system_clock_ms,
    ) -> None:
        self._merchant = merchant
        self._keys = keys
        self._api_key = api_key
        self._pages = pages
        self._url = url or API
        self._now_ms = now_ms
        self.http = open_http(timeout_s)

    async def page(self, payment: NewPayment) -> str:
        """Make the trade; a phone gets WeChat Pay's page, others ours with the code to scan."""
        order = {
            "appid": self._merchant.app_id,
            "mchid": self._merchant.merchant_id,
            "description": payment.description[:_DESCRIPTION_CHARS],
            "out_trade_no": payment.payment,
            "time_expire": china_time(payment.expires_at_ms),
            "notify_url": self._pages.notify_url,
            "amount": {"total": payment.amount_minor, "currency": "CNY"},
        }
        if payment.device.mobile:
            scene = {"payer_client_ip": payment.device.address, "h5_info": {"type": "Wap"}}
            told = await self._call("POST", "/v3/pay/transactions/h5", order | {"scene_info": scene})
            return f"{_address(told, 'h5_url', 'http')}&redirect_url={quote(payment.return_url, safe='')}"
        told = await self._call("POST", "/v3/pay/transactions/native", order)
        return f"{self._pages.scan_page}/{payment.payment}#{_address(told, 'code_url', 'weixin://')}"

    async def look(self, payment: str) -> Trade | None:
        """Query the trade."""
        path = f"/v3/pay/transactions/out-trade-no/{payment}?mchid={self._merchant.merchant_id}"
        try:
            told = await self._call("GET", path)
        except ProviderRefused as refused:
            if refused.code == _NOT_THERE:
                return None
            raise
        state = _STATES.get(str(told.get("trade_state")))
        ours = (told.get("out_trade_no"), told.get("mchid")) == (payment, self._merchant.merchant_id)
        if state is None or not ours:
            raise ProviderUnavailable("WeChat Pay told of another trade, or of a state that is not known")
        if state is not TradeState.PAID:
            return Trade(state)
        return Trade(state, _fen(told, "total"), _fingerprint(told))

    async def end(self, payment: str) -> None:
        """Close an unpaid trade."""
        body = {"mchid": self._merchant.merchant_id}
        await self._call("POST", f"/v3/pay/transactions/out-trade-no/{payment}/close", body)

    async def give_back(self, payment: str, refund: str, amount_minor: int) -> None:
        """Refund, and see it done; asking for the same refund again tells how it stands."""
        trade = await self.look(payment)
        if trade is None or trade.state is not TradeState.PAID:
            raise ProviderRefused("not_paid")
        amount = {"refund": amount_minor, "total": trade.amount_minor, "currency": "CNY"}
        asked = {"out_trade_no": payment, "out_refund_no": refund, "amount": amount}
        told = await self._call("POST", "/v3/refund/domestic/refunds", asked)
        if told.get("status") == "PROCESSING":
            told = await self._call("GET", f"/v3/refund/domestic/refunds/{refund}")
        if told.get("out_refund_no") != refund or _fen(told, "refund") != amount_minor:
            raise ProviderUnavailable("WeChat Pay told of another refund")
        status = str(told.get("status"))
        if status == "PROCESSING":
            raise ProviderUnavailable("WeChat Pay has not given the money back yet")
        if status != "SUCCESS":
            raise ProviderRefused(status)

    def read(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Notice:
        """Verify a notification, then open what it is about: it must be of this merchant and application."""
        if not self._is_genuine(headers, body, now_ms):
            raise BadSignature("a WeChat Pay notification has a wrong signature or time")
        try:
            told = msgspec.json.decode(body, type=Notification)
            sealed = told.resource
            if sealed.algorithm != ALGORITHM:
                raise BadSignature(f"a WeChat Pay notification is sealed with {sealed.algorithm[:40]!r}")
            plain = unseal(self._api_key, sealed.nonce, sealed.ciphertext, sealed.associated_data)
            subject = msgspec.json.decode(plain, type=Subject)
        except (msgspec.MsgspecError, Unsealable) as error:
            raise BadSignature("a signed WeChat Pay notification cannot be read") from error
        ours = subject.mchid == self._merchant.merchant_id
        if not ours or subject.appid not in {None, self._merchant.app_id}:
            raise BadSignature("a WeChat Pay notification is for another merchant or application")
        if not 0 < len(told.id) <= 128 or not 0 < len(subject.out_trade_no) <= 40:
            raise BadSignature("a WeChat Pay notification names no payment of ours")
        return Notice(told.id, subject.out_trade_no)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Make one call, repeated with the same numbers while no usable answer comes."""
        content = b"" if body is None else msgspec.json.encode(body)
        fault = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            headers = self._signed(method, path, content)
            try:
                answer = await self.http.request(method, self._url + path, content=content, headers=headers)
                return self._verified(answer)
            except httpx.HTTPError as error:
                fault = type(error).__name__
            except _NoAnswer as error:
                fault = str(error)
        raise ProviderUnavailable(f"WeChat Pay gave no answer: {fault}")

    def _signed(self, method: str, path: str, content: bytes) -> dict[str, str]:
        at_s, nonce = self._now_ms() // 1000, secrets.token_hex(16)
        fields = {
            "mchid": self._merchant.merchant_id,
            "nonce_str": nonce,
            "signature": self._keys.sign(signed_request(method, path, at_s, nonce, content)),
            "timestamp": str(at_s),
            "serial_no": self._merchant.serial,
        }
        return {
            "authorization": authorisation(fields),
            "accept": "application/json",
            "content-type": "application/json",
            "user-agent": "liveshop",
            "wechatpay-serial": self._merchant.their_serial,
        }

    def _verified(self, answer: httpx.Response) -> dict[str, Any]:
        """Return what an answer says; raises _NoAnswer, ProviderRefused."""
        genuine = self._is_genuine(answer.headers, answer.content, self._now_ms())
        told = _object(answer)
        code = told.get("code", "no code")
        if not genuine and (answer.is_success or "wechatpay-signature" in answer.headers):
            raise _NoAnswer(f"an answer {answer.status_code} without WeChat Pay's signature ({code})")
        if answer.is_success:
            return told
        if answer.status_code >= 500 or answer.status_code in _SAY_NOTHING or "code" not in told:
            raise _NoAnswer(f"status {answer.status_code} ({code})")
        raise ProviderRefused(str(code)[:100])

    def _is_genuine(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> bool:
        """Tell whether WeChat Pay signed this with the key we know, a moment ago."""
        at_s, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        known = headers.get("wechatpay-serial", "") == self._merchant.their_serial
        if not known or not is_recent(at_s, now_ms):
            return False
        signature = headers.get("wechatpay-signature", "")
        return self._keys.is_genuine(signed_message(at_s, nonce, body), signature)


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return an answer's JSON object; nothing is an empty one, and so is what is none."""
    try:
        found = msgspec.json.decode(answer.content) if answer.content else {}
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _address(told: Mapping[str, Any], name: str, start: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found.startswith(start):
        raise ProviderUnavailable(f"WeChat Pay told no {name}")
    return found


def _fen(told: Mapping[str, Any], name: str) -> int:
    """Return an amount of an answer in fen; raises ProviderUnavailable when there is none in CNY."""
    amount = told.get("amount")
    found = amount.get(name) if isinstance(amount, dict) else None
    if not isinstance(amount, dict) or type(found) is not int or amount.get("currency", "CNY") != "CNY":
        raise ProviderUnavailable("WeChat Pay told no amount in CNY")
    return found


def _fingerprint(told: Mapping[str, Any]) -> str | None:
    """Return what stands for the buyer's account, without telling it."""
    payer = told.get("payer")
    buyer = payer.get("openid") if isinstance(payer, dict) else None
    return hashlib.sha256(f"wechat {buyer}".encode()).hexdigest() if buyer else None
