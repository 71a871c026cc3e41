"""Which addresses of this machine a peer may try.

Addresses of interfaces that are up, less container bridges and VPNs (they slow ICE down and lead
nowhere), plus loopback. `LIVESHOP_PUBLIC_IP` replaces them: then one socket of each family listens on all
addresses, and the first address of that family is told to peers.
"""

import fcntl
import ipaddress
import socket
from collections.abc import Sequence
from struct import pack, unpack_from

import ifaddr

IGNORED_PREFIXES = (
    "docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "tun", "tap", "wg", "tailscale", "zt", "lxc",
    "lxd", "podman", "kube", "vmnet", "utun",
)  # fmt: skip
_SIOCGIFFLAGS = 0x8913
_IFF_UP = 0x1


def media_addresses(public_ips: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs (address to bind, address to advertise), IPv4 first and loopback last."""
    if public_ips:
        return [("::" if ":" in address else "0.0.0.0", address) for address in _one_per_family(public_ips)]
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        if adapter.name.startswith(IGNORED_PREFIXES) or not _is_up(adapter.name):
            continue
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text)
            if (
                not (address.is_loopback or address.is_link_local or address.is_multicast)
                and text not in found
            ):
                found.append(text)
    found.sort(key=lambda text: ":" in text)
    return [(text, text) for text in [*found, "127.0.0.1"]]


def _one_per_family(addresses: Sequence[str]) -> list[str]:
    families = {":" in address: address for address in reversed(addresses)}
    return [families[family] for family in sorted(families)]


def _is_up(name: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = fcntl.ioctl(asking.fileno(), _SIOCGIFFLAGS, pack("256s", name.encode()[:15]))
        except OSError:
            return False
    return bool(unpack_from("H", answer, 16)[0] & _IFF_UP)
