"""A media process: WHIP and WHEP on its own Unix socket, packets on its own UDP port. It knows only Redis."""

import contextlib
from collections.abc import AsyncIterator

from liveshop.assembly import media_settings
from liveshop.redis.connections_redis import open_redis
from liveshop.redis.processes_redis import Processes
from liveshop.run import Run
from liveshop.serving.inside_http import inside_app
from liveshop.serving.serving_http import listen_unix, served
from liveshop.serving.siblings_client import SiblingsInside
from liveshop.supervising.listening_sockets import listen_inside
from liveshop.watching.presence import present, ready
from streaming.owners_redis import RedisOwners
from streaming.server import media_app


@contextlib.asynccontextmanager
async def part(run: Run) -> AsyncIterator[None]:
    """Serve until the block is left."""
    redis = open_redis(run.redis_url)
    processes = Processes(redis)
    siblings = SiblingsInside(lambda index: processes.address("media", index))
    async with (
        contextlib.aclosing(redis),
        RedisOwners(redis, process=str(run.index), boot_id=run.boot_id) as owners,
        media_app(media_settings(run), owners, siblings) as media,
    ):
        relay = media.relay
        app = inside_app(media.asgi, lambda: relay.counters.render(relay.gauges()))
        listening = [listen_unix(run.media_socket(run.index))]
        end = run.inside_end()
        if end is not None:
            listening.append(listen_inside(*end))
        # Others send requests here once it is registered, so it listens before.
        async with served(app, listening), present(run, lambda: len(relay.sessions)):
            await relay.resume()
            async with ready(run):
                yield
