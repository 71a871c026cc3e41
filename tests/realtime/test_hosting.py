"""What the host and moderators put before everybody."""

from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.store.keys import ShowKeys
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop, two_fronts


def board(client: RoomClient, name: str) -> list[Any]:
    """What this client was told of a name on the board, oldest first."""
    return [fact["value"] for fact in client.facts if fact["kind"] == "board" and fact["name"] == name]


def _taken_down(client: RoomClient, times: int) -> bool:
    return board(client, "pinned").count(None) == times


async def test_a_pinned_comment_is_on_every_screen_until_taken_down(plain_redis: Redis, shop: Shop) -> None:
    """On both fronts at once, for who comes later in the snapshot, and gone for all; audited."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "ac_host") as host,
    ):
        said = await mei.comment("Free shipping today?")
        await host.until_comment(said["id"])
        await host.ask("pin_message", comment=said["id"], key=new_key())
        pinned = {
            "comment": said["id"],
            "person": "gu_mei",
            "name": "Mei",
            "badge": None,
            "text": said["text"],
        }
        await mei.until(lambda: board(mei, "pinned") == [pinned])
        async with RoomClient(one.url, SHOW, "gu_lin") as lin:
            assert lin.hello["snapshot"]["board"] == {"pinned": pinned}
        await host.ask("unpin_message", key=new_key())
        await mei.until(lambda: board(mei, "pinned") == [pinned, None])
        await host.until(lambda: len([f for f in host.facts if f["kind"] == "moderation"]) == 2)
        done = [(f["action"], f["target"]) for f in host.facts if f["kind"] == "moderation"]
        assert done == [("pin", said["id"]), ("unpin", None)]


async def test_a_pin_goes_with_its_comment(front: Front) -> None:
    """Deleted, or its author timed out: nothing of it stays on a screen. Staff's own text stays."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        for number, ending in enumerate(("delete", "timeout"), 1):
            said = await mei.comment(f"see my shop ({ending})")
            await mod.until_comment(said["id"])
            await mod.ask("pin_message", comment=said["id"], key=new_key())
            about = {"comment": said["id"]} if ending == "delete" else {"person": "gu_mei", "seconds": 60}
            await mod.ask(ending, **about, key=new_key())
            await mei.until(partial(_taken_down, mei, number))
            with pytest.raises(RefusedError) as refused:
                await mod.ask("pin_message", comment=said["id"], key=new_key())
            assert refused.value.code == "no_such_comment"
        await mod.ask("pin_message", text=" Ends at nine ", key=new_key())
        await mod.ask("timeout", person="gu_mei", seconds=60, key=new_key())
        await mei.until(lambda: board(mei, "pinned")[-1:] != [None])
        assert board(mei, "pinned")[-1]["text"] == "Ends at nine"
        assert board(mei, "pinned")[-1]["badge"] == "moderator"


async def test_viewers_pin_nothing_and_a_pin_is_one_thing(front: Front, plain_redis: Redis) -> None:
    """Refusals change nothing; a repeated key is one pin."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_host") as host:
        said = await mei.comment("hello")
        await host.until_comment(said["id"])
        before = await plain_redis.xlen(ShowKeys.of(SHOW).log)
        for client, body, code in (
            (mei, {"text": "mine"}, "not_allowed"),
            (mei, {"comment": said["id"]}, "not_allowed"),
            (host, {}, "bad_message"),
            (host, {"comment": said["id"], "text": "both"}, "bad_message"),
            (host, {"comment": "co_none"}, "no_such_comment"),
            (host, {"text": " \u200b "}, "comment_empty"),
            (host, {"text": "x" * 301}, "comment_too_long"),
        ):
            with pytest.raises(RefusedError) as refused:
                await client.ask("pin_message", **body, key=new_key())
            assert refused.value.code == code
        with pytest.raises(RefusedError) as refused:
            await mei.ask("unpin_message", key=new_key())
        assert refused.value.code == "not_allowed"
        assert await plain_redis.xlen(ShowKeys.of(SHOW).log) == before
        assert await plain_redis.exists(ShowKeys.of(SHOW).board) == 0
        key = new_key()
        await host.ask("pin_message", text="once", key=key)
        await host.ask("pin_message", text="once", key=key)
        with pytest.raises(RefusedError) as refused:
            await host.ask("pin_message", text="other", key=key)
        assert refused.value.code == "idempotency_conflict"
        assert await plain_redis.xlen(ShowKeys.of(SHOW).log) == before + 2
