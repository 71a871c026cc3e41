"""Who else may come in: the bounds on sessions and on offers, counted without sockets."""

import ipaddress
import math
from collections import Counter
from dataclasses import dataclass

from streaming.errors import (
    AddressFullError,
    HandshakesFullError,
    OverloadedError,
    ShowFullError,
    TooManyOffersError,
)
from streaming.grants import Grant
from streaming.settings import Limits
from streaming.transport.connection import Connection, Phase

IPV6_SITE_BITS = 64
OFFERS_WINDOW_S = 60.0


def address_key(address: str) -> str:
    """Return what counts as one client: an IPv4 address, an IPv6 /64 (one line's customer has no less).

    Text that is no address stands for itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_SITE_BITS), strict=False))


def _is_counted(key: str) -> bool:
    """Whether an address stands for one client: behind a proxy nobody named, all come from loopback."""
    return bool(key) and key != "::/64" and not key.startswith("127.")


@dataclass(slots=True, frozen=True)
class _Place:
    """What one session takes up."""

    show: str
    role: str
    key: str
    connection: Connection


class Admission:
    """The sessions there are, by what is bounded."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places: dict[str, _Place] = {}
        self._viewers: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._by_address: Counter[str] = Counter()
        self._handshakes: dict[str, Connection] = {}
        self._offers: Counter[str] = Counter()
        self._offers_until_s = 0.0

    def handshakes_total(self) -> int:
        """Sessions whose peer has not shown its keys yet."""
        settled = [s for s, one in self._handshakes.items() if one.phase in (Phase.CONNECTED, Phase.CLOSED)]
        for secret in settled:
            del self._handshakes[secret]
        return len(self._handshakes)

    def viewers_of(self, show: str) -> int:
        """Viewers' sessions of a show, with those that are not connected yet."""
        return self._viewers.get(show, 0)

    def offered(self, grant: Grant, now_s: float) -> None:
        """Count a viewer's offer, whatever becomes of it. Raises `TooManyOffersError`.

        Sessions are bounded while they last: one person could open and leave them without end, or be refused.
        Who is no person (shows that are open to outside players) is counted by address.
        """
        if now_s >= self._offers_until_s:
            self._offers.clear()
            self._offers_until_s = now_s + OFFERS_WINDOW_S
        key, most = grant.person, self._limits.offers_per_minute
        if not key:
            key = address_key(grant.address)
            if not _is_counted(key):
                return
            # Behind one address there may be as many people as it may have sessions; all come back at once.
            most = max(most, 2 * self._limits.sessions_per_address)
        self._offers[key] += 1
        if self._offers[key] > most:
            raise TooManyOffersError(
                "so many offers come from this person that they must wait",
                retry_after_s=math.ceil(self._offers_until_s - now_s),
            )

    def check(self, grant: Grant) -> None:
        """Raise `OverloadedError`, `ShowFullError`, `AddressFullError` or `HandshakesFullError`.

        A host, who has shown a key, is kept out by other hosts only, as many as there may be sessions: not by
        viewers who came before, nor by the session that it left behind.
        """
        limits = self._limits
        is_host = grant.role == "publish"
        others = len(self._hosts) - (grant.show in self._hosts) if is_host else len(self._places)
        if others >= limits.sessions:
            raise OverloadedError("this process carries as many sessions as it may")
        if is_host:
            return
        if self._viewers[grant.show] >= limits.sessions_per_show:
            raise ShowFullError("the show has as many viewers here as it may")
        key = address_key(grant.address)
        if _is_counted(key) and self._by_address[key] >= limits.sessions_per_address:
            raise AddressFullError("this address has as many sessions as it may")
        if len(self._handshakes) >= limits.handshakes and self.handshakes_total() >= limits.handshakes:
            raise HandshakesFullError("as many handshakes are under way as may be")

    def opened(self, secret: str, grant: Grant, connection: Connection) -> None:
        """Note a session, by its secret."""
        place = _Place(grant.show, grant.role, address_key(grant.address), connection)
        self._places[secret] = place
        self._handshakes[secret] = connection
        if place.role == "watch":
            self._by_address[place.key] += 1
            self._viewers[place.show] += 1
        else:
            self._hosts[place.show] += 1

    def closed(self, secret: str) -> None:
        """Note that a session is gone; a second call does nothing."""
        place = self._places.pop(secret, None)
        if place is None:
            return
        self._handshakes.pop(secret, None)
        if place.role == "watch":
            _take_one(self._by_address, place.key)
            _take_one(self._viewers, place.show)
        else:
            _take_one(self._hosts, place.show)


def _take_one(counted: Counter[str], name: str) -> None:
    counted[name] -= 1
    if not counted[name]:
        del counted[name]
