"""What an operator sees of a show's media: one reading of what the sessions have counted anyway.

Nothing here is on a packet's way. Rates are what came between two readings; the counters they are taken from
are those of sender and receiver reports. A session is called by its public name: the secret in its URL is a
capability. Addresses are left out: of a path only what it runs over is told.

Of the candidate a peer is reached by an ICE-lite server sees the address that checks come from, and its own
socket. So UDP or TCP and the family are known; whether the address is the peer's own, a router's or a TURN
server's is what the peer has said of it in its candidates (`streaming.remote_candidates`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge

from streaming.figures_structs import (
    RANKS,
    SEEING,
    LayerFigures,
    Path,
    PublisherFigures,
    ShowFigures,
    ViewerFigures,
    ViewerState,
)
from streaming.peers import Publisher, Session, Viewer
from streaming.remote_candidates import CANDIDATE_TYPES
from streaming.show_media import ShowMedia
from streaming.stream import Stream
from streaming.transport.connection import Phase
from streaming.viewer_numbers import OVERHEAD_BYTES
from streaming.viewer_track import ViewerTrack


@dataclass(slots=True)
class Counted:
    """What sessions had counted at a reading, by name: of viewers bytes, of the publisher packets."""

    at_s: float
    bytes_sent: dict[str, int] = field(default_factory=dict)
    publisher: tuple[str, int, int] = ("", 0, 0)


@dataclass(slots=True)
class Reading:
    """One reading while it is made, and what the next one needs of it.

    All steps are short, so that one with thousands of viewers can be made in slices: `read_viewers` for a few
    at a time, `in_order` taken from bit by bit, `finish`.
    """

    now_s: float
    before: Counted | None
    counted: Counted
    states: Counter[ViewerState] = field(default_factory=Counter)
    on_layer: Counter[int | None] = field(default_factory=Counter)
    slices: list[list[ViewerFigures]] = field(default_factory=list)
    rows: list[ViewerFigures] = field(default_factory=list)
    publisher: PublisherFigures | None = None
    layers: list[LayerFigures] = field(default_factory=list)

    @property
    def over_s(self) -> float | None:
        """Seconds since the reading before; None without one."""
        return None if self.before is None else self.now_s - self.before.at_s

    def read_viewers(self, show: ShowMedia, viewers: Iterable[Viewer]) -> None:
        """Read some viewers, 10 µs each."""
        places = {id(stream): place for place, (stream, _) in enumerate(show.picture.metered(self.now_s))}
        rows = sorted((self._viewer(show, viewer, places) for viewer in viewers), key=badness)
        self.states.update(row.state for row in rows)
        self.on_layer.update(row.layer for row in rows)
        self.slices.append(rows)

    def in_order(self) -> Iterator[ViewerFigures]:
        """Return all that were read, the worst first."""
        return merge(*self.slices, key=badness)

    def finish(self, show: ShowMedia, rows: list[ViewerFigures]) -> None:
        """Keep the rows in order, and read what concerns them all."""
        self.rows, self.slices = rows, []
        self.publisher, self.layers = self._publisher(show), self._layers(show)

    def page(self, process: int, show: ShowMedia, offset: int, limit: int) -> ShowFigures:
        """Return the reading with `limit` of its viewers from `offset` on."""
        states = {state.value: self.states[state] for state in ViewerState}
        return ShowFigures(
            process, show.life.state, _rounded(self.over_s), self.publisher, self.layers,
            len(self.rows), states, offset, self.rows[offset : offset + limit],
        )  # fmt: skip

    def _viewer(self, show: ShowMedia, viewer: Viewer, places: Mapping[int, int]) -> ViewerFigures:
        session, tracks = viewer.session, viewer.tracks.values()
        sent_bytes = sum(_sent_bytes(*show.streams[kind].sent_by(one)) for kind, one in viewer.tracks.items())
        self.counted.bytes_sent[session.name] = sent_bytes
        since_s, since_bytes = session.connection.created_s, 0
        if self.before is not None and session.name in self.before.bytes_sent:
            since_s, since_bytes = self.before.at_s, self.before.bytes_sent[session.name]
        video = viewer.tracks.get("video")
        seat = None if video is None else show.picture.seat(video)
        state = state_of(viewer, show)
        at = seat.at if seat is not None and state in SEEING else None
        return ViewerFigures(
            session.name,
            round(self.now_s - session.connection.created_s, 1),
            state,
            _rate(sent_bytes - since_bytes, self.now_s - since_s),
            max((one.lost_share for one in tracks if one.lost_share is not None), default=None),
            _milliseconds(max((one.round_trip_s for one in tracks if one.round_trip_is_known), default=None)),
            places.get(id(at)),
            None if video is None or video.codec is None else video.codec.key,
            path_of(session),
            sum(one.repeats_total for one in tracks),
        )

    def _publisher(self, show: ShowMedia) -> PublisherFigures | None:
        publisher = show.publisher
        if publisher is None:
            return None
        session = publisher.session
        return PublisherFigures(
            session.name,
            round(self.now_s - session.connection.created_s, 1),
            show.sound.live_codec if show.sound.source else None,
            round(show.published_bits_per_s(self.now_s)),
            round(show.sound_bits_per_s(self.now_s)),
            self._publisher_lost_share(publisher),
            _milliseconds(publisher.round_trip_s if publisher.round_trip_is_known else None),
            path_of(session),
        )

    def _publisher_lost_share(self, publisher: Publisher) -> float | None:
        name = publisher.session.name
        expected, received = counted_packets(publisher)
        self.counted.publisher = (name, expected, received)
        if self.before is not None and self.before.publisher[0] == name:
            expected -= self.before.publisher[1]
            received -= self.before.publisher[2]
        return None if expected <= 0 else round(max(0.0, 1 - received / expected), 4)

    def _layers(self, show: ShowMedia) -> list[LayerFigures]:
        return [
            self._layer(stream, layer.bits_per_s, self.on_layer[place])
            for place, (stream, layer) in enumerate(show.picture.metered(self.now_s))
        ]

    def _layer(self, stream: Stream, bits_per_s: float, viewers: int) -> LayerFigures:
        width, height = stream.picture_size or (None, None)
        return LayerFigures(
            stream.source.rid if stream.source else "",
            stream.live_codec,
            width,
            height,
            round(bits_per_s),
            _rounded(stream.key_frame_interval_s),
            _rounded(stream.key_frame_age_s(self.now_s)),
            viewers,
        )


def state_of(viewer: Viewer, show: ShowMedia) -> ViewerState:
    """Return how a viewer fares; one that takes no picture is judged by its sound."""
    if viewer.session.connection.phase is not Phase.CONNECTED:
        return ViewerState.CONNECTING
    kind = "video" if "video" in viewer.tracks else "audio"
    track = viewer.tracks[kind]
    if track.codec is None and show.streams[kind].live_codec is not None:
        return ViewerState.NO_CODEC
    if track.held:
        return ViewerState.HELD
    if track.live:
        return ViewerState.LIVE
    return ViewerState.WAITING if track.replay is None else ViewerState.REPLAYING


def path_of(session: Session) -> Path | None:
    """Return what a session's packets run over; None before the first valid check."""
    socket, address = session.connection.socket, session.connection.address
    if socket is None or not address:
        return None
    transport = "tcp" if socket.is_stream else "udp"
    candidate_type = session.agreed.remote_candidates.type_of(transport, address)
    return PATHS[transport, "ipv6" if ":" in str(address[0]) else "ipv4", candidate_type]


PATHS = {
    (transport, family, candidate_type): Path(transport, family, candidate_type)
    for transport in ("udp", "tcp")
    for family in ("ipv4", "ipv6")
    for candidate_type in CANDIDATE_TYPES
}


def counted_packets(publisher: Publisher) -> tuple[int, int]:
    """Return (expected, received) of all streams of a publisher since their first packets."""
    counted = [source.stats.counted_packets for source in publisher.sources]
    return sum(expected for expected, _ in counted), sum(received for _, received in counted)


def sent_bytes(tracks: Iterable[ViewerTrack]) -> int:
    """Bytes a viewer that has left was sent, headers included."""
    return sum(_sent_bytes(track.extra_packets, track.extra_octets) for track in tracks)


def badness(row: ViewerFigures) -> tuple[int, float, float, str]:
    """Sort viewers, the worst first: by state, then loss, then round trip."""
    return RANKS[row.state], -(row.lost_share or 0.0), -(row.round_trip_ms or 0.0), row.session


def _sent_bytes(packets: int, octets: int) -> int:
    return octets + packets * OVERHEAD_BYTES


def _rate(size_bytes: int, over_s: float) -> int:
    return round(max(0, size_bytes) * 8 / over_s) if over_s > 0 else 0


def _milliseconds(value_s: float | None) -> float | None:
    return None if value_s is None else round(value_s * 1000, 1)


def _rounded(value_s: float | None) -> float | None:
    return None if value_s is None else round(value_s, 2)
