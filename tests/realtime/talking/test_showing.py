"""Pictures shown with comments: bound to whose they are, refused where the room wants none."""

import pytest
from redis.asyncio import Redis

from realtime.store.keys import ShowKeys
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOW, Front, Shop


async def show(
    client: RoomClient, picture: str, text: str = "look", key: str | None = None
) -> dict[str, object]:
    """Say something with a picture; returns the comment."""
    answer = await client.ask("comment", text=text, key=key or new_key(), picture=picture)
    said: dict[str, object] = answer["comment"]
    return said


async def rule(front: Front, shop: Shop, staff: RoomClient, **rules: object) -> None:
    """Change the room's rules and wait until the front follows them."""
    heard = sum(fact["kind"] == "policy" for fact in staff.facts)
    await shop.set_policy(**rules)
    await staff.until(lambda: sum(fact["kind"] == "policy" for fact in staff.facts) > heard)
    newest = await staff.until_fact("policy")
    await front.realtime.rooms.open[SHOW].catch_up(newest["seq"])


async def test_a_picture_reaches_everybody_with_its_comment(front: Front, shop: Shop) -> None:
    """The comment carries id and size, in the tick and in the snapshot of who comes later."""
    shop.policy = {"version": 1, "pictures": "all"}
    shop.pictures["cp_1"] = "gu_mei"
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "gu_lin") as lin:
        said = await show(mei, "cp_1")
        assert said["picture"] == {"id": "cp_1", "width": 640, "height": 480}
        await lin.until_comment(str(said["id"]))
        assert lin.comments[str(said["id"])]["picture"] == said["picture"]
        plain = await mei.comment("without")
        assert "picture" not in plain
    async with RoomClient(front.url, SHOW, "gu_late") as late:
        assert late.comments[str(said["id"])]["picture"] == said["picture"]


async def test_a_repeat_is_one_comment_with_one_picture(front: Front, shop: Shop) -> None:
    """The same key answers what was said and asks for nothing again; another picture is a conflict."""
    shop.policy = {"version": 1, "pictures": "all"}
    shop.pictures |= {"cp_1": "gu_mei", "cp_2": "gu_mei"}
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        key = new_key()
        first = await show(mei, "cp_1", key=key)
        again = await show(mei, "cp_1", key=key)
        assert (again["id"], again["picture"]) == (first["id"], first["picture"])
        assert shop.bound == {"cp_1": first["id"]}
        with pytest.raises(RefusedError, match="idempotency_conflict"):
            await show(mei, "cp_2", key=key)
        with pytest.raises(RefusedError, match="no_such_picture"):
            await show(mei, "cp_1")
        assert shop.bound == {"cp_1": first["id"]}


async def test_pictures_are_refused_where_the_room_wants_none(
    front: Front, shop: Shop, plain_redis: Redis
) -> None:
    """Off by default, and in emote-only mode; another person's is none; nothing is said, nothing is bound."""
    shop.pictures |= {"cp_1": "gu_mei", "cp_host": "ac_host"}
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_host") as host:
        before = await plain_redis.xlen(ShowKeys.of(SHOW).log)
        with pytest.raises(RefusedError, match="pictures_off"):
            await show(mei, "cp_1")
        assert (await plain_redis.xlen(ShowKeys.of(SHOW).log), shop.bound) == (before, {})
        said = await show(host, "cp_host")
        await mei.until_comment(str(said["id"]))
        await rule(front, shop, host, pictures="all", modes={"emote_only": True})
        with pytest.raises(RefusedError, match="emote_only"):
            await show(mei, "cp_1", "😍")
        await rule(front, shop, host, pictures="all")
        with pytest.raises(RefusedError, match="no_such_picture"):
            await show(mei, "cp_host", "mine")
        assert shop.bound == {"cp_host": said["id"]}


async def test_a_picture_needs_no_words(front: Front, shop: Shop, plain_redis: Redis) -> None:
    """Nor are two of them the same words, in unique mode or for suspicion; a question and a pin need some."""
    shop.policy = {"version": 1, "pictures": "all", "modes": {"unique": True}, "suspects": "hold"}
    shop.pictures |= {f"cp_{number}": "gu_mei" for number in range(4)}
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        for number in range(3):
            said = await show(mei, f"cp_{number}", " \u200d ")
            assert said["text"] == ""
            await mod.until_comment(str(said["id"]))
        before = (await plain_redis.xlen(ShowKeys.of(SHOW).log), dict(shop.bound))
        with pytest.raises(RefusedError, match="comment_empty"):
            await mei.ask("comment", text="", key=new_key(), picture="cp_3", question=True)
        with pytest.raises(RefusedError, match="comment_empty"):
            await mei.ask("comment", text=" ", key=new_key())
        with pytest.raises(RefusedError, match="comment_empty"):
            await mod.ask("pin_message", comment=said["id"], key=new_key())
        assert (await plain_redis.xlen(ShowKeys.of(SHOW).log), shop.bound) == before


async def test_modes_judge_a_picture_without_words(front: Front, shop: Shop, plain_redis: Redis) -> None:
    """Emote-only refuses it, newcomers' rules hold for it, links and terms find nothing in it."""
    shop.pictures["cp_1"] = "gu_mei"
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        for modes, code in (
            ({"emote_only": True}, "emote_only"),
            ({"newcomers_minutes": 5}, "newcomers_locked"),
        ):
            await rule(front, shop, mod, pictures="all", modes=modes)
            before = await plain_redis.xlen(ShowKeys.of(SHOW).log)
            with pytest.raises(RefusedError, match=code):
                await show(mei, "cp_1", "")
            assert (await plain_redis.xlen(ShowKeys.of(SHOW).log), shop.bound) == (before, {})
        terms = [{"text": ".*", "kind": "re2"}]
        await rule(front, shop, mod, pictures="all", terms=terms, modes={"links": "off", "unique": True})
        said = await show(mei, "cp_1", "")
        await mod.until_comment(str(said["id"]))


async def test_the_picture_of_a_refused_comment_can_be_shown_again(front: Front, shop: Shop) -> None:
    """Who is timed out binds nothing for good: the picture is let go."""
    shop.policy = {"version": 1, "pictures": "all"}
    shop.pictures["cp_1"] = "gu_mei"
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        await mei.comment("hello")
        done = await mod.ask("timeout", person="gu_mei", seconds=600, key=new_key())
        with pytest.raises(RefusedError, match="muted"):
            await show(mei, "cp_1")
        assert shop.bound == {}
        await mod.ask("undo", action=done["action"], key=new_key())
        said = await show(mei, "cp_1")
        assert shop.bound == {"cp_1": said["id"]}


async def test_a_held_comment_shows_its_picture_to_staff(front: Front, shop: Shop) -> None:
    """The case in the review queue carries it; once approved everybody has it."""
    shop.policy = {"version": 1, "pictures": "all", "terms": [{"text": "odd", "effect": "hold"}]}
    shop.pictures["cp_1"] = "gu_mei"
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        answer = await mei.ask("comment", text="an odd thing", key=new_key(), picture="cp_1")
        assert answer["pending"] is True
        name = f"staff:held:{answer['comment']['id']}"
        await mod.until(lambda: name in mod.board)
        assert mod.board[name]["comment"]["picture"]["id"] == "cp_1"
        await mod.ask("approve", comment=answer["comment"]["id"], key=new_key())
        await mei.until(lambda: any(one.get("picture") for one in mei.comments.values()))
