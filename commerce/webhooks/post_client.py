"""Sends one delivery to the address that was checked.

The name is resolved here, every address it has is checked, and the connection is made to one of those very
addresses, with the name in the Host header, in SNI and in the check of the certificate: a name that answers
differently the second time (DNS rebinding) is never asked a second time. Each delivery has a connection of
its own, since a kept one would be found again by address and not by name. No proxy of the environment, no
redirect, no cookie, no decompression; time and length of the answer are bounded.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import httpx

from commerce.payments.http_client import open_http
from commerce.webhooks.addresses import AddressRules, Target
from commerce.webhooks.refusals import BadWebhookUrl, UrlReason

TIMEOUT_S = 20.0
"""For the whole delivery, resolving included."""
CONNECT_S = 5.0
RESOLVE_S = 5.0
MAX_ADDRESSES = 3
"""So many addresses of a name are tried."""
ANSWER_BYTES = 2_048
ANSWER_S = 3.0
"""For the beginning of the body, once the status has come."""
_TCP = 6

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Answers the addresses of a host name for a port; raises OSError when there are none."""


class Trouble(StrEnum):
    """Why a delivery got no answer that counts."""

    NOT_PUBLIC = "not_public"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    NO_KEY = "no_key"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended. `status` None: `trouble` says why. `answer` is the beginning of the body."""

    status: int | None
    trouble: Trouble | None = None
    answer: str = ""
    took_ms: int = 0

    @property
    def taken(self) -> bool:
        """Whether the receiver took it: any 2xx. A redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, in a thread of the loop's."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=_TCP)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class WebhookPost:
    """Posts to addresses that `rules` permit. `tls` None trusts the usual certificate authorities."""

    def __init__(
        self,
        rules: AddressRules,
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.rules = rules
        self._resolve = resolve
        self._tls = tls
        self._timeout_s = timeout_s

    async def check(self, url: str) -> Target:
        """Return a URL taken apart when something may be sent there now; raises BadWebhookUrl."""
        target = self.rules.target(url)
        try:
            async with asyncio.timeout(RESOLVE_S):
                await self._addresses(target)
        except TimeoutError as error:
            raise _not_public() from error
        return target

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post a body once; whatever goes wrong is an outcome."""
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                target = self.rules.target(url)
                outcome = await self._post(target, await self._addresses(target), headers, body)
        except TimeoutError:
            outcome = Outcome(None, Trouble.TIMEOUT)
        except BadWebhookUrl:
            outcome = Outcome(None, Trouble.NOT_PUBLIC)
        took_ms = round((time.monotonic() - began_s) * 1000)
        return Outcome(outcome.status, outcome.trouble, outcome.answer, took_ms)

    async def _addresses(self, target: Target) -> Sequence[str]:
        """Return where to connect to; raises BadWebhookUrl unless every address may be reached."""
        if target.literal is not None:
            found: Sequence[str] = [target.literal]
        else:
            try:
                found = await self._resolve(target.host, target.port)
            except (OSError, UnicodeError) as error:
                raise _not_public() from error
        if not found or not all(self.rules.permits(address) for address in found):
            raise _not_public()
        return found[:MAX_ADDRESSES]

    async def _post(
        self, target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        """Post to the first address that a connection can be made to."""
        outcome = Outcome(None, Trouble.CONNECTION)
        for address in addresses:
            try:
                return await self._exchange(target, address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                outcome = Outcome(None, Trouble.TLS if _is_tls(error) else Trouble.CONNECTION)
            except httpx.TimeoutException:
                return Outcome(None, Trouble.TIMEOUT)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                return Outcome(None, Trouble.BROKEN)
        return outcome

    async def _exchange(
        self, target: Target, address: str, headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        url = httpx.URL(
            scheme=target.scheme, host=address, port=target.port, raw_path=target.path.encode("ascii")
        )
        sent = {**headers, "host": target.authority, "accept-encoding": "identity", "connection": "close"}
        async with open_http(self._timeout_s, tls=self._tls) as client:
            client.timeout = httpx.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s))
            request = client.build_request(
                "POST", url, content=body, headers=sent, extensions={"sni_hostname": target.host}
            )
            answer = await client.send(request, stream=True)
            try:
                return Outcome(answer.status_code, answer=await _beginning(answer))
            finally:
                await answer.aclose()


async def _beginning(answer: httpx.Response) -> str:
    """Read the first bytes of a body as text, and no more; one that breaks off or drips tells what came.

    The status has come already, and it is what counts.
    """
    read = b""
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            async for part in answer.aiter_raw():
                read += part
                if len(read) >= ANSWER_BYTES:
                    break
    # A zero byte is no text for PostgreSQL.
    return read[:ANSWER_BYTES].decode(errors="replace").replace("\0", "\ufffd")


def _is_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _not_public() -> BadWebhookUrl:
    return BadWebhookUrl(UrlReason.NOT_PUBLIC, "The address leads to no place on the public Internet.")
