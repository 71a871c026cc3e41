"""Viewers behind a narrow, lossy cable that then lets no UDP through, with the kernel's own tools.

Run it with `python -m` in a network namespace of its own (`unshare --net`). It makes a second one, joins the
two with a veth pair, and starts server and publisher there. The cable carries `RATE` (`tc tbf`), and of what
comes out of it `nft` drops `LOSS_IN_100` packets in 100 at random. A Chromium watches from here. Then `nft`
drops all UDP in both directions: who watches goes on over TCP, and who comes now comes in over TCP. What was
seen is printed as one JSON object. When it ends, nothing is left of the networks.
"""

import asyncio
import json
import select
import subprocess
import sys
import time
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.fixtures_browser import chromium_path, connect, open_visit, running_chromium
from tests.streaming.browser.conftest import serve_files
from tests.streaming.browser.ffmpeg_publisher import FRAMES_PER_S
from tests.streaming.two_networks_process import LIMIT_S, join, other_network, run, start_server

LOSS_IN_100 = 3
RATE = ("rate", "3mbit", "burst", "16kb", "latency", "100ms")
WATCH_S = 20
SHOW = "sh_cable"
GO_ON_LIMIT_MS = 60_000
CHAIN = (
    "add table inet weather; "
    "add chain inet weather incoming { type filter hook input priority 0; }; "
    "add chain inet weather outgoing { type filter hook output priority 0; }; "
    "add rule inet weather incoming iif d0 meta l4proto udp "
    f"numgen random mod 100 < {LOSS_IN_100} counter drop"
)
NO_UDP = (
    "flush table inet weather; "
    "add rule inet weather incoming iif d0 meta l4proto udp counter drop; "
    "add rule inet weather outgoing oif d0 meta l4proto udp counter drop"
)


def spoil(inside: list[str]) -> None:
    """Make the cable narrow and lossy in the direction of the viewer."""
    run(*inside, "tc", "qdisc", "add", "dev", "d1", "root", "tbf", *RATE)
    run("nft", CHAIN)


def dropped_packets() -> int:
    """Read how many packets the rules have dropped."""
    listed = subprocess.run(["nft", "-j", "list", "ruleset"], capture_output=True, check=True, text=True)
    rules = [entry["rule"] for entry in json.loads(listed.stdout)["nftables"] if "rule" in entry]
    counters = [part["counter"] for rule in rules for part in rule["expr"] if "counter" in part]
    return sum(int(counter["packets"]) for counter in counters)


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


async def open_page(browser: Browser, url: str) -> Page:
    """Open a page and watch until pictures run."""
    visit = await open_visit(browser)
    await visit.context.route("**/static/**", serve_files)
    await visit.context.route("**/pages/**", serve_files)
    await visit.page.goto(f"{url}/pages/media.html")
    await visit.page.wait_for_function("window.ready")
    await visit.page.evaluate("([show, limit_ms]) => watch(show, { limit_ms })", [SHOW, GO_ON_LIMIT_MS])
    await visit.page.evaluate("limit_ms => moreFrames(30, limit_ms)", GO_ON_LIMIT_MS)
    return visit.page


async def watch(url: str) -> dict[str, Any]:
    """Watch for a while, then without UDP; returns what came and what was lost."""
    with running_chromium(chromium_path(), f"--unsafely-treat-insecure-origin-as-secure={url}") as chromium:
        async with async_playwright() as playwright:
            browser = await connect(playwright, chromium)
            page = await open_page(browser, url)
            seen = await look(page)
            run("nft", NO_UDP)
            late = await open_page(browser, url)
            await page.evaluate("limit_ms => moreFrames(30, limit_ms)", GO_ON_LIMIT_MS)
            without: dict[str, Any] = {"stayed": await path_of(page), "came": await path_of(late)}
            without["changed"] = (await late.evaluate("examine()"))["changed"]
            without["loudness"] = await late.evaluate("loudness()")
            without["dropped"] = dropped_packets()
            await browser.close()
    return {**seen, "without_udp": without}


async def path_of(page: Page) -> str:
    """Read which protocol the newest connection's path has."""
    return str(await page.evaluate("chosenPath().then(({ protocol }) => protocol)"))


async def look(page: Page) -> dict[str, Any]:
    """Watch for `WATCH_S`; returns the share of frames that came and the share of time without a new one."""
    before, began_s = await page.evaluate("rawVideo()"), time.monotonic()
    await page.evaluate("s => new Promise(r => setTimeout(r, s * 1000))", WATCH_S)
    after, took_s = await page.evaluate("rawVideo()"), time.monotonic() - began_s
    frames = after["framesDecoded"] - before["framesDecoded"]
    return {
        "decoded_share": frames / (took_s * FRAMES_PER_S),
        "frozen_share": (after["totalFreezesDuration"] - before["totalFreezesDuration"]) / took_s,
        "freezes": after["freezeCount"] - before["freezeCount"],
        "path": await path_of(page),
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
