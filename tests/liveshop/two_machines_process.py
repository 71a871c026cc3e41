"""Two machines in two networks with a cable between, one server: `python -m` this file FOLDER.

Run it in a network namespace of its own (`unshare --net`). It makes a second one and joins the two with a
veth pair. Here run a Redis over TCP and a machine with front, media and worker; there a machine with a media
process only, with a data folder of its own. A host publishes here, and a viewer is sent there. It prints one
JSON object with what came. When it ends, nothing is left of the networks.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import redis as blocking_redis

from tests.fixtures_redis import running_redis
from tests.liveshop.running_server import ROOT, RunningServer, clean_environment, until
from tests.liveshop.shows_on_air import Air, answering, process_of
from tests.streaming.raw_peer import VP8_KEY
from tests.streaming.two_networks_process import LIMIT_S, other_network, run

HERE, THERE = "10.213.8.1", "10.213.8.2"
REDIS_PORT = 6390
START_LIMIT_S = 40.0


def join(holder: subprocess.Popen[bytes]) -> list[str]:
    """Lay the cable; returns the words that run a command at its other end."""
    inside = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
    run("ip", "link", "add", "m0", "type", "veth", "peer", "name", "m1", "netns", str(holder.pid))
    for words, device, address in (([], "m0", HERE), (inside, "m1", THERE)):
        run(*words, "ip", "link", "set", "lo", "up")
        run(*words, "ip", "address", "add", f"{address}/24", "dev", device)
        run(*words, "ip", "link", "set", device, "up")
    return inside


def settings_of(address: str, folder: Path, **more: str) -> dict[str, str]:
    """Set what both machines need."""
    return clean_environment(
        REDIS_URL=f"redis://{HERE}:{REDIS_PORT}",
        LIVESHOP_SECRET="the same secret on every machine",
        LIVESHOP_DATA=str(folder),
        LIVESHOP_HOST=address,
        LIVESHOP_PUBLIC_IP=address,
        LIVESHOP_INSIDE_ADDRESS=f"{address}:8300",
        LIVESHOP_MEDIA_PORT="8200",
        LIVESHOP_SPREAD_SESSIONS="1",
        XDG_RUNTIME_DIR=str(folder),
        **more,
    )


@contextlib.contextmanager
def machine(words: list[str], environ: Mapping[str, str]) -> Iterator[None]:
    """Run a machine that has no front until the block is left."""
    command = [*words, sys.executable, "-m", "liveshop", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(LIMIT_S)


def is_registered(client: blocking_redis.Redis, name: str) -> bool:
    """Whether a process has said that it lives."""
    return bool(client.hexists("{server}:processes", name))


async def watch_from_afar(address: str) -> dict[str, object]:
    """Publish here, and let a viewer be sent to the other machine."""
    air = await asyncio.to_thread(Air, address)
    async with air.host() as host, answering(host), air.watch() as player:
        picture, sound = await player.next_rtp(96), await player.next_rtp(111)
        return {
            "host_at": process_of(host),
            "viewer_at": process_of(player),
            "viewer_from": player.remote[2][0],
            "picture": picture.payload == VP8_KEY,
            "sound": sound.payload == b"sound",
        }


def main() -> None:
    """Make the networks, look, and take everything down."""
    folder = Path(sys.argv[1])
    here, there = folder / "here", folder / "there"
    here.mkdir()
    there.mkdir()
    holder = other_network()
    try:
        inside = join(holder)
        words = ("--port", str(REDIS_PORT), "--bind", HERE, "--protected-mode", "no")
        media_only = {"LIVESHOP_FRONTS": "0", "LIVESHOP_WORKERS": "0", "LIVESHOP_FIRST_INDEX": "1"}
        environ = settings_of(THERE, there, **media_only)
        with running_redis(folder, *words), blocking_redis.Redis(HERE, REDIS_PORT) as client:
            server = RunningServer(here, settings_of(HERE, here))
            try:
                server.wait_until_serving()
                with machine(inside, environ):
                    until(lambda: is_registered(client, "media-1"), START_LIMIT_S, "the other machine")
                    print(json.dumps(asyncio.run(watch_from_afar(server.address))))  # noqa: T201 the protocol
            finally:
                server.close()
    finally:
        holder.communicate(timeout=LIMIT_S)


if __name__ == "__main__":
    main()
