"""Settings of one media process, handed in by whoever starts it."""

from dataclasses import dataclass

DEFAULT_MEDIA_PORT = 8200


@dataclass(slots=True, frozen=True)
class MediaSettings:
    """What one media process must know.

    `index` numbers the process on this machine; its UDP port is `media_port + index`, or a free one if
    `media_port` is 0. `grant_key` verifies grants. `public_ips` replace the interfaces' addresses.
    `bind_addresses` replaces the interfaces found (tests). `ice_servers` go into Link headers.
    """

    grant_key: bytes
    index: int = 0
    media_port: int = DEFAULT_MEDIA_PORT
    public_ips: tuple[str, ...] = ()
    bind_addresses: tuple[str, ...] = ()
    max_sessions: int = 4000
    ice_servers: tuple[str, ...] = ()

    @property
    def udp_port(self) -> int:
        """The port of this process, 0 for any."""
        return self.media_port + self.index if self.media_port else 0
