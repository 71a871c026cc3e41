"""Every door of the API, asked by schemathesis with whatever its document allows, and with what it does not.

The document is the running server's own. What comes back must be in it: the status, the content type, the
shape of the body; and nothing may be a fault of the server (5xx).
"""

import asyncio
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from liveshop.web.assembly_http import full_path
from liveshop.web.calls import RouteLike
from tests.liveshop.running_server import running
from tests.liveshop.web.test_documents import TABLES
from tests.story.market import PASSWORD, Api, Market, new_key, open_market

pytestmark = pytest.mark.timeout(300)

EXAMPLES = 8
schemathesis.serializer.alias(
    ["application/sdp", "application/trickle-ice-sdpfrag"], "application/octet-stream"
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
AN_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}


@dataclass
class Ground:
    """A server with a shop in it, and its document. `tokens` are kept while they live."""

    market: Market
    schema: schemathesis.BaseSchema
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, caller: str) -> str | None:
        """Return a living access token of a guest or the shop's host, None of nobody."""
        if caller == "nobody":
            return None
        if not self._lives(self.tokens.get(caller)):
            self.tokens[caller] = asyncio.run(self._signed_in(caller))
        return self.tokens[caller]

    def _lives(self, token: str | None) -> bool:
        """Whether nobody signed out with it: some doors end the session they are asked with."""
        headers = {"authorization": f"Bearer {token}"}
        return httpx.get(f"{self.market.address}/api/v1/me", headers=headers, timeout=20).is_success

    async def _signed_in(self, caller: str) -> str:
        host = {"email": self.market.host.email, "password": PASSWORD}
        async with Api(self.market.address) as api:
            return (await api.enter("/session", host if caller == "host" else {"guest_name": "Gus"})).token


def with_known_ids(document: dict[str, Any], market: Market) -> dict[str, Any]:
    """Return the document with ids that exist among those that path parameters may have."""
    known = {"shop": market.shop, "show": market.show, "product": market.product, "variant": market.variant}
    told = copy.deepcopy(document)
    for operations in told["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    one = known.get(parameter["name"])
                    parameter["schema"] = {"anyOf": [{"enum": [one]}, AN_ID]} if one else AN_ID
    return told


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A fresh server with one shop, one show, one product."""
    data: Path = tmp_path_factory.mktemp("whole-api")
    with running(data, LIVESHOP_PAYMENTS="sandbox", LIVESHOP_LOG_LEVEL="warning") as server:
        document = httpx.get(f"{server.address}/api/openapi.json", timeout=20).json()
        market = asyncio.run(open_market(server.address))
        yield Ground(market, schemathesis.openapi.from_dict(with_known_ids(document, market)))


def as_id(value: object) -> str:
    """Return a path parameter without what would lead to another path."""
    return re.sub(r"[^A-Za-z0-9_-]", "x", str(value))[:40] or "x"


def callers(route: RouteLike) -> tuple[str, ...]:
    """Who asks at a door: one who may, and one who may not."""
    return {"anyone": ("guest",), "person": ("nobody", "guest")}.get(route.role, ("guest", "host"))


@pytest.mark.parametrize(
    ("route", "caller"),
    [
        pytest.param(route, caller, id=f"{route.method} {route.path} {caller}")
        for route in TABLES
        for caller in callers(route)
    ],
)
def test_every_door_answers_only_what_its_document_says(
    route: RouteLike, caller: str, ground: Ground
) -> None:
    """Whoever asks, and with whatever: no 5xx, no undocumented status, type or shape."""
    token, answers = ground.token(caller), []
    headers = {"idempotency-key": new_key()} | ({} if token is None else {"authorization": f"Bearer {token}"})
    operation = ground.schema[full_path(route.path)][route.method]

    def ask(case: schemathesis.Case[Any]) -> None:
        case.path_parameters = {name: as_id(value) for name, value in (case.path_parameters or {}).items()}
        answer = case.call(base_url=ground.market.address, headers=headers, timeout=20)
        answers.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    can_be_wrong = bool(route.query) or route.request not in {None, bytes}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)[: 1 + can_be_wrong]:
        strategy = operation.as_strategy(generation_mode=mode)
        settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(strategy)(ask))()
    assert answers
