"""A line at a session's start, when its keys are ready, and one at its end with the reason.

A session is called by its public name; no person, address or secret is written.
"""

import logging

from streaming.figures import counted_packets, path_of, sent_bytes
from streaming.peers import Publisher, Session, Viewer

log = logging.getLogger(__name__)
NAMES = {"publish": "publisher", "watch": "viewer"}


def log_began(session: Session) -> None:
    """Write that a session's media may flow from now on."""
    if not log.isEnabledFor(logging.INFO):
        return
    path = path_of(session)
    log.info(
        "%s %s of %s began: %s over %s", NAMES[session.role], session.name, session.show, _codecs(session),
        "-" if path is None else f"{path.transport}, {path.family}",
    )  # fmt: skip


def log_publisher_ended(publisher: Publisher, reason: str, now_s: float) -> None:
    """Write that a publisher is gone."""
    if not log.isEnabledFor(logging.INFO):
        return
    expected, received = counted_packets(publisher)
    received_bytes = sum(source.received_bytes for source in publisher.sources)
    _ended(
        publisher.session, reason, now_s, f"{received_bytes} bytes in", max(0, expected - received), expected,
        publisher.round_trip_s if publisher.round_trip_is_known else None,
    )  # fmt: skip


def log_viewer_ended(viewer: Viewer, reason: str, now_s: float) -> None:
    """Write that a viewer is gone; to be called when it is sent nothing any more."""
    if not log.isEnabledFor(logging.INFO):
        return
    tracks = viewer.tracks.values()
    _ended(
        viewer.session, reason, now_s, f"{sent_bytes(tracks)} bytes out",
        sum(track.lost_packets for track in tracks), sum(track.extra_packets for track in tracks),
        max((track.round_trip_s for track in tracks if track.round_trip_is_known), default=None),
    )  # fmt: skip


def _ended(
    session: Session, reason: str, now_s: float, traffic: str, lost: int, of: int, round_trip_s: float | None
) -> None:
    path = path_of(session)
    log.info(
        "%s %s of %s ended: %s after %.1f s, %s, %s lost, round trip %s, over %s",
        NAMES[session.role], session.name, session.show, reason,
        now_s - session.connection.created_s, traffic,
        f"{100 * lost / of:.2f} %" if of else "nothing",
        "unknown" if round_trip_s is None else f"{1000 * round_trip_s:.0f} ms",
        # Trickled candidates may come after the beginning: by the end the type is known.
        "-" if path is None else f"{path.transport}, {path.family}, {path.candidate_type}",
    )  # fmt: skip


def _codecs(session: Session) -> str:
    """Name the codecs a session may use: a viewer's live one is the first of each kind."""
    names = [codec.name for section in session.agreed.sections for codec in section.codecs]
    return ", ".join(dict.fromkeys(names))
