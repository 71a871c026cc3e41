"""What an operator sees of a show's media, as it is told from process to process.

Fronts pass it on: it is apart from `figures`, which takes it from the sessions, so that a front needs nothing
of what carries packets.
"""

from enum import Enum

import msgspec

from streaming.broadcasts import BroadcastState
from streaming.remote_candidates import CandidateType


class ViewerState(Enum):
    """How a viewer fares, the worst first.

    CONNECTING: no keys yet. NO_CODEC: it cannot play the live codec. HELD: it gets no video, for its TCP
    stream is full or its line too narrow. WAITING: for a key frame. REPLAYING: it catches up with the newest
    pictures. LIVE.
    """

    NO_CODEC = "no_codec"
    HELD = "held"
    WAITING = "waiting"
    CONNECTING = "connecting"
    REPLAYING = "replaying"
    LIVE = "live"


SEEING = (ViewerState.LIVE, ViewerState.REPLAYING)
RANKS = {state: rank for rank, state in enumerate(ViewerState)}


class Path(msgspec.Struct, frozen=True):
    """What packets of a session run over: "udp" or "tcp", "ipv4" or "ipv6".

    `candidate_type` is the ICE type of the peer's end (RFC 8445 section 5.1.1): "host", its own address;
    "srflx", its router's, as a STUN server told it; "relay", a TURN server's; "prflx", one it has not told.
    "prflx" is also what is told under an mDNS name (browsers) or used from an active TCP candidate, and every
    path of a peer that tells no candidates, as liveshop's own pages. None: an older process says it, which
    does not know. Our end is always a host candidate.
    """

    transport: str
    family: str
    candidate_type: CandidateType | None = None


class LayerFigures(msgspec.Struct, frozen=True):
    """One layer of the picture. `name` is its RID, "" without simulcast; `codec` as `Codec.key`.

    Sizes are None until a key frame told them; `key_frame_interval_s` lies between the newest two, None until
    there were two, `key_frame_age_s` is None while one is awaited. `viewers` get this layer now.
    """

    name: str
    codec: str | None
    width: int | None
    height: int | None
    bits_per_s: int
    key_frame_interval_s: float | None
    key_frame_age_s: float | None
    viewers: int


class PublisherFigures(msgspec.Struct, frozen=True):
    """The host's session. Rates are what comes in, headers included.

    `lost_share` (0 to 1) is what never came, not even when asked for again; None when nothing was expected.
    `round_trip_ms` is None for publishers that do not answer the question (OBS, FFmpeg). `path` is None until
    the first valid check.
    """

    session: str
    seconds: float
    sound_codec: str | None
    bits_per_s: int
    sound_bits_per_s: int
    lost_share: float | None
    round_trip_ms: float | None
    path: Path | None


class ViewerFigures(msgspec.Struct, frozen=True, gc=False):
    """One viewer's session. `bits_per_s` is what was sent, repeats on request left out.

    `lost_share` (0 to 1) and `round_trip_ms` are its own newest word, of sound and picture the worse; None
    before it has said any. `layer` is the place in the show's `layers` it gets, None between layers and
    without a picture. `repeats` counts packets sent again.
    """

    session: str
    seconds: float
    state: ViewerState
    bits_per_s: int
    lost_share: float | None
    round_trip_ms: float | None
    layer: int | None
    codec: str | None
    path: Path | None
    repeats: int


class ShowFigures(msgspec.Struct, frozen=True):
    """One process's part of a show.

    Rates and the publisher's losses are of the last `over_s` seconds, or of a session's whole life when it is
    younger; None: this is the first reading, and they are of the sessions' whole lives. `states` counts
    viewers by `ViewerState`. `viewers` is a page of them, the worst first, beginning at `offset`.
    """

    process: int
    state: BroadcastState
    over_s: float | None
    publisher: PublisherFigures | None
    layers: list[LayerFigures]
    viewers_total: int
    states: dict[str, int]
    offset: int
    viewers: list[ViewerFigures]
