"""Over which path a peer is sent to when its checks come from several, or from another one than before."""

import pytest

from streaming.counters import Counters
from streaming.transport.connection import STALE_PATH_S, Address, Connection, Phase
from streaming.transport.ice_lite import Check
from streaming.transport.srtp_native import Scratch
from tests.streaming.transport_ends import idle_end

HOME, MOVED = ("192.0.2.1", 1000), ("192.0.2.1", 2000)


class Port:
    """A socket that keeps nothing of what it is to send."""

    descriptor = -1
    is_stream = is_full = False

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Lose a datagram."""
        return bool(data and address)


class Peer:
    """A connected peer that has nominated `HOME`, and how often its path moved since."""

    def __init__(self) -> None:
        self.port = Port()
        self.connection = Connection(idle_end(), Scratch(), Counters(), 0.0)
        self.check(HOME, 0.0, nominates=True)
        self.connection.phase = Phase.CONNECTED
        self.moves = 0
        self.connection.on_moved = self._moved

    def _moved(self) -> None:
        self.moves += 1

    def check(
        self, address: Address, now_s: float, *, nominates: bool = False, port: Port | None = None
    ) -> Address:
        """Let a check come; returns where the peer is sent to then."""
        check = Check(b"", "ours", "theirs", nominates, 0)
        self.connection.on_check(check, port or self.port, address, now_s)
        return self.connection.address


@pytest.fixture
def peer() -> Peer:
    """One of them."""
    return Peer()


def test_consent_from_another_address_moves_the_path_when_none_comes_over_the_old_one(peer: Peer) -> None:
    """Firefox asks for consent each 5 s and nominates once: behind a new address it would hear nothing."""
    assert peer.check(HOME, 5.0) == HOME
    assert peer.check(MOVED, 10.0) == HOME
    assert peer.check(MOVED, 15.0) == MOVED
    assert peer.check(MOVED, 20.0) == MOVED
    assert peer.moves == 1


def test_checks_of_other_paths_move_nothing_while_the_nominated_one_is_checked(peer: Peer) -> None:
    """Chromium checks its other candidates now and then; one lost check does not count."""
    for second in range(0, 60, 6):
        assert peer.check(MOVED, second + STALE_PATH_S - 0.1) == HOME
        assert peer.check(HOME, second + 6.0) == HOME
    assert peer.moves == 0


def test_a_nominating_check_moves_the_path_at_once_and_back(peer: Peer) -> None:
    """From Wi-Fi to the mobile network."""
    assert peer.check(MOVED, 1.0, nominates=True) == MOVED
    assert peer.check(HOME, 2.0) == MOVED
    assert peer.check(HOME, 3.0, nominates=True) == HOME
    assert peer.moves == 2


def test_any_check_will_do_after_a_stream_has_ended(peer: Peer) -> None:
    """What is sent there reaches nobody, and the peer is still there."""
    stream = Port()
    peer.check(HOME, 1.0, nominates=True, port=stream)
    peer.connection.on_path_lost(stream, 2.0)
    peer.check(MOVED, 2.1)
    assert (peer.connection.socket, peer.connection.address) == (peer.port, MOVED)
    peer.connection.tick(20.0)
    assert peer.connection.phase is Phase.CONNECTED
