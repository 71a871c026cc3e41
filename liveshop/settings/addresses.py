"""Addresses as people may see them."""

from urllib.parse import urlsplit

from liveshop.settings.settings import Settings


def without_password(url: str) -> str:
    """Return an address without user and password, fit for a message."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def public_address(settings: Settings) -> str:
    """Address people type: LIVESHOP_PUBLIC_URL, else the listening address; no slash at the end."""
    return settings.public_url or own_address(settings)


def own_address(settings: Settings) -> str:
    """Address at which this machine's processes reach the HTTP port themselves."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.http_port}" if ":" in host else f"http://{host}:{settings.http_port}"
