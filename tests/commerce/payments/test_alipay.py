"""Our side of Alipay against a gateway that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from commerce.clock import system_clock_ms
from commerce.payments.alipay_client import AlipayGateway
from commerce.payments.alipay_forms import (
    Unreadable,
    fen,
    local_time,
    read_answer,
    read_form,
    signed_text,
    yuan,
)
from commerce.payments.provider import BadSignature, Device, NewPayment, ProviderRefused, ProviderUnavailable
from commerce.payments.redirect import RedirectProvider
from commerce.payments.rsa_crypto import BadKey, RsaKeys, is_private_key, is_public_key
from commerce.payments.states import PaymentState
from tests.doubles.alipay_double import (
    APP_ID,
    SELLER_ID,
    AlipayDouble,
    alipay_double,
    alipay_public,
    keys,
    merchant_private,
    sign,
)

P = PaymentState
NOTIFY = "https://shop.test/api/v1/payments/alipay/webhook"


@pytest.fixture
async def double() -> AsyncIterator[AlipayDouble]:
    """Run Alipay's double; nobody hears its notifications."""
    async with alipay_double() as running:
        running.notifications = "lost"
        yield running


@pytest.fixture
async def alipay(double: AlipayDouble) -> AsyncIterator[RedirectProvider]:
    """Open our client on the double."""
    provider = RedirectProvider(gateway_of(double.url))
    yield provider
    await provider.close()


def gateway_of(url: str, **changes: Any) -> AlipayGateway:
    """Make our side of it."""
    pair = RsaKeys(merchant_private(), alipay_public())
    return AlipayGateway(APP_ID, pair, NOTIFY, url=url, seller_id=SELLER_ID, **changes)


def a_payment(payment: str = "pa_1", *, mobile: bool = False) -> NewPayment:
    """Ask for 12.50 within a hold of a minute."""
    soon_ms = system_clock_ms() + 60_000
    return NewPayment(
        payment,
        "7K3M",
        1250,
        "CNY",
        "泥 & 火: 7K3M",
        "泥",
        "https://x.test/?a=1&b=2",
        soon_ms,
        Device(mobile),
    )


async def visit(url: str | None, *, pay: bool = True) -> int:
    """Arrive on the page, and pay there; returns the last status."""
    assert url is not None
    payment = dict(parse_qsl(urlsplit(url).query))["biz_content"].split('"out_trade_no":"')[1].split('"')[0]
    async with httpx.AsyncClient(trust_env=False, verify=False) as browser:
        arrived = await browser.get(url)
        if arrived.status_code != 200 or not pay:
            return arrived.status_code
        root = url.partition("/gateway.do")[0]
        return (await browser.post(f"{root}/cashier/{payment}")).status_code


@pytest.mark.parametrize("mobile", [False, True])
async def test_a_page_is_signed_and_pays_at_once(
    double: AlipayDouble, alipay: RedirectProvider, mobile: bool
) -> None:
    """A computer's page or a phone's; unknown before the buyer arrives, then waiting, then taken."""
    made = await alipay.create(a_payment(mobile=mobile))
    assert (made.state, made.reference) == (P.PENDING, "pa_1")
    assert await alipay.status("pa_1", None) is None
    assert await visit(made.pay_url, pay=False) == 200
    (fields,) = double.pages
    assert fields["method"] == ("alipay.trade.wap.pay" if mobile else "alipay.trade.page.pay")
    assert (fields["return_url"], fields["notify_url"]) == ("https://x.test/?a=1&b=2", NOTIFY)
    waiting = await alipay.status("pa_1", "pa_1")
    assert waiting is not None
    assert (waiting.state, waiting.amount_minor) == (P.PENDING, None)
    assert await visit(made.pay_url) == 200
    told = await alipay.capture("pa_1", "pa_1")
    assert (told.state, told.amount_minor) == (P.CAPTURED, 1250)
    assert told.fingerprint is not None
    assert "4711" not in told.fingerprint
    assert double.money() == [("paid", 0)]


async def test_a_page_that_was_changed_is_not_one(double: AlipayDouble, alipay: RedirectProvider) -> None:
    """Nobody makes it cheaper."""
    made = await alipay.create(a_payment())
    assert made.pay_url is not None
    assert await visit(made.pay_url.replace("12.50", "0.50"), pay=False) == 400
    assert double.trades == {}


async def test_nobody_pays_after_the_hold(double: AlipayDouble, alipay: RedirectProvider) -> None:
    """The page has its end in it."""
    made = await alipay.create(replace(a_payment(), expires_at_ms=system_clock_ms() - 1_000))
    assert await visit(made.pay_url) == 410
    assert double.trades == {}


async def test_voiding_closes_what_is_unpaid(double: AlipayDouble, alipay: RedirectProvider) -> None:
    """Nothing, a waiting trade, a paid one: what is paid stays paid and is told."""
    made = {name: await alipay.create(a_payment(name)) for name in ("pa_1", "pa_2", "pa_3")}
    await visit(made["pa_2"].pay_url, pay=False)
    await visit(made["pa_3"].pay_url)
    for _ in range(2):
        states = [(await alipay.void(name, name)).state for name in made]
        assert states == [P.VOIDED, P.VOIDED, P.CAPTURED]
    assert double.money() == [("closed", 0), ("paid", 0)]
    assert await visit(made["pa_2"].pay_url) == 410
    with pytest.raises(ProviderRefused) as refused:
        await alipay.capture("pa_2", "pa_2")
    assert (refused.value.code, refused.value.state) == ("not_paid", P.VOIDED)


async def test_each_refund_counts_once(double: AlipayDouble, alipay: RedirectProvider) -> None:
    """A repeat says that nothing moved, so the refund is asked after; too much is refused."""
    await visit((await alipay.create(a_payment())).pay_url)
    for _ in range(2):
        await alipay.refund("pa_1", "pa_1", "re_one", 500)
    assert double.calls["refund_query"] == 1
    await asyncio.gather(*(alipay.refund("pa_1", "pa_1", "re_two", 750) for _ in range(3)))
    assert double.given_back("pa_1") == 1250
    with pytest.raises(ProviderRefused):
        await alipay.refund("pa_1", "pa_1", "re_three", 1)
    with pytest.raises(ProviderRefused) as refused:
        await alipay.refund("pa_9", "pa_9", "re_four", 1)
    assert refused.value.code == "ACQ.TRADE_NOT_EXIST"
    assert double.given_back("pa_1") == 1250


@pytest.mark.parametrize("verb", ["query", "close", "refund"])
async def test_lost_answers_and_a_busy_gateway_are_asked_again(
    double: AlipayDouble, alipay: RedirectProvider, verb: str
) -> None:
    """One effect, whichever answer is lost."""
    waiting, paid = await alipay.create(a_payment("pa_1")), await alipay.create(a_payment("pa_2"))
    await visit(waiting.pay_url, pay=False)
    await visit(paid.pay_url)
    double.lost_answers[verb] = 1
    double.failures[verb] = 1
    assert (await alipay.void("pa_1", "pa_1")).state is P.VOIDED
    await alipay.refund("pa_2", "pa_2", "re_one", 200)
    assert double.money() == [("closed", 0), ("paid", 200)]
    assert (double.lost_answers[verb], double.failures[verb]) == (0, 0)


async def test_an_answer_that_alipay_did_not_sign_is_none(double: AlipayDouble) -> None:
    """Another key answers: unavailable, never believed."""
    own = merchant_private()
    public = keys()[0].public_key()
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    wrong = RsaKeys(own, public.public_bytes(serialization.Encoding.PEM, form).decode())
    gateway = AlipayGateway(APP_ID, wrong, NOTIFY, url=double.url)
    with pytest.raises(ProviderUnavailable, match="signature"):
        await gateway.look("pa_1")
    await gateway.close()
    stranger = AlipayGateway("2021999999999999", RsaKeys(own, alipay_public()), NOTIFY, url=double.url)
    with pytest.raises(ProviderUnavailable, match=r"isv\.invalid-signature"):
        await stranger.look("pa_1")
    await stranger.close()


def notice(**changes: str) -> dict[str, str]:
    """Write the fields of a notification."""
    fields = {
        "notify_time": "2026-11-26 08:00:00", "notify_type": "trade_status_sync", "notify_id": "n1",
        "app_id": APP_ID, "charset": "utf-8", "version": "1.0", "sign_type": "RSA2", "seller_id": SELLER_ID,
        "out_trade_no": "pa_1", "trade_no": "2026", "trade_status": "TRADE_SUCCESS", "total_amount": "12.50",
        "subject": "马克杯 & 帽子 = 好+1%", "empty": "",
    }  # fmt: skip
    return fields | changes


def delivered(fields: dict[str, str], *, by: Any = None) -> bytes:
    """Sign and write a notification as Alipay does."""
    names = sorted(name for name in fields if name != "sign_type" and fields[name])
    signature = sign("&".join(f"{name}={fields[name]}" for name in names), by)
    return urlencode(fields | {"sign": signature}).encode()


async def test_a_notification_is_a_hint(alipay: RedirectProvider) -> None:
    """Signed over its decoded fields; the state it tells is not used."""
    event = alipay.parse_webhook({}, delivered(notice()), 0)
    assert event.payment is not None
    assert (event.id, event.ask, event.payment.payment) == ("n1", True, "pa_1")
    assert event.payment.state is P.PENDING
    assert alipay.acknowledgement == b"success"


async def test_what_is_not_for_us_is_refused(alipay: RedirectProvider) -> None:
    """Changed, signed by others, of another application or seller, doubled fields, no form, no names."""
    good = delivered(notice())
    for body in (
        good.replace(b"12.50", b"1.50"),
        good + b"&extra=1",
        good.replace(b"RSA2", b"RSA"),
        delivered(notice(), by=keys()[0]),
        delivered(notice(app_id="2021000000000002")),
        delivered(notice(seller_id="2088000000000002")),
        delivered(notice(out_trade_no="")),
        delivered(notice(notify_id="")),
        delivered(notice(out_trade_no="pa_" + "x" * 60)),
        good + b"&out_trade_no=pa_2",
        urlencode(notice()).encode(),
        b"",
        b"\xff\xfe",
        b'{"out_trade_no":"pa_1"}',
    ):
        with pytest.raises(BadSignature):
            alipay.parse_webhook({}, body, 0)


def test_amounts_and_times_are_written_exactly() -> None:
    """Fen and China's clock; text or number."""
    assert [yuan(minor) for minor in (1, 100, 1250, 10**12)] == ["0.01", "1.00", "12.50", "10000000000.00"]
    assert [fen(amount) for amount in ("12.50", 12.5, "0.01", "7", 88.88)] == [1250, 1250, 1, 700, 8888]
    for amount in ("12.505", "x", "", None, "NaN", "Infinity"):
        with pytest.raises(Unreadable):
            fen(amount)
    assert local_time(1_795_680_000_999) == "2026-11-26 16:00:00"


def test_exactly_the_inner_object_is_signed() -> None:
    """Whatever spaces and order Alipay writes; and nothing else passes as an answer."""
    inner = '{"code": "10000" ,"b":{"c":"}\\"{"},"msg":"成功"}'
    for text in (f'{{"alipay_trade_query_response": {inner},"sign":"s"}}',
                 f'{{"sign":"s","alipay_trade_query_response":{inner}}}'):  # fmt: skip
        signed, told, signature = read_answer(text, "alipay.trade.query")
        assert (signed.decode(), told["msg"], signature) == (inner, "成功", "s")
    assert read_answer('{"error_response":{"code":"40001"}}', "alipay.trade.query")[2] == ""
    for text in (
        "",
        "[]",
        "{}",
        '{"alipay_trade_query_response":"x"}',
        "<html>",
        '{"alipay_trade_close_response":{}}',
    ):
        with pytest.raises(Unreadable):
            read_answer(text, "alipay.trade.query")
    with pytest.raises(Unreadable):
        read_form(b"a=1&a=2")
    assert signed_text({"b": "2", "a": "1", "sign": "x", "c": ""}) == b"a=1&b=2"


def test_keys_come_in_every_form_people_paste() -> None:
    """PEM, one line, PEM whose line breaks are lost; others are refused without being shown."""
    one_line, pem = merchant_private(), alipay_public()
    for private in (one_line, f"-----BEGIN PRIVATE KEY-----\n{one_line}\n-----END PRIVATE KEY-----"):
        for public in (pem, pem.replace("\n", " "), "".join(pem.split("\n")[1:-2])):
            pair = RsaKeys(private, public)
            assert pair.is_genuine(b"x", sign("x"))
            assert not pair.is_genuine(b"y", sign("x"))
            assert not pair.is_genuine(b"x", "not base64")
    assert is_private_key(one_line)
    assert is_public_key(pem)
    for text in ("", "abcd", pem, "-----BEGIN-----", "%%%"):
        assert not is_private_key(text)
    assert not is_public_key(one_line)
    with pytest.raises(BadKey) as refused:
        RsaKeys(pem, pem)
    assert pem[40:60] not in str(refused.value)
