"""What a stranger's datagram costs, and what comes back: `.venv/bin/python -m benchmarks.strangers [--json]`.

The time is this process's CPU for reading a datagram and dropping (or answering) it, system call included;
sending them is not timed. The last two rows are no strangers: they know a fragment, or the password too.
"""

import datetime as dt
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from aioice import stun

from benchmarks import reports
from streaming.counters import Counters
from streaming.transport.connection import Connection
from streaming.transport.demux import Demux
from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity
from streaming.transport.inbox_native import AT_ONCE
from streaming.transport.media_udp import MediaSocket, MediaUdp
from streaming.transport.srtp_native import Scratch

FRAGMENT, PASSWORD = "f" * 8, "p" * 24
ROUNDS = 200


@dataclass
class Result:
    """What was measured. `answer_share` is bytes out for bytes in."""

    datagram: str
    bytes_in: int
    cpu_us: float
    answer_share: float


def check(fragment: str, password: str) -> bytes:
    """Write a connectivity check as browsers send it."""
    names = {"USERNAME": f"{fragment}:remote", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=names)
    message.add_message_integrity(password.encode())
    return bytes(message)


def filled_check() -> bytes:
    """Write a check that is all attributes and names nobody: the longest that is looked at."""
    attributes = (b"\x80\x22\x00\x00") * 132
    return b"\x00\x01" + len(attributes).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + attributes


DATAGRAMS: dict[str, Callable[[], bytes]] = {
    "STUN, unknown fragment": lambda: check("e" * 8, PASSWORD),
    "STUN, all attributes, no name": filled_check,
    "DTLS, unknown source": lambda: b"\x16\xfe\xfd" + os.urandom(200),
    "RTP, unknown source": lambda: b"\x80\x60" + os.urandom(1100),
    "nothing known": lambda: b"\xff" * 1200,
    "STUN, our fragment, wrong password": lambda: check(FRAGMENT, "q" * 24),
    "STUN, genuine": lambda: check(FRAGMENT, PASSWORD),
}


def measure(name: str, datagram: bytes) -> Result:
    """Read a socket's worth of them, again and again; the quickest tenth counts, others use the machine."""
    counters = Counters()
    demux = Demux(counters, lambda: False)
    own = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], counters)
    identity = DtlsIdentity(dt.datetime.now(tz=dt.UTC))
    demux.register(
        FRAGMENT, PASSWORD, Connection(DtlsEnd(identity, [], client=False), Scratch(), counters, 0.0)
    )
    udp = MediaUdp(counters, demux)
    times, back = [], 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.setblocking(False)
        for _ in range(ROUNDS):
            for _ in range(AT_ONCE):
                sender.sendto(datagram, ("127.0.0.1", own.port))
            began_s = time.process_time()
            udp.read(own)
            times.append((time.process_time() - began_s) / AT_ONCE * 1e6)
            back += _drain(sender)
    own.close()
    quickest = sorted(times)[: ROUNDS // 10]
    share = back / (ROUNDS * AT_ONCE * len(datagram))
    return Result(name, len(datagram), sum(quickest) / len(quickest), share)


def _drain(receiver: socket.socket) -> int:
    total = 0
    while True:
        try:
            total += len(receiver.recv(4096))
        except BlockingIOError:
            return total


def main() -> None:
    """Print a table for people, and JSON on request."""
    parser = reports.parser("strangers", __doc__)
    arguments = parser.parse_args()
    results = [measure(name, make()) for name, make in DATAGRAMS.items()]
    print(f"{'datagram':36} bytes  CPU each  bytes out for bytes in   (limit: this process)")
    for one in results:
        print(f"{one.datagram:36} {one.bytes_in:5} {one.cpu_us:6.2f} us  {one.answer_share:.2f}")
    if arguments.json:
        print(json.dumps({"benchmark": "strangers", "results": [vars(one) for one in results]}))


if __name__ == "__main__":
    main()
