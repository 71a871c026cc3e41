"""The protocol under the room's sockets, where it is not the library's own."""

from redis.asyncio import Redis
from websockets.protocol import State

from realtime.sockets.raw_frames_ws import RawOutlet
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Shop, serving
from tests.streaming.waiting import until


async def test_a_server_that_stops_lets_go_of_who_is_closing(plain_redis: Redis) -> None:
    """The library refuses to say goodbye to somebody who has said it; others must hear it all the same."""
    async with serving(plain_redis, Shop(plain_redis)) as front:
        async with RoomClient(front.url, SHOW, "gu_mei"):
            (connection,) = front.realtime.people.connections
            outlet = connection.outlet
            assert isinstance(outlet, RawOutlet)
            protocol = outlet._protocol
        await until(lambda: protocol.conn.state is not State.OPEN)
        protocol.shutdown()
        assert protocol.transport.is_closing()
