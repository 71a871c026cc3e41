"""Settings of one media process, handed in by whoever starts it."""

from dataclasses import dataclass, field

from streaming.exchange import MAX_OFFER_BYTES
from streaming.turn import IceServers

DEFAULT_MEDIA_PORT = 8200


@dataclass(slots=True, frozen=True)
class Limits:
    """Bounds of one media process. What goes over one is refused or dropped, and counted.

    Sessions: `sessions` in all (viewers keep no host out); of viewers `sessions_per_show`,
    `sessions_per_address` (an IPv4 address or an IPv6 /64; loopback, where proxies live, is not counted) and
    `handshakes` in flight.
    `offer_bytes` bounds an SDP offer, `offers_per_minute` how many one person may send to watch. ICE-TCP:
    `tcp_connections` in all (0: no ICE-TCP), `tcp_unproven` that have not shown a genuine check yet and
    `tcp_unproven_per_address` of them, each for `tcp_proof_s` at most.
    A TCP viewer for whom more than `tcp_buffer_bytes` wait gets no video, after `tcp_slow_s` of that no
    session either. `udp_slow_s` is how long a UDP viewer whose line is too narrow for video may lose much of
    the sound, too, before its session ends (`streaming.narrow_lines`).
    Repeats: for each viewer and kind of media `repeats_percent` of what it is sent, and
    `repeats_burst_bytes` at once (`streaming.repeat_budget`). `sound_again_packets` of a show's sound may
    wait for room in the socket's send buffer (`streaming.sound_again`), and `waiting_pictures` packets of
    all shows until it is their turn (`streaming.picture_backlog`). Each stream keeps `ring_s` of packets to
    repeat, and its newest group of pictures to replay while that is no more than `replay_bytes` and
    `replay_s`, together no more than `ring_bytes`. A show is copied to `trunks_per_show` other media
    processes.
    """

    sessions: int = 4000
    sessions_per_show: int = 4000
    sessions_per_address: int = 500
    handshakes: int = 1000
    offer_bytes: int = MAX_OFFER_BYTES
    offers_per_minute: int = 60
    tcp_connections: int = 2000
    tcp_unproven: int = 256
    tcp_unproven_per_address: int = 16
    tcp_proof_s: int = 5
    tcp_buffer_bytes: int = 256 << 10
    tcp_slow_s: int = 10
    udp_slow_s: int = 15
    repeats_percent: int = 100
    repeats_burst_bytes: int = 512 << 10
    sound_again_packets: int = 4096
    waiting_pictures: int = 4096
    ring_bytes: int = 8 << 20
    ring_s: int = 2
    replay_bytes: int = 4 << 20
    replay_s: int = 12
    trunks_per_show: int = 64


@dataclass(slots=True, frozen=True)
class MediaSettings:
    """What one media process must know.

    `index` numbers the process on this machine; its port, UDP and TCP, is `media_port + index`, or a free one
    if `media_port` is 0. `grant_key` verifies grants. `public_ips` replace the interfaces' addresses.
    `bind_addresses` replaces the interfaces found (tests). `ice` goes into Link headers.
    """

    grant_key: bytes
    index: int = 0
    media_port: int = DEFAULT_MEDIA_PORT
    public_ips: tuple[str, ...] = ()
    bind_addresses: tuple[str, ...] = ()
    ice: IceServers = field(default_factory=IceServers)
    limits: Limits = field(default_factory=Limits)

    @property
    def udp_port(self) -> int:
        """The port of this process, 0 for any."""
        return self.media_port + self.index if self.media_port else 0
