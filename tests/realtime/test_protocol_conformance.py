"""What docs/protocol.md and the AsyncAPI say is what a live front does: examples, answers, frames, codes."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from redis.asyncio import Redis

import commerce.services  # noqa: F401 - every refusal of the shop is a class once this is loaded
from commerce.errors import CommerceError
from realtime.asyncapi import asyncapi
from realtime.errors import RoomError
from realtime.settings import RoomSettings
from realtime.store.keys import ShowKeys
from tests.realtime.checker import agree
from tests.realtime.client import RoomClient, new_key
from tests.realtime.company import company
from tests.realtime.stage import SHOW, Front, Shop, ShopError, serving

Json = dict[str, Any]
DOCUMENT: Json = msgspec.json.decode(msgspec.json.encode(asyncapi()))
MESSAGES: Json = DOCUMENT["components"]["messages"]
EXAMPLES: list[Json] = [
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)\n```", Path("docs/protocol.md").read_text("utf-8"), re.DOTALL)
]
FROM_CLIENT = [each for each in EXAMPLES if f"client.{each['type']}" in MESSAGES and each["type"] != "hello"]


def _schema(reference: str) -> Json:
    name = reference.rsplit("/", 1)[1]
    return {**DOCUMENT["components"]["schemas"][name], "components": DOCUMENT["components"]}


def _must_fit(frame: Json) -> None:
    """Raise when the AsyncAPI does not know this frame of the server's."""
    jsonschema.validate(frame, _schema(MESSAGES[f"server.{frame['type']}"]["payload"]["$ref"]))


def _must_answer(asked: Json, answer: Json) -> None:
    """Raise when this is no answer the AsyncAPI names for the message."""
    _must_fit(answer)
    key = f"client.{asked['type']}"
    if answer["type"] == "error":
        assert answer["code"] in MESSAGES[key]["x-errors"], (asked, answer)
        return
    result = DOCUMENT["operations"][key].get("x-result")
    if result is not None and asked["type"] != "hello":
        jsonschema.validate(answer, _schema(result["$ref"]))


@pytest.mark.parametrize("example", FROM_CLIENT, ids=lambda each: str(each["type"]))
async def test_every_example_is_understood_and_its_answer_is_as_written(front: Front, example: Json) -> None:
    """By the host, who may do everything; a refusal has a code the message lists."""
    async with RoomClient(front.url, SHOW, "ac_host") as host:
        said = await host.comment("something to delete")
        fields = {name: value for name, value in example.items() if name not in {"id", "type"}}
        if fields.get("comment") == "co_1":
            fields["comment"] = said["id"]
        if "token" in fields:
            fields["token"] = "ac_host"
        if example["type"] == "pong":
            await host.send("pong", **fields)
            await host.like()
            return
        answer = await host.send_and_wait(example["type"], **fields)
        _must_answer(example, answer)
        assert answer.get("code") not in {"bad_message", "unknown_type"}, answer


def test_every_message_has_an_example_or_is_shown_elsewhere() -> None:
    """A client's message without one could not be tried above."""
    shown = {f"client.{each['type']}" for each in EXAMPLES}
    assert {key for key in MESSAGES if key.startswith("client.")} <= shown


async def test_every_frame_of_a_busy_room_is_as_written(plain_redis: Redis) -> None:
    """Hellos, ticks, snapshots, answers and words to one person, for viewers and staff."""
    async with company(plain_redis, plain_redis) as everybody:
        for _ in range(3):
            await everybody.happen()
        await agree(plain_redis, *everybody.all)
        await everybody.mod.ask("timeout", person="gu_mei", seconds=60, key=new_key())
        await everybody.mei.until(lambda: everybody.mei.you)
        await plain_redis.flushall()
        await everybody.lin.until(lambda: everybody.lin.snapshots)
        async with RoomClient(
            everybody.fronts[0].url, SHOW, "gu_back", position=everybody.lin.position
        ) as back:
            assert back.hello["missed"] is not None
        everybody.fronts[0].realtime.settings = RoomSettings(drain_spread_ms=1)
        await everybody.fronts[0].realtime.drain()
        frames = [frame for client in (*everybody.all, back) for frame in client.frames]
    for frame in frames:
        _must_fit(frame)
    assert {"hello", "tick", "snapshot", "ok", "you", "drain"} <= {frame["type"] for frame in frames}


def test_a_wrong_frame_would_be_noticed() -> None:
    """The comparison can fail."""
    with pytest.raises(jsonschema.ValidationError):
        _must_fit({"type": "tick", "position": None, "facts": []})


def _codes(error: type[Any]) -> Iterator[tuple[str, str]]:
    yield str(getattr(error, "code", "")), (error.__doc__ or "").strip()
    for under in error.__subclasses__():
        yield from _codes(under)


def test_every_code_a_message_lists_is_one_that_something_raises_and_explains() -> None:
    """The room's are in docs/protocol.md; the shop's have a class that says what they mean."""
    rooms, shops = dict(_codes(RoomError)), dict(_codes(CommerceError))
    page = Path("docs/protocol.md").read_text("utf-8")
    listed = {code for message in MESSAGES.values() for code in message.get("x-errors", ())}
    unexplained = {code for code in listed if not rooms.get(code) and not shops.get(code)}
    assert unexplained == set()
    assert [code for code in listed if code in rooms and f"| `{code}` |" not in page] == []


async def _refused(client: RoomClient, kind: str, **fields: Any) -> str:
    answer = await client.send_and_wait(kind, **fields)
    _must_fit(answer)
    return str(answer.get("code"))


async def test_the_room_s_own_codes_are_reached_over_the_wire(
    front: Front, shop: Shop, plain_redis: Redis
) -> None:
    """One message each; what is refused is not in the log."""
    keys = ShowKeys.of(SHOW)
    async with (
        RoomClient(front.url, SHOW, "ac_mod") as mod,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
        RoomClient(front.url, SHOW, "gu_bad") as bad,
        RoomClient(front.url, SHOW, "gu_out") as out,
    ):
        taken = new_key()
        await mei.comment("first", key=taken)
        await mod.ask("timeout", person="gu_bad", seconds=600, key=new_key())
        await plain_redis.hset(keys.bans, "gu_out", "1|1")
        await mod.ask("slow_mode", seconds=60, key=new_key())
        await lin.comment("one in a minute")
        before = await plain_redis.xlen(keys.log)
        shop.refusals = [ShopError("sold_out"), ValueError("the shop is broken")]
        line = {"variant": "va_1", "quantity": 1, "price_version": 1}
        got = {
            await _refused(mei, "comment", text=5, key=new_key()): "bad_message",
            await _refused(mei, "dance"): "unknown_type",
            await _refused(mei, "reserve", lines=[{**line, "quantity": -1}], key=new_key()): "bad_quantity",
            await _refused(mei, "comment", text=" ", key=new_key()): "comment_empty",
            await _refused(mod, "comment", text="x" * 301, key=new_key()): "comment_too_long",
            await _refused(mei, "comment", text="second", key=taken): "idempotency_conflict",
            await _refused(mei, "name", name="Lin"): "name_taken",
            await _refused(mei, "name", name="Moderator"): "bad_name",
            await _refused(mei, "refresh", token="gu_lin"): "unauthorised",
            await _refused(mei, "delete", comment="co_1", key=new_key()): "not_allowed",
            await _refused(mod, "delete", comment="co_none", key=new_key()): "no_such_comment",
            await _refused(lin, "comment", text="two", key=new_key()): "slow_mode",
            await _refused(bad, "comment", text="x", key=new_key()): "muted",
            await _refused(out, "comment", text="x", key=new_key()): "banned",
            await _refused(mei, "reserve", lines=[line], key=new_key()): "sold_out",
            await _refused(lin, "reserve", lines=[line], key=new_key()): "unavailable",
        }
        assert {code: wanted for code, wanted in got.items() if code != wanted} == {}
        assert len(got) == 16
        assert await plain_redis.xlen(keys.log) == before


async def test_too_many_at_once_too_often_and_too_late_are_refused(plain_redis: Redis, shop: Shop) -> None:
    """`too_many_operations`, `rate_limited` and `token_expired`; the socket lives on."""
    async with serving(plain_redis, shop, settings=RoomSettings(operations_in_flight=2)) as front:
        async with RoomClient(front.url, SHOW, "gu_mei") as mei:
            shop.reserving.clear()
            line = {"variant": "va_1", "quantity": 1, "price_version": 1}
            waiting = [asyncio.create_task(mei.reserve("va_1")) for _ in range(2)]
            await mei.until(lambda: len(mei.you) == 2)
            assert await _refused(mei, "reserve", lines=[line], key=new_key()) == "too_many_operations"
            shop.reserving.set()
            await asyncio.gather(*waiting)
            codes = {await _refused(mei, "like", count=1) for _ in range(9)}
            assert codes == {"None", "rate_limited"}
        shop.token_ends_ms["gu_late"] = int(time.time() * 1000) + 300
        async with RoomClient(front.url, SHOW, "gu_late") as late, asyncio.timeout(5):
            code = ""
            while code != "token_expired":
                code = await _refused(late, "name", name="Late")
                assert code in {"None", "rate_limited", "token_expired"}
