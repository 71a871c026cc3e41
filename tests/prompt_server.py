"""uvicorn as tests want it: it ends when it is asked to, where uvicorn itself looks every 100 ms."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from websockets.exceptions import InvalidState

LOOK_AGAIN_S = 0.002


class PromptServer(uvicorn.Server):
    """Serves until `end`; then says goodbye to who is connected and waits for them as uvicorn does."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._asked = asyncio.Event()

    def end(self) -> None:
        """Take nobody new, and end."""
        self.should_exit = True
        self._asked.set()

    async def main_loop(self) -> None:
        """Wait until it is asked to end."""
        await self.on_tick(0)  # fills in the headers of every answer
        await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what listens, ask who is connected to go, and wait for them within the config's limit."""
        for server in self.servers:
            server.close()
        for bound in sockets or []:
            bound.close()
        for connection in list(self.server_state.connections):
            with contextlib.suppress(InvalidState):  # a websocket that is closing anyway
                connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn's
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()
        await self.lifespan.shutdown()


@contextlib.asynccontextmanager
async def served(config: uvicorn.Config, bound: socket.socket) -> AsyncIterator[PromptServer]:
    """Serve on a bound socket until the block is left; whoever connects at once waits in the backlog."""
    server = PromptServer(config)
    bound.listen(1024)
    running = asyncio.create_task(server._serve([bound]))  # `serve` would take signals from pytest
    try:
        yield server
    finally:
        server.end()
        await running
        bound.close()


def bound_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Bind a socket of either family; port 0 is any free one, which nobody else is given then."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, port != 0)
    bound.bind((host, port))
    return bound
