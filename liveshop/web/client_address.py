"""Who is really on the other end, when a proxy stands between.

Only a proxy that the operator named (`LIVESHOP_TRUSTED_PROXIES`) is believed, and only about the
hop in front of it: the list in `X-Forwarded-For` is read from the right, and the first address that
is not a trusted proxy is the client. Everything left of it was written by the client itself.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Tell whether `address` (no port) lies in one of the trusted networks; nonsense does not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """Return the client's address.

    `peer` is the address of the socket's other end, "" for a Unix socket (which only a local proxy
    can reach, and which therefore counts as trusted when any proxy is). `forwarded_for` is the joined
    `X-Forwarded-For` header, or None.
    """
    peer_is_proxy = is_trusted(peer, trusted) or (peer == "" and bool(trusted))
    if not forwarded_for or not peer_is_proxy:
        return peer
    nearest = peer
    for part in reversed(forwarded_for.split(",")):
        hop = part.strip()
        try:
            ip_address(hop)
        except ValueError:
            return nearest
        nearest = hop
        if not is_trusted(hop, trusted):
            return hop
    return nearest


def scheme(peer: str, own: str, forwarded_proto: str | None, trusted: Sequence[Network]) -> str:
    """Return "http" or "https": what the client used, as far as a trusted proxy says so."""
    believed = is_trusted(peer, trusted) or (peer == "" and bool(trusted))
    if believed and forwarded_proto in {"http", "https"}:
        return forwarded_proto
    return "https" if own in {"https", "wss"} else "http"
