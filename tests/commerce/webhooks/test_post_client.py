"""Posting to the address that was checked, against receivers and resolvers that mean ill."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from commerce.webhooks.addresses import AddressRules, rules_for
from commerce.webhooks.post_client import ANSWER_BYTES, Outcome, Trouble, WebhookPost, system_resolve
from commerce.webhooks.refusals import BadWebhookUrl, UrlReason
from tests.commerce.webhooks.a_receiver import Receiver, Serving, certificate_for

LOOPBACK = rules_for("http://127.0.0.1:8000", ("127.0.0.0/8",))
DEVELOPER = AddressRules(http=True)
PUBLIC = "93.184.216.34"
NAME = "hooks.example.org"


class Names:
    """A resolver that gives one answer after the other, and the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Answer the next of the addresses."""
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer:
            raise OSError(host)
        return answer


def bare(outcome: Outcome) -> Outcome:
    """Return an outcome without its duration."""
    return replace(outcome, took_ms=0)


async def test_a_delivery_arrives_whole(receiver: Receiver) -> None:
    """Path, query, headers and body; the answer's status and body come back."""
    receiver.answer = "谢谢".encode()
    outcome = await WebhookPost(LOOPBACK).send(receiver.url, {"webhook-id": "ev_1"}, b'{"a":1}')
    assert bare(outcome) == Outcome(200, None, "谢谢")
    assert outcome.taken
    [got] = receiver.got
    assert (got.path, got.body, got.id) == ("/hooks?from=liveshop", b'{"a":1}', "ev_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_the_name_is_asked_for_once_and_stands_in_the_host_header(receiver: Receiver) -> None:
    """The connection goes to the address that was checked, whatever the name answers next."""
    names = Names(["127.0.0.1"], [PUBLIC])
    post = WebhookPost(LOOPBACK, names)
    outcome = await post.send(f"http://{NAME}:{receiver.port}/", {}, b"{}")
    assert outcome.status == 200
    assert names.asked == [NAME]
    assert receiver.got[0].headers["host"] == f"{NAME}:{receiver.port}"


async def test_a_name_that_answers_differently_the_second_time_reaches_nothing(receiver: Receiver) -> None:
    """Public while it was checked, loopback when it is sent to: nothing is sent."""
    names = Names([PUBLIC], ["127.0.0.1"])
    post = WebhookPost(DEVELOPER, names)
    url = f"http://{NAME}:{receiver.port}/"
    await post.check(url)
    assert bare(await post.send(url, {}, b"{}")) == Outcome(None, Trouble.NOT_PUBLIC)
    assert receiver.got == []


@pytest.mark.parametrize(
    "addresses",
    [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"],
     ["2002:7f00:1::1"], ["169.254.169.254"], ["fe80::1%eth0"], []],
)  # fmt: skip
async def test_one_address_that_is_not_public_refuses_all(addresses: list[str], receiver: Receiver) -> None:
    """Also beside a public one; and a name without an address looks the same."""
    post = WebhookPost(DEVELOPER, Names(addresses))
    url = f"http://{NAME}:{receiver.port}/"
    with pytest.raises(BadWebhookUrl) as caught:
        await post.check(url)
    assert caught.value.reason is UrlReason.NOT_PUBLIC
    assert bare(await post.send(url, {}, b"{}")) == Outcome(None, Trouble.NOT_PUBLIC)
    assert receiver.got == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "localhost",
     "localhost.", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "0.0.0.0",
     "\uff11\uff12\uff17.0.0.1", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3"],
)  # fmt: skip
async def test_no_spelling_of_this_machine_is_reached(host: str, receiver: Receiver) -> None:
    """By the system's own resolver, which understands all of them."""
    post = WebhookPost(DEVELOPER, system_resolve)
    url = f"http://{host}:{receiver.port}/"
    with pytest.raises(BadWebhookUrl):
        await post.check(url)
    assert (await post.send(url, {}, b"{}")).trouble is Trouble.NOT_PUBLIC
    assert receiver.got == []


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    """It is a failure, wherever it leads."""
    async with Serving(Receiver()) as inside:
        for status in (301, 302, 303, 307, 308):
            receiver.status, receiver.headers = f"{status} Elsewhere", (f"Location: {inside.url}",)
            outcome = await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")
            assert (outcome.status, outcome.taken) == (status, False)
        assert inside.got == []


async def test_the_certificate_must_be_the_names(tmp_path: Path) -> None:
    """The name is in SNI and in the check, although the connection goes to an address."""
    server, client = certificate_for(tmp_path, NAME)
    async with Serving(Receiver(), server) as secure:
        rules = AddressRules(allowed=LOOPBACK.allowed)
        post = WebhookPost(rules, Names(["127.0.0.1"]), client)
        assert (await post.send(f"https://{NAME}:{secure.port}/", {}, b"{}")).status == 200
        assert secure.names == [NAME]
        other = await post.send(f"https://other.example.org:{secure.port}/", {}, b"{}")
        assert bare(other) == Outcome(None, Trouble.TLS)
        stranger = await WebhookPost(rules, Names(["127.0.0.1"])).send(
            f"https://{NAME}:{secure.port}/", {}, b"{}"
        )
        assert bare(stranger) == Outcome(None, Trouble.TLS)
        assert len(secure.got) == 1


async def test_another_address_is_tried_when_one_cannot_be_connected_to(receiver: Receiver) -> None:
    """A name with several addresses is reached while one of them is."""
    post = WebhookPost(LOOPBACK, Names(["127.0.0.9", "127.0.0.1"]))
    assert (await post.send(f"http://{NAME}:{receiver.port}/", {}, b"{}")).status == 200


async def test_a_receiver_that_says_nothing_is_left_after_the_limit(receiver: Receiver) -> None:
    """The whole delivery has one limit."""
    receiver.gate.clear()
    async with asyncio.timeout(10):
        outcome = await WebhookPost(LOOPBACK, timeout_s=0.2).send(receiver.url, {}, b"{}")
    assert bare(outcome) == Outcome(None, Trouble.TIMEOUT)
    assert outcome.took_ms >= 190


async def test_a_resolver_that_says_nothing_is_left_after_the_limit() -> None:
    """It counts as part of the delivery."""

    async def silent(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with asyncio.timeout(10):
        outcome = await WebhookPost(LOOPBACK, silent, timeout_s=0.2).send(f"http://{NAME}/", {}, b"{}")
    assert outcome.trouble is Trouble.TIMEOUT


async def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    """Two kilobytes, however much comes."""
    receiver.answer = b"x" * 5_000_000
    outcome = await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")
    assert outcome == Outcome(200, None, "x" * ANSWER_BYTES, outcome.took_ms)


async def test_an_answer_that_drips_is_not_waited_for(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status has come, and it is what counts."""
    monkeypatch.setattr("commerce.webhooks.post_client.ANSWER_S", 0.2)
    receiver.answer, receiver.drips = b"slow", True
    outcome = await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")
    assert outcome.taken
    assert outcome.answer.startswith("slow")


@pytest.mark.parametrize(
    "raw",
    [b"", b"what?\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
     b"HTTP/1.1 999999 OK\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_http_is_a_failure(raw: bytes, receiver: Receiver) -> None:
    """Also headers without an end."""
    receiver.raw = raw
    assert bare(await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")) == Outcome(None, Trouble.BROKEN)


async def test_a_zero_byte_in_an_answer_is_kept_as_a_mark(receiver: Receiver) -> None:
    """PostgreSQL takes no zero byte in a text."""
    receiver.answer = b"a\0b\xff"
    assert (await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")).answer == "a\ufffdb\ufffd"


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve the name again."""
    async with Serving(Receiver()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert (await WebhookPost(LOOPBACK).send(receiver.url, {}, b"{}")).status == 200
        assert proxy.got == []
