"""What moderators do to people and comments, over real sockets on two fronts, and how it is taken back."""

import pytest
from redis.asyncio import Redis

from realtime.sockets.close_codes import CloseCode
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.moderation.two_fronts import Two
from tests.realtime.stage import SHOW, Shop


async def test_a_deletion_is_one_action_and_its_undo_brings_the_comment_back(two: Two) -> None:
    """The entry names id, actor, target, reason and what was said; the comment stands again for everybody."""
    said = await two.mei.comment("tea is cold")
    action = await two.act("delete", comment=said["id"], reason="rude")
    entry = await two.entry(action)
    assert (entry["actor"], entry["target"], entry["reason"]) == ("ac_mod", said["id"], "rude")
    assert entry["detail"] == {"person": "gu_mei", "text": "tea is cold"}
    for client in (two.mei, two.lin, two.mod):
        await client.until_self(lambda me: me.comments == {})
    undo = await two.act("undo", action=action)
    for client in (two.mei, two.lin, two.mod):
        await client.until_self(lambda me: me.texts() == ["tea is cold"])
    assert two.lin.comments[said["id"]]["name"] == "Mei"
    told = await two.entry(undo)
    assert (told["action"], told["undo_of"], told["detail"]) == ("undo", action, {"action": "delete"})


async def test_an_action_is_undone_once_and_an_undo_not_at_all(two: Two) -> None:
    """Refused with codes of their own, and nothing changed."""
    said = await two.mei.comment("one")
    action = await two.act("delete", comment=said["id"])
    undo = await two.act("undo", action=action)
    await two.lin.until_comment(said["id"])
    for wrong, code in ((action, "cannot_undo"), (undo, "no_such_action"), ("ma_none", "no_such_action")):
        with pytest.raises(RefusedError, match=code):
            await two.act("undo", action=wrong)
    with pytest.raises(RefusedError, match="not_allowed"):
        await two.lin.ask("undo", action=action, key=new_key())
    await two.lin.comment("still here")
    await two.lin.until(lambda: two.lin.texts() == ["one", "still here"])


async def test_a_refused_action_leaves_the_shop_s_bans_as_they_are(two: Two, shop: Shop) -> None:
    """An undo that comes late, and a key that stands for something else: the shop hears of neither."""
    first, key = await two.act("ban", person="gu_mei"), new_key()
    await two.mod.ask("undo", action=first, key=key)
    await two.act("ban", person="gu_mei")
    with pytest.raises(RefusedError, match="cannot_undo"):
        await two.act("undo", action=first)
    assert shop.banned == {"gu_mei"}
    await two.mod.ask("undo", action=first, key=key)
    assert shop.banned == {"gu_mei"}
    for kind in ("ban", "unban"):
        with pytest.raises(RefusedError, match="idempotency_conflict"):
            await two.mod.ask(kind, person="gu_lin" if kind == "ban" else "gu_mei", key=key)
    assert shop.banned == {"gu_mei"}


async def test_a_ban_sent_again_after_it_was_lifted_bans_nobody(two: Two, shop: Shop) -> None:
    """The repeat of a lost answer is answered as before, and does nothing."""
    key = new_key()
    first = await two.mod.ask("ban", person="gu_mei", key=key)
    await two.act("unban", person="gu_mei")
    again = await two.mod.ask("ban", person="gu_mei", key=key)
    assert (again["action"], shop.banned) == (first["action"], set())


async def test_what_is_deleted_is_no_comment_any_more(two: Two) -> None:
    """It cannot be deleted again, or reported; the repeat of the deletion is answered."""
    said, key = await two.mei.comment("one"), new_key()
    first = await two.mod.ask("delete", comment=said["id"], key=key)
    await two.lin.until(lambda: two.lin.comments == {})
    again = await two.mod.ask("delete", comment=said["id"], key=key)
    assert again["action"] == first["action"]
    async with RoomClient(two.one.url, SHOW, "ac_host") as host:
        with pytest.raises(RefusedError, match="no_such_comment"):
            await host.ask("delete", comment=said["id"], key=new_key())
    with pytest.raises(RefusedError, match="no_such_comment"):
        await two.lin.ask("report", comment=said["id"], why="spam", key=new_key())
    assert "staff:report" not in str(two.mod.facts)


async def test_an_undo_sent_twice_with_its_key_is_one_undo(two: Two) -> None:
    """The stored answer comes back."""
    said = await two.mei.comment("one")
    action, key = await two.act("delete", comment=said["id"]), new_key()
    first = await two.mod.ask("undo", action=action, key=key)
    assert await two.mod.ask("undo", action=action, key=key) | {"re": 0} == first | {"re": 0}
    await two.mei.comment("two")
    await two.mod.until(lambda: two.mod.texts() == ["one", "two"])
    assert sum(fact.get("undo_of") == action for fact in two.mod.facts) == 1


async def test_all_comments_of_a_person_go_and_come_back(two: Two) -> None:
    """Others' stay; what was deleted before stays deleted."""
    gone = await two.mei.comment("zero")
    await two.act("delete", comment=gone["id"])
    for text in ("one", "two"):
        await two.mei.comment(text)
    await two.lin.comment("hello")
    action = await two.act("delete_person", person="gu_mei")
    await two.lin.until(lambda: two.lin.texts() == ["hello"])
    await two.mei.comment("three")
    await two.act("undo", action=action)
    await two.lin.until(lambda: sorted(two.lin.texts()) == ["hello", "one", "three", "two"])


async def test_undoing_a_timeout_lets_the_person_speak_and_says_so(two: Two) -> None:
    """Their own state comes anew, their comments come back."""
    await two.mei.comment("spam?")
    action = await two.act("timeout", person="gu_mei", seconds=10)
    with pytest.raises(RefusedError, match="muted"):
        await two.mei.comment("no")
    await two.act("undo", action=action)
    await two.mei.until(lambda: two.mei.you and two.mei.you[-1]["event"] == "state")
    assert two.mei.you[-1]["you"]["muted_until_ms"] is None
    await two.mei.comment("yes")
    await two.lin.until(lambda: two.lin.texts() == ["spam?", "yes"])


@pytest.mark.parametrize("seconds", [9, 86_401])
async def test_a_timeout_is_ten_seconds_to_a_day(two: Two, seconds: int) -> None:
    """Others are no message, and nothing happens."""
    with pytest.raises(RefusedError, match="bad_message"):
        await two.act("timeout", person="gu_mei", seconds=seconds)
    await two.mei.comment("free")


async def test_undoing_a_ban_and_an_unban(two: Two, shop: Shop) -> None:
    """The shop's record follows both ways."""
    await two.mei.comment("hello")
    action = await two.act("ban", person="gu_mei", seconds=3600)
    assert await two.mei.until_closed() == CloseCode.BANNED
    entry = await two.entry(action)
    assert shop.ban_orders[-1].expires_at_ms == entry["expires_at_ms"]
    await two.act("undo", action=action)
    assert shop.banned == set()
    async with RoomClient(two.two.url, SHOW, "gu_mei") as back:
        await back.until(lambda: back.texts() == ["hello"])
    await two.act("ban", person="gu_mei")
    lifted = await two.act("unban", person="gu_mei")
    await two.act("undo", action=lifted)
    assert shop.banned == {"gu_mei"}
    again = RoomClient(two.one.url, SHOW, "gu_mei")
    with pytest.raises(ConnectionError):
        await again.__aenter__()
    assert await again.until_closed() == CloseCode.BANNED
    await again.close()


async def test_a_ban_of_the_device_keeps_its_other_people_out(two: Two, shop: Shop) -> None:
    """Whoever uses the browser is put out on every front, and refused at the door; the unban frees it."""
    async with (
        RoomClient(two.one.url, SHOW, "gu_alt/de_mei") as other,
        RoomClient(two.two.url, SHOW, "gu_more/de_mei") as elsewhere,
    ):
        await two.mei.comment("spam")
        await two.act("ban", person="gu_mei", device=True)
        assert shop.ban_orders[-1].device == "de_mei"
        assert await other.until_closed() == CloseCode.BANNED
        assert await elsewhere.until_closed() == CloseCode.BANNED
        await two.lin.comment("still here")
    again = RoomClient(two.two.url, SHOW, "gu_new/de_mei")
    with pytest.raises(ConnectionError):
        await again.__aenter__()
    assert await again.until_closed() == CloseCode.BANNED
    await again.close()
    await two.act("unban", person="gu_mei")
    async with RoomClient(two.two.url, SHOW, "gu_new/de_mei") as free:
        await free.comment("thank you")


async def test_staff_at_a_banned_device_stay_and_come_in(two: Two, shop: Shop) -> None:
    """A moderator who shares the address with whom they ban does not lock themselves out."""
    shop.roles["ac_second"] = "moderator"
    async with RoomClient(two.one.url, SHOW, "ac_second/de_mei") as second:
        await two.mei.comment("spam")
        await two.act("ban", person="gu_mei", device=True)
        assert await two.mei.until_closed() == CloseCode.BANNED
        await second.comment("gone")
    async with RoomClient(two.two.url, SHOW, "ac_second/de_mei") as again:
        await again.comment("back")


async def test_without_the_device_its_other_people_are_only_watched(two: Two) -> None:
    """They come in and speak."""
    await two.mei.comment("spam")
    await two.act("ban", person="gu_mei")
    async with RoomClient(two.two.url, SHOW, "gu_alt/de_mei") as other:
        await other.comment("hello")
        await two.lin.until(lambda: "hello" in two.lin.texts())


async def test_a_ban_ends_by_the_clock(two: Two, plain_redis: Redis) -> None:
    """Compared at each call; nobody lifts it."""
    await two.act("ban", person="gu_mei", seconds=60)
    await plain_redis.hset("{show:sh_1}:bans", "gu_mei", "0|1|1")
    async with RoomClient(two.one.url, SHOW, "gu_mei") as back:
        assert back.hello["you"]["banned"] is False
        await back.comment("I am back")


async def test_a_shadow_banned_person_sees_themselves_and_nobody_else_does(two: Two) -> None:
    """On all their sockets; staff see it apart; a newcomer's snapshot has none of it; an undo ends it."""
    async with RoomClient(two.two.url, SHOW, "gu_mei") as phone:
        action = await two.act("shadow_ban", person="gu_mei")
        said = await two.mei.comment("buy my pills")
        for own in (two.mei, phone):
            await own.until_self(lambda me: said["id"] in me.comments)
        shadowed = await two.mod.until_fact("shadowed")
        assert shadowed["comment"]["text"] == "buy my pills"
        assert set(said) == set(await two.lin.comment("hello"))
        await two.mei.until(lambda: "hello" in two.mei.texts())
        assert two.lin.texts() == ["hello"]
        async with RoomClient(two.two.url, SHOW, "gu_new") as new:
            await new.until(lambda: new.texts() == ["hello"])
        await two.act("undo", action=action)
        await two.mei.comment("sorry")
        await two.lin.until(lambda: two.lin.texts() == ["hello", "sorry"])
    assert not any("shadow" in str(frame) for frame in two.mei.frames + two.lin.frames)


async def test_hearts_of_the_shadow_banned_do_not_count(two: Two) -> None:
    """Others' do."""
    await two.act("shadow_ban", person="gu_mei")
    await two.mei.comment("x")
    await two.mei.like(20)
    await two.lin.like(1)
    await two.mod.until(lambda: two.mod.likes > 0)
    assert two.mod.likes == 1


async def test_a_warned_person_speaks_after_they_acknowledged(two: Two) -> None:
    """It stands in the hello too; another's acknowledgement, or of another action, changes nothing."""
    action = await two.act("warn", person="gu_mei", text="Please be kind.")
    await two.mei.until(lambda: two.mei.you)
    assert two.mei.you[-1] == {
        "type": "you",
        "event": "warned",
        "action": action,
        "message": "Please be kind.",
    }
    with pytest.raises(RefusedError) as refused:
        await two.mei.comment("but")
    assert (refused.value.code, refused.value.frame["action"]) == ("warned", action)
    for client, wrong in ((two.lin, action), (two.mei, "ma_other")):
        with pytest.raises(RefusedError, match="no_such_action"):
            await client.ask("acknowledge", action=wrong, key=new_key())
    async with RoomClient(two.two.url, SHOW, "gu_mei") as phone:
        assert phone.hello["you"]["warning"] == {"action": action, "message": "Please be kind."}
        for _ in range(2):
            await phone.ask("acknowledge", action=action, key=new_key())
    await two.mei.comment("I am sorry")
    await two.lin.until(lambda: two.lin.texts() == ["I am sorry"])

    def readers() -> list[str]:
        return [fact["actor"] for fact in two.mod.facts if fact.get("action") == "acknowledge"]

    await two.mod.until(lambda: readers() == ["gu_mei"])
