"""WeChat Pay's API v3, as far as we use it: its paths, signatures, states, codes and notifications.

Every request's signature is checked, every answer and notification is signed, what a notification is about is
sealed under the APIv3 key. A trade comes to be when it is asked for. What happens beyond the ordinary is set
on the double: see `WechatPayDouble`.
"""

import base64
import contextlib
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.provider import Cut, ProviderDouble, running

MERCHANT_ID, APP_ID, SERIAL = "1900000001", "wx0123456789abcdef", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
PUBLIC_KEY_ID, API_KEY = "PUB_KEY_ID_0119000000012026112600000000000001", "0123456789abcdefghijABCDEFGHIJ00"
CERTIFICATE_SERIAL = "0A1B" * 10
HEADER = re.compile(r'(\w+)="([^"]*)"')
STATES = {"NOTPAY": "waiting", "SUCCESS": "paid", "REFUND": "paid", "CLOSED": "closed"}


@cache
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Make the merchant's and WeChat Pay's keys, once a run."""
    return rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)


def merchant_private() -> str:
    """Return what the merchant signs with, as PEM."""
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return keys()[0].private_bytes(kind, form, serialization.NoEncryption()).decode()


def wechat_public() -> str:
    """Return what the merchant checks with, as PEM."""
    kind, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return keys()[1].public_key().public_bytes(kind, form).decode()


def platform_certificate() -> str:
    """Return the certificate of the key that signs, as PEM: the way before there were public keys."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tenpay.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(keys()[1].public_key())
        .serial_number(int(CERTIFICATE_SERIAL, 16)).not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(1)).sign(keys()[1], hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM).decode()


def signature_of(
    body: bytes, *, key: rsa.RSAPrivateKey | None = None, at_s: int | None = None
) -> dict[str, str]:
    """Return the headers with which WeChat Pay sends a body."""
    stamp, nonce = str(int(time.time()) if at_s is None else at_s), secrets.token_hex(16)
    text = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    raw = (key or keys()[1]).sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(raw).decode(),
        "Wechatpay-Serial": PUBLIC_KEY_ID,
    }


def seal(told: dict[str, Any], key: str = API_KEY) -> dict[str, str]:
    """Seal what a notification is about."""
    nonce, associated = secrets.token_hex(6), "transaction"
    raw = AESGCM(key.encode()).encrypt(nonce.encode(), json.dumps(told).encode(), associated.encode())
    return {"original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "nonce": nonce,
            "associated_data": associated, "ciphertext": base64.b64encode(raw).decode()}  # fmt: skip


class Refused(Exception):
    """A refusal: the status and why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


class WechatPayDouble(ProviderDouble):
    """The API's state, and how it shall behave.

    `notifications` is how they go: normal, twice, held (see `deliver_held`), lost, before_answer (of the
    page's button). `lost_answers`, `failures`, `probes` and `slow` count calls by their verb (create, query,
    close, refund, refund_query) whose answer is cut off, which fail with 500, whose answer has a wrong
    signature to see whether that is noticed, or which answer after `go_on`; `refused` has the code with which
    the next call of a verb is refused. `refused_refunds` counts refunds
    refused for want of balance, `slow_refunds` looks at refunds until one is done, `refund_end` is how they
    end, `refund_lie` is added to what is told of them. `pays_at_close` has trades whose buyer pays just
    before they are closed.
    """

    name = "wechat_pay"

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.notifications = "normal"
        self.probes: Counter[str] = Counter()
        self.refused: dict[str, str] = {}
        self.refused_refunds = 0
        self.slow_refunds = 0
        self.refund_end = "SUCCESS"
        self.refund_lie = 0
        self.pays_at_close: set[str] = set()
        self.trades: dict[str, dict[str, Any]] = {}
        self.refunds: dict[tuple[str, str], int] = {}
        self.pages: list[dict[str, Any]] = []
        self.referers: list[str] = []
        self.held: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[str] = []
        self.statuses: list[int] = []
        self.declined: list[tuple[str, str]] = []
        self._seen_nonces: set[str] = set()

    def app(self) -> Starlette:
        """Return what serves it."""
        trade = "/v3/pay/transactions/out-trade-no/{payment}"
        return Starlette(
            routes=[
                Route("/v3/pay/transactions/{kind}", self._door("create"), methods=["POST"]),
                Route(trade, self._door("query"), methods=["GET"]),
                Route(trade + "/close", self._door("close"), methods=["POST"]),
                Route("/v3/refund/domestic/refunds", self._door("refund"), methods=["POST"]),
                Route("/v3/refund/domestic/refunds/{refund}", self._door("refund_query"), methods=["GET"]),
                Route("/checkmweb", self._arrive, methods=["GET"]),
                Route("/cashier/{payment}", self._cashier, methods=["POST"]),
            ]
        )

    def _door(self, verb: str) -> Any:
        async def door(request: Request) -> Response:
            await self.called(verb)
            body = await request.body()
            if not self._is_signed(request, body):
                return _answer(401, {"code": "SIGN_ERROR", "message": "错误的签名"}, {})
            status, told = self._work(verb, request, body)
            if self.due(self.lost_answers, verb):
                return Cut()
            content = b"" if told is None else json.dumps(told, ensure_ascii=False).encode()
            headers = signature_of(content)
            if self.due(self.probes, verb):
                headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"][19:]
            return Response(content, status, headers, media_type="application/json")

        return door

    def _is_signed(self, request: Request, body: bytes) -> bool:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        fields = dict(HEADER.findall(rest))
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            text = (
                f"{request.method}\n{request.url.path}{query}\n{fields['timestamp']}\n{fields['nonce_str']}\n"
            )
            raw = base64.b64decode(fields["signature"])
            keys()[0].public_key().verify(
                raw, text.encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256()
            )
            assert scheme == "WECHATPAY2-SHA256-RSA2048"
            assert (fields["mchid"], fields["serial_no"]) == (MERCHANT_ID, SERIAL)
            assert abs(int(fields["timestamp"]) - time.time()) < 300
            assert fields["nonce_str"] not in self._seen_nonces
            assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
            assert request.headers["accept"] == "application/json"
            assert request.headers.get("user-agent")
        except (InvalidSignature, AssertionError, ValueError, KeyError):
            return False
        self._seen_nonces.add(fields["nonce_str"])
        return True

    def _work(self, verb: str, request: Request, body: bytes) -> tuple[int, dict[str, Any] | None]:
        if self.due(self.failures, verb):
            return 500, {"code": "SYSTEM_ERROR", "message": "系统异常"}
        asked: dict[str, Any] = json.loads(body) if body else {}
        try:
            if verb in self.refused:
                raise Refused(403, self.refused.pop(verb))
            told = self._do(verb, request, asked)
        except Refused as refused:
            return refused.status, {"code": str(refused), "message": "不行"}
        except (KeyError, AssertionError) as error:
            return 400, {"code": "PARAM_ERROR", "message": repr(error)}
        return (204 if told is None else 200), told

    def _do(self, verb: str, request: Request, asked: dict[str, Any]) -> dict[str, Any] | None:
        path = request.path_params
        if verb == "create":
            return self._create(asked, path["kind"])
        if verb == "query":
            return self._query(path["payment"], request.query_params["mchid"])
        if verb == "close":
            self._end(path["payment"], asked["mchid"])
            return None
        return self._refund(asked) if verb == "refund" else self._refund_query(path["refund"])

    def _create(self, asked: dict[str, Any], kind: str) -> dict[str, Any]:
        """Make a trade, or give a known one, asked for with the same numbers, a fresh address."""
        assert (asked["mchid"], asked["appid"]) == (MERCHANT_ID, APP_ID)
        assert re.fullmatch(r"[0-9A-Za-z_\-|*]{6,32}", asked["out_trade_no"])
        assert 0 < len(asked["description"]) <= 127
        assert asked["amount"]["total"] > 0
        assert "?" not in asked["notify_url"]
        if kind == "h5":
            assert asked["scene_info"]["payer_client_ip"]
            assert asked["scene_info"]["h5_info"]["type"] == "Wap"
        ends = datetime.strptime(asked["time_expire"], "%Y-%m-%dT%H:%M:%S%z")
        assert ends.utcoffset() == timedelta(hours=8)
        name = asked["out_trade_no"]
        known = self.trades.get(name)
        same = {"kind": kind, "amount": asked["amount"], "time_expire": asked["time_expire"]}
        if known is None:
            earliest = datetime.now(UTC) + timedelta(minutes=1)
            known = self.trades[name] = same | {
                "out_trade_no": name, "trade_state": "NOTPAY", "notify_url": asked["notify_url"],
                "ends": max(ends, earliest).timestamp(), "tokens": {},
            }  # fmt: skip
        elif known["trade_state"] != "NOTPAY":
            raise Refused(400, "ORDERPAID" if known["trade_state"] == "SUCCESS" else "ORDER_CLOSED")
        elif {part: known[part] for part in same} != same:
            raise Refused(400, "INVALID_REQUEST")
        self.pages.append(asked | {"kind": kind})
        token = f"wx{len(self.pages):08}"
        known["tokens"][token] = time.time() + 300
        if kind == "h5":
            return {"h5_url": f"{self.url}/checkmweb?prepay_id={token}&package={name}"}
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={token}"}

    def age_pages(self) -> None:
        """Let the five minutes of every `h5_url` be over."""
        for trade in self.trades.values():
            trade["tokens"] = dict.fromkeys(trade["tokens"], 0.0)

    async def _arrive(self, request: Request) -> Response:
        trade = self.trades[request.query_params["package"]]
        self.referers.append(request.headers.get("referer", ""))
        if urlsplit(self.referers[-1]).netloc != urlsplit(trade["notify_url"]).netloc:
            return Response(
                "商家参数格式有误，请联系商家解决", 403
            )  # the page it was opened from is not known
        open_until = trade["tokens"].get(request.query_params["prepay_id"], 0.0)
        return Response("pay here", 200 if time.time() < open_until else 410)

    async def _cashier(self, request: Request) -> Response:
        """Let the buyer confirm: the money is taken. With `?action=` they `give_up`, or the bank says no.

        Neither ends the trade. Who gives up on a phone is sent back by the page that opened WeChat.
        """
        trade = self.trades[request.path_params["payment"]]
        if trade["trade_state"] != "NOTPAY" or time.time() >= trade["ends"]:
            return Response(trade["trade_state"], 410)
        action = request.query_params.get("action", "pay")
        if action != "pay":
            self.declined.append((trade["out_trade_no"], action))
            return Response("not paid", 402 if action == "fail" else 200)
        self._take(trade)
        await self.notify(trade)
        return Response("paid")

    def _take(self, trade: dict[str, Any]) -> None:
        trade.update(trade_state="SUCCESS", transaction_id=f"42000{len(self.trades):023}")

    def set_paid(self, payment: str) -> None:
        """Say that a trade is paid, whatever it was."""
        self._take(self.trades[payment])

    def set_closed(self, payment: str) -> None:
        """Say that a trade is closed."""
        self.trades[payment]["trade_state"] = "CLOSED"

    def set_amount(self, payment: str, minor: int) -> None:
        """Say that a trade is about another amount."""
        self.trades[payment]["amount"] = {"total": minor, "currency": "CNY"}

    def told(self, trade: dict[str, Any]) -> dict[str, Any]:
        """Return a trade as it is told: the amount and the payer only once it is paid."""
        told = {"appid": APP_ID, "mchid": MERCHANT_ID, "out_trade_no": trade["out_trade_no"],
                "trade_state": trade["trade_state"], "trade_state_desc": "说明"}  # fmt: skip
        if trade["trade_state"] in {"SUCCESS", "REFUND"}:
            told |= {"transaction_id": trade["transaction_id"], "trade_type": trade["kind"].upper(),
                     "payer": {"openid": "open_4711"},
                     "amount": {**trade["amount"], "payer_total": trade["amount"]["total"]}}  # fmt: skip
        return told

    def _trade(self, payment: str) -> dict[str, Any]:
        if payment not in self.trades:
            raise Refused(404, "ORDER_NOT_EXIST")
        return self.trades[payment]

    def _query(self, payment: str, merchant: str) -> dict[str, Any]:
        assert merchant == MERCHANT_ID
        return self.told(self._trade(payment))

    def _end(self, payment: str, merchant: str) -> None:
        assert merchant == MERCHANT_ID
        trade = self._trade(payment)
        if payment in self.pays_at_close:
            self.pays_at_close.discard(payment)
            self._take(trade)
        if trade["trade_state"] != "NOTPAY":
            raise Refused(400, "ORDERPAID" if trade["trade_state"] == "SUCCESS" else "ORDER_CLOSED")
        trade["trade_state"] = "CLOSED"

    def _refund(self, asked: dict[str, Any]) -> dict[str, Any]:
        trade = self._trade(asked["out_trade_no"])
        assert re.fullmatch(r"[0-9A-Za-z_\-|*@]{1,64}", asked["out_refund_no"])
        name, refund, amount = asked["out_trade_no"], asked["out_refund_no"], asked["amount"]
        known = self.refunds.get((name, refund))
        if known is None:
            if self.refused_refunds:
                self.refused_refunds -= 1
                raise Refused(403, "NOT_ENOUGH")
            total = trade["amount"]["total"]
            paid = trade["trade_state"] in {"SUCCESS", "REFUND"}
            if not paid or amount["total"] != total or self.given_back(name) + amount["refund"] > total:
                raise Refused(400, "INVALID_REQUEST")
            self.refunds[name, refund] = amount["refund"]
            trade["trade_state"] = "REFUND"
        elif known != amount["refund"]:
            raise Refused(400, "INVALID_REQUEST")
        return self._refund_told(name, refund)

    def _refund_query(self, refund: str) -> dict[str, Any]:
        for name, known in self.refunds:
            if known == refund:
                return self._refund_told(name, refund)
        raise Refused(404, "RESOURCE_NOT_EXISTS")

    def _refund_told(self, name: str, refund: str) -> dict[str, Any]:
        """Tell how a refund stands: it is under way for the next `slow_refunds` looks."""
        waits = self.slow_refunds > 0
        self.slow_refunds = max(0, self.slow_refunds - 1)
        told_minor = self.refunds[name, refund] + self.refund_lie
        amount = {"refund": told_minor, "total": self.trades[name]["amount"]["total"]}
        return {"out_trade_no": name, "out_refund_no": refund, "refund_id": "50000000001",
                "status": "PROCESSING" if waits else self.refund_end,
                "amount": amount | {"currency": "CNY"}}  # fmt: skip

    def given_back(self, payment: str) -> int:
        """Return the fen given back of a trade."""
        return sum(amount for (name, _), amount in self.refunds.items() if name == payment)

    async def notify(self, trade: dict[str, Any]) -> None:
        """Tell the merchant that a trade is paid."""
        event = {"id": secrets.token_hex(16), "create_time": "2026-11-26T16:00:00+08:00",
                 "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS",
                 "summary": "支付成功", "resource": seal(self.told(trade))}  # fmt: skip
        told = (trade["notify_url"], event)
        await self.tell(self.notifications, lambda: self.send(*told), lambda: self.held.append(told))

    async def send(self, url: str, event: dict[str, Any], *, change: Any = None, **how: Any) -> str:
        """Send one notification; `change` changes its body after signing. Returns the answer's text."""
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = signature_of(body, **how) | {"content-type": "application/json"}
        answer = await self._http.post(url, content=change(body) if change else body, headers=headers)
        self.answers.append(answer.text)
        self.statuses.append(answer.status_code)
        return answer.text

    async def deliver_held(self) -> None:
        """Send what was held."""
        held, self.held = self.held, []
        for url, event in held:
            await self.send(url, event)

    def money(self) -> list[tuple[str, int]]:
        """Return state (waiting, paid, closed, refunded) and fen given back of every trade."""
        return [(self._state(name), self.given_back(name)) for name in self.trades]

    def _state(self, name: str) -> str:
        trade = self.trades[name]
        whole = self.given_back(name) == trade["amount"]["total"]
        return "refunded" if whole else STATES[trade["trade_state"]]

    def is_page(self, pay_url: str) -> bool:
        """Tell whether a buyer is sent to us, or to a page with a code of ours."""
        return pay_url.startswith(self.url) or "#weixin://wxpay/bizpayurl?pr=" in pay_url

    async def arrive(self, pay_url: str) -> int:
        """Let a buyer open the page, or scan the code."""
        if "#weixin://" in pay_url:
            return 200
        notify_url = urlsplit(next(iter(self.trades.values()))["notify_url"])
        headers = {"referer": f"{notify_url.scheme}://{notify_url.netloc}/"}
        async with httpx.AsyncClient(trust_env=False, verify=False, headers=headers) as browser:
            return (await browser.get(pay_url)).status_code

    async def press(self, payment: str, action: str) -> httpx.Response:
        """Press a button there: pay, give_up, or pay with a card that the bank refuses (fail)."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            return await browser.post(f"{self.url}/cashier/{payment}", params={"action": action})


def _answer(status: int, told: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), status, headers, media_type="application/json")


@contextlib.asynccontextmanager
async def wechat_pay_double() -> AsyncIterator[WechatPayDouble]:
    """Run the double; its address is `double.url`."""
    double = WechatPayDouble()
    async with running(double) as url:
        double.url = url
        yield double
