"""A poll as staff write it, made fit to be shown. Pure."""

from collections.abc import Sequence

from realtime.errors import BadPoll, CommentEmpty, CommentTooLong
from realtime.talking.comments import clean_comment

QUESTION_CHARS, CHOICE_CHARS = 140, 60


def clean_poll(question: str, choices: Sequence[str]) -> tuple[str, list[str]]:
    """Return a poll's question and choices as they will be shown. Raises `BadPoll`."""
    asked = _clean("The question", question, QUESTION_CHARS)
    offered = [_clean(f"Choice {at}", choice, CHOICE_CHARS) for at, choice in enumerate(choices, 1)]
    if len({choice.casefold() for choice in offered}) < len(offered):
        raise BadPoll("Two choices are the same.")
    return asked, offered


def _clean(what: str, text: str, limit_chars: int) -> str:
    try:
        return clean_comment(text, limit_chars)
    except CommentEmpty as error:
        raise BadPoll(f"{what} is empty.") from error
    except CommentTooLong as error:
        raise BadPoll(f"{what} has at most {limit_chars} characters.", limit_chars=limit_chars) from error
