"""One target under atheris: `python -m tests.streaming.fuzz.coverage_guided.one_target NAME CORPUS`."""

import importlib
import sys
from typing import Any


def main() -> None:
    """Import `streaming/` with its branches counted, and fuzz until libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")  # only `make fuzz` installs it
    with atheris.instrument_imports(include=["streaming"]):
        from tests.streaming.fuzz.targets import TARGETS
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
