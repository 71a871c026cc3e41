"""The documents a running front serves, made of the real tables."""

import inspect
import re

import jsonschema
import msgspec
import pytest

from commerce.routes import ROUTES as COMMERCE_ROUTES
from commerce.webhooks.events import KINDS
from liveshop.web.assembly_http import full_path, version
from liveshop.web.calls import RouteLike
from liveshop.web.openapi import document
from liveshop.web.show_figures import ROUTES as FIGURES_ROUTES
from realtime.routes import ROUTES as ROOM_ROUTES
from streaming.routes import ROUTES as MEDIA_ROUTES

TABLES: tuple[RouteLike, ...] = (*COMMERCE_ROUTES, *ROOM_ROUTES, *FIGURES_ROUTES, *MEDIA_ROUTES)


def test_every_route_is_in_the_document_once() -> None:
    """No row hides another, and ids are unique."""
    made = document(TABLES, version(), full_path)
    operations = [operation for path in made["paths"].values() for operation in path.values()]
    assert len(operations) == len(TABLES)
    assert len({operation["operationId"] for operation in operations}) == len(TABLES)


@pytest.mark.parametrize("route", TABLES, ids=lambda route: f"{route.method} {route.path}")
def test_what_a_handler_reads_of_the_query_is_declared(route: RouteLike) -> None:
    """And what is declared is in the document, after the path's parameters."""
    read = re.findall(r'(?:query\.get|_count)\((?:call, )?"(\w+)"', inspect.getsource(route.handler))
    declared = [name for name, _ in route.query]
    assert route in MEDIA_ROUTES or read == declared
    [operation] = document([route], version(), full_path)["paths"][full_path(route.path)].values()
    parameters = operation.get("parameters", [])
    assert [one["name"] for one in parameters if one["in"] == "query"] == declared


def test_every_schema_is_one() -> None:
    """Each component is a valid JSON Schema of the dialect OpenAPI 3.1 uses."""
    made = document(TABLES, version(), full_path)
    assert made["components"]["schemas"], "there must be some"
    for schema in made["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("route", TABLES, ids=lambda route: f"{route.method} {route.path}")
def test_every_reference_leads_somewhere(route: RouteLike) -> None:
    """What an operation refers to is in the same document."""
    made = document([route], version(), full_path)
    text = msgspec.json.encode(made).decode()
    wanted = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert wanted <= set(made["components"]["schemas"])


def test_every_kind_of_webhook_is_in_the_document() -> None:
    """With its headers, and a body whose `data` is the schema of its Struct."""
    made = document(TABLES, version(), full_path, hooks=KINDS)
    assert list(made["webhooks"]) == [kind.event.value for kind in KINDS]
    paid = made["webhooks"]["order.paid"]["post"]
    body = paid["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert body["type"] == {"const": "order.paid"}
    assert body["data"] == {"$ref": "#/components/schemas/OrderData"}
    assert "total_minor" in made["components"]["schemas"]["OrderData"]["properties"]
    assert [one["name"] for one in paid["parameters"]] == [
        "webhook-id", "webhook-timestamp", "webhook-signature",
    ]  # fmt: skip
    ids = [one["post"]["operationId"] for one in made["webhooks"].values()]
    assert len(set(ids)) == len(ids)
