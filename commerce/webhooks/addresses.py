"""Where webhooks may go: rules for URLs and for network addresses; pure.

A host types the URL, and this server would fetch it from inside its own network: without rules it could be
aimed at databases, cloud metadata and neighbours (server-side request forgery, OWASP A10:2021). So:

- `https`, on port 443 or one from 1024 up; `http` (80 or 1024 up) only where the server itself is a
  developer's, on a loopback address.
- No user or password, no fragment, no control characters; the host is a name, or an address in its one
  canonical form (`2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1 to some resolver, and refused).
- Every address that the name resolves to must be public, by the IANA special-purpose registries (RFC 6890);
  for IPv6 that is 2000::/3 without what tunnels to IPv4 (6to4, Teredo, NAT64), since a tunnel's end may be
  private. The operator may name networks that are nevertheless allowed (LIVESHOP_WEBHOOK_ALLOW).

Who sends resolves the name itself, checks, and connects to the very address it checked (`post_client.py`).
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

from commerce.webhooks.refusals import BadWebhookUrl, UrlReason

MAX_URL_CHARS = 1_000
FIRST_FREE_PORT = 1_024
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE_IN_PATH = "%/:?#[]@!$&'()*+,;=-._~"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_CLOSED_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, reached under a public address
        "169.254.0.0/16",  # link-local, and the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
"""Outside are loopback, mapped and compatible IPv4, NAT64, private, link-local, site-local, multicast."""
_CLOSED_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts. `host` is ASCII, lower case, without brackets or final dot; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The `Host` header: the port stands there unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL in its normal form."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def literal(self) -> str | None:
        """The host when it is an address and needs no resolving, else None."""
        return self.host if _address(self.host) else None


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What this server allows. `allowed` are networks that are not public and may be reached all the same."""

    http: bool = False
    allowed: tuple[Network, ...] = ()

    def permits(self, address: str) -> bool:
        """Tell whether a connection to this address may be made; False for what is no address."""
        found = _address(address)
        if found is None:
            return False
        return is_public(found) or any(
            found in network for network in self.allowed if network.version == found.version
        )

    def target(self, url: str) -> Target:
        """Take a URL apart; raises BadWebhookUrl. The addresses behind a name are not looked at."""
        if not url or len(url) > MAX_URL_CHARS or any(ord(char) <= 32 or char in '\\"<>\x7f' for char in url):
            raise _malformed()
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise _malformed() from error
        if "@" in parts.netloc:
            raise BadWebhookUrl(UrlReason.CREDENTIALS, "The address may not carry a user or password.")
        if parts.fragment or not host or parts.netloc.endswith(":"):
            raise _malformed()
        self._check_scheme(parts.scheme)
        wanted = _DEFAULT_PORTS[parts.scheme] if port is None else port
        if wanted != _DEFAULT_PORTS[parts.scheme] and wanted < FIRST_FREE_PORT:
            raise BadWebhookUrl(UrlReason.PORT, "The port must be the usual one, or 1024 and above.")
        query = f"?{parts.query}" if parts.query else ""
        path = quote((parts.path or "/") + query, safe=_SAFE_IN_PATH)
        return Target(parts.scheme, normal_host(host), wanted, path)

    def _check_scheme(self, scheme: str) -> None:
        if scheme not in ({"https", "http"} if self.http else {"https"}):
            raise BadWebhookUrl(UrlReason.SCHEME, "The address must begin with https://.")


def rules_for(public_url: str, allowed: Iterable[str]) -> AddressRules:
    """Return the rules of a server at `public_url`; `allowed` are networks like `10.1.0.0/16`."""
    host = urlsplit(public_url).hostname or ""
    address = _address(host)
    developing = host == "localhost" or (address is not None and address.is_loopback)
    return AddressRules(developing, tuple(ipaddress.ip_network(text) for text in allowed))


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public Internet's, and no tunnel into something else."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address.scope_id is not None or address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _CLOSED_6)


def normal_host(host: str) -> str:
    """Return a host in the one form that is checked and connected to; raises BadWebhookUrl."""
    if ":" in host:
        found = _address(host)
        if found is None or "%" in host:
            raise _malformed()
        return found.compressed
    try:
        ascii_host = idna.encode(host, uts46=True).decode() if not host.isascii() else host.lower()
    except idna.IDNAError as error:
        raise _malformed() from error
    name = ascii_host.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _malformed()
    if _NUMBER.fullmatch(labels[-1]) and _address(name) is None:
        raise _malformed()
    return name


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _malformed() -> BadWebhookUrl:
    return BadWebhookUrl(UrlReason.MALFORMED, "This is no address that can be sent to.")
