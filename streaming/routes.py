"""The public doors of a media process, for OpenAPI. `streaming.whip_http` serves them."""

from streaming import errors as e
from streaming.exchange import FRAGMENT, MAX_FRAGMENT_BYTES, MAX_OFFER_BYTES
from streaming.routing import Route, handed_on

GRANT_ERRORS = (e.GrantMissingError, e.GrantInvalidError, e.GrantExpiredError, e.GrantMismatchError)
OFFER_ERRORS = (
    *GRANT_ERRORS, e.NotSdpError, e.BrokenSdpError, e.UnusableOfferError, e.BodyTooLargeError,
    e.ShowEndedError, e.OwnedElsewhereError, e.OwnerUnknownError, e.OverloadedError,
)  # fmt: skip
PATCH_ERRORS = (
    e.NoSuchSessionError, e.NotSdpError, e.BrokenSdpError, e.BodyTooLargeError, e.TagMissingError,
    e.TagStaleError,
)  # fmt: skip


def _door(
    name: str,
    does: str,
    own_errors: tuple[type[e.StreamingError], ...],
    query: tuple[tuple[str, str], ...] = (),
) -> tuple[Route, ...]:
    endpoint, session = f"/{name}/{{show}}", f"/{name}/{{show}}/{{session}}"
    return (
        Route(
            "POST", endpoint, handed_on, request=bytes, answer=bytes, status=201,
            errors=(*OFFER_ERRORS, *own_errors), summary=f"{does}: an SDP offer for an answer",
            max_body_bytes=MAX_OFFER_BYTES, query=query,
        ),
        Route(
            "PATCH", session, handed_on, request=bytes, answer=bytes, errors=PATCH_ERRORS,
            summary="Trickle ICE (204) or restart it (200)", max_body_bytes=MAX_FRAGMENT_BYTES,
            content_type=FRAGMENT,
        ),
        Route("DELETE", session, handed_on, errors=(e.NoSuchSessionError,), summary=f"Stop: {does.lower()}"),
    )  # fmt: skip


ROUTES: tuple[Route, ...] = (
    *_door(
        "whip",
        "Publish a show",
        (e.AlreadyPublishedError, e.TakeoverTooSoonError),
        (("takeover", "1: take the place of who publishes now"),),
    ),
    *_door(
        "whep",
        "Watch a show",
        (e.NotPublishedError, e.ShowFullError, e.AddressFullError, e.HandshakesFullError),
    ),
)
