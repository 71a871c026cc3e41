"""Mounts the route tables: decodes bodies, checks roles, turns errors into problem documents."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as StarletteRoute

from commerce.database_sql import DatabaseAway
from liveshop.web.calls import RouteLike, StaffRoles, WebCall, check_role
from liveshop.web.problems import Problem, plain, problem_of

log = logging.getLogger(__name__)

Identify = Callable[[str], Awaitable[Any]]


class ReplyLike(Protocol):
    """What a handler returns when more than a body matters."""

    body: Any
    status: int | None
    headers: tuple[tuple[str, str], ...]
    content_type: str | None


class BodyTooLarge(Exception):  # noqa: N818 - named for what happened
    """The body has more bytes than the route allows."""


class Door:
    """Everything a mounted route needs: who people are, which staff they are, what time it is."""

    def __init__(self, identify: Identify, staff: StaffRoles, now_ms: Callable[[], int]) -> None:
        self._identify = identify
        self._staff = staff
        self._now_ms = now_ms

    def mount(self, route: RouteLike, services: Any, path: str) -> StarletteRoute:
        """Return the Starlette route that serves one row of a table at `path`."""

        async def endpoint(request: Request) -> Response:
            return await self._serve(route, services, request)

        return StarletteRoute(path, endpoint, methods=[route.method])

    async def _serve(self, route: RouteLike, services: Any, request: Request) -> Response:
        try:
            identity = await self._identity(request)
            await check_role(route.role, identity, request.path_params, self._staff)
            body = await _body(route, request)
            call = _call(request, identity, body, self._now_ms())
            return _response(route, await route.handler(services, call))
        except BodyTooLarge:
            return problem_response(
                plain(413, "body_too_large", f"The body may have {route.max_body_bytes} bytes at most.")
            )
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            return problem_response(plain(400, "bad_request", str(error)))
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            problem = problem_of(error)
            if isinstance(error, DatabaseAway):
                log.warning("%s %s: the database does not answer: %s", route.method, route.path, error)
            if problem is None:
                log.exception("%s %s failed", route.method, route.path)
                problem = plain(500, "internal", "The server failed; the fault is in its log.")
            return problem_response(problem)

    async def _identity(self, request: Request) -> Any:
        header = request.headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        return await self._identify(token.strip())


def problem_response(problem: Problem) -> Response:
    """Return the problem as application/problem+json."""
    return Response(
        msgspec.json.encode(problem.document()),
        status_code=problem.status,
        headers=problem.headers(),
        media_type="application/problem+json",
    )


async def limited_body(request: Request, limit_bytes: int) -> bytes:
    """Read the body; `BodyTooLarge` as soon as it exceeds `limit_bytes`, without reading the rest."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise BodyTooLarge
        parts.append(part)
    return b"".join(parts)


async def _body(route: RouteLike, request: Request) -> Any:
    if route.request is None:
        return None
    raw = await limited_body(request, route.max_body_bytes)
    if route.request is bytes:
        return raw
    return msgspec.json.decode(raw or b"{}", type=route.request)


def _call(request: Request, identity: Any, body: Any, now_ms: int) -> WebCall:
    url = request.url
    return WebCall(
        identity=identity,
        path=request.path_params,
        query=request.query_params,
        headers=request.headers,
        cookies=request.cookies,
        body=body,
        client_address=request.client.host if request.client else "",
        now_ms=now_ms,
        operation_key=request.headers.get("idempotency-key"),
        scheme=url.scheme,
        base_url=f"{url.scheme}://{url.netloc}",
    )


def _response(route: RouteLike, result: Any) -> Response:
    if hasattr(result, "content_type") and hasattr(result, "body"):
        return _reply(route, result)
    if result is None:
        return Response(status_code=204 if route.status == 200 else route.status)
    return Response(encode(result), status_code=route.status, media_type="application/json", headers=NO_STORE)


NO_STORE: Mapping[str, str] = {"cache-control": "no-store"}


def _reply(route: RouteLike, reply: ReplyLike) -> Response:
    content: bytes | None
    if isinstance(reply.body, AsyncIterator):
        kind = reply.content_type or "application/octet-stream"
        headers = {**NO_STORE, **dict(reply.headers)}
        return StreamingResponse(reply.body, reply.status or route.status, headers, kind)
    if reply.body is None:
        content = None
    elif isinstance(reply.body, bytes):
        content = reply.body
    else:
        content = encode(reply.body)
    status = reply.status or (route.status if content is not None else 204)
    response = Response(content, status_code=status, media_type=reply.content_type or "application/json")
    response.headers["cache-control"] = "no-store"
    for name, value in reply.headers:
        if name.lower() == "set-cookie":
            response.headers.append(name, value)
        else:
            response.headers[name] = value
    if content is None:
        del response.headers["content-type"]
    return response


def encode(value: Any) -> bytes:
    """Encode a Struct or plain JSON data."""
    return msgspec.json.encode(value)


def json_endpoint(document: Callable[[], Mapping[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that serves a document built once, at its first request, in a thread."""
    cache: list[bytes] = []

    def build() -> bytes:
        return json.dumps(document(), indent=1, ensure_ascii=False).encode()

    async def endpoint(_request: Request) -> Response:
        if not cache:
            cache.append(await asyncio.to_thread(build))
        return Response(cache[0], media_type="application/json")

    return endpoint
