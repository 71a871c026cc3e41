"""Errors of the streaming package.

    StreamingError
    ├── GrantMissingError 401, GrantInvalidError 401, GrantExpiredError 401, GrantMismatchError 403
    ├── NotSdpError 415, BrokenSdpError 400, UnusableOfferError 422, BodyTooLargeError 413
    ├── NotPublishedError 409, ShowEndedError 409, AlreadyPublishedError 409, TakeoverTooSoonError 409
    ├── NoSuchSessionError 404, TagMissingError 428, TagStaleError 412
    ├── OwnedElsewhereError 421
    ├── AddressFullError 429, TooManyOffersError 429
    └── OverloadedError 503, ShowFullError 503, HandshakesFullError 503, TrunksFullError 503,
        OwnerUnknownError 503

Each class has the HTTP status and a stable code; `str(error)` is a sentence made of facts.
"""

from collections.abc import Mapping


class StreamingError(Exception):
    """Base of all refusals. `facts` go into the problem document; `retry_after_s` into Retry-After."""

    status = 500
    code = "streaming_failed"
    retry_after_s: int | None = None

    def __init__(
        self, sentence: str, *, facts: Mapping[str, object] | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.facts: dict[str, object] = dict(facts or {})
        if retry_after_s is not None:
            self.retry_after_s = retry_after_s


class GrantMissingError(StreamingError):
    """The front sent no grant."""

    status = 401
    code = "grant_missing"


class GrantInvalidError(StreamingError):
    """The grant is not one this installation signed."""

    status = 401
    code = "grant_invalid"


class GrantExpiredError(StreamingError):
    """The grant was valid once."""

    status = 401
    code = "grant_expired"


class GrantMismatchError(StreamingError):
    """The grant is for another show, another role or a key that was rotated."""

    status = 403
    code = "grant_mismatch"


class NotSdpError(StreamingError):
    """The Content-Type is not the one the request needs."""

    status = 415
    code = "not_sdp"


class BrokenSdpError(StreamingError):
    """The body cannot be read."""

    status = 400
    code = "broken_sdp"


class UnusableOfferError(StreamingError):
    """A readable offer that cannot be answered: direction, codecs, bundling, roles."""

    status = 422
    code = "unusable_offer"


class BodyTooLargeError(StreamingError):
    """More bytes than any real offer has."""

    status = 413
    code = "body_too_large"


class NotPublishedError(StreamingError):
    """Nobody has published this show yet."""

    status = 409
    code = "not_published"
    retry_after_s = 2


class ShowEndedError(StreamingError):
    """The show is over."""

    status = 409
    code = "show_ended"
    retry_after_s = 30


class AlreadyPublishedError(StreamingError):
    """Another publisher's media flows."""

    status = 409
    code = "already_published"
    retry_after_s = 2


class TakeoverTooSoonError(StreamingError):
    """The show was taken over moments ago; two publishers must not push each other out for ever."""

    status = 409
    code = "takeover_too_soon"
    retry_after_s = 10


class NoSuchSessionError(StreamingError):
    """The session ended, was taken over or never was."""

    status = 404
    code = "no_such_session"


class TagMissingError(StreamingError):
    """A PATCH needs If-Match."""

    status = 428
    code = "tag_missing"


class TagStaleError(StreamingError):
    """The If-Match tag is not the session's present one."""

    status = 412
    code = "tag_stale"


class OwnedElsewhereError(StreamingError):
    """Another living media process owns the show; `facts["owner"]` names it."""

    status = 421
    code = "owned_elsewhere"


class OwnerUnknownError(StreamingError):
    """Redis is away and this process has never carried the show."""

    status = 503
    code = "owner_unknown"
    retry_after_s = 1


class OverloadedError(StreamingError):
    """The process carries as many sessions as it may."""

    status = 503
    code = "overloaded"
    retry_after_s = 5


class ShowFullError(StreamingError):
    """The process carries as many viewers of this show as it may."""

    status = 503
    code = "show_full"
    retry_after_s = 10


class AddressFullError(StreamingError):
    """One client address has as many sessions as it may."""

    status = 429
    code = "address_full"
    retry_after_s = 10


class TooManyOffersError(StreamingError):
    """One person has sent as many offers as they may within a minute."""

    status = 429
    code = "too_many_offers"
    retry_after_s = 60


class HandshakesFullError(StreamingError):
    """As many handshakes are under way as may be; they take a second or two."""

    status = 503
    code = "handshakes_full"
    retry_after_s = 1


class TrunksFullError(StreamingError):
    """The show is copied to as many other media processes as may be."""

    status = 503
    code = "trunks_full"
    retry_after_s = 10
