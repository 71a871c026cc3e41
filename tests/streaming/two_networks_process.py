"""A media server and its peers in two networks with a cable between, IPv6 only: `python -m` this file.

Run it in a network namespace of its own (`unshare --net`). It makes a second one, joins the two with a veth
pair, starts the server there as it would start on a machine, and publishes and watches from here over UDP
and over TCP. It prints one JSON object with what came. When it ends, nothing is left of the networks.
"""

import asyncio
import json
import select
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.streaming.raw_peer import VP8_KEY, publisher, viewer

NETWORK = "fd00:6c69:7665:1"
SERVER, PEER = f"{NETWORK}::1", f"{NETWORK}::2"
LIMIT_S = 20.0


def run(*command: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT_S)


def network_of(process: str) -> str:
    """Name the network namespace a process lives in."""
    return str(Path(f"/proc/{process}/ns/net").readlink())


def other_network() -> subprocess.Popen[bytes]:
    """Start a process that holds a network namespace of its own until its input is closed."""
    holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
    mine = network_of("self")
    deadline_s = time.monotonic() + LIMIT_S
    while network_of(str(holder.pid)) == mine:
        if holder.poll() is not None or time.monotonic() > deadline_s:
            raise RuntimeError("a second network namespace could not be made")
        time.sleep(0.01)
    return holder


def join(holder: subprocess.Popen[bytes]) -> list[str]:
    """Lay the cable; returns the words that run a command at its other end."""
    inside = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
    run("ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1", "netns", str(holder.pid))
    for words, device, address in (([], "d0", PEER), (inside, "d1", SERVER)):
        run(*words, "ip", "link", "set", "lo", "up")
        run(*words, "ip", "address", "add", f"{address}/64", "dev", device, "nodad")
        run(*words, "ip", "link", "set", device, "up")
    return inside


def start_server(inside: list[str]) -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    """Start the server at the other end, on whatever addresses it finds."""
    module = [sys.executable, "-m", "tests.streaming.media_server", "--all-addresses"]
    server = subprocess.Popen([*inside, *module, "--http-host", SERVER], stdout=subprocess.PIPE)
    assert server.stdout is not None
    if not select.select([server.stdout], [], [], LIMIT_S)[0]:
        raise TimeoutError("the server said nothing")
    return server, json.loads(server.stdout.readline())


async def try_both(url: str) -> dict[str, bool]:
    """Publish and watch over UDP and over TCP; whether the picture came."""
    seen = {}
    async with httpx.AsyncClient(base_url=url) as http:
        for name, tcp in (("udp", False), ("tcp", True)):
            async with publisher(http, name, tcp=tcp) as host, viewer(http, name, tcp=tcp) as player:
                await host.send_video(1, VP8_KEY)
                seen[name] = (await player.next_rtp(96)).payload == VP8_KEY
    return seen


def main() -> None:
    """Make the networks, look, and take everything down."""
    holder = other_network()
    server = None
    try:
        server, ready = start_server(join(holder))
        seen = asyncio.run(try_both(str(ready["url"])))
        print(json.dumps({"candidates": ready["candidates"], **seen}))  # noqa: T201 the protocol
    finally:
        if server is not None:
            server.terminate()
            server.wait(LIMIT_S)
        holder.communicate(timeout=LIMIT_S)


if __name__ == "__main__":
    main()
