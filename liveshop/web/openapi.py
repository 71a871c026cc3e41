"""OpenAPI 3.1 written from the route tables: what is declared is what is served.

Source of the format: https://spec.openapis.org/oas/v3.1.0. Schemas come from msgspec's own
`schema_components`, so the document and the decoder cannot disagree.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

from liveshop.web.calls import RouteLike
from liveshop.web.problems import UNAVAILABLE

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The access token of POST /session."}
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; made for programs."},
        "detail": {"type": "string", "description": "A sentence made of facts."},
    },
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
# What the door itself may answer, whatever the handler does.
DOOR_CODES: dict[int, tuple[str, ...]] = {
    400: ("bad_request",),
    413: ("body_too_large",),
    415: ("wrong_content_type",),
}


class HookLike(Protocol):
    """One kind of outgoing webhook, as a package's table declares it."""

    @property
    def event(self) -> str: ...  # noqa: D102 - the names are the documentation of a row
    @property
    def data(self) -> Any: ...  # noqa: D102
    @property
    def summary(self) -> str: ...  # noqa: D102


HOOK_HEADERS = {
    "webhook-id": "The event's id, the same for all tries.",
    "webhook-timestamp": "When this try was signed, seconds since 1970.",
    "webhook-signature": "`v1,` and the base64 of an HMAC-SHA256; several, with spaces between.",
}


def structs_of(routes: Iterable[RouteLike]) -> list[Any]:
    """Return every request and answer type of the tables once, in order of appearance."""
    seen: dict[Any, None] = {}
    for route in routes:
        for kind in (route.request, route.answer):
            if kind is not None and kind is not bytes:
                seen.setdefault(kind, None)
    return list(seen)


MoreAnswers = Mapping[tuple[str, str], Mapping[int, Sequence[str]]]
"""By method and path of a table: statuses with their codes that somebody before the handler answers."""


def document(
    routes: Sequence[RouteLike],
    version: str,
    full_path: Callable[[str], str] = str,
    more_answers: MoreAnswers = MappingProxyType({}),
    hooks: Sequence[HookLike] = (),
) -> dict[str, Any]:
    """Return the whole OpenAPI document for `routes` and what is sent out by itself (`hooks`).

    `full_path` says where a table's path is served.
    """
    kinds = list(dict.fromkeys([*structs_of(routes), *(hook.data for hook in hooks)]))
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        more = more_answers.get((route.method, route.path), {})
        paths.setdefault(full_path(route.path), {})[route.method.lower()] = _operation(route, schema_of, more)
    return {
        "openapi": "3.1.0",
        "info": {"title": "liveshop", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "webhooks": {str(hook.event): {"post": _hook(hook, schema_of[hook.data])} for hook in hooks},
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": SECURITY,
        },
    }


def operation_id(route: RouteLike) -> str:
    """Return a stable id: the method and the path's words."""
    words = re.sub(r"[^a-z0-9]+", "_", route.path.lower()).strip("_")
    return f"{route.method.lower()}_{words}"


def _hook(hook: HookLike, data: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    body = {
        "type": "object",
        "required": ["type", "timestamp", "shop", "data"],
        "properties": {
            "type": {"const": str(hook.event)},
            "timestamp": {"type": "string", "format": "date-time"},
            "shop": text,
            "data": data,
        },
    }
    return {
        "operationId": "webhook_" + str(hook.event).replace(".", "_"),
        "summary": hook.summary,
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": meaning, "schema": text}
            for name, meaning in HOOK_HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "2XX": {"description": "Taken. Anything else is tried again."},
            "410": {"description": "Nothing more is wanted: the webhook is switched off."},
        },
    }


def _operation(
    route: RouteLike, schema_of: dict[Any, Any], more: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "x-role": route.role,
        "responses": _responses(route, schema_of, more),
    }
    parameters = _parameters(route)
    if parameters:
        operation["parameters"] = parameters
    if route.request is bytes:
        operation["requestBody"] = {
            "required": True,
            "content": {route.content_type: BINARY},
        }
    elif route.request is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[route.request]}},
        }
    if route.role != "anyone":
        operation["security"] = [{"bearer": []}]
    return operation


def _parameters(route: RouteLike) -> list[dict[str, Any]]:
    text = {"schema": {"type": "string"}}
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    return [
        *({"name": name, "in": "path", "required": True, **text} for name in names),
        *({"name": name, "in": "query", "description": meaning, **text} for name, meaning in route.query),
    ]


def _responses(
    route: RouteLike, schema_of: dict[Any, Any], more: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    status = route.status if route.answer is not None or route.status != 200 else 204
    good: dict[str, Any] = {"description": "Done."}
    if route.answer is bytes:
        good["content"] = {route.content_type: BINARY}
    elif route.answer is not None:
        good["content"] = {"application/json": {"schema": schema_of[route.answer]}}
    responses: dict[str, Any] = {str(status): good}
    problems = _problem_codes(route)
    for other, codes in more.items():
        if codes:
            problems.setdefault(other, set()).update(codes)
        else:
            responses[str(other)] = {"description": "Done; there is nothing to tell."}
    for problem_status, names in sorted(problems.items()):
        responses[str(problem_status)] = {
            "description": " | ".join(sorted(names)),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def _problem_codes(route: RouteLike) -> dict[int, set[str]]:
    codes: dict[int, set[str]] = {}
    for error in route.errors:
        codes.setdefault(int(vars_of(error, "status")), set()).add(str(vars_of(error, "code")))
    if route.request is not None:
        for status, names in DOOR_CODES.items():
            codes.setdefault(status, set()).update(names)
    codes.setdefault(503, set()).add(UNAVAILABLE)
    if route.role != "anyone":
        codes.setdefault(401, set()).add("not_signed_in")
    if route.role not in {"anyone", "person"}:
        codes.setdefault(403, set()).update({"account_needed", "not_allowed"})
    return codes


def vars_of(error: type[Exception], name: str) -> Any:
    """Return a class attribute every declared error has; a missing one is a fault of the table."""
    return getattr(error, name)
