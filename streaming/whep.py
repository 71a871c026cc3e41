"""WHEP's own rules (draft-ietf-wish-whep-03); what it shares with WHIP is in `streaming.exchange`."""

from collections.abc import Callable

from streaming.broadcasts import BroadcastState
from streaming.errors import BrokenSdpError, GrantMismatchError, NotPublishedError, ShowEndedError
from streaming.exchange import SDP, HttpAnswer
from streaming.grants import Grant
from streaming.negotiation import Agreed, agree_with_viewer
from streaming.sdp import MalformedSdpError, parse


def check_grant(grant: Grant, show: str) -> None:
    """Raise `GrantMismatchError` unless this grant lets its holder watch this show."""
    if grant.role != "watch" or grant.show != show:
        raise GrantMismatchError("the grant does not allow watching this show")


def check_state(state: BroadcastState) -> None:
    """Raise `NotPublishedError` before the first publish and `ShowEndedError` after the end."""
    if state is BroadcastState.NEVER:
        raise NotPublishedError("nobody has published this show yet")
    if state is BroadcastState.ENDED:
        raise ShowEndedError("the show has ended")


def read_offer(text: str, live: dict[str, str], new_ssrc: Callable[[], int]) -> Agreed:
    """From the body of a POST to what is agreed. Raises `BrokenSdpError` or `UnusableOfferError`."""
    try:
        return agree_with_viewer(parse(text), live, new_ssrc)
    except MalformedSdpError as error:
        raise BrokenSdpError(f"the offer cannot be read: {error}") from error


def look(*, head: bool) -> HttpAnswer:
    """GET or HEAD on the endpoint; HEAD names the type so that players recognise a WHEP address."""
    return HttpAnswer(200, {"Content-Type": SDP}) if head else HttpAnswer(204)
