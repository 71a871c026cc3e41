"""The room over real sockets, real Redis and real fronts."""

import asyncio
import json

import msgspec
import pytest
from redis.asyncio import Redis

from realtime.messages.entering import HelloAnswer
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.store.keys import ShowKeys
from streaming.events import HostLive
from tests.realtime.client import RefusedError, RoomClient, new_key
from tests.realtime.stage import SHOP, SHOW, Front, Shop, ShopError, serving, two_fronts


async def test_a_comment_reaches_a_viewer_on_another_front(redis_client: Redis) -> None:
    """Two fronts on one Redis, plain or cluster, are one room."""
    shop = Shop(redis_client)
    async with (
        two_fronts(redis_client, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        assert (mei.hello["front"], lin.hello["front"]) == ("front-0", "front-1")
        said = await mei.comment("Which sizes?")
        await lin.until(lambda: said["id"] in lin.comments, within_s=1.0)
        assert lin.comments[said["id"]] == said
        await mei.until(lambda: said["id"] in mei.comments, within_s=1.0)


async def test_hello_says_everything_once(front: Front, shop: Shop) -> None:
    """A first hello has the snapshot, one's own state, the right to watch and the limits."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        hello = mei.hello
        assert hello["missed"] is None
        assert hello["snapshot"]["products"][0]["id"] == "pr_1"
        assert hello["snapshot"]["stock"]["po_va_1"]["available"] == 5
        assert hello["you"] == {
            "person": "gu_mei",
            "name": "Mei",
            "kind": "guest",
            "role": "viewer",
            "muted_until_ms": None,
            "banned": False,
            "reservations": [],
            "orders_pending": [],
            "last_order": None,
            "waits": [],
            "warning": None,
            "votes": [],
            "choices": {},
        }
        assert hello["whep"] == {"url": f"/whep/{SHOW}", "token": "watch-gu_mei"}
        assert hello["limits"] == {"comment_chars": 300, "likes_per_frame": 20, "translate": False}
        msgspec.convert(hello, HelloAnswer)


async def test_a_resume_gets_exactly_the_missed_facts(front: Front, shop: Shop) -> None:
    """Who comes back with a position gets what came after it, once and in order, and no snapshot."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "gu_lin") as lin:
        await shop.pin("pr_1")
        await mei.until(lambda: mei.pinned == "pr_1")
        await mei.close()
        await shop.pin(None)
        await shop.enter("price", variant="va_1", price_minor=700, price_version=2)
        said = await lin.comment("still here")
        await lin.until(lambda: len(lin.facts) == 3 and lin.talk)
        async with RoomClient(front.url, SHOW, "gu_mei", position=mei.position) as again:
            missed = again.hello["missed"]
            assert again.hello["snapshot"] is None
            assert [fact["kind"] for fact in missed["facts"]] == ["pin", "price"]
            assert [comment["id"] for comment in missed["talk"]] == [said["id"]]
            assert again.position == lin.position
            await shop.pin("pr_1")
            await again.until(lambda: again.pinned == "pr_1")
            assert [fact["seq"] for fact in again.facts] == sorted({fact["seq"] for fact in again.facts})
            assert len(again.facts) == 3


async def test_a_resume_from_before_this_process_reads_the_log(plain_redis: Redis, shop: Shop) -> None:
    """A front whose memory does not go back so far reads the missed facts from Redis."""
    settings = RoomSettings(ring_entries_total=2)
    async with serving(plain_redis, shop, settings=settings) as front:
        async with RoomClient(front.url, SHOW, "gu_mei") as mei:
            first = await mei.comment("first")
            await mei.until(lambda: first["id"] in mei.comments)
        async with RoomClient(front.url, SHOW, "ac_mod") as mod:
            said = [await mod.comment(f"number {number}") for number in range(6)]
            await mod.until(lambda: len(mod.talk) == 6)
        async with RoomClient(front.url, SHOW, "gu_mei", position=mei.position) as again:
            assert again.hello["snapshot"] is None
            assert [comment["id"] for comment in again.talk] == [comment["id"] for comment in said]


async def test_a_deleted_comment_is_not_sent_to_who_comes_back(front: Front) -> None:
    """Later deletions are applied before sending."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
        await mei.close()
        bad = await mod.comment("something bad")
        await mod.comment("something good")
        await mod.ask("delete", comment=bad["id"], key=new_key())
        await mod.until_fact("comment_deleted")
        async with RoomClient(front.url, SHOW, "gu_mei", position=mei.position) as again:
            assert [comment["text"] for comment in again.talk] == ["something good"]
        async with RoomClient(front.url, SHOW, "gu_new") as new:
            assert new.texts() == ["something good"]


async def test_a_forged_position_earns_its_sender_a_snapshot_and_nobody_else(front: Front) -> None:
    """A client's word alone never starts a new epoch."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        await mei.comment("hello")
        await mei.until(lambda: mei.talk)
        assert mei.position is not None
        for forged in ({"tag": "0" * 16}, {"offset": 99}, {"epoch": "other"}):
            position = {**mei.position, **forged}
            async with RoomClient(front.url, SHOW, "gu_evil", position=position) as evil:
                assert evil.hello["snapshot"] is not None
                assert evil.position == mei.position
        assert mei.snapshots == 0


async def test_facts_of_the_ledger_and_the_media_stream_reach_everybody_once(
    plain_redis: Redis, shop: Shop
) -> None:
    """Two fronts announce at the same time; each fact is in the log once."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        for number in range(20):
            await shop.enter("price", variant="va_1", price_minor=number, price_version=number + 2)
            if number == 10:
                await shop.media(HostLive(SHOW, 1, "0", 1))
        for client in (mei, lin):
            await client.until_self(lambda me: len(me.facts) == 21)
            prices = [fact["price_minor"] for fact in client.facts if fact["kind"] == "price"]
            assert prices == list(range(20))
            assert client.host == "live"
        assert await plain_redis.xlen(ShowKeys.of(SHOW).log) == 21


async def test_a_purchase_is_announced_with_the_shown_name_or_not_at_all(front: Front, shop: Shop) -> None:
    """The name comes from the room's names, else "Someone"; who switched it off is not announced."""
    about = {"show": SHOW, "product": "pr_1", "variant": "va_1", "pool": "po_va_1", "quantity": 1}
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        await mei.ask("name", name="Mei of Ghent")
        await shop.enter("commit", person="gu_mei", order="or_1", announce=True, **about)
        await shop.enter("commit", person="gu_quiet", order="or_2", announce=False, **about)
        await shop.enter("commit", person="gu_new", order="or_3", announce=True, **about)
        await mei.until(lambda: len(mei.facts) == 2)
        assert [(fact["name"], fact["order_ref"]) for fact in mei.facts] == [
            ("Mei of Ghent", "or_1"),
            ("Someone", "or_3"),
        ]


async def test_stock_travels_as_its_newest_value(front: Front, shop: Shop) -> None:
    """Many changes between two ticks are one value per pool."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        for held in range(1, 6):
            counters = {"available": 5 - held, "held": held, "sold": 0, "withdrawn": 0, "total": 5}
            await shop.enter("reserve", pool="po_va_1", person="gu_x", show=SHOW, counters=counters)
        await mei.until(lambda: mei.stock["po_va_1"]["held"] == 5)
        told = [frame for frame in mei.frames if frame["type"] == "tick" and "stock" in frame["state"]]
        assert len(told) < 5
        assert mei.facts == []


async def test_people_and_hearts_are_summed_over_fronts(plain_redis: Redis, shop: Shop) -> None:
    """Viewers are people, not sockets, and not staff; hearts of all fronts add up."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(one.url, SHOW, "gu_mei") as _,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
        RoomClient(two.url, SHOW, "ac_mod") as mod,
    ):
        await mei.like(3)
        await lin.like(20)
        for client in (mei, lin, mod):
            await client.until_self(lambda me: me.viewers == 2 and me.likes == 23)
        await lin.close()
        await mei.until(lambda: mei.viewers == 1)
        assert mei.likes == 23


async def test_a_person_with_windows_on_two_fronts_counts_once(redis_client: Redis) -> None:
    """Until the last of them closes; never less than the people of one's own front."""
    shop = Shop(redis_client)
    async with (
        serving(redis_client, shop, "front-0") as one,
        serving(redis_client, shop, "front-1") as two,
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_mei") as window,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        for client in (mei, window, lin):
            await client.until_self(lambda me: me.viewers == 2)
        assert await _told(one, two) == [2, 2]
        await mei.close()
        await one.realtime.people.nobody.wait()
        assert await _told(one, two) == [2, 2]
        await window.close()
        await lin.until(lambda: lin.viewers == 1)
        room = two.realtime.rooms.open[SHOW].room
        room.set_sums(0, 0, {})
        assert room.viewers_total == room.viewers_here == 1


async def _told(*fronts: Front) -> list[int]:
    """Let every front tell its people and take the sum, twice; returns what each shows then."""
    rooms = [front.realtime.rooms.open[SHOW] for front in fronts]
    for room in (*rooms, *rooms):
        await room.presence.tell()
    return [room.room.viewers_total for room in rooms]


async def test_the_number_of_viewers_is_the_same_on_every_front_at_once(
    plain_redis: Redis, shop: Shop
) -> None:
    """A second tab and staff change nothing; a change on one front is on the other in well under a second."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        await lin.until(lambda: lin.viewers == 2)
        loop = asyncio.get_running_loop()
        took_s = []
        for number in range(5):
            began_s = loop.time()
            async with (
                RoomClient(one.url, SHOW, f"gu_n{number}"),
                RoomClient(one.url, SHOW, f"gu_n{number}"),
                RoomClient(one.url, SHOW, "ac_mod"),
            ):
                await lin.until(lambda: lin.viewers == 3)
                took_s.append(loop.time() - began_s)
                await mei.until(lambda: mei.viewers == 3)
            await lin.until(lambda: lin.viewers == 2)
            await mei.until(lambda: mei.viewers == 2)
        # Without the wake-up the other front hears of it after up to a second, half a second in the middle.
        assert sorted(took_s)[2] < 0.5, took_s
        assert max(frame["state"].get("viewers", 0) for frame in lin.frames if frame["type"] == "tick") == 3


async def test_reactions_are_summed_over_fronts_and_bounded(plain_redis: Redis, shop: Shop) -> None:
    """Both fronts show the same sums; who comes later has them at once; unknown or too many count nothing."""
    async with (
        two_fronts(plain_redis, shop) as (one, two),
        RoomClient(one.url, SHOW, "gu_mei") as mei,
        RoomClient(two.url, SHOW, "gu_lin") as lin,
    ):
        await mei.ask("react", reaction="clap", count=3)
        await lin.ask("react", reaction="clap")
        await lin.ask("react", reaction="fire", count=20)
        for wrong in (
            {"reaction": "boo"},
            {"reaction": "clap", "count": 21},
            {"reaction": "clap", "count": 0},
        ):
            with pytest.raises(RefusedError) as refused:
                await lin.ask("react", **wrong)
            assert refused.value.code == "bad_message"
        sums = {"react:clap": 4, "react:fire": 20}
        for client in (mei, lin):
            await client.until_self(lambda me: _tallies(me) == sums)
        async with RoomClient(one.url, SHOW, "gu_new") as new:
            assert new.hello["snapshot"]["tallies"] == sums


def _tallies(client: RoomClient) -> dict[str, int]:
    told: dict[str, int] = {}
    for frame in client.frames:
        told |= frame.get("state", {}).get("tallies", {})
    return told


async def test_buying_does_not_wait_for_other_messages(front: Front, shop: Shop) -> None:
    """A slow reservation is answered when it is done; meanwhile the socket talks on and tells the place."""
    shop.reserving.clear()
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        buying = asyncio.create_task(mei.reserve("va_1", key="press-number-1"))
        said = await mei.comment("while I wait")
        assert not buying.done()
        (queued,) = [frame for frame in mei.you if frame["event"] == "queued"]
        assert (queued["position"], queued["estimate_ms"]) == (7, 1200)
        shop.reserving.set()
        reservation = await buying
        assert reservation["lines"] == [{"variant": "va_1", "quantity": 1, "price_version": 1, "sale": None}]
        assert said["text"] == "while I wait"
        assert (await mei.ask("release", reservation="rs_1", key=new_key()))["reservation"][
            "state"
        ] == "released"


async def test_a_refusal_of_the_shop_keeps_its_code_and_facts(front: Front, shop: Shop) -> None:
    """The same code as over HTTP; the socket lives on, also after a fault."""
    shop.refusals = [ShopError("price_changed", price_minor=800, price_version=2), RuntimeError("a fault")]
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        with pytest.raises(RefusedError) as refused:
            await mei.reserve("va_1")
        assert refused.value.frame["code"] == "price_changed"
        assert refused.value.frame["price_minor"] == 800
        with pytest.raises(RefusedError) as failed:
            await mei.reserve("va_1")
        assert (failed.value.code, failed.value.frame["temporary"]) == ("unavailable", True)
        assert shop.reservations == {}
        await mei.reserve("va_1")


async def test_what_concerns_one_person_goes_to_their_sockets_only(front: Front, shop: Shop) -> None:
    """A message of the shop's people channel is a `you` frame on all sockets of that person."""
    async with (
        RoomClient(front.url, SHOW, "gu_mei") as mei,
        RoomClient(front.url, SHOW, "gu_mei") as phone,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
    ):
        message = {"person": "gu_mei", "event": "order", "order": {"id": "or_1", "state": "paid"}}
        channel = f"{{shop:{SHOP}}}:people"
        await shop.redis.publish(channel, b"not json")
        await shop.redis.publish(channel, json.dumps(message))
        for client in (mei, phone):
            await client.until_self(lambda me: me.you)
            assert client.you[0] == {
                "type": "you",
                "event": "order",
                "order": {"id": "or_1", "state": "paid"},
            }
        await lin.comment("nothing for me")
        assert lin.you == []


async def test_a_signed_out_device_is_closed_within_a_second(front: Front, shop: Shop) -> None:
    """Only that device's sockets close."""
    async with (
        RoomClient(front.url, SHOW, "gu_mei/de_phone") as phone,
        RoomClient(front.url, SHOW, "gu_mei/de_desk") as desk,
    ):
        await shop.redis.xadd("{server}:revocations", {"device": "de_phone", "person": "gu_mei"})
        assert await phone.until_closed(within_s=1.0) == CloseCode.SIGNED_OUT
        assert phone.you[-1]["event"] == "signed_out"
        await desk.comment("still here")


async def test_without_the_raw_hook_the_room_works_the_same(plain_redis: Redis, shop: Shop) -> None:
    """Any ASGI server can serve the room."""
    async with (
        serving(plain_redis, shop, raw=False) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
    ):
        said = await mei.comment("plain")
        await lin.until(lambda: said["id"] in lin.comments)
        lin_evil = await lin.send("comment", text="x")
        await lin.until(lambda: any(f.get("re") == lin_evil for f in lin.frames))


async def test_a_drain_asks_everybody_to_come_back_and_closes_the_rest(
    plain_redis: Redis, shop: Shop
) -> None:
    """The times are spread; who stays is closed with a code that says come back."""
    settings = RoomSettings(drain_spread_ms=200)
    async with (
        serving(plain_redis, shop, settings=settings) as front,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        draining = asyncio.create_task(front.realtime.drain())
        await mei.until(lambda: mei.drained)
        assert mei.drained is not None
        assert 0 <= mei.drained["after_ms"] <= 200
        assert await mei.until_closed() == CloseCode.DRAIN
        await draining


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_shared_frames_are_read_with_and_without_deflate(front: Front, compression: str | None) -> None:
    """One frame for all decodes on sockets that negotiated differently, mixed with frames of one's own."""
    async with (
        RoomClient(front.url, SHOW, "gu_mei", compression=compression) as mei,
        RoomClient(front.url, SHOW, "gu_lin") as lin,
    ):
        text = "Which sizes do you have, and is it machine washable? " * 4
        for number in range(3):
            said = await lin.comment(f"{text}{number}")
            await mei.until_comment(said["id"])
            await mei.like()
        assert mei.socket is not None
        assert bool(mei.socket.protocol.extensions) == (compression == "deflate")


async def test_a_place_in_line_is_taken_shown_and_given_up(front: Front, shop: Shop) -> None:
    """The shop judges; the place comes back with every hello, the offer's language from the hello."""
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        shop.refusals = [ShopError("units_free", available=2)]
        with pytest.raises(RefusedError) as refused:
            await mei.ask("wait", variant="va_1", key=new_key())
        assert (refused.value.code, shop.places) == ("units_free", {})
        answer = await mei.ask("wait", variant="va_1", key=new_key())
        assert answer["place"] == {"pool": "po_va_1", "position": 1, "language": "en"}
    async with RoomClient(front.url, SHOW, "gu_mei") as mei:
        assert mei.hello["you"]["waits"] == [{"pool": "po_va_1", "position": 1}]
        assert (await mei.ask("leave", pool="po_va_1"))["left"] is True
        assert (await mei.ask("leave", pool="po_va_1"))["left"] is False


async def test_what_is_pinned_up_is_on_every_screen(plain_redis: Redis, shop: Shop) -> None:
    """In a tick for who is here, in the snapshot for who comes; staff's own is seen by staff alone."""
    async with serving(plain_redis, shop) as front:
        async with RoomClient(front.url, SHOW, "gu_mei") as mei, RoomClient(front.url, SHOW, "ac_mod") as mod:
            store = front.realtime.store
            await store.board(SHOW, "ac_mod", "key-00000001", "staff:note", {"text": "watch Lin"})
            await store.board(SHOW, "ac_mod", "key-00000002", "poll", {"question": "Green or black?"})
            await mei.until(lambda: any(fact["kind"] == "board" for fact in mei.facts))
            await mod.until(lambda: len([fact for fact in mod.facts if fact["kind"] == "board"]) == 2)
            assert [fact["name"] for fact in mei.facts if fact["kind"] == "board"] == ["poll"]
        async with RoomClient(front.url, SHOW, "gu_lin") as lin, RoomClient(front.url, SHOW, "ac_mod") as mod:
            assert lin.hello["snapshot"]["board"] == {"poll": {"question": "Green or black?"}}
            assert lin.hello["staff_board"] is None
            assert mod.hello["staff_board"] == {"staff:note": {"text": "watch Lin"}}


async def test_who_sees_figures_is_no_viewer_and_hears_nothing_of_staffs(front: Front, shop: Shop) -> None:
    """They are not counted, read what all read, and may do nothing to anybody."""
    shop.roles["ac_stats"] = "stats"
    async with (
        RoomClient(front.url, SHOW, "ac_mod") as mod,
        RoomClient(front.url, SHOW, "ac_stats") as stats,
        RoomClient(front.url, SHOW, "gu_mei") as mei,
    ):
        assert stats.hello["you"]["role"] == "stats"
        assert stats.hello["staff_board"] is None
        await front.realtime.store.board(SHOW, "ac_mod", "key-00000001", "staff:note", {"text": "watch"})
        await mod.until(lambda: "staff:note" in mod.board)
        said = await mei.comment("hello")
        await stats.until_comment(said["id"])
        await stats.until(lambda: stats.viewers == 1)
        with pytest.raises(RefusedError, match="not_allowed"):
            await stats.ask("delete", comment=said["id"], key=new_key())
        assert "staff:note" not in json.dumps(stats.frames)
        await mei.comment("still there")
        await mei.until(lambda: mei.texts() == ["hello", "still there"])
