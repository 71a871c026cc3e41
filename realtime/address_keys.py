"""What stands for a network address where bans are kept: an HMAC, so that the address itself is nowhere.

An IPv6 network of 64 bits counts as one address: its owner changes the rest at will (RFC 8981).
"""

import hashlib
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

KEPT_BYTES = 12


def address_key(secret: bytes, address: str) -> str:
    """Return "ak_" and 24 hexadecimal digits; "" without a secret or for what is no address."""
    if not secret:
        return ""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        known = parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False).network_address
    else:
        known = parsed
    return "ak_" + hmac.digest(secret, known.packed, hashlib.sha256)[:KEPT_BYTES].hex()
