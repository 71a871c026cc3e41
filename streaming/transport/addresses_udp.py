"""Which addresses of this machine a peer may try.

Addresses of interfaces that are up, less container bridges and VPNs (they slow ICE down and lead nowhere),
less link-local and passing IPv6 addresses, plus loopback: IPv4 first, because some encoders try the first
candidate only, loopback last. `LIVESHOP_PUBLIC_IP` replaces them. A public address that an interface has is
bound; with one that none has (NAT, a container), one socket listens on all addresses of that family.
"""

import fcntl
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack_from

import ifaddr

from streaming.transport.interface_flags_files import passing_addresses

IGNORED_PREFIXES = (
    "docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "tun", "tap", "wg", "tailscale", "zt", "lxc",
    "lxd", "podman", "kube", "vmnet", "utun",
)  # fmt: skip
LOOPBACKS = ("127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")
_SIOCGIFFLAGS = 0x8913
_IFF_UP = 0x1


@dataclass(frozen=True, slots=True)
class Bind:
    """An address to listen on, and the addresses peers are told for it."""

    address: str
    advertised: tuple[str, ...]


def media_binds(public_ips: Sequence[str]) -> list[Bind]:
    """Say what to bind and to advertise, best first."""
    own = [text for name, text in _interface_addresses() if _is_up(name)]
    if public_ips:
        return binds_of_public(public_ips, own)
    useful = _interface_addresses(IGNORED_PREFIXES)
    return [Bind(text, (text,)) for text in ordered([text for name, text in useful if _is_up(name)])]


def inside_addresses(bind: str, advertised: Sequence[str]) -> list[str]:
    """Say where siblings reach a socket: behind NAT the public address may lead nowhere from inside."""
    if bind not in EVERYWHERE:
        return [bind]
    own = [one.address for one in media_binds(()) if (":" in one.address) is (":" in bind)]
    return [*own, *advertised]


def ordered(addresses: Sequence[str]) -> list[str]:
    """Leave out what no peer can use, sort IPv4 before IPv6 and loopback last."""
    kept = [text for text in dict.fromkeys(addresses) if _is_useful(text)]
    kept += [text for text in LOOPBACKS if text in addresses]
    return sorted(kept, key=lambda text: (text in LOOPBACKS, ":" in text))


def binds_of_public(public_ips: Sequence[str], own: Sequence[str]) -> list[Bind]:
    """Bind what is ours; listen everywhere in a family whose public addresses are not all ours."""
    binds = []
    for everywhere, is_v6 in zip(EVERYWHERE, (False, True), strict=True):
        family = [text for text in dict.fromkeys(public_ips) if (":" in text) is is_v6]
        if all(text in own for text in family):
            binds += [Bind(text, (text,)) for text in family]
        else:
            binds.append(Bind(everywhere, tuple(family)))
    return binds


def _interface_addresses(ignored: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Pairs (interface, address)."""
    return [
        (adapter.name, ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        if not (ignored and adapter.name.startswith(ignored))
        for ip in adapter.ips
    ]


def _is_useful(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.version == 4 or str(address) not in passing_addresses()


def _is_up(name: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = fcntl.ioctl(asking.fileno(), _SIOCGIFFLAGS, pack("256s", name.encode()[:15]))
        except OSError:
            return False
    return bool(unpack_from("H", answer, 16)[0] & _IFF_UP)
