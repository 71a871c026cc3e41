"""The demo's publisher as a child of the supervisor."""

import asyncio
import os
import sys
from pathlib import Path

from liveshop.demo.plan_files import read_demo
from liveshop.demo.publisher_process import KEY_VARIABLE
from liveshop.folders.data_folder_files import DataFolder
from liveshop.settings.addresses import own_address
from liveshop.settings.settings import Settings
from liveshop.supervising.supervised_process import Supervised

STEADY_S = 2.0


class PublisherChild(Supervised):
    """Keeps the demo show on the air; begins to be kept once the server serves."""

    def __init__(self, folder: DataFolder, run_folder: Path, settings: Settings) -> None:
        super().__init__("publisher-0", folder)
        self._run_folder = run_folder
        self._settings = settings
        # Closed by the kernel when this process dies, however it dies; the publisher watches the other end.
        self._lifeline_read, self._lifeline_write = os.pipe()

    async def _start(self) -> asyncio.subprocess.Process:
        demo = read_demo(self._run_folder)
        cards = [word for name, price in demo.cards for word in ("--product", f"{name}={price}")]
        url = f"{own_address(self._settings)}/whip/{demo.live_show}"
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "liveshop.demo.publisher_process"),
            *("--url", url, "--shop", demo.shop_name, *cards, "--lifeline", str(self._lifeline_read)),
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, KEY_VARIABLE: demo.stream_key},
            start_new_session=True,
            pass_fds=(self._lifeline_read, self._folder.lock_fd),
        )

    async def _watch(self) -> None:
        # It has no line to say that it is ready; one that still runs after a while found what it needs.
        await asyncio.sleep(STEADY_S)
        self.ready.set()
