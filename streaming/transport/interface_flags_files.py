"""What the kernel says of its IPv6 addresses (`/proc/net/if_inet6`): which ones are not to be advertised.

An address that is temporary changes within hours, one that is deprecated goes soon, one that is tentative or
failed duplicate detection is not ours yet.
"""

import ipaddress
from pathlib import Path

TABLE = Path("/proc/net/if_inet6")
TEMPORARY, DUPLICATE, DEPRECATED, TENTATIVE = 0x01, 0x08, 0x20, 0x40
PASSING = TEMPORARY | DUPLICATE | DEPRECATED | TENTATIVE


def passing_addresses(table: Path = TABLE) -> set[str]:
    """Return the IPv6 addresses that will not last; empty where the kernel has no such table."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()
    except OSError:
        return set()
    fields = [line.split() for line in lines]
    return {
        str(ipaddress.IPv6Address(bytes.fromhex(one[0])))
        for one in fields
        if len(one) >= 6 and int(one[4], 16) & PASSING
    }
