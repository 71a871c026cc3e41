"""Sessions that are opened and left alone at every stage there is."""

import asyncio
import contextlib
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache

import httpx

from streaming.rtp import rtcp
from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity
from tests.streaming.raw_peer import LIMIT_S, VP8, VP8_KEY, RawPeer

SPEAK_EVERY_S = 0.02


async def _posted(http: httpx.AsyncClient, door: str) -> RawPeer:
    """Come in over HTTP and no further."""
    peer = RawPeer("sendonly" if door.startswith("/whip") else "recvonly", [VP8])
    response = await peer.post(http, door)
    assert response.status_code == 201, response.text
    return peer


async def _checked(http: httpx.AsyncClient, door: str) -> RawPeer:
    """And get a check answered."""
    peer = await _posted(http, door)
    await peer.open_path()
    await peer.send_check()
    return peer


@cache
def _identity() -> DtlsIdentity:
    return DtlsIdentity(dt.datetime.now(tz=dt.UTC))


async def _greeted(http: httpx.AsyncClient, door: str) -> RawPeer:
    """And say hello, to which the server answers with its certificate."""
    peer = await _checked(http, door)
    client = DtlsEnd(_identity(), [], client=True)
    client.start()
    for datagram in client.take_datagrams():
        peer.ice.send(datagram)
    assert await asyncio.wait_for(peer.ice.incoming.get(), LIMIT_S)
    return peer


async def _connected(http: httpx.AsyncClient, door: str) -> RawPeer:
    """And finish the handshake, without a packet of media after it."""
    peer = await _posted(http, door)
    await peer.connect()
    return peer


async def _in_use(http: httpx.AsyncClient, door: str) -> RawPeer:
    """And be on the air with sound and picture, or hear the show, whose host must be speaking."""
    peer = await _connected(http, door)
    if door.startswith("/whip"):
        await peer.send_audio(1)
        await peer.send_video(1, VP8_KEY)
    else:
        heard = await peer.next_rtp(111)
        await peer.send_rtcp(rtcp.build_nack(1, heard.ssrc, [heard.sequence]))
    return peer


async def _restarting(http: httpx.AsyncClient, door: str) -> RawPeer:
    """And be given new credentials for another path, of which no check comes."""
    peer = await _in_use(http, door)
    headers = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
    body = "a=ice-ufrag:another1\r\na=ice-pwd:0123456789abcdef01234567\r\n"
    response = await http.patch(peer.location, content=body, headers=headers)
    assert response.status_code == 200, response.text
    return peer


async def _tcp_checked(http: httpx.AsyncClient, door: str) -> RawPeer:
    """Get a check answered over TCP."""
    peer = await _posted(http, door)
    await peer.open_stream()
    await peer.send_check()
    return peer


async def _tcp_silent(http: httpx.AsyncClient, door: str) -> RawPeer:
    """Come in over HTTP and connect over TCP, without a byte."""
    peer = await _posted(http, door)
    await peer.open_stream()
    return peer


STAGES: dict[str, Callable[[httpx.AsyncClient, str], Awaitable[RawPeer]]] = {
    "posted": _posted,
    "checked": _checked,
    "greeted": _greeted,
    "connected": _connected,
    "on the air, or watching": _in_use,
    "restarting ICE": _restarting,
    "tcp checked": _tcp_checked,
    "tcp silent": _tcp_silent,
}


@contextlib.asynccontextmanager
async def speaking(host: RawPeer) -> AsyncIterator[Iterator[int]]:
    """Have a host send sound as long as the block lasts; gives the sequence numbers, to go on with."""
    numbers = itertools.count(2)

    async def speak() -> None:
        while True:
            number = next(numbers)
            await host.send_audio(number & 0xFFFF, timestamp=960 * number)
            await asyncio.sleep(SPEAK_EVERY_S)

    task = asyncio.create_task(speak())
    try:
        yield numbers
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def vanish(peer: RawPeer) -> None:
    """End a peer as a pulled plug does: sockets close, nobody says goodbye."""
    for transport in peer._transports:
        transport.close()
    if peer.stream is not None:
        peer.stream.transport.abort()
    if peer.dtls._task is not None:
        peer.ice.incoming.put_nowait(None)


async def open_and_abandon(
    http: httpx.AsyncClient, number: int, show: str = "s1", prefix: str = "left"
) -> list[str]:
    """Open `number` sessions, as many at each stage: viewers of one show, every fourth round publishers.

    The host of that show must be speaking meanwhile. Returns the shows that were published, each by one peer;
    their names begin with the prefix.
    """
    peers, shows = [], []
    for count in range(number):
        stage = list(STAGES.values())[count % len(STAGES)]
        if count // len(STAGES) % 4 == 3:
            shows.append(f"{prefix}{count}")
            peers.append(await stage(http, f"/whip/{shows[-1]}"))
        else:
            peers.append(await stage(http, f"/whep/{show}"))
    for peer in peers:
        vanish(peer)
    return shows
