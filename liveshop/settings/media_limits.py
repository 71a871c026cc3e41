"""The bounds of a media process as settings: one row for each, read into `streaming.settings.Limits`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from liveshop.errors import SettingError
from streaming.settings import Limits


@dataclass(frozen=True, slots=True)
class Bound:
    """A setting, the field of `Limits` it fills, and what values make sense."""

    name: str
    field: str
    lowest: int
    highest: int
    meaning: str

    @property
    def default(self) -> str:
        """The default as text."""
        return str(getattr(Limits(), self.field))

    def parse(self, name: str, text: str) -> int:
        """Read a value; raises `SettingError`."""
        if not re.fullmatch(r"\d{1,9}", text) or not self.lowest <= int(text) <= self.highest:
            raise SettingError(
                name,
                f"{name} must be a whole number from {self.lowest} to {self.highest}, not {text[:20]!r}.",
            )
        return int(text)


_SESSIONS = 100_000
BOUNDS = (
    Bound("LIVESHOP_MAX_SESSIONS", "sessions", 1, _SESSIONS, "sessions of a media process"),
    Bound("LIVESHOP_MAX_SESSIONS_PER_SHOW", "sessions_per_show", 1, _SESSIONS, "viewers of one show there"),
    Bound("LIVESHOP_MAX_SESSIONS_PER_ADDRESS", "sessions_per_address", 1, _SESSIONS, "those at one address"),
    Bound("LIVESHOP_MAX_HANDSHAKES", "handshakes", 1, _SESSIONS, "viewers' handshakes under way at a time"),
    Bound("LIVESHOP_MAX_SDP_BYTES", "offer_bytes", 4096, 1 << 20, "length of an SDP offer"),
    Bound("LIVESHOP_MAX_OFFERS_PER_MINUTE", "offers_per_minute", 1, _SESSIONS, "a person's offers to watch"),
    Bound("LIVESHOP_MAX_TCP", "tcp_connections", 0, _SESSIONS, "media connections over TCP; 0 is no TCP"),
    Bound("LIVESHOP_MAX_TCP_UNPROVEN", "tcp_unproven", 1, _SESSIONS, "TCP connections without a check yet"),
    Bound(
        "LIVESHOP_MAX_TCP_UNPROVEN_PER_ADDRESS", "tcp_unproven_per_address", 1, _SESSIONS,
        "those of one address",
    ),
    Bound("LIVESHOP_TCP_PROOF_S", "tcp_proof_s", 1, 60, "time for a TCP connection's first check"),
    Bound("LIVESHOP_TCP_BUFFER_BYTES", "tcp_buffer_bytes", 65_536, 16 << 20, "what may wait for a viewer"),
    Bound("LIVESHOP_TCP_SLOW_S", "tcp_slow_s", 1, 600, "time after which a slow viewer is sent away"),
    Bound("LIVESHOP_UDP_SLOW_S", "udp_slow_s", 1, 600, "time a viewer may lose much of its sound"),
    Bound("LIVESHOP_REPEATS_PERCENT", "repeats_percent", 1, 600, "what a viewer may have repeated"),
    Bound("LIVESHOP_REPEATS_BURST_BYTES", "repeats_burst_bytes", 65_536, 16 << 20, "of that, at once"),
    Bound("LIVESHOP_SOUND_AGAIN_PACKETS", "sound_again_packets", 0, 100_000, "sound that waits for room"),
    Bound("LIVESHOP_MAX_WAITING_PICTURES", "waiting_pictures", 64, 100_000, "video packets in line"),
    Bound("LIVESHOP_RING_BYTES", "ring_bytes", 262_144, 64 << 20, "what is kept of a stream"),
    Bound("LIVESHOP_RING_S", "ring_s", 1, 30, "how long it is kept to be repeated"),
    Bound("LIVESHOP_REPLAY_BYTES", "replay_bytes", 0, 64 << 20, "the longest group of pictures replayed"),
    Bound("LIVESHOP_REPLAY_S", "replay_s", 0, 60, "the oldest group of pictures replayed"),
    Bound("LIVESHOP_MAX_TRUNKS_PER_SHOW", "trunks_per_show", 1, 1000, "processes a show is copied to"),
)  # fmt: skip


def read_limits(of: Callable[[str, Callable[[str, str], int]], int]) -> Limits:
    """Read all bounds; `of` gives a setting's parsed value."""
    return Limits(**{bound.field: of(bound.name, bound.parse) for bound in BOUNDS})
