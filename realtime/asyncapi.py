"""The vocabulary as AsyncAPI 3 (asyncapi.com/docs/reference/specification/v3.0.0), from the table."""

from typing import Any

import msgspec

from realtime.messages import ANY_ERRORS, MESSAGES, SUBPROTOCOL, Message
from realtime.sockets.close_codes import EXPLANATIONS

Json = dict[str, Any]
_REF = "#/components/schemas/{name}"


def asyncapi(version: str = "1", server: str = "localhost:8000") -> Json:
    """Return the document for `/api/asyncapi.json`; `server` is host and port."""
    schemas = _schemas()
    messages = {_key(row): _message(row) for row in MESSAGES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "liveshop room",
            "version": version,
            "description": "One show's room over a websocket: JSON text frames.",
        },
        "defaultContentType": "application/json",
        "servers": {"room": {"host": server, "protocol": "ws"}},
        "channels": {
            "room": {
                "address": "/ws/shows/{show}",
                "parameters": {"show": {"description": "The show's id, such as sh_..."}},
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
                "bindings": {"ws": {"method": "GET"}},
                "x-subprotocol": SUBPROTOCOL,
                "x-close-codes": {str(int(code)): text for code, text in EXPLANATIONS.items()},
            }
        },
        "operations": {_key(row): _operation(row) for row in MESSAGES},
        "components": {"messages": messages, "schemas": schemas},
    }


def _schemas() -> Json:
    structs = [row.struct for row in MESSAGES]
    structs += [row.answer for row in MESSAGES if row.answer is not None]
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    return dict(components)


def _key(row: Message) -> str:
    return f"{row.sender}.{row.name}"


def _message(row: Message) -> Json:
    message: Json = {
        "name": row.name,
        "summary": (row.struct.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": _REF.format(name=row.struct.__name__)},
    }
    if row.sender == "client":
        message["correlationId"] = {"location": "$message.payload#/id"}
        message["x-least-role"] = row.role
        message["x-errors"] = [*row.errors, *ANY_ERRORS]
    if row.example is not None:
        message["examples"] = [{"payload": row.example}]
    return message


def _operation(row: Message) -> Json:
    key = _key(row)
    operation: Json = {
        "action": "receive" if row.sender == "client" else "send",
        "channel": {"$ref": "#/channels/room"},
        "messages": [{"$ref": f"#/channels/room/messages/{key}"}],
    }
    if row.sender == "client" and row.name != "pong":
        answer = "server.hello" if row.name == "hello" else "server.ok"
        operation["reply"] = {
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": f"#/channels/room/messages/{name}"} for name in (answer, "server.error")],
        }
        if row.answer is not None:
            operation["x-result"] = {"$ref": _REF.format(name=row.answer.__name__)}
    return operation
