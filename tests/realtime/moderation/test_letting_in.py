"""Who is banned is let in again: requests, unbans, and what an undo of them bans anew."""

from typing import Any

import pytest
from redis.asyncio import Redis

from realtime.errors import NotBanned
from realtime.moderation.office import By
from realtime.ports import BanOrder
from realtime.sockets.close_codes import CloseCode
from realtime.store.keys import ShowKeys
from realtime.store.store_redis import Speaker
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW, Shop

MEI = Speaker("gu_mei", "Mei", "mei", staff=False, device="de_mei")


async def test_who_is_banned_asks_to_be_let_in_again(two: Two, shop: Shop) -> None:
    """Over HTTP's service; staff see the case, and an unban closes it. Others cannot ask."""
    reviewing = two.one.realtime.reviewing
    with pytest.raises(NotBanned):
        await reviewing.ask_unban(By(SHOW, "gu_mei", new_key()), MEI, "please")
    await two.act("ban", person="gu_mei")
    await reviewing.ask_unban(By(SHOW, "gu_mei", new_key()), MEI, "It was my cat.")
    board = await two.mod.until_fact("board")
    assert board["name"] == "staff:unban:gu_mei"
    assert board["value"]["message"] == "It was my cat."
    async with RoomClient(two.two.url, SHOW, "ac_host") as host:
        assert host.hello["staff_board"]["staff:unban:gu_mei"]["name"] == "Mei"
    await two.act("unban", person="gu_mei")
    await two.mod.until(lambda: two.mod.facts[-1].get("value", 0) is None)
    assert shop.banned == set()


async def test_whose_device_alone_is_banned_asks_and_is_let_in(
    two: Two, shop: Shop, plain_redis: Redis
) -> None:
    """The unban lifts that very ban, for everybody at the device; whoever was banned with it stays so."""
    await two.mei.comment("spam")
    ban = await two.act("ban", person="gu_mei", seconds=3600, device=True)
    ends_ms = (await two.entry(ban))["expires_at_ms"]
    asking = Speaker("gu_sis", "Sis", "sis", staff=False, device="de_mei")
    other = Speaker("gu_far", "Far", "far", staff=False, device="de_far")
    reviewing = two.two.realtime.reviewing
    with pytest.raises(NotBanned):
        await reviewing.ask_unban(By(SHOW, "gu_far", new_key()), other, "please")
    await reviewing.ask_unban(By(SHOW, "gu_sis", new_key()), asking, "That was my sister.")
    await two.mod.until(lambda: "staff:unban:gu_sis" in two.mod.board)
    case = two.mod.board["staff:unban:gu_sis"]
    assert (case["name"], case["message"], case["bans"]) == ("Sis", "That was my sister.", ["device"])
    assert "de_mei" not in str(two.mod.frames)
    lifted = await two.act("unban", person="gu_sis")
    assert (shop.let_go, shop.banned) == (["de_mei"], {"gu_mei"})
    await two.mod.until(lambda: "staff:unban:gu_sis" not in two.mod.board)
    async with RoomClient(two.two.url, SHOW, "gu_sis/de_mei") as sister:
        await sister.comment("thank you")
        with pytest.raises(ConnectionError):
            await RoomClient(two.one.url, SHOW, "gu_mei/de_mei").__aenter__()
        await two.act("undo", action=lifted)
        assert await sister.until_closed() == CloseCode.BANNED
    assert shop.bans == {"gu_mei": BanOrder("gu_mei", None, ends_ms, "de_mei", None)}
    stands: Any = await plain_redis.hget(ShowKeys.of(SHOW).bans, "de_mei")
    assert stands.endswith(f"|1|{ends_ms}".encode())
    with pytest.raises(ConnectionError):
        await RoomClient(two.one.url, SHOW, "gu_sis/de_mei").__aenter__()
    async with RoomClient(two.one.url, SHOW, "gu_sis/de_own"):
        pass
    await two.act("unban", person="gu_sis")
    async with RoomClient(two.two.url, SHOW, "gu_sis/de_mei"):
        assert shop.let_go == ["de_mei", "de_mei"]


async def test_a_device_whose_ban_is_gone_by_now_stays_free_after_an_undo(
    two: Two, shop: Shop, plain_redis: Redis
) -> None:
    """The room bans nothing that the shop does not: nobody could lift it. What else was lifted comes back."""
    async with RoomClient(two.one.url, SHOW, "gu_sis") as sister:
        await sister.comment("spam")
        await two.act("ban", person="gu_sis", device=True)
    await two.mei.comment("spam")
    await two.act("ban", person="gu_mei", device=True)
    asking = Speaker("gu_sis", "Sis", "sis", staff=False, device="de_mei")
    await two.two.realtime.reviewing.ask_unban(By(SHOW, "gu_sis", new_key()), asking, "That was my sister.")
    lifted = await two.act("unban", person="gu_sis")
    assert set(shop.let_go) == {"de_mei"}
    await two.act("unban", person="gu_mei")
    async with (
        RoomClient(two.one.url, SHOW, "gu_far/de_sis") as caught,
        RoomClient(two.one.url, SHOW, "gu_alt/de_mei") as other,
    ):
        await two.act("undo", action=lifted)
        assert await caught.until_closed() == CloseCode.BANNED
        await other.comment("still here")
    assert shop.bans == {"gu_sis": BanOrder("gu_sis", None, None, "de_sis", None)}
    bans: Any = await plain_redis.hgetall(ShowKeys.of(SHOW).bans)
    assert {who: state.split(b"|")[1] for who, state in bans.items()} == {
        b"gu_sis": b"1",
        b"de_sis": b"1",
        b"gu_mei": b"0",
        b"de_mei": b"0",
    }


@pytest.mark.parametrize("device", [True, False])
async def test_undoing_an_unban_bans_what_was_banned_until_it_would_have_ended(
    two: Two, shop: Shop, plain_redis: Redis, device: bool
) -> None:
    """The device, or only a look at who uses it; reason and end are the ban's."""
    bans = ShowKeys.of(SHOW).bans
    await two.mei.comment("spam")
    async with RoomClient(two.one.url, SHOW, "gu_alt/de_mei") as other:
        ban = await two.act("ban", person="gu_mei", reason="spam", seconds=3600, device=device)
        if device:
            assert await other.until_closed() == CloseCode.BANNED
        ends_ms = (await two.entry(ban))["expires_at_ms"]
    stood, order = await plain_redis.hgetall(bans), shop.bans["gu_mei"]
    assert order == BanOrder("gu_mei", "spam", ends_ms, "de_mei" if device else None)
    lifted = await two.act("unban", person="gu_mei", reason="a mistake")
    async with RoomClient(two.two.url, SHOW, "gu_alt/de_mei") as other:
        await other.comment("hello")
        undo = await two.act("undo", action=lifted, reason="none")
        if device:
            assert await other.until_closed() == CloseCode.BANNED
        else:
            await other.comment("still here")
    assert shop.bans == {"gu_mei": order}
    assert await plain_redis.hgetall(bans) == stood
    told = {"action": "unban"} | ({"device": True} if device else {})
    assert (await two.entry(undo))["detail"] == told
    with pytest.raises(ConnectionError):
        await RoomClient(two.one.url, SHOW, "gu_mei").__aenter__()


async def test_undoing_an_unban_leaves_a_newer_ban_as_it_is(two: Two, shop: Shop, plain_redis: Redis) -> None:
    """Its reason, its end and what it is on; the time-out that was lifted with the old one stands again."""
    bans = ShowKeys.of(SHOW).bans
    await two.mei.comment("spam")
    await two.act("timeout", person="gu_mei", seconds=600)
    await two.act("ban", person="gu_mei", reason="spam", seconds=3600, device=True)
    lifted = await two.act("unban", person="gu_mei")
    await two.act("ban", person="gu_mei", reason="threats")
    stood, order = await plain_redis.hgetall(bans), shop.bans["gu_mei"]
    assert (order.reason, order.expires_at_ms, order.device) == ("threats", None, None)
    await two.act("undo", action=lifted)
    assert shop.bans == {"gu_mei": order}
    assert await plain_redis.hgetall(bans) == stood
    assert (await two.one.realtime.store.person(SHOW, "gu_mei")).muted_until_ms


async def test_an_unban_that_the_shop_had_heard_before_is_not_undone(two: Two, shop: Shop) -> None:
    """What it lifted at the first try is not known: rather nothing comes back than something else."""
    await two.act("ban", person="gu_mei", device=True)
    await shop.unban("ac_mod", "gu_mei", SHOW, ())
    lifted = await two.act("unban", person="gu_mei")
    with pytest.raises(RefusedError, match="no_such_action"):
        await two.act("undo", action=lifted)
    assert shop.banned == set()
    async with RoomClient(two.one.url, SHOW, "gu_mei"):
        pass


@pytest.mark.parametrize("what", ["unban", "undo"])
async def test_who_is_let_in_again_takes_no_ban_of_somebody_else_s_along(
    two: Two, shop: Shop, plain_redis: Redis, what: str
) -> None:
    """Of a device that both used, in the room as in the shop; what was watched for is watched no more."""
    async with RoomClient(two.one.url, SHOW, "gu_sis/de_mei") as sister:
        await sister.comment("hello")
    await two.mei.comment("spam")
    await two.act("ban", person="gu_mei", device=True)
    ban = await two.act("ban", person="gu_sis")
    await (two.act("unban", person="gu_sis") if what == "unban" else two.act("undo", action=ban))
    assert shop.bans == {"gu_mei": BanOrder("gu_mei", None, None, "de_mei", None)}
    with pytest.raises(ConnectionError):
        await RoomClient(two.two.url, SHOW, "gu_sis/de_mei").__aenter__()
    async with RoomClient(two.two.url, SHOW, "gu_sis/de_own") as sister:
        await sister.comment("hello again")
        ban = await two.act("ban", person="gu_sis")
    watched = await plain_redis.hget(ShowKeys.of(SHOW).bans, "de_own")
    await (two.act("unban", person="gu_sis") if what == "unban" else two.act("undo", action=ban))
    free = await plain_redis.hget(ShowKeys.of(SHOW).bans, "de_own")
    assert (watched, free) == (b"0|2|0", b"0|0|0")


@pytest.mark.parametrize("what", ["ban", "unban"])
async def test_an_undo_leaves_a_timeout_as_it_was(two: Two, plain_redis: Redis, what: str) -> None:
    """A ban does not end it, and an unban that is taken back has not."""
    await two.act("timeout", person="gu_mei", seconds=600)
    sanctions = ShowKeys.of(SHOW).sanctions
    before = await plain_redis.hget(sanctions, "gu_mei")
    action = await two.act(what, person="gu_mei")
    await two.act("undo", action=action)
    assert await plain_redis.hget(sanctions, "gu_mei") == before
    async with RoomClient(two.two.url, SHOW, "gu_mei") as back:
        with pytest.raises(RefusedError, match="muted"):
            await back.comment("hello")


async def test_a_second_ban_shortens_no_ban_of_a_device(two: Two, plain_redis: Redis) -> None:
    """What is banned for good stays so, and its first ban is what an undo of the second leaves."""
    async with RoomClient(two.one.url, SHOW, "gu_sis/de_mei") as sister:
        await sister.comment("hello")
    await two.mei.comment("spam")
    await two.act("ban", person="gu_mei", device=True)
    ban = await two.act("ban", person="gu_sis", seconds=60, device=True)
    assert await plain_redis.hget(ShowKeys.of(SHOW).bans, "de_mei") == b"0|1|0"
    await two.act("undo", action=ban)
    assert await plain_redis.hget(ShowKeys.of(SHOW).bans, "de_mei") == b"0|1|0"


async def test_nobody_bans_their_betters_by_an_undo(two: Two, shop: Shop) -> None:
    """Who is banned again may have become a host meanwhile."""
    await two.act("ban", person="ac_new")
    lifted = await two.act("unban", person="ac_new")
    shop.roles["ac_new"] = "host"
    with pytest.raises(RefusedError, match="not_allowed"):
        await two.act("undo", action=lifted)
    assert shop.bans == {}
    async with RoomClient(two.one.url, SHOW, "ac_new"):
        pass


async def test_a_ban_from_another_show_is_lifted_here_with_its_device(
    two: Two, shop: Shop, plain_redis: Redis
) -> None:
    """Where its person never spoke: the room does not wait for the shop's word about the device."""
    bans = ShowKeys.of(SHOW).bans
    shop.bans["gu_far"] = BanOrder("gu_far", None, None, "de_shared", None)
    for who in ("gu_far", "de_shared"):
        await plain_redis.hset(bans, who, "1|1")
    lifted = await two.act("unban", person="gu_far")
    async with RoomClient(two.one.url, SHOW, "gu_alt/de_shared") as other:
        await two.act("undo", action=lifted)
        assert await other.until_closed() == CloseCode.BANNED


async def test_a_request_that_was_refused_says_nothing_to_a_later_unban(
    two: Two, shop: Shop, plain_redis: Redis
) -> None:
    """What a dismissed request was about stays banned when something else of its person's is lifted."""
    record = ShowKeys.of(SHOW).record
    await two.mei.comment("spam")
    await two.act("ban", person="gu_mei", device=True)
    asking = Speaker("gu_sis", "Sis", "sis", staff=False, device="de_mei")
    await two.one.realtime.reviewing.ask_unban(By(SHOW, "gu_sis", new_key()), asking, "please")
    dismissed = await two.act("dismiss", case="staff:unban:gu_sis")
    assert not await plain_redis.hexists(record, "from:gu_sis")
    unbanned = await two.act("unban", person="gu_sis")
    assert shop.let_go == []
    with pytest.raises(ConnectionError):
        await RoomClient(two.two.url, SHOW, "gu_sis/de_mei").__aenter__()
    for action in (unbanned, dismissed):
        await two.act("undo", action=action)
    await two.act("unban", person="gu_sis")
    assert shop.let_go == ["de_mei"]
