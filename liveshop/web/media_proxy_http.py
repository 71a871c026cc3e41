"""The public WHIP and WHEP doors: who may publish or watch is decided here, the rest by media.

A `POST` is judged (stream key, watch token, show), then handed to the media process that owns the
show, with a short-lived signed grant. A session URL names its process, so any front routes any verb.
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveshop.serving.inside_client import InsideAnswer, Unreachable
from liveshop.web.api_http import BodyTooLarge, limited_body, problem_response
from liveshop.web.media_client import MediaClient
from liveshop.web.problems import plain, problem_of
from liveshop.web.spreading import Spreading

SDP_LIMIT_BYTES = 131_072
SESSION = re.compile(r"^(\d{1,4})\.[A-Za-z0-9_-]{8,128}$")
PASSED_DOWN = ("content-type", "if-match", "etag", "origin", "access-control-request-method")
PASSED_DOWN_TOO = ("access-control-request-headers", "accept", "user-agent")
NOT_PASSED_UP = {
    "transfer-encoding", "connection", "content-length", "date", "server", "content-encoding", "link"
}  # fmt: skip
RETRY_SOON_S = "1"
SPREAD_SESSIONS = 250
MISDIRECTED = 421
FAILED = 500


@dataclass(frozen=True, slots=True)
class MediaProcess:
    """A living media process: index, where its HTTP is ("unix:/path" or "http://..."), how many sessions."""

    index: int
    address: str
    sessions: int = 0


class MediaDirectory(Protocol):
    """Which media processes live, and which one owns a show."""

    async def living(self) -> list[MediaProcess]:
        """Return the living processes, lowest index first."""

    def look_again(self) -> None:
        """Remember no list of living processes: one that is wanted is not on it."""

    async def owner(self, show: str) -> int | None:
        """Return the index of the show's owner; None when nobody owns it."""


# (show, bearer token, client address, takeover asked) -> signed grant; raises a coded error.
GrantFor = Callable[[str, str | None, str, bool], Awaitable[str]]


class Asked(NamedTuple):
    """A request as it is handed on; its path is quoted."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class MediaDoors:
    """The endpoints under /whip and /whep."""

    def __init__(
        self,
        directory: MediaDirectory,
        client: MediaClient,
        publish: GrantFor,
        watch: GrantFor,
        sdp_limit_bytes: int = SDP_LIMIT_BYTES,
        spread_sessions: int = SPREAD_SESSIONS,
    ) -> None:
        self._spreading = Spreading(spread_sessions)
        self._sdp_limit_bytes = sdp_limit_bytes
        self._directory = directory
        self._client = client
        self._grants = {"whip": publish, "whep": watch}

    def routes(self) -> list[Route]:
        """Return the routes of both doors."""
        verbs = ["GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE"]
        endpoints = [Route(f"/{door}/{{show}}", self._bound(door), methods=verbs) for door in self._grants]
        sessions = [
            Route(f"/{door}/{{show}}/{{session}}", self._session, methods=verbs) for door in self._grants
        ]
        return endpoints + sessions

    def _bound(self, door: str) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._endpoint(door, request)

        return endpoint

    async def _endpoint(self, door: str, request: Request) -> Response:
        headers: dict[str, str] = {}
        show = request.path_params["show"]
        if request.method == "POST" or _asks_for_servers(request):
            try:
                headers["liveshop-grant"] = await self._grants[door](
                    show, bearer(request), _address(request), request.query_params.get("takeover") == "1"
                )
            except TimeoutError:  # the database does not say who may watch
                if request.method == "POST":
                    return _unavailable()
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                if request.method == "POST":
                    return with_cors(problem_response(problem))
        publishes = door == "whip" and request.method == "POST"
        process, is_owner = await self._process_for(show, publishes=publishes)
        if process is None:
            return _unavailable()
        if is_owner and door == "whep" and request.method == "POST":
            living = await self._directory.living()
            chosen = self._spreading.choose(process, living, time.monotonic())
            return await self._pass_on(chosen, request, headers, otherwise=process)
        if request.method == "POST":
            self._spreading.sent(process.index, time.monotonic())
        return await self._pass_on(process, request, headers)

    async def _session(self, request: Request) -> Response:
        match = SESSION.match(request.path_params["session"])
        living = await self._directory.living()
        process = next((p for p in living if match and p.index == int(match[1])), None)
        if process is None:
            return with_cors(problem_response(plain(404, "no_such_session", "There is no such session.")))
        return await self._pass_on(process, request, {})

    async def _process_for(self, show: str, *, publishes: bool) -> tuple[MediaProcess | None, bool]:
        """Return the owner of a show and True, else a living process and False: for a host the least loaded.

        Two who come at once may be sent to two processes; the lease is given to one, and the other names it.
        """
        owner = await self._directory.owner(show)
        living = await self._directory.living()
        if not living or (owner is not None and owner not in {process.index for process in living}):
            self._directory.look_again()
            living = await self._directory.living()
        found = next((process for process in living if process.index == owner), None)
        if found is not None or not living:
            return found, found is not None
        return (self._spreading.least(living, time.monotonic()) if publishes else living[0]), False

    async def _pass_on(
        self,
        process: MediaProcess,
        request: Request,
        more: dict[str, str],
        *,
        otherwise: MediaProcess | None = None,
    ) -> Response:
        """Hand a request on; to `otherwise` too when another one fails."""
        try:
            body = await limited_body(request, self._sdp_limit_bytes)
        except BodyTooLarge:
            return with_cors(
                problem_response(plain(413, "body_too_large", f"{self._sdp_limit_bytes} bytes at most."))
            )
        headers = {k: request.headers[k] for k in PASSED_DOWN + PASSED_DOWN_TOO if k in request.headers}
        asked = Asked(request.method, quote(request.scope["path"]), {**headers, **more}, body)
        try:
            answer = await self._ask_either(process, otherwise or process, asked)
        except Unreachable:
            return _unavailable()
        # The owner is dead and its lease has not run out: nothing is wrong with the request.
        return _unavailable() if answer.status == MISDIRECTED else _handed_up(answer)

    async def _ask_either(self, process: MediaProcess, otherwise: MediaProcess, asked: Asked) -> InsideAnswer:
        if process == otherwise:
            return await self._ask(process, asked)
        try:
            answer = await self._ask(process, asked)
        except Unreachable:
            return await self._ask(otherwise, asked)
        return answer if answer.status < FAILED else await self._ask(otherwise, asked)

    async def _ask(self, process: MediaProcess, asked: Asked) -> InsideAnswer:
        """Ask one process, and once more the owner it names: a lease may have moved since it was read."""
        answer = await self._client.request(process.address, *asked)
        if answer.status != MISDIRECTED:
            return answer
        owner = await self._directory.owner(asked.path.split("/")[2])
        for other in await self._directory.living():
            if other.index == owner and other != process:
                return await self._client.request(other.address, *asked)
        return answer


def bearer(request: Request) -> str | None:
    """Return the bearer token of a request; None when there is none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _asks_for_servers(request: Request) -> bool:
    """Whether an OPTIONS may be told the ICE servers: it shows a key or token and is no preflight."""
    is_preflight = "access-control-request-method" in request.headers
    return request.method == "OPTIONS" and not is_preflight and bearer(request) is not None


def with_cors(response: Response) -> Response:
    """Let pages of other origins read a refusal; the doors are open to outside players and encoders."""
    response.headers["access-control-allow-origin"] = "*"
    response.headers["access-control-expose-headers"] = "Location, ETag, Link, Retry-After, Accept-Post"
    return response


def _handed_up(answer: InsideAnswer) -> Response:
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in NOT_PASSED_UP}
    response = Response(answer.body, status_code=answer.status, headers=headers)
    for link in answer.links:  # each on a line of its own, as it came
        response.headers.append("link", link)
    return response


def _unavailable() -> Response:
    response = problem_response(
        plain(503, "media_unavailable", "The picture is not at hand; it is back within seconds.")
    )
    response.headers["retry-after"] = RETRY_SOON_S
    return with_cors(response)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
