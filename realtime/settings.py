"""What can be set about the room; every number has a unit in its name."""

from dataclasses import dataclass, field

from realtime.moderation.policy import Term


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """Settings of one process's rooms.

    `own_origins`: origins ("https://shop.example") whose pages may connect; when empty, a page may connect
    whose origin's host equals the request's Host header. Clients without an Origin header (not browsers) may
    always. `address_secret` keys what stands for network addresses; when empty, none are known.
    `common_terms` hold in all shops.
    """

    own_origins: frozenset[str] = field(default_factory=frozenset)
    address_secret: bytes = b""
    common_terms: tuple[Term, ...] = ()
    hello_within_ms: int = 10_000
    heartbeat_ms: int = 5_000
    heartbeat_missed_ms: int = 11_000
    token_warning_ms: int = 60_000
    token_grace_ms: int = 120_000
    tick_ms: int = 200
    poll_ms: int = 1_000
    comment_chars: int = 300
    name_chars: int = 40
    talk_per_s: float = 10.0
    log_entries_total: int = 20_000
    ring_entries_total: int = 2_000
    resume_facts_total: int = 1_000
    snapshot_comments_total: int = 50
    snapshot_age_ms: int = 10_000
    slow_at_bytes: int = 16 * 1024
    abort_at_bytes: int = 512 * 1024
    abort_after_ms: int = 8_000
    stuck_after_ms: int = 5_000
    slice_ms: float = 3.0
    frame_max_bytes: int = 8 * 1024
    sockets_per_person: int = 12
    sockets_per_address: int = 2_000
    sockets_total: int = 15_000
    handshakes_per_s: float = 500.0
    handshakes_burst: float = 1_000.0
    hellos_at_once: int = 32
    hellos_waiting_total: int = 1_000
    operations_in_flight: int = 8
    presence_ttl_ms: int = 10_000
    drain_spread_ms: int = 4_500
    drain_batches_total: int = 18
