"""RFC 6455 and 7692 by raw sockets against a real front: the table of `websocket_cases`."""

import asyncio
import base64
import json
import os
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.realtime.stage import SHOW, Front
from tests.realtime.websocket_cases import (
    ANSWER,
    CASES,
    CLOSE,
    PING,
    PONG,
    SECTIONS,
    TEXT,
    Case,
    Event,
    document,
    frame,
    message,
)

LIMIT_S = 10.0
SYNC_TAIL = b"\x00\x00\xff\xff"


class RawSocket:
    """A websocket made of bytes: it may send anything. `extensions` is what the server agreed to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, extensions: str) -> None:
        self._reader = reader
        self._writer = writer
        self.extensions = extensions
        self.compressed_total = 0

    async def send(self, data: bytes, chop_bytes: int = 0) -> None:
        """Send bytes in writes of this size; a server that has hung up is no fault."""
        try:
            for at in range(0, len(data), chop_bytes or len(data)):
                self._writer.write(data[at : at + (chop_bytes or len(data))])
                await self._writer.drain()
        except ConnectionError:
            return

    async def frames(self) -> AsyncIterator[tuple[int, bytes]]:
        """Give (opcode, payload) until the server hangs up; deflated ones inflated."""
        try:
            while True:
                yield await self._frame()
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        assert second < 128, "a server's frame is never masked"
        size = second
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        payload = await self._reader.readexactly(size)
        if first & 0x40:
            self.compressed_total += 1
            payload = zlib.decompressobj(wbits=-12).decompress(payload + SYNC_TAIL)
        assert first & 0xB0 == 0x80, "the server sends whole frames without other reserved bits"
        return first & 0x0F, payload


@asynccontextmanager
async def entered(front: Front, person: str, extensions: str = "") -> AsyncIterator[RawSocket]:
    """Shake hands, say hello and take its answer."""
    host, _, port = front.url.removeprefix("ws://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET /ws/shows/{SHOW} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    lines += [f"Sec-WebSocket-Extensions: {extensions}"] if extensions else []
    writer.write(("\r\n".join([*lines, "", ""])).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 101"), head
    agreed = [line.partition(": ")[2] for line in head.splitlines() if "extensions" in line.lower()]
    socket = RawSocket(reader, writer, "".join(agreed))
    try:
        hello = json.dumps({"id": 0, "type": "hello", "token": person}).encode()
        await socket.send(frame(TEXT, hello))
        async for opcode, payload in socket.frames():
            if opcode == TEXT and json.loads(payload)["type"] == "hello":
                break
        yield socket
    finally:
        writer.close()


def _event(opcode: int, payload: bytes) -> Event | None:
    """Return what a frame of the server's says; None for what a room says by itself."""
    if opcode == PONG:
        return ("pong", payload)
    if opcode == CLOSE:
        return ("close", struct.unpack("!H", payload[:2])[0] if payload else None)
    told = json.loads(payload)
    return ("answer", told["re"]) if told["type"] in {"ok", "error"} else None


async def _run(front: Front, case: Case, number: int) -> str:
    """Run a case; returns what went wrong, or nothing."""
    found: list[Event] = []
    try:
        async with asyncio.timeout(LIMIT_S), entered(front, f"gu_case{number}") as socket:
            await socket.send(case.sends, case.chop_bytes)
            async for each in socket.frames():
                event = _event(*each)
                if event is not None:
                    found.append(event)
                if event == ("pong", b"the end"):
                    break
                if len(found) == len(case.events) and found[-1][0] != "close":
                    await socket.send(frame(PING, b"the end"))  # nothing more may come before it
    except TimeoutError:
        return f"{case.name} {case.says}: nothing more after {found}"
    found = [event for event in found if event != ("pong", b"the end")]
    if case.may_answer:
        found = [event for event in found if event != ANSWER]
    same = tuple(found) == case.events
    return "" if same else f"{case.name} {case.says}: {found}, wanted {case.events}"


@pytest.mark.parametrize("section", SECTIONS)
async def test_the_server_keeps_to_the_rfc(front: Front, section: str) -> None:
    """Each case on a socket of its own; nothing but what is expected comes back."""
    cases = [(number, case) for number, case in enumerate(CASES) if case.section == section]
    assert cases
    wrong = await asyncio.gather(*(_run(front, case, number) for number, case in cases))
    assert [fault for fault in wrong if fault] == []


async def test_a_deflated_message_is_read_and_ours_are_deflated_with_a_small_window(front: Front) -> None:
    """RFC 7692: no context is kept on either side, so each frame stands alone; a window of 12 bits does."""
    async with asyncio.timeout(LIMIT_S):
        offer = "permessage-deflate; client_max_window_bits"
        async with entered(front, "gu_deflate", offer) as socket:
            for word in (
                "server_no_context_takeover",
                "client_no_context_takeover",
                "server_max_window_bits=12",
            ):
                assert word in socket.extensions
            assert socket.compressed_total == 1  # the hello with its snapshot
            packer = zlib.compressobj(wbits=-12)
            packed = packer.compress(message(4000)) + packer.flush(zlib.Z_SYNC_FLUSH)
            await socket.send(frame(TEXT, packed.removesuffix(SYNC_TAIL), reserved=4))
            assert await _first_answer(socket) == ANSWER


async def test_a_deflated_message_that_grows_too_large_closes(front: Front) -> None:
    """A few bytes that inflate to a megabyte never do: 1009, before they are whole."""
    async with asyncio.timeout(LIMIT_S):
        async with entered(front, "gu_bomb", "permessage-deflate") as socket:
            packer = zlib.compressobj(wbits=-12)
            packed = packer.compress(message(1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)
            await socket.send(frame(TEXT, packed.removesuffix(SYNC_TAIL), reserved=4))
            assert await _first_answer(socket) == ("close", 1009)


async def _first_answer(socket: RawSocket) -> Event | None:
    async for each in socket.frames():
        event = _event(*each)
        if event is not None:
            return event
    return None


def test_every_case_has_a_name_of_its_own_and_the_page_is_current() -> None:
    """`python -m tests.realtime.websocket_cases > docs/websocket-conformance.md` writes it."""
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.section for case in CASES} == set(SECTIONS)
    assert Path("docs/websocket-conformance.md").read_text("utf-8") == document()
