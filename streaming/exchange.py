"""What WHIP and WHEP share over HTTP: headers, content types, entity tags. Pure rules, no framework."""

from dataclasses import dataclass, field
from enum import Enum

from streaming.errors import NotSdpError, TagMissingError, TagStaleError
from streaming.sdpfrag import Fragment

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_OFFER_BYTES = 128 * 1024
MAX_FRAGMENT_BYTES = 16 * 1024
CORS = {
    "Access-Control-Allow-Origin": "*",
    # Eyevinn's client reads Allow-Methods from OPTIONS to learn whether it may trickle, so it is exposed.
    "Access-Control-Expose-Headers": (
        "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, Access-Control-Allow-Methods"
    ),
}


@dataclass(slots=True)
class HttpAnswer:
    """Status, headers and body of an answer. Each of `links` becomes a `Link` header of its own."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    links: tuple[str, ...] = ()


class PatchMeaning(Enum):
    """What a PATCH on a session asks for."""

    TRICKLE = "trickle"
    RESTART = "restart"


def require_content_type(header: str | None, wanted: str) -> None:
    """Raise `NotSdpError` unless the media type (parameters aside) is `wanted`."""
    media_type = (header or "").split(";")[0].strip().lower()
    if media_type != wanted:
        raise NotSdpError(
            f"the body must be {wanted}, not {media_type or 'untyped'}", facts={"expected": wanted}
        )


def judge_patch(fragment: Fragment, *, if_match: str | None, tag: str, known_ufrag: str) -> PatchMeaning:
    """Decide what a PATCH means (RFC 9725 section 4.3.1).

    `known_ufrag` is the peer's present fragment. New credentials under `If-Match: *` are a restart; the
    same ones under `*` are trickle (MediaMTX's player sends that); a fragment that is neither, under the
    present tag, is late trickle of an earlier generation and is passed over. Raises `TagMissingError` or
    `TagStaleError`.
    """
    if if_match is None:
        raise TagMissingError("a PATCH needs If-Match with the session's entity tag")
    renewed = bool(fragment.ufrag and fragment.pwd and fragment.ufrag != known_ufrag)
    tags = {entry.strip() for entry in if_match.split(",")}
    if "*" in tags:
        return PatchMeaning.RESTART if renewed else PatchMeaning.TRICKLE
    if f'"{tag}"' not in tags:
        raise TagStaleError("the entity tag is not the session's present one")
    return PatchMeaning.TRICKLE


def created(location: str, tag: str, answer: str, links: tuple[str, ...]) -> HttpAnswer:
    """201 to a POST."""
    headers = {"Content-Type": SDP, "Location": location, "ETag": f'"{tag}"', "Accept-Patch": FRAGMENT}
    return HttpAnswer(201, headers, answer, links)


def endpoint_options(allowed_headers: str, links: tuple[str, ...] = ()) -> HttpAnswer:
    """OPTIONS on an endpoint: 204 without a grant, so that preflight works."""
    headers = _allowed("OPTIONS, GET, HEAD, POST", allowed_headers) | {"Accept-Post": SDP}
    return HttpAnswer(204, headers, links=links)


def session_options(allowed_headers: str) -> HttpAnswer:
    """OPTIONS on a session URL."""
    methods = "OPTIONS, GET, HEAD, PATCH, DELETE"
    return HttpAnswer(204, _allowed(methods, allowed_headers) | {"Accept-Patch": FRAGMENT})


def _allowed(methods: str, headers: str) -> dict[str, str]:
    return {
        "Allow": methods,
        # Browsers ask with one preflight for the whole exchange, so both lists name every method used.
        "Access-Control-Allow-Methods": "OPTIONS, GET, HEAD, POST, PATCH, DELETE",
        "Access-Control-Allow-Headers": headers
        or "Authorization, Content-Type, If-Match, ETag, Cache-Control",
        "Access-Control-Max-Age": "86400",
    }
