"""What is written about the protocol is what the server speaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from realtime import metrics
from realtime.asyncapi import asyncapi
from realtime.errors import RoomError
from realtime.metrics import DESCRIPTIONS
from realtime.protocol_docs import document
from realtime.routes import ROUTES
from realtime.routing import Route
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import EXPLANATIONS, CloseCode


def test_the_protocol_page_is_current() -> None:
    """`python -m realtime.protocol_docs > docs/protocol.md` writes it."""
    assert Path("docs/protocol.md").read_text("utf-8") == document()


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_asyncapi_refers_only_to_what_it_holds() -> None:
    """Every reference resolves, every example is valid."""
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asyncapi()))
    for reference in _references(whole):
        target: Any = whole
        for part in reference.removeprefix("#/").split("/"):
            assert part in target, reference
            target = target[part]
    for message in whole["components"]["messages"].values():
        for example in message.get("examples", ()):
            schema = {**whole["components"]["schemas"][message["payload"]["$ref"].rsplit("/", 1)[1]]}
            schema["components"] = whole["components"]
            jsonschema.validate(example["payload"], schema)


def test_every_close_code_is_explained_and_says_whether_to_come_back() -> None:
    """4000 to 4499 come back."""
    assert set(EXPLANATIONS) == set(CloseCode)
    assert {code for code in CloseCode if code.come_back} == {code for code in CloseCode if code < 4500}


def test_the_pages_say_how_long_silence_may_last() -> None:
    """A close code, the protocol and the guide for clients name the times that are set."""
    settings = RoomSettings()
    missed_s = settings.heartbeat_missed_ms / 1000
    assert f"for {missed_s:g} seconds" in EXPLANATIONS[CloseCode.HEARTBEAT_MISSED]
    answer_s = missed_s - settings.heartbeat_ms / 1000
    for page in ("docs/protocol.md", "docs/clients.md"):
        text = " ".join(Path(page).read_text("utf-8").split())
        assert f"with `pong` within {answer_s:g} s" in text, page


def test_every_metric_is_described() -> None:
    """By its constant's value."""
    values = {value for name, value in vars(metrics).items() if name.isupper() and isinstance(value, str)}
    assert values == set(DESCRIPTIONS)


def test_moderation_routes_are_for_moderators_of_the_show() -> None:
    """Staff roles are checked against {show}, and every error has a status and a code."""
    for route in ROUTES:
        assert isinstance(route, Route)
        assert (route.method, route.role) in {("POST", "moderator"), ("POST", "person")}
        assert "{show}" in route.path
        for error in route.errors:
            assert issubclass(error, RoomError)
            assert 400 <= error.status < 600
            assert error.code
