"""Malformed, oversized, unauthenticated, unexpected frames: the specified answer; the server serves on."""

import asyncio
import json
import time

import pytest
from redis.asyncio import Redis
from websockets.exceptions import ConnectionClosed

from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop, serving


async def _closed_by(client: RoomClient, *frames: str | bytes) -> int:
    await client.open()
    assert client.socket is not None
    for frame in frames:
        await client.socket.send(frame)
    code = await client.until_closed()
    await client.close()
    return code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", CloseCode.BAD_MESSAGE),
        (b"\x00\x01", CloseCode.BAD_MESSAGE),
        ("[" * 7000, CloseCode.BAD_MESSAGE),
        ("[]", CloseCode.BAD_MESSAGE),
        ('{"id":1,"type":"like","count":1}', CloseCode.HELLO_MISSING),
        ('{"id":1,"type":"hello","token":"wrong"}', CloseCode.UNAUTHORISED),
        ('{"id":1,"type":"hello","token":"gu_mei","v":2}', CloseCode.VERSION),
        ('{"id":1,"type":"hello"}', CloseCode.BAD_MESSAGE),
        ('{"id":1,"type":"hello","token":"gu_mei","position":{"epoch":"x"}}', CloseCode.BAD_MESSAGE),
        ("x" * 9000, CloseCode.BAD_MESSAGE),
        ("x" * 70_000, 1009),
    ],
)
async def test_a_first_frame_that_is_no_hello_closes(front: Front, frame: str | bytes, code: int) -> None:
    """With a code that says why; others are not disturbed."""
    async with RoomClient(front.url, SHOW, "gu_lin") as lin:
        assert await _closed_by(RoomClient(front.url, SHOW, "gu_mei"), frame) == code
        await lin.comment("undisturbed")


async def test_an_unknown_show_closes(front: Front) -> None:
    """4504: do not come back."""
    hello = json.dumps({"id": 1, "type": "hello", "token": "gu_mei"})
    assert await _closed_by(RoomClient(front.url, "sh_none", "gu_mei"), hello) == CloseCode.NO_SUCH_SHOW


async def test_silence_before_hello_closes(plain_redis: Redis, shop: Shop) -> None:
    """Within the time allowed for it."""
    async with serving(plain_redis, shop, settings=RoomSettings(hello_within_ms=200)) as front:
        assert await _closed_by(RoomClient(front.url, SHOW, "gu_mei")) == CloseCode.HELLO_MISSING


async def test_a_foreign_origin_is_refused_after_accept(plain_redis: Redis, shop: Shop) -> None:
    """Browsers can read the close code only then; our own pages and programs may connect."""
    settings = RoomSettings(own_origins=frozenset({"https://shop.example"}))
    async with serving(plain_redis, shop, settings=settings) as front:
        evil = RoomClient(front.url, SHOW, "gu_mei", origin="https://evil.example")
        assert await _closed_by(evil) == CloseCode.ORIGIN_REFUSED
        async with RoomClient(front.url, SHOW, "gu_mei", origin="https://shop.example") as mei:
            await mei.comment("at home")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "dance"}, "unknown_type"),
        ({"type": "comment", "text": "no key"}, "bad_message"),
        ({"type": "comment", "text": "x", "key": "short"}, "bad_message"),
        ({"type": "comment", "text": 5, "key": "k" * 12}, "bad_message"),
        ({"type": "comment", "text": "x", "key": "k" * 12, "surplus": 1}, "bad_message"),
        ({"type": "comment", "text": " \u200b\u202e ", "key": "k" * 12}, "comment_empty"),
        ({"type": "comment", "text": "x" * 301, "key": "k" * 12}, "comment_too_long"),
        ({"type": "like", "count": 21}, "bad_message"),
        ({"type": "reserve", "lines": [], "key": "k" * 12}, "bad_message"),
        ({"type": "name", "name": "Moderator"}, "bad_name"),
        ({"type": "name", "name": "M\u0435i's T\u0435a"}, "bad_name"),
        ({"type": "refresh", "token": "gu_lin"}, "unauthorised"),
        ({"type": "hello", "token": "gu_mei"}, "bad_message"),
    ],
)
async def test_a_wrong_message_is_answered_and_changes_nothing(
    front: Front, message: dict[str, object], code: str
) -> None:
    """A stable code, and the socket lives on."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        with pytest.raises(RefusedError) as refused:
            await mei.ask(str(message.pop("type")), **message)
        assert refused.value.code == code
        await mei.comment("still here")
        await mei.until(lambda: mei.texts() == ["still here"])


@pytest.mark.parametrize("quantity", [0.5, -1, 10**12, "1", None])
async def test_a_wrong_quantity_never_reaches_the_shop(front: Front, shop: Shop, quantity: object) -> None:
    """The code is the same as over HTTP."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        line = {"variant": "va_1", "quantity": quantity, "price_version": 1}
        with pytest.raises(RefusedError, match="bad_quantity"):
            await mei.ask("reserve", lines=[line], key=new_key())
        assert shop.reservations == {}


async def test_ten_unreadable_messages_close(front: Front) -> None:
    """A client that cannot speak the protocol does not keep the server busy."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        for _ in range(10):
            await mei.send("nonsense")
        assert await mei.until_closed() == CloseCode.BAD_MESSAGE


async def test_a_flood_is_told_when_to_come_back_and_then_closed(front: Front) -> None:
    """Refusals carry `retry_after_ms`; far more than that closes with 4008."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        answers = [await mei.send_and_wait("comment", text=f"{n}", key=new_key()) for n in range(9)]
        refused = [answer for answer in answers if answer["type"] == "error"]
        assert refused
        assert {(answer["code"], answer["temporary"]) for answer in refused} == {("rate_limited", True)}
        assert all(answer["retry_after_ms"] > 0 for answer in refused)
        for _ in range(400):
            if mei.close_code is not None:
                break
            try:
                await mei.send("like", count=1)
            except ConnectionClosed:
                break
        assert await mei.until_closed() == CloseCode.RATE_LIMITED


async def test_one_person_has_a_bounded_number_of_sockets(plain_redis: Redis, shop: Shop) -> None:
    """One more than allowed is closed; the others stay."""
    async with (
        serving(plain_redis, shop, settings=RoomSettings(sockets_per_person=2)) as front,
        RoomClient(front.url, SHOW, "gu_mei") as one,
        RoomClient(front.url, SHOW, "gu_mei") as two,
    ):
        hello = json.dumps({"id": 1, "type": "hello", "token": "gu_mei"})
        third = RoomClient(front.url, SHOW, "gu_mei")
        assert await _closed_by(third, hello) == CloseCode.TOO_MANY_CONNECTIONS
        await one.comment("one")
        await two.comment("two")


async def test_an_expired_token_only_refreshes(front: Front, shop: Shop) -> None:
    """Writes are refused until a new token of the same person comes in band."""
    shop.token_ends_ms["gu_mei"] = int(time.time() * 1000) + 1_000
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        await mei.until(lambda: any(you.get("code") == "token_expiring" for you in mei.you))
        async with asyncio.timeout(5):
            answers = {"rate_limited"}
            while answers < {"rate_limited", "token_expired"}:
                frame = await mei.send_and_wait("like", count=1)
                answers.add(frame.get("code", "rate_limited"))
        assert "token_expired" in answers
        answer = await mei.ask("refresh", token="gu_mei/de_1")
        assert answer["expires_at_ms"] > time.time() * 1000
        await mei.comment("fresh")
