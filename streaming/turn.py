"""STUN and TURN servers for peers, with credentials that pass (coturn's REST convention).

The TURN server shares a secret with us and asks us nothing: the user name carries the time it is good until,
the password is an HMAC-SHA1 of it (coturn's `use-auth-secret`, draft-uberti-behave-turn-rest-00). WHIP and
WHEP name the servers in `Link` headers (RFC 9725 section 4.6).
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

# Past the longest show: a server may refuse to refresh an allocation whose user name is out of date.
DEFAULT_LIFE_S = 12 * 3600
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def credentials(secret: str, person: str, now_s: float, life_s: int) -> tuple[str, str]:
    """Return (user name, password), good for `life_s` from `now_s` (Unix time)."""
    name = f"{int(now_s) + life_s}:{_UNSAFE.sub('_', person)}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


@dataclass(slots=True, frozen=True)
class IceServers:
    """Servers peers may use: `stun:`, `turn:` and `turns:` URIs (RFC 7064, 7065), and the TURN secret."""

    urls: tuple[str, ...] = ()
    secret: str = ""
    life_s: int = DEFAULT_LIFE_S

    def links(self, person: str, now_s: float) -> tuple[str, ...]:
        """Values of one `Link` header for each server; OBS reads only one from a line."""
        name, password = credentials(self.secret, person, now_s, self.life_s)
        right = f'; username="{name}"; credential="{password}"; credential-type="password"'
        return tuple(
            f'<{url}>; rel="ice-server"{right if url.startswith("turn") else ""}' for url in self.urls
        )
