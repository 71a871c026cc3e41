"""Ports for servers that tests start."""

import contextlib
import socket
from random import SystemRandom

BELOW_EPHEMERAL = range(10_000, 32_000)
"""Where no outgoing connection takes its port: between being found and being used nobody grabs one."""
_CHANCE = SystemRandom()
"""Not the one that every worker sets to the same seed before each test: they would choose the same port."""


def free_port() -> int:
    """Return a loopback port that is free over UDP and TCP now."""
    while True:
        port = _CHANCE.choice(BELOW_EPHEMERAL)
        with (
            contextlib.suppress(OSError),
            socket.socket(type=socket.SOCK_DGRAM) as one,
            socket.socket() as twin,
        ):
            one.bind(("127.0.0.1", port))
            twin.bind(("127.0.0.1", port))
            return port
