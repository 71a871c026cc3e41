"""Settings of one media process, read from the environment by `read_settings` (pure)."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_MEDIA_PORT = 8200


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it."""


@dataclass(slots=True, frozen=True)
class MediaSettings:
    """`index` numbers the process on this machine; its UDP port is `media_port + index`, or a free one if
    `media_port` is 0. `grant_key` verifies grants. `redis_url` None means alone, without siblings.
    `bind_addresses` replaces the interfaces found (tests). `ice_servers` go into Link headers.
    """

    grant_key: bytes
    index: int = 0
    media_port: int = DEFAULT_MEDIA_PORT
    public_ip: str | None = None
    redis_url: str | None = None
    bind_addresses: tuple[str, ...] = ()
    max_sessions: int = 4000
    viewer_bandwidth_feedback: bool = False
    ice_servers: tuple[str, ...] = ()

    @property
    def udp_port(self) -> int:
        """The port of this process, 0 for any."""
        return self.media_port + self.index if self.media_port else 0


def read_settings(environ: Mapping[str, str], *, grant_key: bytes, index: int) -> MediaSettings:
    """Settings from `REDIS_URL`, `LIVESHOP_MEDIA_PORT` and `LIVESHOP_PUBLIC_IP`. Raises `SettingsError`."""
    port_text = environ.get("LIVESHOP_MEDIA_PORT", str(DEFAULT_MEDIA_PORT))
    if not port_text.isdecimal() or not 0 <= int(port_text) <= 65535 - index:
        raise SettingsError(f"LIVESHOP_MEDIA_PORT is {port_text!r}, not a port")
    public_ip = environ.get("LIVESHOP_PUBLIC_IP") or None
    if public_ip is not None:
        try:
            ipaddress.ip_address(public_ip)
        except ValueError:
            raise SettingsError(f"LIVESHOP_PUBLIC_IP is {public_ip!r}, not an IP address") from None
    return MediaSettings(grant_key, index, int(port_text), public_ip, environ.get("REDIS_URL") or None)
