"""The socket's own way to write: frames made once, no task and no queue per viewer, and a real abort.

`RoomProtocol` is uvicorn's websocket protocol with four changes: permessage-deflate is negotiated without
context takeover and with a small window, so that one deflated frame fits every socket; the transport's write
limits are set (uvloop's low mark is 16 bytes otherwise); it puts itself into the ASGI scope, so that the room
can write frames to the transport; and a socket may stay open when the application has returned (`keep`). It
touches parts of uvicorn that are not public (version-pinned, and `raw_of` checks that they are there); under
any other server the room falls back to Starlette's `send_text` through `QueueOutlet`.

uvicorn's own keep-alive pings are off on these sockets: the room's heartbeat does it without two timers a
viewer.
"""

import asyncio
import contextlib
import logging
from asyncio.transports import BaseTransport
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from realtime.sockets.close_codes import EXPLANATIONS, CloseCode
from realtime.sockets.fanout import Outlet
from realtime.sockets.frames import WINDOW_BITS, SharedFrame
from realtime.sockets.whole_frames_ws import whole_text

EXTENSION = "liveshop.raw"
FRAME_MAX_BYTES = 16 * 1024
"""A message's bytes after inflating; beyond it the library closes with 1009."""
HIGH_BYTES, LOW_BYTES = 64 * 1024, 16 * 1024
UNSENT_BYTES = 4 * 1024
"""What the kernel may hold unsent for one socket. Its own bound grows to megabytes, and what lies there is
seen by nobody: a viewer that stopped reading looks well for minutes and costs memory that no figure shows."""
IPPROTO_TCP, TCP_NOTSENT_LOWAT = 6, 25
"""Linux, `<linux/tcp.h>`; Python names the second from 3.13 on."""
CLOSE_WITHIN_S = 3.0
INVALID_DATA = 1007
"""RFC 6455 section 7.4.1."""
_BEFORE_A_FRAME = StreamReader.at_eof.__code__
_PARTS = ("conn", "transport", "queue", "close_sent", "close_timer", "loop", "disconnected")
_DEFLATE = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=WINDOW_BITS,
    client_max_window_bits=WINDOW_BITS,
    compress_settings={"memLevel": 5},
)
_NOBODY_WAITS = asyncio.Event()
"""For a moment when a kept socket can be written to: the room asks how much is buffered instead."""
_logger = logging.getLogger("uvicorn.error")


class _End:
    """Stands where uvicorn puts what the application shall receive: the first thing is that it is over."""

    __slots__ = ("_loop", "_over")

    def __init__(self, loop: asyncio.AbstractEventLoop, over: Callable[[], object]) -> None:
        self._loop = loop
        self._over: Callable[[], object] | None = over

    def put_nowait(self, _event: object) -> None:
        """Tell it once, in a turn of its own: whoever closes a socket may be going through many."""
        if self._over is not None:
            self._loop.call_soon(self._over)
            self._over = None


class RoomProtocol(WebSocketsSansIOProtocol):
    """Pass to uvicorn as `ws=`; serves every websocket of the process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = self._served = self._lost = False
        # Set by the endpoint before it accepts; until then, and under any other endpoint, ASGI's events.
        self.hear: Callable[[str | bytes], None] | None = None
        self._most_bytes = min(self.config.ws_max_size, FRAME_MAX_BYTES)
        self.conn.parser.close()  # its circle; with the library's own terms nobody will use it
        self.conn = ServerProtocol(extensions=[_DEFLATE], max_size=self._most_bytes, logger=_logger)

    def connection_made(self, transport: BaseTransport) -> None:
        """Set the write limits explicitly, ours and the kernel's."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=HIGH_BYTES, low=LOW_BYTES)
        if isinstance(transport.get_extra_info("sockname"), tuple):  # no Unix socket's
            with contextlib.suppress(OSError):  # another system's kernel
                line = transport.get_extra_info("socket")
                line.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    def data_received(self, data: bytes) -> None:
        """Read a message that came whole at once, leave everything else to the library."""
        if self.hear is not None and not self.close_sent and self._between_messages:
            text = whole_text(data, self._inflate_bits, self._most_bytes)
            if text is not None:
                self.hear(text)
                return
        super().data_received(data)

    @property
    def _between_messages(self) -> bool:
        """Whether the library's parser stands before a frame that begins a message, with nothing unread."""
        conn = self.conn
        if conn.state is not State.OPEN or conn.current_size is not None or conn.reader.buffer:
            return False
        reads: Any = conn.parser
        while reads.gi_yieldfrom is not None:
            reads = reads.gi_yieldfrom
        return reads.gi_code is _BEFORE_A_FRAME

    @cached_property
    def _inflate_bits(self) -> int:
        """The window of deflated messages; 0 when there are none or one leans on those before it."""
        for extension in self.conn.extensions:
            if isinstance(extension, PerMessageDeflate) and extension.remote_no_context_takeover:
                return extension.remote_max_window_bits
        return 0

    def send_receive_event_to_app(self) -> None:
        """Hand a message on at once, when the endpoint hears it so.

        uvicorn's own way stops reading, wakes a task through a queue and starts reading again: two calls to
        the kernel and three turns of the loop for a pong. Nothing is lost by leaving that out: the room
        judges a message before it does anything else, and closes who sends too many.
        """
        if self.hear is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.curr_msg_data_type != "text":
            self.hear(bytes(data))
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.conn.send_close(INVALID_DATA)
            self.handle_parser_exception()
            return
        self.hear(text)

    def shutdown(self) -> None:
        """End it with the server. One that is closing already is only let go of: the library would raise."""
        if self.handshake_complete and not self.close_sent and self.conn.state is not State.OPEN:
            self.transport.close()
            return
        super().shutdown()

    def start_keepalive(self) -> None:
        """Do nothing: the room pings."""

    async def run_asgi(self) -> None:
        """Run the app with this protocol in its scope; uvicorn's own closes whatever the app returns from."""
        extensions = cast("dict[str, Any]", self.scope.setdefault("extensions", {}))
        extensions[EXTENSION] = self
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            _logger.exception("Exception in ASGI application")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                _logger.error("The application returned before the handshake was complete.")
                self.send_500_response()
        del extensions[EXTENSION]
        if not self._kept and self.close_timer is None:
            self.transport.close()
        self.request.headers.clear()  # the parser holds on to it
        del self.scope, self.request, self.response
        self._served = True
        self._let_go()

    def keep(self, over: Callable[[], object]) -> None:
        """Stay open when the application returns; `over` is called once, when the socket closes or is lost.

        An application that waits for its socket costs 20 KiB a viewer: twenty coroutines one below the other,
        the request, and a queue of three deques.
        """
        waiting, self.queue = self.queue, cast("asyncio.Queue[Any]", _End(self.loop, over))
        while not waiting.empty():
            self.queue.put_nowait(waiting.get_nowait())
        self.writable = _NOBODY_WAITS
        self._kept = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the app, and let go of what only the open socket needed."""
        super().connection_lost(exc)
        self._lost = True
        self._let_go()

    def _let_go(self) -> None:
        """Break the circles of a connection that is over, so that its 9 KiB are free at once.

        Left to the collector, they wait for a pass over everything, which takes a second in a full room and
        is therefore rare.
        """
        if self._served and self._lost:
            self.conn.parser.close()
            self.hear = None


class RawOutlet:
    """Writes straight to the transport of a `RoomProtocol`."""

    __slots__ = ("_compressed", "_protocol", "_transport")

    def __init__(self, protocol: RoomProtocol) -> None:
        self._protocol = protocol
        # A client may have asked for a smaller window than ours: it gets plain frames.
        self._compressed = any(
            isinstance(extension, PerMessageDeflate) and extension.local_max_window_bits >= WINDOW_BITS
            for extension in protocol.conn.extensions
        )
        self._transport = protocol.transport

    @property
    def buffered_bytes(self) -> int:
        """Bytes the transport holds."""
        return self._transport.get_write_buffer_size()

    def write(self, frame: SharedFrame) -> None:
        """Write one text message, unless the socket is closing."""
        if self._protocol.close_sent:
            return
        try:  # noqa: SIM105 - `suppress` would cost as much as the rest
            self._transport.write(frame.wire(compressed=self._compressed))
        except RuntimeError:
            pass  # it is gone, and the endpoint will know soon

    def write_if_idle(self, frame: SharedFrame) -> bool:
        """Write one text message unless the transport holds bytes; answers whether it held none."""
        if self._transport.get_write_buffer_size():
            return False
        self.write(frame)
        return True

    def close(self, code: CloseCode) -> None:
        """Send the close frame; abort when the client has not answered in time."""
        protocol = self._protocol
        if protocol.close_sent or protocol.conn.state is not State.OPEN or protocol.transport.is_closing():
            return
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": code.name})
        protocol.conn.send_close(code, EXPLANATIONS[code][:120])
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        if protocol.read_paused:
            protocol.read_paused = False
            protocol.transport.resume_reading()
        protocol.close_timer = protocol.loop.call_later(CLOSE_WITHIN_S, protocol.transport.abort)

    def abort(self) -> None:
        """Drop the connection and what it has not read."""
        self._protocol.transport.abort()


class QueueOutlet:
    """Any ASGI server: a bounded queue and one task that sends. Costs more; works everywhere."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._waiting: deque[bytes | CloseCode] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._buffered_bytes = 0

    @property
    def buffered_bytes(self) -> int:
        """Bytes that wait for the server to take them."""
        return self._buffered_bytes

    def write_if_idle(self, frame: SharedFrame) -> bool:
        """Queue one text message unless others wait; answers whether none did."""
        if self._buffered_bytes:
            return False
        self.write(frame)
        return True

    def write(self, frame: SharedFrame) -> None:
        """Queue one text message."""
        if not self._closed:
            text = frame.text
            self._buffered_bytes += len(text)
            self._put(text)

    def close(self, code: CloseCode) -> None:
        """Close after what is queued."""
        if not self._closed:
            self._closed = True
            self._put(code)

    def abort(self) -> None:
        """Forget what is queued and close."""
        self._waiting.clear()
        self._buffered_bytes = 0
        self._closed = True
        self._put(CloseCode.TOO_SLOW)

    def _put(self, item: bytes | CloseCode) -> None:
        self._waiting.append(item)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._waiting and self._websocket.application_state is WebSocketState.CONNECTED:
                item = self._waiting.popleft()
                if isinstance(item, CloseCode):
                    await self._websocket.close(item, EXPLANATIONS[item][:120])
                    return
                await self._websocket.send_text(item.decode())
                self._buffered_bytes = max(0, self._buffered_bytes - len(item))
        except (WebSocketDisconnect, RuntimeError, OSError):
            # The client is gone; the endpoint's receive says so too.
            self._waiting.clear()


def raw_of(websocket: WebSocket) -> RoomProtocol | None:
    """Return the socket's own protocol when the room may write to it, else None."""
    protocol = (websocket.scope.get("extensions") or {}).get(EXTENSION)
    if isinstance(protocol, RoomProtocol) and all(hasattr(protocol, part) for part in _PARTS):
        return protocol
    return None


def outlet_for(websocket: WebSocket) -> Outlet:
    """Return the best way out of an accepted websocket."""
    protocol = raw_of(websocket)
    return QueueOutlet(websocket) if protocol is None else RawOutlet(protocol)
