"""Where a comparison runs: a network namespace of its own with a veth pair, removed afterwards.

Janus passes the loopback interface over. Without root, or without Janus, everything runs on 127.0.0.1.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

ADDRESS = "10.213.7.1"
INTERFACE = "d0"
INSIDE = "LIVESHOP_BENCHMARK_NAMESPACE"


def is_inside() -> bool:
    """Whether this process is in the namespace already."""
    return INSIDE in os.environ


@contextlib.contextmanager
def namespace() -> Iterator[str]:
    """Make a namespace with `ADDRESS` on a veth pair; gives its name."""
    name = f"liveshop-bench-{os.getpid()}"
    _run("ip", "netns", "add", name)
    try:
        inside = ["ip", "-n", name]
        _run(*inside, "link", "add", INTERFACE, "type", "veth", "peer", "name", "d1")
        for device in ("lo", INTERFACE, "d1"):
            _run(*inside, "link", "set", device, "up")
        _run(*inside, "address", "add", f"{ADDRESS}/24", "dev", INTERFACE)
        yield name
    finally:
        _run("ip", "netns", "delete", name)


def run_again_inside(module: str, arguments: list[str]) -> int:
    """Run this benchmark once more, inside a namespace; returns its exit code."""
    with namespace() as name:
        command = ["ip", "netns", "exec", name, sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env={**os.environ, INSIDE: name}, check=False).returncode


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
