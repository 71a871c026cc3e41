"""Errors as clients see them: RFC 9457 problem documents with a stable `code`."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from commerce.database_sql import DatabaseAway

UNAVAILABLE = "unavailable"
"""The code of the room for the same, and of any request: the change was made or not."""


@runtime_checkable
class CodedError(Protocol):
    """What every package's own error base class offers."""

    status: int
    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document: HTTP status, stable code, a sentence, and facts as further members."""

    status: int
    code: str
    detail: str
    facts: Mapping[str, Any]
    retry_after_s: int | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON members; `facts` never overwrite the standard ones."""
        return {
            **self.facts,
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that go with it."""
        headers = {"cache-control": "no-store"}
        if self.retry_after_s is not None:
            headers["retry-after"] = str(self.retry_after_s)
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = "Bearer"
        return headers


def problem_of(error: Exception) -> Problem | None:
    """Translate a package's error; None when it is none of ours."""
    if isinstance(error, DatabaseAway):
        return Problem(503, UNAVAILABLE, "The shop does not answer; repeat it with the same key.", {}, 1)
    if not isinstance(error, CodedError):
        return None
    retry = getattr(error, "retry_after_s", None)
    return Problem(
        status=error.status,
        code=error.code,
        detail=str(error),
        facts=dict(error.facts),
        retry_after_s=None if retry is None else max(1, round(float(retry))),
    )


def plain(status: int, code: str, detail: str, **facts: Any) -> Problem:
    """Return a problem that arises at the door itself."""
    return Problem(status, code, detail, facts)
