"""Which pages may open the websocket (RFC 6455 section 10.2)."""

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def allowed(origin: str | None, host: str | None, own_origins: frozenset[str]) -> bool:
    """Whether a handshake with this Origin header may go on.

    None (not a browser) may. With no own origins known, an origin whose host and port equal the Host header
    may. The token comes in the first frame and never from a cookie, so a foreign page could not act for
    anybody anyway; this keeps it from using our sockets.
    """
    if origin is None:
        return True
    name = _normal(origin)
    if name is None:
        return False
    if own_origins:
        return name in {_normal(own) for own in own_origins}
    return host is not None and name in {_normal(f"http://{host}"), _normal(f"https://{host}")}


def _normal(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None for anything that is not an http(s) origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or parts.hostname is None or parts.scheme not in _PORTS:
        return None
    return parts.scheme, parts.hostname, port
