"""Reading the settings of STUN and TURN servers."""

import re

from liveshop.errors import SettingError
from streaming.turn import IceServers

LIFE_S_MIN, LIFE_S_MAX = 60, 7 * 86_400
# RFC 7064 section 3.1 and RFC 7065 section 3.1: no path, no user, the transport as the only parameter.
_URI = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)


def ice_urls(name: str, text: str) -> tuple[str, ...]:
    """Read `stun:`, `turn:` and `turns:` addresses with commas or spaces between."""
    urls = tuple(word for word in re.split(r"[\s,]+", text) if word)
    for url in urls:
        match = _URI.fullmatch(url)
        if match is None or int(match["port"] or 1) not in range(1, 65536):
            raise SettingError(
                name, f"{name} must look like turn:turn.example.org:3478?transport=udp, not {url[:80]!r}."
            )
        if match["transport"] and match["scheme"].startswith("stun"):
            raise SettingError(
                name, f"{name} gives {url[:80]!r} a transport; only turn: and turns: have one."
            )
    return urls


def turn_secret(name: str, text: str) -> str:
    """Read the shared secret; what a header could not carry is no matter, it never travels."""
    if text and len(text) < 8:
        raise SettingError(name, f"{name} must have at least 8 characters; it has {len(text)}.")
    return text


def turn_life_s(name: str, text: str) -> int:
    """Read how long credentials are good."""
    if not re.fullmatch(r"\d{1,7}", text) or not LIFE_S_MIN <= int(text) <= LIFE_S_MAX:
        raise SettingError(name, f"{name} must be {LIFE_S_MIN} to {LIFE_S_MAX} seconds, not {text[:20]!r}.")
    return int(text)


def refuse_half_turn(ice: IceServers) -> None:
    """Raise `SettingError` for a TURN server without the secret, or the secret without a server."""
    has_turn = any(url.startswith("turn") for url in ice.urls)
    if has_turn and not ice.secret:
        raise SettingError(
            "LIVESHOP_TURN_SECRET",
            "LIVESHOP_TURN_SECRET must be set, because LIVESHOP_TURN_URLS names a TURN server.",
        )
    if ice.secret and not has_turn:
        raise SettingError(
            "LIVESHOP_TURN_URLS", "LIVESHOP_TURN_SECRET is set, but LIVESHOP_TURN_URLS names no TURN server."
        )


def split_url(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and transport of an address that `ice_urls` has read."""
    match = _URI.fullmatch(url)
    assert match is not None
    secure = match["scheme"] in {"stuns", "turns"}
    port = int(match["port"] or (5349 if secure else 3478))
    transport = match["transport"] or ("tcp" if secure else "udp")
    return match["scheme"], match["host"].strip("[]"), port, transport
