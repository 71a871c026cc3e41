"""A relay's burst into a line slower than the relay: `python -m` this file, in a namespace of its own.

Two networks with a cable that carries so many Mb/s (`tc tbf`); a socket with the send buffer that Linux
gives by default; frames of four packets to 300 receivers. Prints what was sent, and the slowest frame's time.
"""

import json
import select
import socket
import subprocess
import sys
import time

import numpy as np

from streaming.transport.batch_native import NAME_BYTES, Arena, Plan, Way, build_socket_address
from tests.streaming.two_networks_process import SERVER, join, other_network, run

RECEIVERS, FRAMES, BURST, PACKET_BYTES = 300, 10, 4, 1112
DEFAULT_BUFFER_BYTES = 212_992
HELLO_LIMIT_S, HELLO_AGAIN_S = 20, 0.2
LISTENER = """
import socket, sys
listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
listener.bind((sys.argv[1], 9))
listener.sendto(b"hello", listener.recvfrom(16)[1])
sys.stdin.read()
"""


def greet(sender: socket.socket) -> None:
    """Wait until the other end is there and known to the kernel: before, packets wait elsewhere."""
    deadline_s = time.monotonic() + HELLO_LIMIT_S
    while time.monotonic() < deadline_s:
        sender.sendto(b"hello", (SERVER, 9))
        if select.select([sender], [], [], HELLO_AGAIN_S)[0]:
            return
    raise TimeoutError("nobody answered")


def measure(way: Way) -> dict[str, float]:
    """Send frames as fast as they can be handed over."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, DEFAULT_BUFFER_BYTES)
        greet(sender)
        arena = Arena(way)
        name = build_socket_address((SERVER, 9))
        names = np.zeros((RECEIVERS, NAME_BYTES), np.uint8)
        names[:, : len(name)] = np.frombuffer(name, np.uint8)
        plan = Plan(arena, BURST, names, np.full(RECEIVERS, len(name), np.uint32), [None] * RECEIVERS)
        sent, slowest_s = 0, 0.0
        for _ in range(FRAMES):
            began_s = time.monotonic()
            for part in plan.runs:
                arena.sizes[: len(part.pointers)] = PACKET_BYTES
                arena.set_segment(PACKET_BYTES)
                sent += plan.send(sender.fileno(), part.first, part.end)[0]
            slowest_s = max(slowest_s, time.monotonic() - began_s)
        waits = arena.room.waits_total
    return {"sent": sent, "of": RECEIVERS * FRAMES * BURST, "slowest_s": slowest_s, "waits": waits}


def main() -> None:
    """Make the networks, measure, and take everything down."""
    holder = other_network()
    try:
        inside = join(holder)
        rate = ["rate", sys.argv[1], "burst", "64kb", "limit", "40mb"]
        run("tc", "qdisc", "add", "dev", "d0", "root", "tbf", *rate)
        command = [*inside, sys.executable, "-c", LISTENER, SERVER]
        listener = subprocess.Popen(command, stdin=subprocess.PIPE)
        try:
            sys.stdout.write(json.dumps(measure(Way.SEGMENTED)) + "\n")
        finally:
            listener.communicate()
    finally:
        holder.communicate()


if __name__ == "__main__":
    main()
