"""WHIP's own rules (RFC 9725); what it shares with WHEP is in `streaming.exchange`."""

from streaming.errors import BrokenSdpError, GrantMismatchError
from streaming.exchange import HttpAnswer
from streaming.grants import Grant
from streaming.negotiation import Agreed, agree_with_publisher
from streaming.sdp import MalformedSdpError, parse


def check_grant(grant: Grant, show: str, newest_epoch: int) -> None:
    """Raise `GrantMismatchError` unless this grant lets its holder publish this show now."""
    if grant.role != "publish" or grant.show != show:
        raise GrantMismatchError("the grant does not allow publishing this show")
    if grant.stream_epoch < newest_epoch:
        raise GrantMismatchError("the stream key was rotated")


def read_offer(text: str) -> Agreed:
    """From the body of a POST to what is agreed. Raises `BrokenSdpError` or `UnusableOfferError`."""
    try:
        return agree_with_publisher(parse(text))
    except MalformedSdpError as error:
        raise BrokenSdpError(f"the offer cannot be read: {error}") from error


def look() -> HttpAnswer:
    """GET or HEAD on the endpoint or a session: success without content (RFC 9725 section 4.1)."""
    return HttpAnswer(204)
