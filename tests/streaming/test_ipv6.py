"""A server and its peers with nothing between them but IPv6."""

import asyncio
import json
import os
import sys

LIMIT_S = 60.0


async def test_media_travels_over_a_global_ipv6_address() -> None:
    """The server finds its own address, tells it first, and media flows over UDP and over TCP.

    Needs two network namespaces: root has the right, and others have it where user namespaces are allowed.
    """
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", *rights, sys.executable, "-m", "tests.streaming.two_networks_process",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        said, complained = await process.communicate()
    reason = "this test makes network namespaces, which needs root, or user namespaces for everybody"
    assert process.returncode == 0, f"{reason}: {complained.decode()}"
    seen = json.loads(said)
    assert seen["candidates"][0][0] == "fd00:6c69:7665:1::1"
    assert [address for address, _ in seen["candidates"][1:]] == ["127.0.0.1", "::1"]
    assert (seen["udp"], seen["tcp"]) == (True, True)
