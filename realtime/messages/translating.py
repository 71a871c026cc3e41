"""Comments in the reader's language."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from realtime.messages.base import FromClient, Message
from realtime.shapes import Id

Language = Literal["en", "zh"]
Wanted = Annotated[list[Id], Meta(min_length=1, max_length=20)]


class Translate(FromClient, frozen=True, tag="translate"):
    """Say these comments in a language: the one of the reader's page. Changes nothing, so it needs no key.

    Possible where `limits.translate` of the hello is true.
    """

    comments: Wanted
    to: Language


class TranslateResult(Struct, frozen=True):
    """Beside `ok` of `translate`: texts by comment.

    Left out are comments that were deleted or are too old, and null is what could not be translated.
    """

    translations: dict[str, str | None]


ROWS: tuple[Message, ...] = (
    Message(
        "translate",
        "client",
        Translate,
        TranslateResult,
        ("translate_off",),
        example={"id": 19, "type": "translate", "comments": ["co_1"], "to": "zh"},
        limit="translate",
    ),
)
