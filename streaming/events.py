"""What the rest of the shop hears of a show's media, in the stream `{show:ID}:media`.

Each entry has the fields `kind`, `show`, `at_ms`, `process` and `number` (growing per owner), all strings.
"""

from collections.abc import Mapping

import msgspec


class MediaEvent(msgspec.Struct, frozen=True):
    """Base: when it happened (the server's clock) and which media process says so."""

    show: str
    at_ms: int
    process: str
    number: int


class HostLive(MediaEvent, frozen=True, tag="host_live", tag_field="kind"):
    """The first packet of the first publisher."""


class HostAway(MediaEvent, frozen=True, tag="host_away", tag_field="kind"):
    """Two seconds without a packet."""


class HostBack(MediaEvent, frozen=True, tag="host_back", tag_field="kind"):
    """Packets again after `HostAway`."""


class MediaMoved(MediaEvent, frozen=True, tag="media_moved", tag_field="kind"):
    """Another media process took the show over; players post their offers again."""


class Ended(MediaEvent, frozen=True, tag="ended", tag_field="kind"):
    """The show is over; its sessions are closed."""


AnyMediaEvent = HostLive | HostAway | HostBack | MediaMoved | Ended


def stream_key(show: str) -> str:
    """Return the Redis stream of a show's media events; its wake-up channel is this plus `:wake`."""
    return f"{{show:{show}}}:media"


def to_fields(event: AnyMediaEvent) -> dict[str, str]:
    """Return the stream entry's fields."""
    return {name: str(value) for name, value in msgspec.to_builtins(event).items()}


def parse(fields: Mapping[str, str] | Mapping[bytes, bytes]) -> AnyMediaEvent:
    """Read a stream entry. Raises `ValueError` (`msgspec.ValidationError`) for anything else."""
    text = {_text(name): _text(value) for name, value in fields.items()}
    event: AnyMediaEvent = msgspec.convert(text, AnyMediaEvent, strict=False)
    return event


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
