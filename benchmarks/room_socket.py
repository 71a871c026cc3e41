"""A client's end of the room's websocket, as cheap as a benchmark needs: no task and no queue per socket.

It speaks the least of RFC 6455 that is needed: frames go out plain and masked with zeros, which is a mask
like any other and leaves the client's core to the requests. With `deflate` it offers permessage-deflate
without context takeover (RFC 7692); inflating is left to who wants to read.
"""

import asyncio
import time
import zlib
from dataclasses import dataclass
from typing import cast

from commerce.accounts.tokens import sign_access_token
from commerce.routing import Identity

UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: liveshop.v1\r\n{more}\r\n"
)
DEFLATE = (
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
)
TOKEN_LIFE_MS = 900_000
JOINS_PER_S = 400
"""A front lets 500 handshakes a second in."""
TEXT, CLOSE = 0x01, 0x08
COMPRESSED = 0x40


@dataclass(frozen=True)
class Stage:
    """Where the clients go; `key` signs access tokens."""

    host: str
    port: int
    show: str
    key: bytes

    @property
    def path(self) -> str:
        """Path of the show's room."""
        return f"/ws/shows/{self.show}"

    def token(self, who: Identity) -> str:
        """Return an access token that outlives the benchmark."""
        return sign_access_token(who, int(time.time() * 1000) + TOKEN_LIFE_MS, self.key)


async def turn_of(number: int, began_s: float, per_s: float) -> None:
    """Wait until it is this one's turn, when so many begin each second."""
    await asyncio.sleep(max(0.0, began_s + number / per_s - time.monotonic()))


def head_bytes(frame: bytes | bytearray) -> int:
    """Return how long the head of this unmasked frame is; the frame has at least two bytes."""
    size = frame[1]
    return 2 if size < 126 else 4 if size == 126 else 10


def payload_of(frame: bytes) -> bytes:
    """Return what a whole frame says, inflated if need be."""
    payload = frame[head_bytes(frame) :]
    if frame[0] & COMPRESSED:
        return zlib.decompressobj(wbits=-15).decompress(payload + b"\x00\x00\xff\xff")
    return payload


class RoomSocket(asyncio.Protocol):
    """One websocket. `ready` is done when `on_frame` of a subclass says so, and fails with the socket."""

    def __init__(self, host: str, port: int, path: str, *, deflate: bool = False) -> None:
        more = DEFLATE if deflate else ""
        self._request = UPGRADE.format(path=path, host=host, port=port, more=more).encode()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.upgraded = False
        self.lost = False
        self.close_code: int | None = None
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()

    def on_upgraded(self) -> None:
        """Do what comes first on an open socket."""

    def on_frame(self, frame: bytes) -> None:
        """Take one whole frame, head included; never a close."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self._buffer += data
        if not self.upgraded and not self._upgrade():
            return
        while (frame := self._frame()) is not None:
            if frame[0] & 0x0F != CLOSE:
                self.on_frame(frame)
                continue
            payload = frame[head_bytes(frame) :]
            self.close_code = int.from_bytes(payload[:2], "big")
            self.close()
            self.fail(f"the server closed with {self.close_code}: {payload[2:].decode()}")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's name
        """Say so when it was before the hello."""
        self.lost = True
        self.fail("the connection was lost")

    def fail(self, why: str) -> None:
        """Say why it never became ready."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))

    def send(self, payload: bytes) -> None:
        """Send one text message of less than 64 KiB."""
        assert self._transport is not None
        if self._transport.is_closing():
            return
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
        self._transport.write(head + bytes(4) + payload)

    def pause(self) -> None:
        """Read nothing more."""
        assert self._transport is not None
        self._transport.pause_reading()

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        assert self._buffer.startswith(b"HTTP/1.1 101 "), bytes(self._buffer[:200])
        del self._buffer[: end + 4]
        self.upgraded = True
        self.on_upgraded()
        return True

    def _frame(self) -> bytes | None:
        """Take one whole frame."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        start, size = head_bytes(buffer), buffer[1]
        if size >= 126:
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        frame = bytes(buffer[: start + size])
        del buffer[: start + size]
        return frame
