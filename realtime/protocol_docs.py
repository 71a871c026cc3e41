"""Writes `docs/protocol.md` from the same types the server speaks.

python -m realtime.protocol_docs > docs/protocol.md
"""

import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from realtime.errors import RoomError
from realtime.log.facts import FACTS, STAFF_FACTS
from realtime.messages import ANY_ERRORS, MESSAGES, SUBPROTOCOL, Message
from realtime.shapes import (
    Answer,
    Comment,
    Limits,
    OrderFact,
    Poll,
    Position,
    Question,
    ReserveLine,
    RoomState,
    ShownPicture,
    Snapshot,
    Stock,
    UnbanRequest,
    Whep,
    You,
)
from realtime.sockets.close_codes import EXPLANATIONS

_SHAPES: tuple[type[msgspec.Struct], ...] = (
    Position,
    Comment,
    Question,
    Answer,
    Poll,
    UnbanRequest,
    ShownPicture,
    You,
    Snapshot,
    RoomState,
    Stock,
    OrderFact,
    ReserveLine,
    Whep,
    Limits,
)
_INTRO = f"""# The room's protocol

<!-- Written by `python -m realtime.protocol_docs`; a test compares it with the types. -->

Connect to `/ws/shows/{{show}}` with subprotocol `{SUBPROTOCOL}`. Frames are JSON texts of at most 8 KiB from
the client. The first frame is `hello`, within 10 s. Every client message but `pong` has an `id` and is
answered once, by `ok` or `error` with `re` (`hello` by `hello`). Writes carry a `key`; sending one again
with the same key is harmless. Clients ignore what they do not know.

**Coming back.** Keep the newest `position` you were given and send it in the next hello: you get exactly the
facts you missed (`missed`), or a fresh `snapshot`, never a part. Apply a tick's facts in order, then its
talk, then its state. When the log began anew, a `snapshot` frame replaces the room. A position that does not
fit only earns its sender a snapshot.

**Time.** All times are milliseconds since 1970 by the shop's clock; measure your offset to it from
`shop_time_ms` and `server_time_ms`.

**Who watches.** `viewers` counts people, not sockets: somebody with three tabs is one, a tab in the
background counts as long as its socket lives, and who works in the shop is not counted. Processes tell who
came and went, and the sum goes to all as soon as it changes, so every front shows the same number within a
tick or two, and somebody with tabs on two processes is one. When more than 250 come or go at once the rest is
told over the next ticks. The number is never less than the people on your own front. A process that died
counts nobody after 10 s.

**Silence.** `ping` comes when nothing was heard or said for `heartbeat_ms`; answer with `pong` within 6 s,
or the socket is closed (4002). Reconnect when you heard nothing for 2.5 heartbeats, after a random wait whose
bound doubles from 0.5 s to 16 s.
"""


_CODES = """## Error codes

The room's own; the others a message lists are the shop's, with the same meaning as over HTTP
(`/api/openapi.json`). `temporary` errors may pass when the same message is sent again.
"""


def document() -> str:
    """Return the whole page."""
    parts: list[str] = [_INTRO, "## From the client\n"]
    parts += [_row(row) for row in MESSAGES if row.sender == "client"]
    parts.append("## From the server\n")
    parts += [_row(row) for row in MESSAGES if row.sender == "server"]
    parts.append(
        "## Facts\n\nKinds of a tick's `facts`; each has `at_ms` and `seq`, its offset in the log.\n"
    )
    for fact in FACTS:
        staff = " Moderators and the host only." if fact in STAFF_FACTS else ""
        parts.append(f"### `{fact.__struct_config__.tag}`\n\n{_doc(fact)}{staff}\n\n{_fields(fact)}")
    parts.append(
        "## Objects\n\nProduct, Sale, Reservation, Order and Show are those of `/api/openapi.json`.\n"
    )
    parts += [f"### {shape.__name__}\n\n{_doc(shape)}\n\n{_fields(shape)}" for shape in _SHAPES]
    parts.append(f"{_CODES}\n| code | temporary | meaning |\n|---|---|---|")
    parts[-1] += "".join(f"\n{row}" for row in sorted(set(_code_rows(RoomError)))) + "\n"
    parts.append("## Close codes\n\n4000 to 4499: come back after a random wait. 4500 to 4999: do not.\n")
    parts.append("| code | name | meaning |\n|---|---|---|")
    parts[-1] += "".join(
        f"\n| {int(code)} | {code.name.lower()} | {text} |" for code, text in EXPLANATIONS.items()
    )
    return "\n".join(parts).rstrip() + "\n"


def _code_rows(error: type[RoomError]) -> Iterator[str]:
    """Give a table row for each refusal of the tree below `error`; those without a code of their own pass."""
    for under in error.__subclasses__():
        if under.__module__ == RoomError.__module__:
            temporary = "yes" if under.temporary else "no"
            yield f"| `{under.code}` | {temporary} | {_doc_line(under)} |"
        yield from _code_rows(under)


def _row(row: Message) -> str:
    lines = [f"### `{row.name}`\n", _doc(row.struct) + "\n"]
    if row.role != "viewer":
        lines.append(f"Least role: {row.role}.\n")
    lines.append(_fields(row.struct))
    if row.answer is not None and row.name != "hello":
        lines.append(f"Beside `ok`:\n\n{_fields(row.answer)}")
    if row.sender == "client" and row.name not in {"hello", "pong"}:
        codes = ", ".join(f"`{code}`" for code in (*row.errors, *ANY_ERRORS))
        lines.append(f"Errors: {codes}.\n")
    if row.example is not None:
        lines.append(f"```json\n{json.dumps(row.example, ensure_ascii=False)}\n```\n")
    return "\n".join(lines)


def _doc_line(error: type[RoomError]) -> str:
    return inspect.cleandoc(error.__doc__ or "").splitlines()[0]


def _doc(struct: type[msgspec.Struct]) -> str:
    return inspect.cleandoc(struct.__doc__ or "")


def _fields(struct: type[msgspec.Struct]) -> str:
    rows = list(_field_rows(struct))
    if not rows:
        return ""
    return "| field | value |\n|---|---|\n" + "\n".join(rows) + "\n"


def _field_rows(struct: type[msgspec.Struct]) -> Iterator[str]:
    _, components = msgspec.json.schema_components([struct], ref_template="{name}")
    schema = components[struct.__name__]
    for name, value in schema.get("properties", {}).items():
        if name in {"type", "kind"} and "enum" in value:
            continue
        optional = "" if name in schema.get("required", ()) else ", may be absent"
        yield f"| `{name}` | {_words(value)}{optional} |"


def _words(value: dict[str, Any]) -> str:
    """Say a JSON Schema in a few words."""
    if "$ref" in value:
        return str(value["$ref"])
    if "anyOf" in value:
        return " or ".join(_words(each) for each in value["anyOf"])
    if "enum" in value:
        return " or ".join(f'"{each}"' for each in value["enum"])
    kind = value.get("type", "any")
    if kind == "array":
        return f"list of {_words(value.get('items', {}))}"
    if kind == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"object of {_words(value['additionalProperties'])}"
    return str(kind) + _bounds(value)


def _bounds(value: dict[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None:
        return f" {low} to {high}"
    least, most = value.get("minLength"), value.get("maxLength")
    if most is not None:
        return f" of {least or 0} to {most} characters"
    return ""


if __name__ == "__main__":
    sys.stdout.write(document())
