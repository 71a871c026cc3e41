"""The table in docs/interoperability.md: which client was run against this server, and which only recorded.

A test that shows a client to work carries `@row(side, client, what)` and, when it passes, gives the versions
that it met. With WRITE_INTEROPERABILITY=1 in the environment a run writes what passed into the document.
Without it the document is only compared with the tests that there are: neither has a row the other lacks.
"""

import importlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.streaming.interop.offers import RECORDED

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "interoperability.md"
MARK = "interoperable"
HEADINGS = {"publisher": "## Publishers, run", "viewer": "## Viewers, run", "offer": "## Offers, recorded"}
LINE = re.compile(r"^\| (?P<client>[^|]+) \| (?P<what>[^|]+) \| (?P<version>[^|]+) \|$", re.MULTILINE)
INTRODUCTION = """\
# Interoperability

Which clients this server was tried with. The tables are written by the tests in `tests/streaming/interop`
(`WRITE_INTEROPERABILITY=1 .venv/bin/python -m pytest tests/streaming/interop`), and a test fails when a row
has no test or a test no row.

*Run* means: the client itself, at the version named, against a media process on the loopback. A publisher
counts when a viewer (aiortc, or Chromium for Chromium with our library) decodes its moving picture and a
sound that is no silence. A viewer counts when it decodes the picture of a live show and sound packets come;
libdatachannel, which has no decoder, when FFmpeg decodes what it put together. That a client leaves in its
own way, and its DELETE is answered with the 2xx it expects, is asserted of all but @eyevinn/webrtc-player
(no request of it may be refused), our own library in Chromium and FFmpeg's muxer. *Recorded* means: the
tests do not run that client; an offer that somebody published in the place named, or that we wrote down
when we ran it by hand, was described and put to the server's answerer, whose answer keeps the rules. What
is recorded proves the answer, not the media.
"""
NOT_RUN = """\
## Not run

- Safari, on macOS and iOS, and Chrome on Android: they do not run on Linux; their offers are recorded above.
- OBS, by the tests: it needs a display and a graphics driver. They run its WebRTC library with the offer, the
  requests and the status codes of OBS.

## Run by hand

OBS 32.2.2 (Debian's, its WebRTC plugin built from the tag 32.2.2 with libdatachannel 0.24.5) on a virtual
screen, in November 2026, with the studio's two lines and *Simulcast* in its settings; a viewer in Chromium
156.

- H264 (x264) in one layer and in three, AV1 in one (AOM) and in three (SVT-AV1 as below): seen. DELETE is
  answered 200.
- Three layers, a viewer's line narrowed to 0.9 Mb/s: the smallest layer after 2.0 s, the whole picture 4.1 s
  after the end of the limit, lips then as far apart as for a viewer on a free line.
- SVT-AV1 as OBS sets it up: Chromium decodes the key frames only (16 of 458 frames), also where OBS sends to
  Chromium with no server between. Choose AOM AV1, or give the encoder the FFmpeg option
  `svtav1-params=pred-struct=1:rc=2`.
- H265 is refused: the server finds no key frames in it.
"""


@dataclass(frozen=True, order=True)
class Row:
    """A line of one of the tables of what was run."""

    side: str
    client: str
    what: str


def row(side: str, client: str, what: str) -> pytest.MarkDecorator:
    """Mark a test, or a parameter of one, as the proof of a row."""
    assert side in ("publisher", "viewer")
    return getattr(pytest.mark, MARK)(Row(side, client, what))  # type: ignore[no-any-return] # any name is a mark


def declared() -> set[Row]:
    """Find the rows that tests of this folder prove."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
    marks = [mark for module in modules for item in vars(module).values() for mark in _marks(item)]
    return {mark.args[0] for mark in marks if mark.name == MARK}


def _marks(item: object) -> Iterator[pytest.Mark]:
    for mark in getattr(item, "pytestmark", []) if callable(item) else []:
        yield mark
        if mark.name == "parametrize":
            for parameters in mark.args[1]:
                yield from getattr(parameters, "marks", ())


def documented() -> dict[Row, str]:
    """Read the rows of what was run, with their versions, from the document."""
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    rows: dict[Row, str] = {}
    for side in ("publisher", "viewer"):
        for found in LINE.finditer(_section(text, HEADINGS[side])):
            if found["client"] != "Client" and not found["client"].startswith("---"):
                rows[Row(side, found["client"], found["what"])] = found["version"]
    return rows


def documented_offers() -> list[str]:
    """Read the clients of the table of recorded offers."""
    found = LINE.findall(_section(DOCUMENT.read_text(), HEADINGS["offer"]))
    return [client for client, _, _ in found if client != "Client" and not client.startswith("---")]


def _section(text: str, heading: str) -> str:
    _, _, rest = text.partition(f"{heading}\n")
    return rest.partition("\n## ")[0]


def write(passed: dict[Row, str]) -> None:
    """Write the document: what passed now, and earlier rows that still have a test."""
    rows = {old: version for old, version in documented().items() if old in declared()} | passed
    parts = [INTRODUCTION]
    for side in ("publisher", "viewer"):
        lines = sorted((r.client, r.what, version) for r, version in rows.items() if r.side == side)
        parts.append(_table(HEADINGS[side], ("Client", "What", "Version"), lines))
    offers = [(one.client, one.kind, one.source) for one in RECORDED]
    parts.append(_table(HEADINGS["offer"], ("Client", "Offer", "Source"), offers))
    parts.append(NOT_RUN)
    DOCUMENT.write_text("\n".join(parts))


def _table(heading: str, columns: tuple[str, str, str], lines: Iterable[tuple[str, str, str]]) -> str:
    rows = [columns, ("---", "---", "---"), *lines]
    return "\n".join([heading, "", *(f"| {a} | {b} | {c} |" for a, b, c in rows), ""])


def package_version(name: str) -> str:
    """Return the version of a package in node_modules."""
    version = json.loads((ROOT / "node_modules" / name / "package.json").read_text())["version"]
    return f"{name} {version}"
