"""A network namespace of a benchmark's own, removed afterwards; needs root and iproute2.

On one machine the kernel does a receiver's work in the call of whoever sends: up to 10 us a packet that in a
real network another machine does. So in a namespace whatever arrives is worked on by the last core (receive
packet steering, Documentation/networking/scaling.rst), where viewers and sources run; `--receive-here`
leaves it to the sender. A veth pair is there for Janus, which passes the loopback interface over.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator

from benchmarks.cores import bind

ADDRESS = "10.213.7.1"
INTERFACE = "d0"
INSIDE = "LIVESHOP_BENCHMARK_NAMESPACE"
RECEIVE_HERE = "--receive-here"
HERE, ELSEWHERE = "received in the sender's call", "received on another core"


def is_inside() -> bool:
    """Whether this process is in the namespace already."""
    return INSIDE in os.environ


def is_possible() -> bool:
    """Whether this process may make one."""
    return os.getuid() == 0 and shutil.which("ip") is not None


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let people choose where the receivers' work is done."""
    parser.add_argument(RECEIVE_HERE, action="store_true", help="let senders do the receivers' kernel work")


def how_received() -> str:
    """Return `HERE` or `ELSEWHERE`, for the report."""
    return HERE if not is_inside() or RECEIVE_HERE in sys.argv else ELSEWHERE


def keep_from_receivers(pid: int) -> None:
    """Keep a server's threads off the core that receives; where senders receive, all stay anywhere."""
    others = os.sched_getaffinity(0) - {max(os.sched_getaffinity(0))}
    if how_received() == ELSEWHERE and others:
        bind(pid, others)


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
        if RECEIVE_HERE not in sys.argv:
            _steer(name, ("lo", INTERFACE, "d1"))
        yield name
    finally:
        _run("ip", "netns", "delete", name)


def run_again_inside(module: str, arguments: list[str]) -> int:
    """Run this benchmark once more, inside a namespace; returns its exit code."""
    with namespace() as name:
        command = ["ip", "netns", "exec", name, sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env={**os.environ, INSIDE: name}, check=False).returncode


def _steer(name: str, devices: Iterable[str]) -> None:
    """Have the last core work on what arrives. `ip netns exec` shows the namespace's own /sys."""
    mask = f"{1 << max(os.sched_getaffinity(0)):x}"
    for device in devices:
        path = f"/sys/class/net/{device}/queues/rx-0/rps_cpus"
        _run("ip", "netns", "exec", name, "sh", "-c", f"echo {mask} > {path}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
