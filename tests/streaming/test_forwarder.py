"""The fan-out alone: real SRTP keys, real datagrams on loopback, every way the system may offer."""

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from streaming.counters import Counters
from streaming.forwarder import MAX_PAYLOAD_BYTES, Fanout
from streaming.rtp.picture_numbers import UNCHANGED, Numbers, Places, find_places, renumbered
from streaming.rtp.ring import StoredPacket
from streaming.transport.batch_native import MAX_BURST, NAME_BYTES, SLOTS, Arena, Way, best_way
from streaming.transport.media_udp import MediaSocket
from tests.streaming.fan_out_player import Player

UNKNOWN_OPTION = 9_999
# Players whose numbers and times wrap, each a packet later than the one before it.
WRAPPING = 12
FRAME_TICKS = 3000


class Hall:
    """A fan-out and its players."""

    def __init__(self, way: Way) -> None:
        self.counters = Counters()
        self.own = MediaSocket("127.0.0.1", 0, "127.0.0.1", self.counters)
        self.fanout = Fanout(Arena(way), self.counters)
        self.players: list[Player] = []

    def seat(self, count: int, *, profile: int = 0, mid: str = "1") -> None:
        """Add live players."""
        for _ in range(count):
            player = Player(len(self.players), self.own, self.counters, profile, mid)
            self.players.append(player)
            self.fanout.add(player.track)

    def send(self, *sizes: int, first: int = 1, level: int = -1) -> list[bytes]:
        """Send one frame of packets of these sizes; returns the payloads."""
        payloads = [os.urandom(size) for size in sizes]
        for place, payload in enumerate(payloads):
            marker = place == len(payloads) - 1
            self.fanout.send(
                StoredPacket(first + place, 3000, marker, "VP8", payload, False, 0.0, level=level)
            )
        self.fanout.flush()
        return payloads

    def close(self) -> None:
        """Give every port back."""
        self.own.close()
        for player in self.players:
            player.socket.close()


@pytest.fixture(params=list(Way), ids=lambda way: str(way.name).lower())
def hall(request: pytest.FixtureRequest) -> Iterator[Hall]:
    """Run on every way datagrams can leave."""
    made = Hall(request.param)
    yield made
    made.close()


def test_this_machine_sends_in_the_best_way() -> None:
    """The tests run on Linux, where the kernel cuts bursts up by itself."""
    assert best_way() is Way.SEGMENTED


def test_a_kernel_that_knows_no_segments_gets_many_messages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux before 4.18 refuses the option, as any kernel does one that nobody has ever heard of."""
    monkeypatch.setattr("streaming.transport.batch_native.UDP_SEGMENT", UNKNOWN_OPTION)
    assert best_way() is Way.MANY


def test_a_libc_without_sendmmsg_sends_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux alone does not promise it."""
    monkeypatch.setattr("streaming.transport.batch_native._libc", object())
    assert best_way() is Way.ONE


@pytest.mark.parametrize("sizes", [(1100,), (1100,) * 4, (1100, 1100, 700), (1100, 1101, 1101), (900,) * 41])
def test_every_player_gets_every_packet_with_its_own_numbers(hall: Hall, sizes: tuple[int, ...]) -> None:
    """More players than slots; payload, marker, numbers, times, types and SSRCs are each player's own."""
    hall.seat(SLOTS + 3)
    payloads = hall.send(*sizes)
    for number, player in enumerate(hall.players):
        packets = player.received()
        assert [packet.payload for packet in packets] == payloads
        assert [packet.sequence for packet in packets] == [number + place for place in range(len(sizes))]
        assert {packet.timestamp for packet in packets} == {3000 + 7 * number}
        assert {(p.ssrc, p.payload_type) for p in packets} == {(1000 + number, 96 + number % 4)}
        assert [packet.marker for packet in packets] == [False] * (len(sizes) - 1) + [True]
        assert {packet.extensions[1] for packet in packets} == {b"1"}
    assert hall.counters.totals["packets_out"] == len(sizes) * len(hall.players)
    assert not hall.counters.drops


@pytest.mark.parametrize("places", [Places(2, 2, 4), Places(2, 1, 3), Places(2, 2, 0)])
def test_each_player_has_numbers_of_its_own_in_its_pictures(hall: Hall, places: Places) -> None:
    """Whoever came over from another layer gets them moved; who gets the publisher's stays among them."""
    hall.seat(SLOTS + 3)
    shifts = [UNCHANGED if n % 3 == 0 else Numbers(0x7E00 + n, 0xF0 + n % 16) for n in range(SLOTS + 3)]
    for player, shift in zip(hall.players, shifts, strict=True):
        hall.fanout.remove(player.track)
        player.track.picture_shift = shift
        hall.fanout.add(player.track)
    head = bytes((0x90, 0xE0 if places.base else 0xA0, (places.picture_bytes - 1) << 7))
    payloads = [head + os.urandom(size - len(head)) for size in (900, 900, 40)]
    for number, payload in enumerate(payloads, 1):
        assert find_places("VP8", payload) == places
        hall.fanout.send(StoredPacket(number, 3000, number == 3, "VP8", payload, False, 0.0, places=places))
    hall.fanout.flush()
    for player, shift in zip(hall.players, shifts, strict=True):
        got = [packet.payload for packet in player.received()]
        assert got == [renumbered(payload, places, shift) for payload in payloads]


def test_packets_whose_numbers_lie_elsewhere_are_not_written_together(hall: Hall) -> None:
    """One place holds for a burst."""
    hall.seat(2)
    hall.fanout.remove(hall.players[1].track)
    hall.players[1].track.picture_shift = Numbers(3, 3)
    hall.fanout.add(hall.players[1].track)
    payloads = [b"\x90\xe0\x80\x05\x06" + bytes(90), b"\x10" + bytes(94), b"\x90\xe0\x05\x06" + bytes(91)]
    every = [find_places("VP8", payload) for payload in payloads]
    for number, (payload, places) in enumerate(zip(payloads, every, strict=True), 1):
        hall.fanout.send(StoredPacket(number, 3000, False, "VP8", payload, False, 0.0, places=places))
    hall.fanout.flush()
    assert [packet.payload for packet in hall.players[0].received()] == payloads
    assert [packet.payload[:5].hex() for packet in hall.players[1].received()] == [
        "90e0800809", "1000000000", "90e0080900",
    ]  # fmt: skip


@pytest.mark.parametrize("burst", [1, 3, MAX_BURST])
def test_numbers_and_times_go_on_over_each_players_own_wrap(hall: Hall, burst: int) -> None:
    """At another place of a burst for each: 65535 -> 0 and 2**32 - 1 -> 0, and every packet opens."""
    for n in range(WRAPPING):
        sequence, timestamp = 0xFFFF - n, (1 << 32) - 1 - FRAME_TICKS * (n + 1)
        player = Player(n, hall.own, hall.counters, n % 3, "1", sequence=sequence, timestamp=timestamp)
        hall.players.append(player)
        hall.fanout.add(player.track)
    places = range(3 * MAX_BURST)
    for place in places:
        packet = StoredPacket(1 + place, FRAME_TICKS * place, True, "VP8", b"%04d" % place, False, 0.0)
        hall.fanout.send(packet)
        if place % burst == burst - 1:
            hall.fanout.flush()
    for n, player in enumerate(hall.players):
        packets = player.received()
        assert [int(packet.payload) for packet in packets] == list(places)
        assert [p.sequence for p in packets] == [(0xFFFF - n + place) % (1 << 16) for place in places]
        times = [packet.timestamp for packet in packets]
        assert times == [(FRAME_TICKS * (place - n - 1) - 1) % (1 << 32) for place in places]
        assert packets[n + 1].sequence == 0
        assert times[n + 1] > times[n + 2] == FRAME_TICKS - 1


def test_players_of_different_layouts_and_ciphers_share_a_stream(hall: Hall) -> None:
    """Longer names of sections and other tags make other packets; nobody notices the others."""
    hall.seat(3)
    hall.seat(3, profile=1)
    hall.seat(3, profile=2, mid="video")
    payloads = hall.send(500, 500, level=33)
    for player in hall.players:
        packets = player.received()
        assert [(p.payload, p.extensions[2]) for p in packets] == [(one, b"\x21") for one in payloads]
    assert {p.track.section.offer.mid for p in hall.players} == {"1", "video"}


def test_who_leaves_gets_nothing_more_and_who_stays_everything(hall: Hall) -> None:
    """The last row takes the place of one that left, with its own numbers and keys."""
    hall.seat(5)
    hall.send(100)
    hall.fanout.remove(hall.players[1].track)
    hall.send(100, 100, first=2)
    counts = [len(player.received()) for player in hall.players]
    assert counts == [3, 1, 3, 3, 3]
    assert [hall.fanout.sent_by(player.track)[0] for player in hall.players] == counts


def test_a_packet_that_waits_goes_to_those_who_were_there_when_it_came(hall: Hall) -> None:
    """A burst that is still open leaves before somebody joins: a joiner begins where it was told to."""
    hall.seat(1)
    hall.fanout.send(StoredPacket(1, 3000, False, "VP8", b"before", False, 0.0))
    hall.seat(1)
    hall.send(50, first=2)
    assert [len(player.received()) for player in hall.players] == [2, 1]


@pytest.mark.parametrize("others", [0, 3, 64])
def test_who_cannot_be_written_among_the_others_is_sent_to_one_by_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """It gets everything, as do those before it and after it; and it is tried again with the next burst."""
    hall.seat(others)
    before = hall.send(900, 900)
    assert [[one.payload for one in player.received()] for player in hall.players] == [before] * others
    with monkeypatch.context() as broken:
        broken.setattr("streaming.forwarder.build_socket_address", lambda _: bytes(NAME_BYTES + 1))
        hall.seat(1)
        odd = hall.players[-1].track
        assert odd in hall.fanout.framed
        assert hall.counters.drops.pop("own_fault") == 1
    hall.seat(1)
    for first in (3, 6):
        payloads = hall.send(900, 900, 300, first=first)
        for player in hall.players:
            packets = player.received()
            assert [one.payload for one in packets] == payloads
            assert [one.sequence - packets[0].sequence for one in packets] == [0, 1, 2]
        assert odd not in hall.fanout.framed
    assert len(hall.fanout) == others + 2
    assert not hall.counters.drops


def test_who_leaves_takes_nobody_along_whose_row_cannot_be_written(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one's row moves into the free place as it is."""
    hall.seat(4)
    moved = hall.players[-1].track
    moved.picture_shift = Numbers(5, 7)
    hall.fanout.refresh(moved)
    monkeypatch.setattr("streaming.forwarder.build_socket_address", lambda _: bytes(NAME_BYTES + 1))
    gone = hall.players.pop(1)
    hall.fanout.remove(gone.track)
    payload = b"\x90\xe0\x80\x05\x06" + bytes(90)
    places = find_places("VP8", payload)
    assert places is not None
    hall.fanout.send(StoredPacket(1, 3000, True, "VP8", payload, False, 0.0, places=places))
    hall.fanout.flush()
    sent = [payload, payload, renumbered(payload, places, Numbers(5, 7))]
    assert [[one.payload for one in player.received()] for player in hall.players] == [[one] for one in sent]
    assert gone.received() == []
    assert not hall.counters.drops
    gone.socket.close()


def test_a_refused_packet_does_not_leave_as_plaintext(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """When libsrtp refuses one player's packet, that player gets nothing and the others theirs."""
    hall.seat(3)
    hall.send(20)
    poor = hall.players[1].track.connection.tx
    assert poor is not None
    real: Any = __import__("streaming.forwarder", fromlist=["protect"]).protect

    def refuse(context: Any, pointer: Any, length: Any) -> int:
        return 1 if context is poor.context else int(real(context, pointer, length))

    monkeypatch.setattr("streaming.forwarder.protect", refuse)
    hall.send(60, 60, first=2)
    assert [len(player.received()) for player in hall.players] == [3, 1, 3]
    assert hall.counters.drops["protect_refused"] == 2


def test_every_packet_that_is_not_sent_is_counted_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that libsrtp refuses, and those left out beside it, were not lost to a full buffer."""
    hall.seat(3)
    poor = hall.players[1].track.connection.tx
    assert poor is not None
    real: Any = __import__("streaming.forwarder", fromlist=["protect"]).protect
    calls = 0

    def refuse_second(context: Any, pointer: Any, length: Any) -> int:
        nonlocal calls
        calls += context is poor.context
        return 1 if context is poor.context and calls == 2 else int(real(context, pointer, length))

    monkeypatch.setattr("streaming.forwarder.protect", refuse_second)
    hall.send(60, 60, 60, 60)
    received = [len(player.received()) for player in hall.players]
    beside = 3 if hall.fanout._arena.way is Way.SEGMENTED else 0
    assert received == [4, 3 - beside, 4]
    assert hall.counters.drops["protect_refused"] == 1
    assert hall.counters.drops["beside_a_refused_one"] == beside
    assert sum(hall.counters.drops.values()) == 12 - sum(received)
    assert hall.counters.totals["packets_out"] == sum(received)


def test_a_packet_the_socket_does_not_take_is_counted_once(hall: Hall) -> None:
    """Whichever part of the way notices it: nothing can be sent to port 0."""
    hall.seat(2)
    track = hall.players[0].track
    track.connection.address = ("127.0.0.1", 0)
    hall.fanout.refresh(track)
    hall.send(100)
    assert [len(player.received()) for player in hall.players] == [0, 1]
    assert sum(hall.counters.drops.values()) == 1


def test_a_path_that_cannot_take_segments_gets_the_packets_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kernel refuses a message (here: a segment longer than the path takes); nothing is lost."""
    hall = Hall(Way.SEGMENTED)
    hall.seat(2)
    monkeypatch.setattr(Arena, "set_segment", _set_too_long)
    payloads = hall.send(300, 300, 300)
    assert [[p.payload for p in player.received()] for player in hall.players] == [payloads] * 2
    hall.close()


def _set_too_long(arena: Arena, size_bytes: int) -> None:
    del size_bytes
    arena._control[16:18] = 255


def test_an_oversized_payload_is_dropped_and_counted(hall: Hall) -> None:
    """What would not fit its slot is not sent to anybody; the next packet is."""
    hall.seat(2)
    hall.send(MAX_PAYLOAD_BYTES + 1)
    assert hall.counters.drops["payload_too_long"] == 1
    hall.send(MAX_PAYLOAD_BYTES, first=2)
    assert [len(player.received()) for player in hall.players] == [1, 1]


def test_an_oversized_payload_that_comes_late_is_counted_too(hall: Hall) -> None:
    """Out of order it takes another way to the viewers, which is as narrow."""
    hall.seat(2)
    late = StoredPacket(1, 3000, False, "VP8", bytes(MAX_PAYLOAD_BYTES + 1), False, 0.0)
    hall.fanout.send_late(late)
    assert [len(player.received()) for player in hall.players] == [0, 0]
    assert dict(hall.counters.drops) == {"payload_too_long": 1}


def test_a_burst_holds_the_loop_up_for_32_milliseconds_at_most() -> None:
    """The more players and the slower the machine, the fewer packets make a burst; few get the longest."""
    hall = Hall(Way.SEGMENTED)
    hall.seat(1)
    assert hall.fanout._burst_limit == MAX_BURST
    before = hall.fanout._s_per_packet
    hall.send(100)
    assert hall.fanout._s_per_packet != before
    hall.seat(499)
    for s_per_packet, packets in ((2.5e-6, MAX_BURST), (16e-6, 4), (100e-6, 1)):
        for _ in range(200):
            hall.fanout._measure(s_per_packet)
        assert hall.fanout._burst_limit == packets
    hall.close()


def test_names_of_different_lengths_leave_room_for_a_descriptor() -> None:
    """Short names fill up to the same header as long as nothing follows; behind them comes a descriptor."""
    hall = Hall(Way.SEGMENTED)
    names = ["0", "abc", "abc", "0"]
    for number, mid in enumerate(names):
        player = Player(number, hall.own, hall.counters, 0, mid, describes=True, levels=False)
        hall.players.append(player)
        hall.fanout.add(player.track)
    descriptors = [b"", b"abcde", b"xyz", b""]
    for number, descriptor in enumerate(descriptors, 1):
        hall.fanout.send(StoredPacket(number, 0, True, "VP8", b"x", False, 0.0, descriptor=descriptor))
        hall.fanout.flush()
    for player, mid in zip(hall.players, names, strict=True):
        received = player.received()
        assert [packet.extensions.get(3, b"") for packet in received] == descriptors
        assert {packet.extensions[1] for packet in received} == {mid.encode()}
    hall.close()


def test_sound_goes_out_between_the_runs_of_a_burst_of_pictures() -> None:
    """While a burst goes to more players than fit one run, sound is sent over the same slots; all opens."""
    arena = Arena(Way.SEGMENTED)
    pictures, sounds = Hall(Way.SEGMENTED), Hall(Way.SEGMENTED)
    pictures.fanout = Fanout(arena, pictures.counters, gives_way=True)
    sounds.fanout = Fanout(arena, sounds.counters)
    pictures.seat(SLOTS)
    sounds.seat(SLOTS)
    runs = 0

    def sound() -> None:
        nonlocal runs
        runs += 1
        sounds.send(120, first=runs)

    arena.between_runs = sound
    payloads = pictures.send(1100, 1100, 1100, 900)
    assert runs == 4
    for player in pictures.players:
        assert [packet.payload for packet in player.received()] == payloads
    assert {len(player.received()) for player in sounds.players} == {4}
    pictures.close()
    sounds.close()


def frame(first: int, timestamp: int, *, packets: int = 4, is_key: bool = False) -> list[StoredPacket]:
    """One frame of packets of equal size."""
    return [
        StoredPacket(
            first + place, timestamp, place == packets - 1, "VP8", os.urandom(200), is_key and place == 0, 0.0
        )
        for place in range(packets)
    ]


def narrow(hall: Hall, *, is_narrow: bool) -> Player:
    """Let the first player's line become narrow, or wide again."""
    player = hall.players[0]
    player.track.is_narrow = is_narrow
    hall.fanout.refresh(player.track)
    return player


def send(hall: Hall, packets: list[StoredPacket]) -> None:
    """Send them in one burst."""
    for packet in packets:
        hall.fanout.send(packet)
    hall.fanout.flush()


def test_who_was_held_gets_all_of_the_key_frame_that_ends_it(hall: Hall) -> None:
    """Also where it comes in one burst; then it is sent to with the others again."""
    hall.seat(2)
    send(hall, frame(1, 3000))
    player = narrow(hall, is_narrow=True)
    send(hall, frame(5, 6000))
    narrow(hall, is_narrow=False)
    player.received()
    key, following = frame(9, 9000, is_key=True), frame(13, 12_000)
    send(hall, key)
    assert len(hall.fanout.framed) == 0
    send(hall, following)
    assert [packet.payload for packet in player.received()] == [packet.payload for packet in key + following]


def test_a_hold_in_the_middle_of_a_frame_leaves_a_gap(hall: Hall) -> None:
    """One number is left out: else the player might take what it has for the whole frame."""
    hall.seat(1)
    cut = frame(1, 3000)
    send(hall, cut[:2])
    player = narrow(hall, is_narrow=True)
    send(hall, cut[2:])
    narrow(hall, is_narrow=False)
    send(hall, frame(5, 6000, is_key=True))
    numbers = [packet.sequence for packet in player.received()]
    assert [(b - a) & 0xFFFF for a, b in pairwise(numbers)] == [1, 2, 1, 1, 1]
