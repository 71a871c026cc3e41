"""Debian's Firefox, driven over WebDriver BiDi: Playwright's protocol needs a Firefox of its own build.

async with running_firefox() as firefox:
    firefox.version
    await firefox.run("1 + 1")
"""

import asyncio
import contextlib
import itertools
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = "firefox-esr"
REACHABLE = "--all-addresses"
START_LIMIT_S = 60.0
COMMAND_LIMIT_S = 30.0
LISTENS = "WebDriver BiDi listening on "
SCRIPT = Path(__file__).with_name("plain_page.js")
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # Nothing of its own over the network.
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "media.gmp-manager.url": "http://127.0.0.1:9/",
    "services.settings.server": "http://127.0.0.1:9/",
}


class ScriptFailedError(Exception):
    """A script threw, or a command was refused."""


@dataclass
class Firefox:
    """A connection to a running Firefox and its one tab."""

    socket: ClientConnection
    version: str = ""
    tab: str = ""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its result; events are passed over."""
        number = next(self.numbers)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(COMMAND_LIMIT_S):
            while True:
                told = json.loads(await self.socket.recv())
                if told.get("id") != number:
                    continue
                if told["type"] == "error":
                    raise ScriptFailedError(told["message"])
                return dict(told["result"])

    async def open(self, url: str) -> None:
        """Go to a page and put our functions into it."""
        await self.command("browsingContext.navigate", context=self.tab, url=url, wait="complete")
        await self.run(SCRIPT.read_text())

    async def run(self, expression: str) -> Any:
        """Evaluate in the page and return a primitive value."""
        target = {"context": self.tab}
        told = await self.command(
            "script.evaluate", expression=expression, awaitPromise=True, target=target, userActivation=True
        )
        if told["type"] == "exception":
            raise ScriptFailedError(told["exceptionDetails"]["text"])
        return told["result"].get("value")


@contextlib.asynccontextmanager
async def running_firefox() -> AsyncIterator[Firefox]:
    """Run one with an empty profile until the block ends."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as profile:
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()
        )
        await asyncio.to_thread((Path(profile) / "user.js").write_text, "\n".join(lines))
        arguments = ("--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0")
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *arguments, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            address = await _address(process)
            async with connect(f"{address}/session", max_size=None) as socket:
                firefox = Firefox(socket)
                session = await firefox.command("session.new", capabilities={})
                firefox.version = str(session["capabilities"]["browserVersion"])
                tree = await firefox.command("browsingContext.getTree")
                firefox.tab = str(tree["contexts"][0]["context"])
                yield firefox
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(START_LIMIT_S):
        while line := (await process.stderr.readline()).decode():
            if line.startswith(LISTENS):
                return line.removeprefix(LISTENS).strip()
    raise EOFError("Firefox ended before it listened")
