"""Our side of WeChat Pay's API v3 against a double that speaks its protocol."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from commerce.clock import system_clock_ms
from commerce.payments.aes_gcm_crypto import Unsealable, unseal
from commerce.payments.provider import BadSignature, Device, NewPayment, ProviderRefused, ProviderUnavailable
from commerce.payments.redirect import RedirectProvider
from commerce.payments.rsa_crypto import RsaKeys, certificate_serial, is_public_key
from commerce.payments.states import PaymentState
from commerce.payments.wechat_pay_client import Merchant, Pages, WechatPayGateway
from commerce.payments.wechat_pay_forms import china_time, is_recent, signed_message, signed_request
from tests.doubles.wechat_pay_double import (
    API_KEY,
    APP_ID,
    CERTIFICATE_SERIAL,
    MERCHANT_ID,
    PUBLIC_KEY_ID,
    SERIAL,
    WechatPayDouble,
    keys,
    merchant_private,
    platform_certificate,
    seal,
    signature_of,
    wechat_pay_double,
    wechat_public,
)

P = PaymentState
PAGES = Pages("https://shop.test/api/v1/payments/wechat_pay/webhook", "https://shop.test/pay/scan")
PHONE = Device(mobile=True, address="203.0.113.7")
US = Merchant(MERCHANT_ID, APP_ID, SERIAL, PUBLIC_KEY_ID)


@pytest.fixture
async def double() -> AsyncIterator[WechatPayDouble]:
    """Run the double; nobody hears its notifications."""
    async with wechat_pay_double() as running:
        running.notifications = "lost"
        yield running


@pytest.fixture
async def wechat(double: WechatPayDouble) -> AsyncIterator[RedirectProvider]:
    """Open our client on the double."""
    provider = RedirectProvider(gateway_of(double.url))
    yield provider
    await provider.close()


def gateway_of(url: str, who: Merchant = US, theirs: str | None = None, **changes: Any) -> WechatPayGateway:
    """Make our side of it."""
    pair = RsaKeys(merchant_private(), theirs or wechat_public())
    return WechatPayGateway(who, pair, API_KEY.encode(), PAGES, url=url, **changes)


def a_payment(payment: str = "pa_0001", device: Device = PHONE) -> NewPayment:
    """Ask for 12.50 within a hold of a minute and a half."""
    soon_ms = system_clock_ms() + 90_000
    return NewPayment(
        payment, "7K3M", 1250, "CNY", "泥 & 火: 7K3M", "泥", "https://x.test/?a=1&b=2", soon_ms, device
    )


async def test_a_phone_is_sent_to_their_page(double: WechatPayDouble, wechat: RedirectProvider) -> None:
    """The trade waits, is paid there, and is then told with what was paid and by whom."""
    payment = a_payment()
    made = await wechat.create(payment)
    assert made.pay_url is not None
    assert (made.state, made.reference) == (P.PENDING, "pa_0001")
    assert made.pay_url.endswith("&redirect_url=https%3A%2F%2Fx.test%2F%3Fa%3D1%26b%3D2")
    (asked,) = double.pages
    assert (asked["kind"], asked["amount"]) == ("h5", {"total": 1250, "currency": "CNY"})
    assert (asked["notify_url"], asked["description"]) == (PAGES.notify_url, "泥 & 火: 7K3M")
    assert asked["scene_info"]["payer_client_ip"] == "203.0.113.7"
    assert datetime.fromisoformat(asked["time_expire"]).timestamp() == payment.expires_at_ms // 1000
    assert await double.arrive(made.pay_url) == 200
    waiting = await wechat.status("pa_0001", None)
    assert waiting is not None
    assert (waiting.state, waiting.amount_minor, waiting.fingerprint) == (P.PENDING, None, None)
    assert (await double.press("pa_0001", "pay")).status_code == 200
    told = await wechat.capture("pa_0001", "pa_0001")
    assert (told.state, told.amount_minor) == (P.CAPTURED, 1250)
    assert told.fingerprint is not None
    assert "4711" not in told.fingerprint


async def test_others_are_shown_a_code_by_a_page_of_ours(
    double: WechatPayDouble, wechat: RedirectProvider
) -> None:
    """The code is behind the `#`; no address of the buyer's is told."""
    made = await wechat.create(a_payment(device=Device(mobile=False, address="203.0.113.7")))
    assert made.pay_url == "https://shop.test/pay/scan/pa_0001#weixin://wxpay/bizpayurl?pr=wx00000001"
    (asked,) = double.pages
    assert asked["kind"] == "native"
    assert "203.0.113.7" not in json.dumps(asked)


async def test_asking_again_is_no_second_trade(double: WechatPayDouble, wechat: RedirectProvider) -> None:
    """The same numbers give a fresh address of the same trade; other ones are refused and change nothing."""
    first = a_payment()
    made = await wechat.create(first)
    double.age_pages()
    again = await wechat.renew(first)
    assert made.pay_url is not None
    assert again.pay_url is not None
    assert made.pay_url != again.pay_url
    assert (await double.arrive(made.pay_url), await double.arrive(again.pay_url)) == (410, 200)
    for other in (replace(first, amount_minor=1), replace(first, expires_at_ms=first.expires_at_ms + 60_000)):
        with pytest.raises(ProviderRefused):
            await wechat.renew(other)
    assert [trade["amount"]["total"] for trade in double.trades.values()] == [1250]


async def test_voiding_closes_what_is_unpaid(double: WechatPayDouble, wechat: RedirectProvider) -> None:
    """Nothing, a waiting trade, a paid one: what is paid stays paid and is told."""
    for name in ("pa_0002", "pa_0003"):
        await wechat.create(a_payment(name))
    await double.press("pa_0003", "pay")
    for _ in range(2):
        states = [(await wechat.void(name, name)).state for name in ("pa_0001", "pa_0002", "pa_0003")]
        assert states == [P.VOIDED, P.VOIDED, P.CAPTURED]
    assert double.money() == [("closed", 0), ("paid", 0)]
    assert (await double.press("pa_0002", "pay")).status_code == 410
    with pytest.raises(ProviderRefused) as refused:
        await wechat.capture("pa_0002", "pa_0002")
    assert (refused.value.code, refused.value.state) == ("not_paid", P.VOIDED)


async def test_each_refund_counts_once(double: WechatPayDouble, wechat: RedirectProvider) -> None:
    """Repeats have one number and one effect; too much is refused, and so is what was never paid."""
    await wechat.create(a_payment())
    with pytest.raises(ProviderRefused):
        await wechat.refund("pa_0001", "pa_0001", "re_early", 1)
    await double.press("pa_0001", "pay")
    for _ in range(2):
        await wechat.refund("pa_0001", "pa_0001", "re_one", 500)
    await asyncio.gather(*(wechat.refund("pa_0001", "pa_0001", "re_two", 750) for _ in range(3)))
    assert double.given_back("pa_0001") == 1250
    for name, refund in (("pa_0001", "re_three"), ("pa_0009", "re_four")):
        with pytest.raises(ProviderRefused):
            await wechat.refund(name, name, refund, 1)
    assert double.given_back("pa_0001") == 1250
    assert (await wechat.capture("pa_0001", "pa_0001")).state is P.CAPTURED


async def test_a_refund_counts_when_it_is_done(double: WechatPayDouble, wechat: RedirectProvider) -> None:
    """Under way is not done; one that ends badly is a refusal with WeChat Pay's word for it."""
    await wechat.create(a_payment())
    await double.press("pa_0001", "pay")
    double.slow_refunds = 2
    with pytest.raises(ProviderUnavailable, match="not given"):
        await wechat.refund("pa_0001", "pa_0001", "re_one", 500)
    await wechat.refund("pa_0001", "pa_0001", "re_one", 500)
    double.refund_lie = 1
    with pytest.raises(ProviderUnavailable, match="another refund"):
        await wechat.refund("pa_0001", "pa_0001", "re_one", 500)
    double.refund_lie = 0
    double.refund_end = "ABNORMAL"
    with pytest.raises(ProviderRefused) as refused:
        await wechat.refund("pa_0001", "pa_0001", "re_two", 100)
    assert refused.value.code == "ABNORMAL"
    assert double.calls["refund_query"] == 1


@pytest.mark.parametrize("verb", ["create", "query", "close", "refund", "refund_query"])
@pytest.mark.parametrize("fault", ["lost_answers", "failures", "probes"])
async def test_lost_failed_and_wrongly_signed_answers_are_asked_again(
    double: WechatPayDouble, wechat: RedirectProvider, verb: str, fault: str
) -> None:
    """One effect, whichever answer is lost, and a signature that is wrong on purpose is noticed."""
    getattr(double, fault)[verb] = 2
    double.slow_refunds = 1 if verb == "refund_query" else 0
    await wechat.create(a_payment("pa_0001"))
    await wechat.create(a_payment("pa_0002"))
    await double.press("pa_0002", "pay")
    assert (await wechat.void("pa_0001", "pa_0001")).state is P.VOIDED
    await wechat.refund("pa_0002", "pa_0002", "re_one", 200)
    assert double.money() == [("closed", 0), ("paid", 200)]
    assert getattr(double, fault)[verb] == 0


async def test_a_refusal_with_a_wrong_signature_is_none(
    double: WechatPayDouble, wechat: RedirectProvider
) -> None:
    """That there is no such trade is believed only from WeChat Pay."""
    double.probes["query"] = 3
    with pytest.raises(ProviderUnavailable, match="signature"):
        await wechat.status("pa_0404", None)
    assert await wechat.status("pa_0404", None) is None


async def test_only_a_trade_that_is_not_there_is_no_trade(
    double: WechatPayDouble, wechat: RedirectProvider
) -> None:
    """Refused to look for another reason, nobody may think that nothing was paid."""
    await wechat.create(a_payment())
    assert (await double.press("pa_0001", "pay")).status_code == 200
    double.refused["query"] = "NO_AUTH"
    with pytest.raises(ProviderRefused, match="NO_AUTH"):
        await wechat.status("pa_0001", None)
    told = await wechat.status("pa_0001", None)
    assert told is not None
    assert told.state is P.CAPTURED


async def test_an_answer_that_wechat_pay_did_not_sign_is_none(double: WechatPayDouble) -> None:
    """Another key, another key's name, an old clock, a proxy's page: unavailable, never believed."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    wrong = keys()[0].public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    late_ms = system_clock_ms() - 301_000
    for gateway, why in (
        (gateway_of(double.url, theirs=wrong), "signature"),
        (gateway_of(double.url, replace(US, their_serial="PUB_KEY_ID_0000000009")), "SIGN_ERROR"),
        (gateway_of(double.url, replace(US, serial="A" * 40)), "SIGN_ERROR"),
        (gateway_of(double.url, now_ms=lambda: late_ms), "SIGN_ERROR"),
        (gateway_of(double.url + "/nowhere"), "status 404"),
    ):
        with pytest.raises(ProviderUnavailable, match=why):
            await gateway.look("pa_0001")
        await gateway.close()


def event(**changes: Any) -> dict[str, Any]:
    """Write a notification; `changes` are of what it is about."""
    about = {"mchid": MERCHANT_ID, "appid": APP_ID, "out_trade_no": "pa_0001", "trade_state": "SUCCESS"}
    return {"id": "ev_1", "create_time": "2026-11-26T16:00:00+08:00", "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource", "summary": "支付成功",
            "resource": seal(about | changes)}  # fmt: skip


def delivered(told: Any, **how: Any) -> tuple[dict[str, str], bytes]:
    """Sign and write a notification as WeChat Pay does; header names as our doors give them."""
    body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
    return {name.lower(): value for name, value in signature_of(body, **how).items()}, body


async def test_a_notification_is_a_hint(wechat: RedirectProvider) -> None:
    """Signed, sealed, of this merchant; a refund's names no application. The state it tells is not used."""
    for told in (event(), event(appid=None)):
        headers, body = delivered(told)
        found = wechat.parse_webhook(headers, body, system_clock_ms())
        assert found.payment is not None
        assert (found.id, found.ask, found.payment.payment) == ("ev_1", True, "pa_0001")
        assert found.payment.state is P.PENDING
    assert wechat.acknowledgement is None


async def test_what_is_not_for_us_is_refused(wechat: RedirectProvider) -> None:
    """Unsigned, by others, changed, old, of another key's name, sealed otherwise, of others, no JSON."""
    now_ms = system_clock_ms()
    headers, body = delivered(event())
    sealed = event()["resource"]
    for bad_headers, bad_body in (
        ({}, body),
        (headers, body.replace(b"ev_1", b"ev_2")),
        (headers | {"wechatpay-nonce": "other"}, body),
        (headers | {"wechatpay-timestamp": str(now_ms // 1000 - 1)}, body),
        (headers | {"wechatpay-serial": SERIAL}, body),
        (headers | {"wechatpay-signature": "WECHATPAY/SIGNTEST/abcd"}, body),
        delivered(event(), key=keys()[0]),
        delivered(event(), at_s=now_ms // 1000 - 301),
        delivered(event(), at_s=now_ms // 1000 + 302),
        delivered(event(mchid="1900000009")),
        delivered(event(appid="wx9999999999999999")),
        delivered(event(out_trade_no="")),
        delivered(event(out_trade_no="x" * 41)),
        delivered(event() | {"id": ""}),
        delivered(event() | {"resource": sealed | {"algorithm": "NONE"}}),
        delivered(event() | {"resource": sealed | {"associated_data": "refund"}}),
        delivered(event() | {"resource": sealed | {"ciphertext": "!!"}}),
        delivered(event() | {"resource": seal({"mchid": MERCHANT_ID}, "y" * 32)}),
        delivered(event() | {"resource": None}),
        delivered(b""),
        delivered(b"\xff\xfe"),
    ):
        with pytest.raises(BadSignature):
            wechat.parse_webhook(bad_headers, bad_body, now_ms)
    for at_ms in (now_ms - 302_000, now_ms + 302_000):  # a genuine one, sent again later
        with pytest.raises(BadSignature):
            wechat.parse_webhook(headers, body, at_ms)


def test_what_is_signed_is_written_line_by_line() -> None:
    """As the documents show it; times are China's."""
    assert signed_request("GET", "/v3/x?mchid=1", 1554208460, "593BEC0C", b"") == (
        b"GET\n/v3/x?mchid=1\n1554208460\n593BEC0C\n\n"
    )
    assert signed_message("1554209980", "c5ac7061", b'{"a":1}') == b'1554209980\nc5ac7061\n{"a":1}\n'
    assert china_time(1_795_680_000_999) == "2026-11-26T16:00:00+08:00"
    now_ms = 1_795_680_000_000
    assert [is_recent(at, now_ms) for at in ("1795680300", "1795679700", "1795680301", "-1", "", "x")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_only_what_was_sealed_with_our_key_opens() -> None:
    """A wrong length of key or nonce is a refusal as well, not a fault."""
    sealed = seal({"a": 1})
    args = (sealed["nonce"], sealed["ciphertext"], sealed["associated_data"])
    assert json.loads(unseal(API_KEY.encode(), *args)) == {"a": 1}
    for key, nonce, text, more in ((b"x" * 32, *args), (b"short", *args), (API_KEY.encode(), "", *args[1:]),
                                   (API_KEY.encode(), args[0], args[1][:8], args[2])):  # fmt: skip
        with pytest.raises(Unsealable):
            unseal(key, nonce, text, more)


async def test_a_platform_certificate_does_as_well_as_a_public_key(double: WechatPayDouble) -> None:
    """Its serial number is what the signatures call it."""
    pem = platform_certificate()
    assert is_public_key(pem)
    assert certificate_serial(pem) == CERTIFICATE_SERIAL
    assert certificate_serial(wechat_public()) is None
    assert not is_public_key(pem.replace("A", "B"))
    gateway = gateway_of(double.url, theirs=pem)
    assert await gateway.look("pa_0001") is None
    await gateway.close()


async def test_a_silent_api_is_given_up_after_three_tries(double: WechatPayDouble) -> None:
    """Each try is signed anew: the double refuses a nonce it has seen."""
    gateway = gateway_of(double.url, timeout_s=0.2)
    double.slow["query"] = 3
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="Timeout"):
        await gateway.look("pa_0001")
    assert double.calls["query"] == 3
    assert time.monotonic() - began < 5
    await gateway.close()


async def test_strangers_are_not_answered(double: WechatPayDouble) -> None:
    """The double itself checks what the real API would: no signature, no service."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as anybody:
        answer = await anybody.post(f"{double.url}/v3/pay/transactions/native", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    assert double.trades == {}
