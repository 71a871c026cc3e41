"""What the lobby knows of a room: as many viewers as the room itself shows."""

from redis.asyncio import Redis

from liveshop.web.media_directory_redis import AudienceRedis
from realtime.room.attendance import News, mark
from realtime.store.store_redis import RoomStore


async def test_the_lobby_counts_as_the_room_does(redis_client: Redis) -> None:
    """A person on two fronts is one; a show of which no front has spoken for ten seconds has nobody."""
    store = RoomStore(redis_client, lambda: "seed", 1000)
    for front in ("one", "two"):
        slot = (await store.presence("sh_1", front, 0, 0, 10_000)).slot
        news = News(slot, came=mark("gu_mei"))
        sums = await store.presence("sh_1", front, 1, 0, 10_000, None, news)
    now_ms = sums.now_ms
    audience = AudienceRedis(redis_client, lambda: now_ms)
    assert await audience.viewers(["sh_1", "sh_2"]) == {"sh_1": 1, "sh_2": 0}
    now_ms += AudienceRedis.FRESH_MS + 1
    assert await audience.viewers(["sh_1"]) == {"sh_1": 0}
