"""From an offer to what both sides agree on, for publishers and for viewers.

WHIP: RFC 9725 section 4.4; WHEP: draft-ietf-wish-whep section 4. One bundle, rtcp-mux, at most one audio
and one video section. The relay is ICE-lite and takes either DTLS role: browsers offer `actpass`, FFmpeg
offers `passive` and expects the server to begin.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from streaming.codecs import Codec, best_match, is_forwarded
from streaming.errors import UnusableOfferError
from streaming.remote_candidates import RemoteCandidates
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.sdp import Description, Media

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
# Not `urn:3gpp:video-orientation`: a phone that has it agreed sends pictures as its sensor lies, and who does
# not read it (Firefox, a recording) sees them on their side. Without it the phone turns them itself.
PUBLISHER_EXTENSIONS = frozenset({MID, RID, REPAIRED_RID, AUDIO_LEVEL, TRANSPORT_CC, DEPENDENCY_DESCRIPTOR})
# Viewers report arrivals of numbered packets only, and packets are numbered only while there are layers to
# choose from: 10 to 20 feedbacks a second from each would cost more than they bring otherwise. Sound goes
# without: one stream's numbers suffice, and are then that stream's own.
VIEWER_EXTENSIONS = {
    "audio": frozenset({MID, AUDIO_LEVEL}),
    "video": frozenset({MID, TRANSPORT_CC, DEPENDENCY_DESCRIPTOR}),
}
_REPAIR = ("nack", "nack pli", "ccm fir")
# `rrtr` is how libwebrtc calls the reference times of RFC 3611.
VIEWER_FEEDBACK = {"audio": _REPAIR, "video": (*_REPAIR, "transport-cc", "goog-remb", "rrtr")}
PUBLISHER_FEEDBACK = (*_REPAIR, "transport-cc")
HASHES = ("sha-256", "sha-384", "sha-512")
MAX_RIDS = 4


@dataclass(slots=True)
class AgreedMedia:
    """One section of the answer. `codecs` is empty when the section is refused (port 0).

    `ssrc` and `retransmission_ssrc` are ours and only set for viewers.
    """

    offer: Media
    codecs: list[Codec]
    extensions: dict[int, str]
    feedback: tuple[str, ...]
    ssrc: int = 0
    retransmission_ssrc: int = 0

    @property
    def accepted(self) -> bool:
        """Whether media flows in this section."""
        return bool(self.codecs)

    def extension_id(self, uri: str) -> int:
        """Return the id both sides use for an extension, or 0."""
        return next((identity for identity, name in self.extensions.items() if name == uri), 0)


@dataclass(slots=True)
class Agreed:
    """All sections in the order of the offer, and the transport's parameters.

    `remote_candidates` grow with what the peer trickles.
    """

    sections: list[AgreedMedia]
    remote_ufrag: str
    remote_pwd: str
    fingerprints: list[tuple[str, str]]
    dtls_client: bool
    bundle: list[str] = field(default_factory=list)
    mixed_extensions: bool = False
    remote_candidates: RemoteCandidates = field(default_factory=RemoteCandidates)

    def section(self, kind: str) -> AgreedMedia | None:
        """Return the accepted section of this kind, if any."""
        return next((s for s in self.sections if s.accepted and s.offer.kind == kind), None)


def agree_with_publisher(offer: Description) -> Agreed:
    """Accept a WHIP offer. Raises `UnusableOfferError`."""
    for media in offer.media:
        if media.kind not in ("audio", "video"):
            raise UnusableOfferError(f"a publisher's offer has audio and video only, not {media.kind!r}")
        if media.direction not in ("sendonly", "sendrecv"):
            raise UnusableOfferError(f"a publisher sends; this offer says {media.direction}")
        if len(media.rids) > MAX_RIDS:
            raise UnusableOfferError(f"at most {MAX_RIDS} layers, not {len(media.rids)}")
    agreed = _transport(offer)
    for media in offer.media:
        codecs = [codec for codec in media.codecs if is_forwarded(codec) and codec.kind == media.kind]
        if not codecs:
            raise UnusableOfferError(f"no {media.kind} codec of the offer can be forwarded")
        # Layers that come as streams of their own need no descriptor to be told apart.
        known = PUBLISHER_EXTENSIONS - {DEPENDENCY_DESCRIPTOR} if media.rids else PUBLISHER_EXTENSIONS
        extensions = _extensions(media, known)
        agreed.sections.append(AgreedMedia(media, codecs, extensions, PUBLISHER_FEEDBACK))
    return agreed


def agree_with_viewer(offer: Description, live: dict[str, str], new_ssrc: Callable[[], int]) -> Agreed:
    """Accept a WHEP offer.

    `live` maps a kind to the key of the codec now published; it goes first in the answer, and every other
    codec both sides know follows, so that the host may come back with another one. Raises
    `UnusableOfferError`.
    """
    for media in offer.media:
        if media.kind in ("audio", "video") and media.direction not in ("recvonly", "sendrecv"):
            raise UnusableOfferError(f"a viewer receives; this offer says {media.direction}")
    agreed = _transport(offer)
    taken: set[str] = set()
    for media in offer.media:
        codecs = [codec for codec in media.codecs if is_forwarded(codec) and codec.kind == media.kind]
        if media.kind in taken:
            codecs = []
        known = VIEWER_EXTENSIONS.get(media.kind, frozenset())
        if not offer.mixed_extensions:
            known -= {DEPENDENCY_DESCRIPTOR}  # that of a key frame is a long one
        extensions = _extensions(media, known)
        feedback = VIEWER_FEEDBACK.get(media.kind, ())
        section = AgreedMedia(media, _live_first(codecs, live.get(media.kind)), extensions, feedback)
        if section.accepted:
            taken.add(media.kind)
            section.ssrc, section.retransmission_ssrc = new_ssrc(), new_ssrc()
        agreed.sections.append(section)
    if not taken:
        raise UnusableOfferError("the offer has no codec this server forwards")
    return agreed


def _extensions(media: Media, known: frozenset[str]) -> dict[int, str]:
    return {
        identity: uri for identity, uri in media.extensions.items() if uri in known and 1 <= identity <= 14
    }


def _live_first(codecs: list[Codec], live: str | None) -> list[Codec]:
    first = best_match(live, codecs) if live else None
    return codecs if first is None else [first, *(codec for codec in codecs if codec is not first)]


def _transport(offer: Description) -> Agreed:
    kinds = [media.kind for media in offer.media]
    if max(kinds.count("audio"), kinds.count("video")) > 1:
        raise UnusableOfferError("at most one audio and one video section")
    mids = [media.mid for media in offer.media]
    if len(offer.media) > 1 and (
        not all(mids) or set(offer.bundle) != set(mids) or len(set(mids)) != len(mids)
    ):
        raise UnusableOfferError("all media sections must be in one bundle")
    if offer.ice_lite:
        raise UnusableOfferError("two ICE-lite ends cannot find each other")
    first = next((m for m in offer.media if not offer.bundle or m.mid == offer.bundle[0]), offer.media[0])
    if not first.ice_ufrag or len(first.ice_pwd) < 22:
        raise UnusableOfferError("the offer has no ICE credentials")
    fingerprints = [pair for pair in first.fingerprints if pair[0] in HASHES]
    if not fingerprints:
        raise UnusableOfferError("the offer has no usable DTLS fingerprint")
    if first.setup not in ("actpass", "active", "passive"):
        raise UnusableOfferError("the offer's a=setup is not actpass, active or passive")
    dtls_client = first.setup == "passive"
    remote_candidates = RemoteCandidates()
    remote_candidates.add(offer.candidates)
    return Agreed(
        [], first.ice_ufrag, first.ice_pwd, fingerprints, dtls_client, offer.bundle or mids,
        offer.mixed_extensions, remote_candidates,
    )  # fmt: skip
