"""What the demo consists of, handed from the process that made it to those that show it."""

from pathlib import Path

import msgspec

from liveshop.demo.seed import Demo

NAME = "demo.json"


def write_demo(folder: Path, demo: Demo) -> None:
    """Write it into the runtime folder, which only its owner may enter: it holds a stream key."""
    fresh = folder / f"{NAME}.new"
    fresh.write_bytes(msgspec.json.encode(demo))
    fresh.chmod(0o600)
    fresh.replace(folder / NAME)


def read_demo(folder: Path) -> Demo:
    """Read what `write_demo` wrote."""
    return msgspec.json.decode((folder / NAME).read_bytes(), type=Demo)
