"""Of what type the address is that a peer is reached at: by what it has told, within bounds."""

import pytest

from streaming.remote_candidates import (
    MAX_CANDIDATES,
    MAX_LINES_READ,
    Candidate,
    RemoteCandidates,
    read_candidates,
)
from streaming.sdp import parse
from streaming.sdpfrag import parse_fragment

HOST = "a=candidate:842163049 1 udp 2122260223 192.0.2.7 50001 typ host generation 0 ufrag EEtu network-id 1"
SRFLX = "a=candidate:2 1 UDP 1686052607 198.51.100.9 50002 typ srflx raddr 192.0.2.7 rport 50001"
RELAY = "a=candidate:3 1 udp 41885439 203.0.113.5 50003 typ relay raddr 198.51.100.9 rport 50002"
PASSIVE = "a=candidate:4 1 tcp 1518280447 192.0.2.7 50004 typ host tcptype passive"


def told(*lines: str) -> RemoteCandidates:
    """What a peer has told in one go."""
    candidates = RemoteCandidates()
    candidates.add(read_candidates(lines))
    return candidates


def test_an_address_has_the_type_it_was_told_with() -> None:
    """By protocol, address and port; all others are peer reflexive."""
    candidates = told(HOST, SRFLX, RELAY, PASSIVE)
    assert candidates.type_of("udp", ("192.0.2.7", 50001)) == "host"
    assert candidates.type_of("udp", ("198.51.100.9", 50002)) == "srflx"
    assert candidates.type_of("udp", ("203.0.113.5", 50003)) == "relay"
    assert candidates.type_of("tcp", ("192.0.2.7", 50004)) == "host"
    assert candidates.type_of("tcp", ("192.0.2.7", 50001)) == "prflx"
    assert candidates.type_of("udp", ("192.0.2.7", 50002)) == "prflx"
    assert RemoteCandidates().type_of("udp", ("192.0.2.7", 50001)) == "prflx"


def test_ipv6_is_known_however_it_is_written() -> None:
    """Sockets add flow and scope, and write the shortest form."""
    candidates = told("a=candidate:1 1 udp 1 FE80:0:0:0:0:0:0:1 5000 typ host")
    assert candidates.type_of("udp", ("fe80::1%eth0", 5000, 0, 2)) == "host"


@pytest.mark.parametrize(
    "line",
    [
        "a=candidate:1 1 udp 1 5f1b2a0e-7c1c-4a43-a0ce-2f1f0a6b2c11.local 5000 typ host",
        "a=candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active generation 0",
        "a=candidate:1 2 udp 1 192.0.2.7 5000 typ host",
        "a=candidate:1 1 sctp 1 192.0.2.7 5000 typ host",
        "a=candidate:1 1 udp 1 192.0.2.7 0 typ host",
        "a=candidate:1 1 udp 1 192.0.2.7 65536 typ host",
        "a=candidate:1 1 udp 1 192.0.2.7 ² typ host",
        "a=candidate:1 1 udp 1 192.0.2.7 5000 typ guess",
        "a=candidate:1 1 udp 1 192.0.2.7 5000 host typ",
        "a=candidate:x",
        "a=candidate:",
    ],
)
def test_what_no_check_can_be_known_by_is_passed_over(line: str) -> None:
    """Names, active TCP ends, RTCP, and what is no candidate; the one after it counts."""
    assert read_candidates([line, HOST]) == (Candidate("udp", "192.0.2.7", 50001, "host"),)


def test_no_peer_makes_a_session_remember_more_than_a_few() -> None:
    """Neither at once nor bit by bit; the newest are kept."""
    lines = [f"a=candidate:1 1 udp 1 192.0.2.7 {port} typ host" for port in range(1, 101)]
    assert len(read_candidates(lines)) == MAX_CANDIDATES
    candidates = told(*lines)
    for line in lines:
        candidates.add(read_candidates([line]))
    assert len(candidates) == MAX_CANDIDATES
    assert candidates.type_of("udp", ("192.0.2.7", 100)) == "host"
    assert candidates.type_of("udp", ("192.0.2.7", 1)) == "prflx"


def test_a_long_list_that_names_nothing_is_not_read_to_its_end() -> None:
    """Media must not wait for it."""
    names = [f"a=candidate:1 1 udp 1 {place}.local 5000 typ host" for place in range(MAX_LINES_READ)]
    assert [one.type for one in read_candidates([*names[1:], SRFLX, HOST])] == ["srflx"]
    assert read_candidates([*names, HOST]) == ()


def test_an_address_told_twice_stays_what_it_was_first() -> None:
    """Without a router the STUN server sees the host's own address, and the host's comes first."""
    candidates = told(HOST, HOST.replace("typ host", "typ srflx raddr 0.0.0.0 rport 9"))
    assert (candidates.type_of("udp", ("192.0.2.7", 50001)), len(candidates)) == ("host", 1)


def test_offers_and_fragments_are_read_for_them() -> None:
    """Those of all sections, each once; the count of a fragment has those that cannot be recognised, too."""
    media = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:"
    offer = f"v=0\r\n{media}0\r\n{HOST}\r\n{SRFLX}\r\n{media}1\r\n{HOST}\r\n{RELAY}\r\n"
    assert [one.type for one in parse(offer).candidates] == ["host", "srflx", "relay"]
    fragment = parse_fragment(f"a=mid:0\r\n{SRFLX}\r\na=candidate:1 1 udp 1 x.local 5000 typ host\r\n")
    assert [one.type for one in fragment.candidates] == ["srflx"]
    assert fragment.candidates_total == 2
