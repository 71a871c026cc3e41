"""One show on two machines: published at one, watched at the other."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

LIMIT_S = 90.0


async def test_a_viewer_is_sent_to_another_machine_and_sees_the_show(tmp_path: Path) -> None:
    """Its media process copies the show over the cable between them; each machine has its own data folder.

    Needs two network namespaces: root has the right, and others have it where user namespaces are allowed.
    """
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ("unshare", "--net", *rights, sys.executable, "-m", "tests.liveshop.two_machines_process")
    process = await asyncio.create_subprocess_exec(
        *command, str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        said, complained = await process.communicate()
    reason = "this test makes network namespaces, which needs root, or user namespaces for everybody"
    assert process.returncode == 0, f"{reason}: {complained.decode()}"
    assert json.loads(said) == {
        "host_at": 0,
        "viewer_at": 1,
        "viewer_from": "10.213.8.2",
        "picture": True,
        "sound": True,
    }
