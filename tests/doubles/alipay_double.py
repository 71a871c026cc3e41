"""Alipay, as far as we use it: its gateway's forms, signatures, codes and notifications.

One address takes both: a browser's GET with the signed parameters of a page, and the merchant's POSTs. Every
request's RSA2 signature is checked, every answer and notification is signed. A trade comes to be when the
buyer arrives on the page. What happens beyond the ordinary is set on the double: see `AlipayDouble`.
"""

import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.provider import Cut, ProviderDouble, running

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
CHINA = timezone(timedelta(hours=8))


@cache
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Make the merchant's and Alipay's keys, once a run."""
    return rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)


def merchant_private() -> str:
    """Return what the merchant signs with, as one line of base64."""
    der = keys()[0].private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.b64encode(der).decode()


def alipay_public() -> str:
    """Return what the merchant checks with, as PEM."""
    kind, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return keys()[1].public_key().public_bytes(kind, form).decode()


def sign(text: str, key: rsa.RSAPrivateKey | None = None) -> str:
    """Sign as Alipay does."""
    signer = keys()[1] if key is None else key
    return base64.b64encode(signer.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


class Refused(Exception):
    """A business failure: code 40004 and why."""


class AlipayDouble(ProviderDouble):
    """The gateway's state, and how it shall behave.

    `notifications` is how they go: normal, twice, held (see `deliver_held`), lost. `lost_answers`, `failures`
    and `slow` count calls by the last word of their method (query, close, refund) whose answer is cut off,
    which fail with 20000, or which answer after `go_on`. `declined` has who gave up (or failed) to pay what.
    `refused_refunds` counts refunds refused for want
    of balance; `before_answer` notifies before a page's button is answered. `pays_at_close` has trades whose
    buyer pays just before they are closed.
    """

    name = "alipay"

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.notifications = "normal"
        self.refused_refunds = 0
        self.pays_at_close: set[str] = set()
        self.trades: dict[str, dict[str, Any]] = {}
        self.refunds: dict[tuple[str, str], int] = {}
        self.pages: list[dict[str, str]] = []
        self.held: list[tuple[str, dict[str, str]]] = []
        self.answers: list[str] = []
        self.declined: list[tuple[str, str]] = []
        self._numbers = 0

    def app(self) -> Starlette:
        """Return what serves it."""
        return Starlette(
            routes=[
                Route("/gateway.do", self._page, methods=["GET"]),
                Route("/gateway.do", self._gateway, methods=["POST"]),
                Route("/cashier/{payment}", self._cashier, methods=["POST"]),
            ]
        )

    def _checked(self, fields: dict[str, str]) -> dict[str, Any]:
        """Check what Alipay checks of every request; returns the business content."""
        text = "&".join(
            f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name]
        )
        public = keys()[0].public_key()
        raw = base64.b64decode(fields.get("sign", ""))
        public.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        made = datetime.strptime(fields["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        fixed = {name: fields[name] for name in ("app_id", "format", "charset", "sign_type", "version")}
        assert fixed == {"app_id": APP_ID, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
                         "version": "1.0"}  # fmt: skip
        assert abs(made.timestamp() - time.time()) < 900
        content: dict[str, Any] = json.loads(fields["biz_content"])
        return content

    async def _page(self, request: Request) -> Response:
        """Let a buyer arrive: from now on there is a trade."""
        fields = dict(request.query_params)
        try:
            content = self._checked(fields)
        except (InvalidSignature, AssertionError, ValueError, KeyError):
            return Response("invalid-signature", 400)
        product = {"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY", "alipay.trade.wap.pay": "QUICK_WAP_WAY"}
        assert content["product_code"] == product[fields["method"]]
        self.pages.append(fields)
        ends = datetime.strptime(content["time_expire"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        if time.time() >= ends.timestamp():
            return Response("the time is over", 410)
        name = content["out_trade_no"]
        made = self.trades.setdefault(
            name,
            {
                "trade_no": f"20261126{len(self.trades):020}",
                "out_trade_no": name,
                "trade_status": "WAIT_BUYER_PAY",
                "total_amount": content["total_amount"],
                "ends": ends.timestamp(),
                "notify_url": fields["notify_url"],
                "quit_url": content.get("quit_url"),
            },
        )
        assert made["total_amount"] == content["total_amount"]
        return Response("pay here", 200)

    async def _cashier(self, request: Request) -> Response:
        """Let the buyer confirm: the money is taken. With `?action=` they `give_up`, or the bank says no.

        Neither ends the trade: the same page takes money until its end. Who gives up on a phone is sent to
        `quit_url`; a computer's browser is sent nowhere.
        """
        trade = self.trades[request.path_params["payment"]]
        if trade["trade_status"] == "WAIT_BUYER_PAY" and time.time() >= trade["ends"]:
            trade["trade_status"] = "TRADE_CLOSED"
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            return Response(trade["trade_status"], 410)
        action = request.query_params.get("action", "pay")
        if action != "pay":
            self.declined.append((trade["out_trade_no"], action))
            if action == "give_up" and trade["quit_url"]:
                return Response(status_code=302, headers={"location": trade["quit_url"]})
            return Response("not paid", 402 if action == "fail" else 200)
        trade.update(trade_status="TRADE_SUCCESS", buyer_open_id="open_4711")
        await self.notify(trade)
        return Response("paid")

    async def _gateway(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        method = fields.get("method", "")
        word = method.rpartition(".")[2] if "fastpay" not in method else "refund_query"
        await self.called(word)
        told = self._answer(fields, word)
        text = json.dumps(told, ensure_ascii=False)
        name = method.replace(".", "_") + "_response"
        if self.due(self.lost_answers, word):
            return Cut()
        return Response(f'{{"{name}": {text}, "sign": "{sign(text)}"}}', media_type="application/json")

    def _answer(self, fields: dict[str, str], word: str) -> dict[str, Any]:
        try:
            content = self._checked(fields)
        except (InvalidSignature, AssertionError, ValueError, KeyError):
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
        if self.due(self.failures, word):
            return {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "aop.unknow-error"}
        work = {"query": self._query, "close": self._end, "refund": self._refund,
                "refund_query": self._refund_query}[word]  # fmt: skip
        try:
            return {"code": "10000", "msg": "Success", **work(content)}
        except Refused as refused:
            return {"code": "40004", "msg": "Business Failed", "sub_code": str(refused), "sub_msg": "不行"}

    def _trade(self, content: dict[str, Any]) -> dict[str, Any]:
        found = self.trades.get(content["out_trade_no"])
        if found is None:
            raise Refused("ACQ.TRADE_NOT_EXIST")
        return found

    def _query(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self._trade(content)
        return {
            name: value for name, value in trade.items() if name not in {"ends", "notify_url", "quit_url"}
        }

    def _end(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self._trade(content)
        if trade["out_trade_no"] in self.pays_at_close:
            trade.update(trade_status="TRADE_SUCCESS", buyer_open_id="open_4711")
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            raise Refused("ACQ.REASON_TRADE_STATUS_INVALID")
        trade["trade_status"] = "TRADE_CLOSED"
        return {"out_trade_no": trade["out_trade_no"], "trade_no": trade["trade_no"]}

    def _refund(self, content: dict[str, Any]) -> dict[str, Any]:
        trade = self._trade(content)
        name, amount = content["out_trade_no"], round(float(content["refund_amount"]) * 100)
        known = self.refunds.get((name, content["out_request_no"]))
        if known is None:
            if self.refused_refunds:
                self.refused_refunds -= 1
                raise Refused("ACQ.SELLER_BALANCE_NOT_ENOUGH")
            total = round(float(trade["total_amount"]) * 100)
            if trade["trade_status"] != "TRADE_SUCCESS" or self.given_back(name) + amount > total:
                raise Refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            self.refunds[name, content["out_request_no"]] = amount
            if self.given_back(name) == total:
                trade["trade_status"] = "TRADE_CLOSED"
        elif known != amount:
            raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST")
        return {"out_trade_no": name, "fund_change": "Y" if known is None else "N",
                "refund_fee": f"{self.given_back(name) / 100:.2f}"}  # fmt: skip

    def _refund_query(self, content: dict[str, Any]) -> dict[str, Any]:
        found = self.refunds.get((content["out_trade_no"], content["out_request_no"]))
        return (
            {}
            if found is None
            else {"refund_status": "REFUND_SUCCESS", "refund_amount": f"{found / 100:.2f}"}
        )

    def given_back(self, payment: str) -> int:
        """Return the fen given back of a trade."""
        return sum(amount for (name, _), amount in self.refunds.items() if name == payment)

    async def notify(self, trade: dict[str, Any]) -> None:
        """Tell the merchant how a trade stands."""
        self._numbers += 1
        fields = {
            "notify_time": datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
            "notify_type": "trade_status_sync", "notify_id": f"notice{self._numbers}", "app_id": APP_ID,
            "charset": "utf-8", "version": "1.0", "sign_type": "RSA2", "seller_id": SELLER_ID,
            "trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"],
            "trade_status": trade["trade_status"], "total_amount": trade["total_amount"],
            "subject": "马克杯 & 帽子 = 好", "passback_params": "",
        }  # fmt: skip
        told = (trade["notify_url"], fields)
        await self.tell(self.notifications, lambda: self.send(*told), lambda: self.held.append(told))

    async def send(
        self, url: str, fields: dict[str, str], *, key: rsa.RSAPrivateKey | None = None, **changes: str
    ) -> str:
        """Send one notification, signed; `changes` are made after signing. Returns the answer's text."""
        text = "&".join(
            f"{name}={fields[name]}" for name in sorted(fields) if name != "sign_type" and fields[name]
        )
        body = urlencode(fields | {"sign": sign(text, key)} | changes)
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        answer = await self._http.post(url, content=body, headers=headers)
        self.answers.append(answer.text)
        return answer.text

    async def deliver_held(self) -> None:
        """Send what was held."""
        held, self.held = self.held, []
        for url, fields in held:
            await self.send(url, fields)

    def money(self) -> list[tuple[str, int]]:
        """Return state (waiting, paid, closed, refunded) and fen given back of every trade."""
        return [(self._state(name), self.given_back(name)) for name in self.trades]

    def _state(self, name: str) -> str:
        trade = self.trades[name]
        if self.given_back(name) == round(float(trade["total_amount"]) * 100):
            return "refunded"
        return {"TRADE_SUCCESS": "paid", "TRADE_CLOSED": "closed"}.get(trade["trade_status"], "waiting")

    def is_page(self, pay_url: str) -> bool:
        """Tell whether a buyer is sent to us."""
        return pay_url.startswith(self.url)

    async def arrive(self, pay_url: str) -> int:
        """Let a buyer open the page."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            return (await browser.get(pay_url)).status_code

    async def press(self, payment: str, action: str) -> httpx.Response:
        """Press a button there: pay, give_up, or pay with a card that the bank refuses (fail)."""
        root = self.url.removesuffix("/gateway.do")
        async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
            return await browser.post(f"{root}/cashier/{payment}", params={"action": action})

    def set_paid(self, payment: str) -> None:
        """Say that a trade is paid, whatever it was."""
        self.trades[payment]["trade_status"] = "TRADE_SUCCESS"

    def set_closed(self, payment: str) -> None:
        """Say that a trade is closed."""
        self.trades[payment]["trade_status"] = "TRADE_CLOSED"

    def set_amount(self, payment: str, minor: int) -> None:
        """Say that a trade is about another amount."""
        self.trades[payment]["total_amount"] = f"{minor / 100:.2f}"


@contextlib.asynccontextmanager
async def alipay_double() -> AsyncIterator[AlipayDouble]:
    """Run the double; its gateway is `double.url`."""
    double = AlipayDouble()
    async with running(double) as url:
        double.url = f"{url}/gateway.do"
        yield double
