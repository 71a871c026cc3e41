"""What moderators do, seen by everybody on every front."""

from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from realtime.errors import NoSuchComment, NotAllowed
from realtime.moderation.office import By
from realtime.sockets.close_codes import CloseCode
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import Speaker
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop, serving, two_fronts


async def test_a_deleted_comment_vanishes_everywhere_and_is_audited(plain_redis: Redis, shop: Shop) -> None:
    """The fact goes to everybody, the audit entry to moderators only, whoever they are."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
        RoomClient(two.url, SHOW, "ac_mod") as mod,
        RoomClient(one.url, SHOW, "ac_host") as host,
    ):
        said = await mei.comment("delete me")
        for client in (mei, lin, mod, host):
            await client.until_self(lambda me: said["id"] in me.comments)
        key = new_key()
        await mod.ask("delete", comment=said["id"], key=key)
        await mod.ask("delete", comment=said["id"], key=key)
        for client in (mei, lin, mod, host):
            await client.until_self(lambda me: me.comments == {})
        for client in (mod, host):
            audit = await client.until_fact("moderation")
            assert (audit["action"], audit["actor"], audit["target"]) == ("delete", "ac_mod", said["id"])
        assert [fact["kind"] for fact in mei.facts + lin.facts] == ["comment_deleted"] * 2


async def test_a_timeout_stops_comments_on_every_front_at_once(plain_redis: Redis, shop: Shop) -> None:
    """The person hears it, their comments go, and they cannot speak until it is lifted."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "ac_mod") as mod,
    ):
        await mei.comment("spam")
        answer = await mod.ask("timeout", person="gu_mei", seconds=300, key=new_key())
        await mei.until(lambda: mei.you)
        assert mei.you[0]["event"] == "muted"
        assert mei.you[0]["muted_until_ms"] == answer["muted_until_ms"]
        await mei.until(lambda: mei.comments == {})
        with pytest.raises(RefusedError, match="muted"):
            await mei.comment("more spam")
        await mod.ask("unban", person="gu_mei", key=new_key())
        await mei.until(lambda: mei.you[-1]["event"] == "unbanned")
        await mei.comment("sorry")
        await mod.until(lambda: mod.texts() == ["sorry"])


async def test_a_ban_closes_every_socket_and_keeps_the_person_out(plain_redis: Redis, shop: Shop) -> None:
    """Within a second, on every front; the shop records it first."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_mei") as phone,
        RoomClient(two.url, SHOW, "ac_mod") as mod,
    ):
        await mei.comment("spam")
        await mod.ask("ban", person="gu_mei", reason="spam", key=new_key())
        for client in (mei, phone):
            assert await client.until_closed(within_s=1.0) == CloseCode.BANNED
            assert client.you[-1]["event"] == "banned"
        assert shop.banned == {"gu_mei"}
        await mod.until(lambda: mod.comments == {})
        audit = await mod.until_fact("moderation")
        assert (audit["action"], audit["target"], audit["reason"]) == ("ban", "gu_mei", "spam")
        again = RoomClient(one.url, SHOW, "gu_mei")
        with pytest.raises(ConnectionError):
            await again.__aenter__()
        assert await again.until_closed() == CloseCode.BANNED
        await again.close()
        await mod.ask("unban", person="gu_mei", key=new_key())
        async with RoomClient(one.url, SHOW, "gu_mei") as back:
            await back.comment("thank you")


async def test_a_ban_that_comes_through_the_ledger_is_said_once(front: Front, shop: Shop) -> None:
    """A ban made outside the room closes sockets; one made here is not said again by its copy."""
    keys = ShowKeys.of(SHOW)
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        await shop.redis.hset(keys.bans, "gu_mei", "4|1")
        await shop.enter("note", note="banned", body={"person": "gu_mei"})
        assert await mei.until_closed(within_s=1.0) == CloseCode.BANNED
        await shop.redis.hset(keys.bans, "gu_lin", "5|1")
        await mod.ask("ban", person="gu_lin", key=new_key())
        await shop.enter("note", note="banned", body={"person": "gu_lin"})
        await shop.pin("pr_1")
        await mod.until(lambda: mod.pinned == "pr_1")
        banned = [fact["person"] for fact in mod.facts if fact["kind"] == "banned"]
        assert banned == ["gu_mei", "gu_lin"]


async def test_who_banned_stands_in_the_log_though_the_shops_copy_was_first(front: Front, shop: Shop) -> None:
    """The ban is said once, the moderator's entry follows, and an answer lost on the way adds none."""
    keys = ShowKeys.of(SHOW)
    async with RoomClient(front.url, SHOW, "ac_mod") as mod:
        await shop.redis.hset(keys.bans, "gu_mei", "4|1")
        await shop.enter("note", note="banned", body={"person": "gu_mei"})
        await mod.until_fact("banned")
        key = new_key()
        for _ in range(2):
            await mod.ask("ban", person="gu_mei", reason="spam", key=key)
        await shop.pin("pr_1")
        await mod.until(lambda: mod.pinned == "pr_1")
        told = [
            (fact["kind"], fact.get("actor"))
            for fact in mod.facts
            if fact["kind"] in {"banned", "moderation"}
        ]
        assert told == [("banned", None), ("moderation", "ac_mod")]


async def test_slow_mode_spares_staff(front: Front) -> None:
    """One comment per person and interval; the refusal says how long to wait."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        await mod.ask("slow_mode", seconds=30, key=new_key())
        fact = await mei.until_fact("slow_mode")
        assert fact["seconds"] == 30
        await mei.comment("one")
        with pytest.raises(RefusedError) as refused:
            await mei.comment("two")
        assert refused.value.code == "slow_mode"
        assert 0 < refused.value.frame["retry_after_ms"] <= 30_000
        await mod.comment("one")
        await mod.comment("two")
        async with RoomClient(front.url, SHOW, "gu_lin") as lin:
            assert lin.hello["slow_mode_s"] == 30
        await mod.ask("slow_mode", seconds=0, key=new_key())
        await mei.comment("three")


async def test_viewers_cannot_moderate_and_staff_not_each_other(front: Front, shop: Shop) -> None:
    """Refused, and nothing changed."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        said = await mod.comment("rules")
        for message in (
            {"kind": "delete", "comment": said["id"]},
            {"kind": "timeout", "person": "gu_lin", "seconds": 10},
            {"kind": "ban", "person": "gu_lin"},
            {"kind": "unban", "person": "gu_lin"},
            {"kind": "slow_mode", "seconds": 5},
        ):
            with pytest.raises(RefusedError, match="not_allowed"):
                await mei.ask(key=new_key(), **message)
        with pytest.raises(RefusedError, match="not_allowed"):
            await mod.ask("ban", person="ac_host", key=new_key())
        with pytest.raises(RefusedError, match="no_such_comment"):
            await mod.ask("delete", comment="co_unknown", key=new_key())
        await mei.until(lambda: said["id"] in mei.comments)
        assert shop.banned == set()
        assert mei.facts == mod.facts == []


async def test_the_same_over_http_without_an_open_room(plain_redis: Redis, shop: Shop) -> None:
    """`services.moderation` serves the routes; a room opened later knows."""
    async with serving(plain_redis, shop) as front:
        moderation, by = front.realtime.moderation, By(SHOW, "ac_mod")
        await front.realtime.switching.slow_mode(By(SHOW, "ac_mod", "key-of-this-call"), 7)
        assert (await moderation.timeout(by, "gu_mei", 60)).expires_at_ms
        refused: list[tuple[Callable[[], Awaitable[object]], type[Exception]]] = [
            (lambda: moderation.delete(by, "co_1"), NoSuchComment),
            (lambda: moderation.timeout(by, "ac_host", 60), NotAllowed),
        ]
        for call, error in refused:
            with pytest.raises(error):
                await call()
        async with RoomClient(front.url, SHOW, "gu_mei") as mei:
            assert mei.hello["slow_mode_s"] == 7
            assert mei.hello["you"]["muted_until_ms"] > 0


async def test_fast_talk_is_sampled_for_viewers_and_whole_for_moderators(front: Front) -> None:
    """The frame says how many were left out; staff's own comments always travel."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        store = front.realtime.store
        for number in range(100):
            person = f"gu_{number}"
            who = Speaker(person, f"N{number}", f"n{number}", staff=False)
            comment = {"id": f"co_{number}", "person": person, "badge": None, "text": str(number)}
            await store.comment(SHOW, who, new_key(), comment)
        await mod.comment("calm down")
        await mod.until(lambda: len(mod.talk) == 101)
        await mei.until(lambda: "calm down" in mei.texts())
        assert mod.left_out == 0
        assert mei.left_out > 0
        assert len(mei.talk) + mei.left_out == 101
