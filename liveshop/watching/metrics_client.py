"""Gathering the figures of all processes of this machine into one answer for Prometheus.

Every process answers `/metrics` on its own Unix socket; here they are asked at once, and each figure gets the
label `process`, because one scrape of the shared port would otherwise see another front each time.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence

from liveshop.serving.inside_client import InsideClient, Unreachable

LIMIT_S = 2.0
_SAMPLE = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*)(\{(.*)\})? (.+)$")


async def gathered_metrics(addresses: Sequence[tuple[str, str]]) -> str:
    """Ask every (process name, address) for its figures; one that does not answer is left out and said so."""
    texts = await asyncio.gather(*(_text(address) for _name, address in addresses))
    named = [(name, text) for (name, _address), text in zip(addresses, texts, strict=True)]
    up = [f'liveshop_up{{process="{name}"}} {int(text is not None)}' for name, text in named]
    answered = [(name, text) for name, text in named if text is not None]
    return "\n".join([*merged(answered), "# TYPE liveshop_up gauge", *up, ""])


async def _text(address: str) -> str | None:
    try:
        async with InsideClient(address, LIMIT_S) as client:
            answer = await client.request("GET", "/metrics")
    except Unreachable:
        return None
    return answer.body.decode() if answer.status == 200 else None


def merged(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Merge exposition texts: samples of one family together, HELP and TYPE once, a `process` label each."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for process, text in texts:
        family = ""
        for text_line in text.splitlines():
            if text_line.startswith("# "):
                family = text_line.split(" ", 3)[2]
                head = heads.setdefault(family, [])
                if text_line not in head:
                    head.append(text_line)
            elif match := _SAMPLE.match(text_line):
                name, _braces, labels, value = match.groups()
                inner = ",".join(part for part in (labels, f'process="{process}"') if part)
                samples.setdefault(family, []).append(f"{name}{{{inner}}} {value}")
    return [text_line for family in heads for text_line in (*heads[family], *samples.get(family, []))]
