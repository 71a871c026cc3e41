"""The candidates a peer tells of itself, kept to say of what type the address is that it is reached at.

An ICE-lite end needs none of them to connect (RFC 8445 section 2.5): it answers where checks come from. What
it is told names that address afterwards, for those who look for the reason of a long way or of losses.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

CandidateType = Literal["host", "srflx", "prflx", "relay"]
CANDIDATE_TYPES: tuple[CandidateType, ...] = ("host", "srflx", "prflx", "relay")
# Browsers tell up to three for each network interface, and phones have four interfaces.
MAX_CANDIDATES = 32
# A line takes up to 11 µs to read, and media waits meanwhile.
MAX_LINES_READ = 4 * MAX_CANDIDATES
PREFIX = "a=candidate:"


@dataclass(slots=True, frozen=True)
class Candidate:
    """One candidate: "udp" or "tcp", an IP address as sockets write it, a port, and its type."""

    transport: str
    address: str
    port: int
    type: CandidateType


def read_candidates(lines: Iterable[str]) -> tuple[Candidate, ...]:
    """Return the candidates of SDP lines (RFC 8839 section 5.1), `MAX_CANDIDATES` at most.

    Passed over is what cannot be read, and what no check can be known by: names instead of addresses, those
    of RTCP, and active TCP ends, whose port is none yet (RFC 6544 section 4.5). After `MAX_LINES_READ`
    candidates of any kind no more are looked at.
    """
    values = (line.removeprefix(PREFIX) for line in lines if line.startswith(PREFIX))
    read = (_candidate(value.split()) for value in islice(values, MAX_LINES_READ))
    return tuple(islice((one for one in read if one is not None), MAX_CANDIDATES))


def _candidate(parts: list[str]) -> Candidate | None:
    if len(parts) < 8 or parts[1] != "1" or parts[6] != "typ" or "tcptype active" in " ".join(parts[8:]):
        return None
    transport, port = parts[2].lower(), _port(parts[5])
    kind = next((one for one in CANDIDATE_TYPES if one == parts[7]), None)
    if kind is None or transport not in ("udp", "tcp") or not port:
        return None
    try:
        address = str(ipaddress.ip_address(parts[4].partition("%")[0]))
    except ValueError:
        return None
    return Candidate(transport, address, port, kind)


def _port(text: str) -> int:
    """Return a port, or 0 for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        return 0
    return int(text) if int(text) < 65536 else 0


class RemoteCandidates:
    """What one peer has told, the newest `MAX_CANDIDATES`: when there are more, the oldest are forgotten."""

    __slots__ = ("_types",)

    def __init__(self) -> None:
        self._types: dict[tuple[str, str, int], CandidateType] = {}

    def __len__(self) -> int:
        return len(self._types)

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Keep some more. An address told as two types is the first: peers begin with what they prefer.

        Those before an ICE restart stay: until a check nominates a new path, the old one is in use.
        """
        for one in candidates:
            self._types.setdefault((one.transport, one.address, one.port), one.type)
            if len(self._types) > MAX_CANDIDATES:
                del self._types[next(iter(self._types))]

    def type_of(self, transport: str, address: tuple[Any, ...]) -> CandidateType:
        """Return the type of the peer's end of a path (RFC 8445 section 5.1.1) by where its checks come from.

        `address` is a socket's: host, port and what else the family has. "prflx" is said of all that was not
        told: of addresses that a router made for this way, and, though they may be the peer's own, of those
        that Chromium and Firefox tell under mDNS names, of TCP connections from active candidates, and of
        peers that tell no candidates at all: liveshop's own pages post their offers before they gather any.
        """
        return self._types.get((transport, str(address[0]).partition("%")[0], address[1]), "prflx")
