"""What commerce needs from outside, as small protocols that the composition root fills."""

from collections.abc import Callable
from typing import Protocol

Clock = Callable[[], int]
"""Answers the present time, milliseconds since 1970."""

NewId = Callable[[str], str]
"""`new_id("sh")` answers a fresh id such as `sh_2k7q…`."""


class Mailer(Protocol):
    """Sends one message; raises when it could not be handed over, and is then called again later."""

    async def send(self, to: str, subject: str, text: str, html: str | None = None) -> None:
        """Hand one mail over."""


class PictureSource(Protocol):
    """Fetches pictures from addresses that strangers wrote into a file."""

    async def fetch(self, url: str) -> bytes:
        """Answer what is there; raises a CommerceError with the reason when it cannot or must not be had."""


class Blobs(Protocol):
    """Keeps bytes under a name; names are made of content hashes, so a name never changes its bytes."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` as `name`; putting it again is harmless."""

    async def get(self, name: str) -> bytes | None:
        """Answer the bytes, or None when there are none of that name."""

    async def delete(self, name: str) -> None:
        """Forget the bytes; harmless when there are none."""
