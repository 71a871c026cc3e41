"""Calls into ports: a refusal keeps its code, anything else becomes `unavailable` and is counted."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

from realtime import metrics as names
from realtime.errors import RoomError, Unavailable
from realtime.ports import Metrics

log = logging.getLogger(__name__)
WITHIN_S = 10.0
TEMPORARY = frozenset({"all_held", "busy", "queued", "too_many_operations", "sale_not_open"})
"""Refusals of the shop that may turn into a yes when the same message is sent again."""
Answer = TypeVar("Answer")


class Refused(RoomError):  # noqa: N818 - see errors.py
    """The shop's own refusal, carried on with its code, status, facts and sentence."""

    def __init__(self, error: BaseException) -> None:
        # The shop's errors share no base class with ours (import law); they are read by their fields.
        given: Any = error
        after_s = getattr(given, "retry_after_s", None)
        super().__init__(str(error), retry_after_ms=None if after_s is None else int(after_s * 1000))
        self.facts = dict(getattr(given, "facts", {}))
        self.code = str(given.code)  # type: ignore[misc]  # per instance: many codes pass through one class
        self.status = int(given.status)  # type: ignore[misc]  # likewise
        self.temporary = self.code in TEMPORARY  # type: ignore[misc]  # likewise


async def ask(metrics: Metrics, question: Awaitable[Answer], within_s: float | None = WITHIN_S) -> Answer:
    """Wait for a port's answer. Raises `RoomError`: the shop's refusal, or `Unavailable`.

    `within_s` None is for ports that say themselves when they give up; a timer costs more than a message.
    """
    try:
        if within_s is None:
            return await question
        async with asyncio.timeout(within_s):
            return await question
    except RoomError:
        raise
    except Exception as error:  # ports may fail in any way; the socket must live on
        if _is_refusal(error):
            raise Refused(error) from error
        metrics.count(names.PORT_ERRORS)
        log.exception("a port failed")
        raise Unavailable("The shop does not answer; try again.") from error


def _is_refusal(error: Exception) -> bool:
    """Whether the shop says no; a code alone is no sign, SQLAlchemy's errors have one."""
    return isinstance(getattr(error, "code", None), str) and isinstance(getattr(error, "status", None), int)
