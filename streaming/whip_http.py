"""The HTTP doors of a media process: WHIP, WHEP and the internal endpoints, as a Starlette app.

It is mounted on a Unix socket (or a private address between machines) behind the fronts, which check
keys and tokens and hand requests on with a signed grant in `Liveshop-Grant`. Session URLs need no grant:
their secret is the right.
"""

import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from streaming import whep, whip
from streaming.counters import Counters
from streaming.errors import (
    BodyTooLargeError,
    BrokenSdpError,
    GrantMismatchError,
    GrantMissingError,
    NoSuchSessionError,
    NotSdpError,
    StreamingError,
)
from streaming.exchange import (
    CORS,
    FRAGMENT,
    MAX_FRAGMENT_BYTES,
    SDP,
    HttpAnswer,
    created,
    endpoint_options,
    require_content_type,
    session_options,
)
from streaming.grants import HEADER, Grant, verify
from streaming.readings import Readings
from streaming.relay import Relay
from streaming.sdp import MalformedSdpError
from streaming.sdpfrag import parse_fragment
from streaming.settings import MediaSettings
from streaming.trunk.terms import Subscription

Handler = Callable[[Request], Awaitable[HttpAnswer]]
MAX_INTERNAL_BYTES = 4096
DEFAULT_PAGE = 50


class Revocation(msgspec.Struct, forbid_unknown_fields=True):
    """Whose sessions to close: all that fit every field given; at least one of person and show is."""

    person: str | None = None
    show: str | None = None
    role: str | None = None


class MediaDoors:
    """Request handlers; each returns an `HttpAnswer` or raises a `StreamingError`."""

    def __init__(self, relay: Relay, settings: MediaSettings) -> None:
        self._relay = relay
        self._settings = settings
        self._readings = Readings(relay, settings.index, time.monotonic)

    async def whip_endpoint(self, request: Request) -> HttpAnswer:
        """`/whip/{show}`."""
        if request.method == "OPTIONS":
            return self._endpoint_options(request)
        if request.method in ("GET", "HEAD"):
            return whip.look()
        grant = self._grant(request)
        whip.check_grant(grant, request.path_params["show"], 0)
        require_content_type(request.headers.get("content-type"), SDP)
        offer = await _text(request, self._settings.limits.offer_bytes)
        takeover = grant.takeover or request.query_params.get("takeover") == "1"
        session, answer = await self._relay.publish(offer, grant, takeover=takeover)
        return created(self._location("whip", session.show, session.secret), session.tag, answer,
                       self._links(grant))  # fmt: skip

    async def whep_endpoint(self, request: Request) -> HttpAnswer:
        """`/whep/{show}`."""
        if request.method == "OPTIONS":
            return self._endpoint_options(request)
        if request.method in ("GET", "HEAD"):
            return whep.look(head=request.method == "HEAD")
        grant = self._grant(request)
        whep.check_grant(grant, request.path_params["show"])
        require_content_type(request.headers.get("content-type"), SDP)
        offer = await _text(request, self._settings.limits.offer_bytes)
        session, answer = await self._relay.watch(offer, grant)
        return created(self._location("whep", session.show, session.secret), session.tag, answer,
                       self._links(grant))  # fmt: skip

    def _endpoint_options(self, request: Request) -> HttpAnswer:
        """Name the ICE servers to those who may come in, and never in a preflight."""
        wanted = request.headers.get("access-control-request-headers", "")
        if HEADER not in request.headers or "access-control-request-method" in request.headers:
            return endpoint_options(wanted)
        grant = self._grant(request)
        if grant.show != request.path_params["show"]:
            raise GrantMismatchError("the grant is for another show")
        return endpoint_options(wanted, self._links(grant))

    def _links(self, grant: Grant) -> tuple[str, ...]:
        return self._settings.ice.links(grant.person or grant.role, time.time())

    def _location(self, door: str, show: str, secret: str) -> str:
        return f"/{door}/{show}/{self._settings.index}.{secret}"

    async def whip_session(self, request: Request) -> HttpAnswer:
        """`/whip/{show}/{process}.{secret}`."""
        return await self._session(request, "publish")

    async def whep_session(self, request: Request) -> HttpAnswer:
        """`/whep/{show}/{process}.{secret}`."""
        return await self._session(request, "watch")

    async def _session(self, request: Request, role: str) -> HttpAnswer:
        if request.method == "OPTIONS":
            return session_options(request.headers.get("access-control-request-headers", ""))
        process, _, secret = request.path_params["session"].partition(".")
        if process != str(self._settings.index):
            raise NoSuchSessionError("this session belongs to another media process")
        show = request.path_params["show"]
        if request.method == "DELETE" and self._relay.sessions.has_left(role, show, secret):
            return HttpAnswer(200)
        session = self._relay.sessions.find(role, show, secret)
        if request.method == "DELETE":
            session.connection.close("deleted")
            return HttpAnswer(200)
        if request.method != "PATCH":
            return whip.look()
        require_content_type(request.headers.get("content-type"), FRAGMENT)
        body = await _text(request, MAX_FRAGMENT_BYTES)
        try:
            fragment = parse_fragment(body)
        except MalformedSdpError as error:
            raise BrokenSdpError(f"the fragment cannot be read: {error}") from error
        # Eyevinn's client names the tag in ETag instead of If-Match.
        if_match = request.headers.get("if-match") or request.headers.get("etag")
        restarted = self._relay.sessions.patch(session, fragment, if_match)
        if restarted is None:
            return HttpAnswer(204)
        return HttpAnswer(200, {"Content-Type": FRAGMENT, "ETag": f'"{session.tag}"'}, restarted)

    async def trunk(self, request: Request) -> HttpAnswer:
        """`POST /internal/shows/{show}/trunks`: another media process asks for a copy."""
        grant = self._grant(request)
        if grant.role != "relay" or grant.show != request.path_params["show"]:
            raise GrantMismatchError("the grant does not allow copying this show")
        try:
            wanted = msgspec.json.decode(await _text(request, MAX_INTERNAL_BYTES), type=Subscription)
        except msgspec.MsgspecError as error:
            raise BrokenSdpError(f"the subscription cannot be read: {error}") from error
        accepted = await self._relay.give_copy(grant, wanted)
        return HttpAnswer(201, {"Content-Type": "application/json"}, msgspec.json.encode(accepted).decode())

    async def end_show(self, request: Request) -> HttpAnswer:
        """`POST /internal/shows/{show}/end`."""
        self._require_inside(request)
        await self._relay.end_show(request.path_params["show"])
        return HttpAnswer(204)

    async def figures(self, request: Request) -> HttpAnswer:
        """`GET /internal/shows/{show}/figures?offset=&limit=`; 204 where this process does not carry it."""
        self._require_inside(request)
        offset, limit = (_count(request, *one) for one in (("offset", 0), ("limit", DEFAULT_PAGE)))
        figures = await self._readings.of(request.path_params["show"], offset, limit)
        if figures is None:
            return HttpAnswer(204)
        return HttpAnswer(200, {"Content-Type": "application/json"}, msgspec.json.encode(figures).decode())

    async def revoke(self, request: Request) -> HttpAnswer:
        """`POST /internal/revoke` with `{person?, show?, role?}`."""
        self._require_inside(request)
        try:
            wanted = msgspec.json.decode(await _text(request, MAX_INTERNAL_BYTES), type=Revocation)
        except msgspec.MsgspecError as error:
            raise BrokenSdpError(f"the revocation cannot be read: {error}") from error
        if wanted.person is None and wanted.show is None:
            raise BrokenSdpError("a revocation names a person or a show")
        closed = self._relay.sessions.revoke(person=wanted.person, show=wanted.show, role=wanted.role)
        return HttpAnswer(200, {"Content-Type": "application/json"}, f'{{"closed":{closed}}}')

    async def metrics(self, request: Request) -> HttpAnswer:
        """`GET /metrics`, Prometheus text."""
        del request
        text = self._relay.counters.render(self._relay.gauges())
        return HttpAnswer(200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}, text)

    async def health(self, request: Request) -> HttpAnswer:
        """`GET /healthz`."""
        del request
        return HttpAnswer(200, {"Content-Type": "text/plain"}, "ok\n")

    def _require_inside(self, request: Request) -> None:
        if self._grant(request).role != "inside":
            raise GrantMismatchError("the grant does not allow this")

    def _grant(self, request: Request) -> Grant:
        token = request.headers.get(HEADER)
        if not token:
            raise GrantMissingError("the request carries no grant")
        return verify(token, self._settings.grant_key, int(time.time() * 1000))


def _count(request: Request, name: str, default: int) -> int:
    """Read a whole number of the query; what is none counts as not given: the front has checked it."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


async def _text(request: Request, limit_bytes: int) -> str:
    """Read a body of at most `limit_bytes`; more is refused before it is read to the end."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise BodyTooLargeError(
                f"the body is over {limit_bytes} bytes", facts={"limit_bytes": limit_bytes}
            )
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BrokenSdpError("the body is not UTF-8") from error


def _served(
    handler: Handler, counters: Counters, *, cross_origin: bool
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            answer = await handler(request)
        except StreamingError as error:
            counters.totals[f"refused_{error.code}"] += 1
            answer = _problem(error)
        except ClientDisconnect:
            answer = HttpAnswer(400)
        headers = answer.headers | CORS if cross_origin else answer.headers
        response = Response(answer.body or None, answer.status, headers)
        for link in answer.links:
            response.headers.append("Link", link)
        return response

    return serve


def _problem(error: StreamingError) -> HttpAnswer:
    headers = {"Content-Type": "application/problem+json"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotSdpError):
        headers["Accept-Post"] = SDP
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    title = error.code.replace("_", " ")
    document = {"type": "about:blank", "title": title, "status": error.status, "code": error.code,
                "detail": str(error), **error.facts}  # fmt: skip
    return HttpAnswer(error.status, headers, msgspec.json.encode(document).decode())


def media_asgi(relay: Relay, settings: MediaSettings) -> Starlette:
    """Return the ASGI app of a media process."""
    doors = MediaDoors(relay, settings)

    def public(path: str, handler: Handler, methods: list[str]) -> Route:
        return Route(path, _served(handler, relay.counters, cross_origin=True), methods=methods)

    def internal(path: str, handler: Handler, methods: list[str]) -> Route:
        return Route(path, _served(handler, relay.counters, cross_origin=False), methods=methods)

    endpoint = ["OPTIONS", "GET", "HEAD", "POST"]
    session = ["OPTIONS", "GET", "HEAD", "PATCH", "DELETE"]
    return Starlette(
        routes=[
            public("/whip/{show}", doors.whip_endpoint, endpoint),
            public("/whep/{show}", doors.whep_endpoint, endpoint),
            public("/whip/{show}/{session}", doors.whip_session, session),
            public("/whep/{show}/{session}", doors.whep_session, session),
            internal("/internal/shows/{show}/trunks", doors.trunk, ["POST"]),
            internal("/internal/shows/{show}/end", doors.end_show, ["POST"]),
            internal("/internal/shows/{show}/figures", doors.figures, ["GET"]),
            internal("/internal/revoke", doors.revoke, ["POST"]),
            internal("/metrics", doors.metrics, ["GET"]),
            internal("/healthz", doors.health, ["GET"]),
        ]
    )
