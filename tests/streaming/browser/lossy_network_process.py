"""A viewer behind a narrow, lossy cable, with the kernel's own tools: `python -m` this file.

Run it in a network namespace of its own (`unshare --net`). It makes a second one, joins the two with a veth
pair, and starts server and publisher there. The cable carries `RATE` (`tc tbf`), and of what comes out of it
`nft` drops `LOSS_IN_100` packets in 100 at random. A Chromium watches from here; what it saw is printed as
one JSON object. When it ends, nothing is left of the networks.
"""

import asyncio
import json
import select
import subprocess
import sys
import time
from typing import Any

from playwright.async_api import async_playwright

from tests.fixtures_browser import chromium_path, connect, open_visit, running_chromium
from tests.streaming.browser.conftest import serve_files
from tests.streaming.browser.ffmpeg_publisher import FRAMES_PER_S
from tests.streaming.two_networks_process import LIMIT_S, join, other_network, run, start_server

LOSS_IN_100 = 3
RATE = ("rate", "3mbit", "burst", "16kb", "latency", "100ms")
WATCH_S = 20
SHOW = "sh_cable"
CHAIN = (
    "add table inet weather; "
    "add chain inet weather incoming { type filter hook input priority 0; }; "
    "add rule inet weather incoming iif d0 meta l4proto udp "
    f"numgen random mod 100 < {LOSS_IN_100} counter drop"
)


def spoil(inside: list[str]) -> None:
    """Make the cable narrow and lossy in the direction of the viewer."""
    run(*inside, "tc", "qdisc", "add", "dev", "d1", "root", "tbf", *RATE)
    run("nft", CHAIN)


def dropped_packets() -> int:
    """Read how many packets the rule has dropped."""
    listed = subprocess.run(["nft", "-j", "list", "ruleset"], capture_output=True, check=True, text=True)
    rules = [entry["rule"] for entry in json.loads(listed.stdout)["nftables"] if "rule" in entry]
    counters = [part["counter"] for rule in rules for part in rule["expr"] if "counter" in part]
    return int(counters[0]["packets"])


def start_publisher(inside: list[str], url: str) -> subprocess.Popen[bytes]:
    """Publish pictures at the server's end of the cable."""
    module = [
        sys.executable,
        "-m",
        "tests.streaming.browser.ffmpeg_publisher",
        f"{url}/whip/{SHOW}",
        "sk_test",
    ]
    command = [*inside, *module]
    publisher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert publisher.stdout is not None
    if not select.select([publisher.stdout], [], [], LIMIT_S)[0]:
        raise TimeoutError("the publisher is not on the air")
    publisher.stdout.readline()
    return publisher


async def watch(url: str) -> dict[str, Any]:
    """Watch for a while; returns what came and what was lost."""
    with running_chromium(chromium_path(), f"--unsafely-treat-insecure-origin-as-secure={url}") as chromium:
        async with async_playwright() as playwright:
            browser = await connect(playwright, chromium)
            visit = await open_visit(browser)
            await visit.context.route("**/static/**", serve_files)
            await visit.context.route("**/pages/**", serve_files)
            await visit.page.goto(f"{url}/pages/media.html")
            await visit.page.wait_for_function("window.ready")
            await visit.page.evaluate("show => watch(show)", SHOW)
            await visit.page.evaluate("moreFrames(30)")
            before, began_s = await visit.page.evaluate("rawVideo()"), time.monotonic()
            await visit.page.evaluate("s => new Promise(r => setTimeout(r, s * 1000))", WATCH_S)
            after, took_s = await visit.page.evaluate("rawVideo()"), time.monotonic() - began_s
            await browser.close()
    frames = after["framesDecoded"] - before["framesDecoded"]
    return {
        "decoded_share": frames / (took_s * FRAMES_PER_S),
        "frozen_share": (after["totalFreezesDuration"] - before["totalFreezesDuration"]) / took_s,
        "freezes": after["freezeCount"] - before["freezeCount"],
        "dropped": dropped_packets(),
    }


def main() -> None:
    """Make the networks, watch, and take everything down."""
    holder = other_network()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        inside = join(holder)
        server, ready = start_server(inside)
        processes.append(server)
        processes.append(start_publisher(inside, str(ready["url"])))
        spoil(inside)
        print(json.dumps(asyncio.run(watch(str(ready["url"])))))  # noqa: T201 the protocol
    finally:
        for process in reversed(processes):
            if process.stdin is not None:
                process.communicate(timeout=LIMIT_S)
            process.terminate()
            process.wait(LIMIT_S)
        holder.communicate(timeout=LIMIT_S)


if __name__ == "__main__":
    main()
