"""What a running process knows of itself and its siblings: the value handed to every part it starts."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from liveshop.settings.settings import Settings

CHILD_KINDS = ("front", "media", "worker")


@dataclass(frozen=True)
class Run:
    """One process of one start.

    `name` is "front-0"; `boot_id` is random per process start; `folder` is the short runtime folder that
    holds the Unix sockets; `secret` is what keys are derived from (`key_for`); `draining` is set when the
    server stops: no new sales, sockets are told to come back elsewhere. A part that has something to finish
    then appends an async callable to `drains`; all are awaited together, for 5 s at most. `home` is a random
    id of this machine's server, the same for all its processes and starts.
    """

    settings: Settings
    kind: str
    index: int
    boot_id: str
    folder: Path
    redis_url: str
    database_url: str
    secret: bytes
    home: str
    demo: bool = False
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    drains: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of this process among all: its kind and index."""
        return f"{self.kind}-{self.index}"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.settings.data

    def socket_of(self, kind: str, index: int) -> Path:
        """Path of the Unix socket on which a process of this machine answers inside requests."""
        return self.folder / f"{kind}-{index}.sock"

    def media_socket(self, index: int) -> Path:
        """Path of the Unix socket of media process `index`."""
        return self.socket_of("media", index)

    def inside_end(self) -> tuple[str, int] | None:
        """Host and TCP port at which other machines ask this media process; None: nobody does."""
        if self.settings.inside is None or self.kind != "media":
            return None
        host, port = self.settings.inside
        return host, port + self.index

    def inside_address(self) -> str:
        """Address at which the other processes of the server ask this one."""
        end = self.inside_end()
        if end is None:
            return f"unix:{self.socket_of(self.kind, self.index)}"
        host = f"[{end[0]}]" if ":" in end[0] else end[0]
        return f"http://{host}:{end[1]}"

    def key_for(self, purpose: str) -> bytes:
        """Derive a 32-byte key for one purpose from the secret (HKDF-expand with one block, RFC 5869)."""
        return hmac.new(self.secret, purpose.encode() + b"\x01", hashlib.sha256).digest()

    def media_port(self) -> int:
        """UDP and TCP port of this media process (0: the system chooses)."""
        base = self.settings.media_port
        return base + self.index if base else 0
