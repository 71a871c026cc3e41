"""A viewer whose pictures are numbered otherwise than the publisher's: on every way a packet goes out."""

import socket
from collections.abc import Iterator

import pytest

from streaming.rtp.packet import RtpPacket
from streaming.rtp.picture_numbers import Numbers, find_places, read_numbers
from streaming.rtp.rtcp import Nack
from streaming.source import Source
from streaming.transport.batch_native import Way
from tests.streaming.fan_out_player import Player
from tests.streaming.key_frames import key_frame
from tests.streaming.studio import Studio, one_layer

FOREVER_S = float("inf")


def numbered(picture: int, base: int, *, is_key: bool = False, width: int = 640) -> bytes:
    """A packet of a picture that carries its numbers, as Chromium's simulcast does."""
    head = b"\x90\xe0" + (0x8000 | picture).to_bytes(2, "big") + bytes((base, 0x20))
    return head + (key_frame(width)[1:] if is_key else b"\x01" + bytes(100))


def rest_of(payload: bytes) -> bytes:
    """A further packet of the same picture."""
    return bytes((payload[0] & ~0x10,)) + payload[1:6] + bytes(100)


def datagrams(player: Player) -> list[bytes]:
    """All that has come, protected as it is."""
    came: list[bytes] = []
    while True:
        try:
            came.append(player.socket.recv(2048, socket.MSG_DONTWAIT))
        except BlockingIOError:
            return came


def opened(player: Player, came: list[bytes]) -> list[RtpPacket]:
    """The same, in the clear; sent on to the player's own socket, which opens them."""
    for datagram in came:
        player.socket.sendto(datagram, player.socket.getsockname())
    return player.received()


def shown(packet: RtpPacket) -> Numbers:
    """The numbers of its picture."""
    places = find_places("VP8", packet.payload)
    assert places is not None
    return read_numbers(packet.payload, places)


@pytest.fixture(params=list(Way), ids=lambda way: str(way.name).lower())
def studio(request: pytest.FixtureRequest) -> Iterator[Studio]:
    """One layer, sent in each way there is."""
    made = Studio(640, way=request.param)
    yield made
    made.close()


def test_after_another_publisher_every_packet_and_every_repeat_has_the_viewers_own_numbers(
    studio: Studio,
) -> None:
    """Replayed, live in bursts, late; and a repeat is the same datagram: its nonce was used."""
    player, stays = studio.seat(), studio.seat()
    before = [numbered(0x7FFE, 0xFF, is_key=True), numbered(0x7FFF, 0xFF)]
    for payload in before:
        studio.packet(0, payload)
    studio.picture.flush()
    studio.picture.drop_source()
    studio.sources[0] = Source(one_layer(), 99)
    studio.sent[0], studio.now_s = 5000, studio.now_s + 1
    _send_second_show(studio)
    came = datagrams(player)
    packets = sorted(opened(player, came), key=lambda one: (one.sequence - 0x8000) & 0xFFFF)
    wanted = [(0x7FFE, 0xFF), (0x7FFF, 0xFF), (0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (2, 1)]
    assert [shown(packet) for packet in packets] == [Numbers(*one) for one in wanted]
    own = tuple(packet.sequence for packet in packets)
    assert [(one - own[0]) & 0xFFFF for one in own] == list(range(len(wanted)))
    studio.now_s += 0.2
    studio.picture.answer_nack(player.track, Nack(player.track.section.ssrc, own), studio.now_s)
    assert sorted(datagrams(player)) == sorted(came)
    assert len(datagrams(stays)) == len(came)


def _send_second_show(studio: Studio) -> None:
    """A key frame whose beginning comes late, a picture whose middle comes late, and one in order."""
    key, delta = numbered(4000, 70, is_key=True), numbered(4001, 70)
    studio.packet(0, numbered(3999, 69), number=4999)  # of no use to anybody yet
    studio.packet(0, rest_of(key), marker=False, number=5001)
    studio.packet(0, key, marker=False, number=5000)
    studio.picture.step_replays(FOREVER_S)
    studio.packet(0, rest_of(key), number=5002)
    studio.now_s += 1 / 15
    studio.packet(0, delta, marker=False, number=5003)
    studio.packet(0, rest_of(delta), number=5005)
    studio.packet(0, rest_of(delta), marker=False, number=5004)
    studio.now_s += 1 / 15
    studio.packet(0, numbered(4002, 71), number=5006)
    studio.picture.flush()
    assert studio.counters.totals["replays"] == 2


@pytest.mark.parametrize("bits", [7, 15])
def test_a_publisher_that_goes_over_from_7_bits_to_15_is_not_torn_apart(studio: Studio, bits: int) -> None:
    """Pion numbers so: moved by what 15 bits take, its next picture would be far away."""
    player = studio.seat()
    studio.packet(0, numbered(20_000, 5, is_key=True))
    studio.picture.flush()
    studio.picture.drop_source()
    studio.sources[0] = Source(one_layer(), 99)
    studio.sent[0], studio.now_s = 5000, studio.now_s + 1
    for picture in (126, 127, 128):
        payload = numbered(picture, 9, is_key=picture == 126)
        if bits == 7 and picture < 128:
            payload = payload[:2] + payload[3:]
            assert payload[2] == picture
        studio.packet(0, payload)
    studio.picture.flush()
    pictures = [shown(packet).picture for packet in player.received()[1:]]
    assert pictures == ([126, 127, 128] if bits == 7 else [20_001, 20_002, 20_003])
