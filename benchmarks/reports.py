"""What the benchmarks' command lines have in common: `--json`, a table for people, JSON at the end."""

import argparse
import json
from collections.abc import Collection, Mapping
from typing import Any


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return the parser of `python -m benchmarks.NAME`, which knows `--json` already."""
    made = argparse.ArgumentParser(prog=f"benchmarks.{name}", description=description)
    made.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return made


def tell(report: Mapping[str, Any], *, as_json: bool, not_in_table: Collection[str] = ()) -> None:
    """Print a figure a line, and all of them as the last line when `as_json`."""
    shown = {name: value for name, value in report.items() if name not in not_in_table}
    width = max(map(len, shown), default=0) + 2
    for name, value in shown.items():
        print(f"{name:{width}}{value:12,.3f}" if isinstance(value, float) else f"{name:{width}}{value}")
    if as_json:
        print(json.dumps(report))
