"""How many sockets this process lets in: in all, from one address, and a second.

Whoever is turned away has its websocket accepted, hears `rate_limited` or `unavailable` with
`retry_after_ms`, and is closed with a code that says come back: a browser cannot see why a handshake was
refused. Nothing was done for it by then: no token read, nothing asked of Redis or SQL. An address is an
IPv4 address or an IPv6 network of 64 bits, which is what one customer gets; a socket without an address
(a Unix socket's) has no bound but the process's.

Who comes faster than the process lets in gets an appointment: each one's `retry_after_ms` ends when it would
be their turn, at the speed at which the line of hellos moves (`Turnstile`). Ten thousand who lost a server
come back once and one after the other; told the same moment, they would all be at the door again in it, and
refusing them would be all the process does.
"""

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from realtime.errors import RateLimited, RoomError, Unavailable
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.rate_limit import Bucket, Rate
from realtime.sockets.turnstile import Turnstile

FULL_RETRY_MS = 15_000
"""A full house empties slowly."""
CUSTOMER_BITS = 64


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Why somebody may not come in now."""

    code: CloseCode
    error: RoomError


def customer(address: str) -> str:
    """Return what is counted for an address: itself, or its IPv6 network; "" for nonsense."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{int(parsed) >> (128 - CUSTOMER_BITS):x}/{CUSTOMER_BITS}"
    return address


class Door:
    """Counts who is in. `leave` exactly once for everybody who `enter`ed, also for those turned away."""

    def __init__(self, settings: RoomSettings, now_ms: int, line: Turnstile) -> None:
        self._settings = settings
        self._handshakes = Bucket(Rate(settings.handshakes_burst, settings.handshakes_per_s), now_ms)
        self._each_ms = 1000 / settings.handshakes_per_s
        self._line = line
        self._addresses: Counter[str] = Counter()
        self.inside_total = 0

    def enter(self, address: str, now_ms: int) -> TurnedAway | None:
        """Count somebody in; returns why they may not stay, or None."""
        who = customer(address)
        self.inside_total += 1
        self._addresses[who] += 1
        if self.inside_total > self._settings.sockets_total:
            return TurnedAway(
                CloseCode.RATE_LIMITED,
                Unavailable("This process is full; another may have room.", retry_after_ms=FULL_RETRY_MS),
            )
        if who and self._addresses[who] > self._settings.sockets_per_address:
            return TurnedAway(
                CloseCode.RATE_LIMITED,
                RateLimited("Too many sockets are open from this address.", retry_after_ms=FULL_RETRY_MS),
            )
        wait_ms = self._handshakes.take(now_ms)
        if wait_ms:
            wait_ms = max(wait_ms, self._line.appointment_ms(self._each_ms))
            error = RateLimited("Too many come at once.", retry_after_ms=wait_ms)
            return TurnedAway(CloseCode.RATE_LIMITED, error)
        return None

    def leave(self, address: str) -> None:
        """Count somebody out."""
        who = customer(address)
        self.inside_total -= 1
        self._addresses[who] -= 1
        if not self._addresses[who]:
            del self._addresses[who]
