"""What `check` asks STUN and TURN servers: do they answer, and do they take credentials of our secret."""

import asyncio
import contextlib
import time

from aioice import stun, turn

from liveshop.check.findings import Finding, fault, fine
from liveshop.settings.turn_settings import split_url
from streaming.turn import IceServers, credentials

ANSWER_LIMIT_S = 5.0
REPEAT_S = 0.5
ALLOCATION_S = 60


async def check_ice_servers(ice: IceServers) -> list[Finding]:
    """Ask every server once, all at the same time."""
    if not ice.urls:
        return []
    return list(await asyncio.gather(*(_check(url, ice) for url in ice.urls)))


async def _check(url: str, ice: IceServers) -> Finding:
    does = "gives a relay address" if url.startswith("turn") else "answers"
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await (_allocate(url, ice) if url.startswith("turn") else _bind(url))
    except TimeoutError:
        return fault(f"{url} does not answer within {ANSWER_LIMIT_S:.0f} s.")
    except stun.TransactionFailed as error:
        code = error.response.attributes.get("ERROR-CODE", (0, "no reason"))
        return fault(f"{url} refuses credentials made from LIVESHOP_TURN_SECRET: {code[0]} {code[1]}.")
    except (stun.TransactionTimeout, OSError) as error:
        return fault(f"{url} cannot be reached: {str(error) or type(error).__name__}.")
    return fine(f"{url} {does}.")


async def _allocate(url: str, ice: IceServers) -> None:
    """Take a relay address and give it back."""
    scheme, host, port, transport = split_url(url)
    name, password = credentials(ice.secret, "check", time.time(), ice.life_s)
    closed = asyncio.Event()
    endpoint, _ = await turn.create_turn_endpoint(
        lambda: _Relayed(closed), (host, port), name, password, lifetime=ALLOCATION_S,
        ssl=True if scheme == "turns" else None, transport=transport,
    )  # fmt: skip
    endpoint.close()
    await closed.wait()


async def _bind(url: str) -> None:
    scheme, host, port, _ = split_url(url)
    if scheme == "stuns":
        _, writer = await asyncio.open_connection(host, port, ssl=True)
        writer.close()
        return
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Answer(answered), remote_addr=(host, port))
    request = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    try:
        while not answered.is_set():
            transport.sendto(request)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), REPEAT_S)
    finally:
        transport.close()


class _Relayed(asyncio.DatagramProtocol):
    """The end of an allocation nobody sends to."""

    def __init__(self, closed: asyncio.Event) -> None:
        self._closed = closed

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._closed.set()


class _Answer(asyncio.DatagramProtocol):
    """Hears whether anything like STUN comes back."""

    def __init__(self, answered: asyncio.Event) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        if data[:2] == b"\x01\x01":
            self._answered.set()
