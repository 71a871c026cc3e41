"""A scalable stream towards viewers: descriptors on one line of frames, and who can take which layer."""

from collections.abc import Iterator

import pytest

from streaming.answers import build_answer
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.forwarder import MAX_KINDS, Fanout
from streaming.negotiation import AgreedMedia, agree_with_publisher, agree_with_viewer
from streaming.picture import Picture
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR, MAX_FRAME_JUMP, FrameLine
from streaming.rtp.packet import RtpPacket, parse_rtp
from streaming.rtp.ring import StoredPacket
from streaming.sdp import Media, parse
from streaming.source import Source
from streaming.transport.batch_native import Arena, Way
from streaming.transport.media_udp import MediaSocket
from tests.streaming.fan_out_player import Player
from tests.streaming.raw_peer import VP8, RawPeer
from tests.streaming.scalable import KEY_LAYERS, descriptor
from tests.streaming.test_sdp import LOCAL
from tests.streaming.test_spatial_layers import DESCRIPTOR

AV1 = Codec(45, "AV1", 90_000)
AV1_KEY, AV1_REST = b"\x18\x0a\x01\x00", b"\x10\x32\x01\x00"
FRAME_S = 1 / 15


def numbered(number: int, rest: bytes = b"") -> bytes:
    """Write a descriptor whose frame has a number."""
    return b"\xc1" + number.to_bytes(2, "big") + rest


def number_of(data: bytes) -> int:
    """Read it back."""
    return int.from_bytes(data[1:3], "big")


class Show:
    """A publisher of two spatial layers of AV1, and viewers with and without descriptors."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.counters = Counters()
        self.own = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], self.counters)
        self.picture = Picture(Arena(Way.SEGMENTED), self.counters, lambda: 0.0)
        self.players: list[Player] = []
        self.publish(first_frame=0xFFF0)

    def publish(self, *, first_frame: int) -> None:
        """Begin as another publisher does: numbers of its own."""
        offer = Media("video", 9, "UDP/TLS/RTP/SAVPF", ["45"], mid="1")
        section = AgreedMedia(offer, [AV1], {DESCRIPTOR: DEPENDENCY_DESCRIPTOR}, ())
        self.picture.drop_source()
        self.source, self.sent, self.frame = Source(section, 7), 0, first_frame

    def seat(self, *, describes: bool) -> Player:
        """Let a viewer in."""
        player = Player(len(self.players), self.own, self.counters, 0, "1", codec="AV1", describes=describes)
        self.players.append(player)
        self.picture.add_viewer(player.track, self.now_s)
        return player

    def play(self, seconds: float) -> None:
        """Pictures of two layers, one packet each, the first with a key frame."""
        for place in range(round(seconds / FRAME_S)):
            for spatial in (0, 1):
                self._packet(spatial, key=place == 0)
            self.picture.flush()
            self.picture.tick(self.now_s)
            self.now_s += FRAME_S

    def _packet(self, spatial: int, *, key: bool) -> None:
        begins = key and spatial == 0
        data = descriptor(KEY_LAYERS, (spatial, 0), key=begins, frame=self.frame)
        payload = (AV1_KEY if begins else AV1_REST) + bytes(100)
        packet = RtpPacket(
            spatial == 1, 45, self.sent & 0xFFFF, round(self.now_s * 90_000) & 0xFFFFFFFF, 7, payload,
            {DESCRIPTOR: data},
        )  # fmt: skip
        self.picture.push(self.source, self.sent, packet, AV1, self.now_s)
        self.sent += 1
        self.frame = (self.frame + 1) & 0xFFFF

    def close(self) -> None:
        """Give every port back."""
        self.own.close()
        for player in self.players:
            player.socket.close()


@pytest.fixture
def show() -> Iterator[Show]:
    """Run one show."""
    made = Show()
    yield made
    made.close()


def test_who_takes_descriptors_gets_all_layers_and_who_does_not_the_lowest(show: Show) -> None:
    """Without them Chromium decodes nothing of AV1 but the lowest layer; markers end each one's pictures."""
    able, plain = show.seat(describes=True), show.seat(describes=False)
    for _ in range(8):
        for player in show.players:
            show.picture.take_estimate(player.track, 5e6, show.now_s)
        show.play(0.5)
    above = show.picture.layers[1]
    assert show.picture.layer_of(able.track) is above
    assert show.picture.layer_of(plain.track) is show.picture.layers[0]
    for player, markers in ((able, [False, True, False, True]), (plain, [True] * 4)):
        packets = player.received()[-4:]
        assert [packet.marker for packet in packets] == markers
        assert all((3 in packet.extensions) == (player is able) for packet in packets)


def test_a_key_frames_descriptor_is_longer_than_a_short_extension_and_arrives_whole(show: Show) -> None:
    """It is written with heads of two bytes, beside the section's name; what is sent alone has it, too."""
    player = show.seat(describes=True)
    show.play(0.5)
    packets = player.received()
    keys = [packet for packet in packets if packet.payload.startswith(AV1_KEY)]
    expected = descriptor(KEY_LAYERS, (0, 0), key=True, frame=number_of(keys[0].extensions[3]))
    assert len(expected) > 16
    assert [(packet.extensions[1], packet.extensions[3]) for packet in keys] == [(b"1", expected)]
    sent = player.track.history.find(player.track.extend(keys[0].sequence))
    assert sent is not None
    assert parse_rtp(player.track.header(sent.packet)).extensions == keys[0].extensions


def test_frames_of_another_publisher_go_on_where_the_last_ones_stopped(show: Show) -> None:
    """A player takes a lower number for an old frame, and drops it."""
    player = show.seat(describes=True)
    show.play(3.0)
    before = number_of(player.received()[-1].extensions[3])
    show.publish(first_frame=5)
    show.play(3.0)
    packets = player.received()
    assert number_of(packets[0].extensions[3]) == before + 2, "the last one was the upper layer's"
    assert number_of(packets[-1].extensions[3]) > before


def test_descriptors_of_every_length_arrive_and_few_layouts_are_kept(show: Show) -> None:
    """A publisher may write any length up to 255; what is kept for each is bounded."""
    player = Player(0, show.own, show.counters, 0, "1", codec="AV1", describes=True)
    show.players.append(player)
    assert player.track.choose_codec("AV1/0")
    fanout = Fanout(Arena(Way.SEGMENTED), show.counters)
    fanout.add(player.track)
    lengths = [*range(3, 256), *range(3, 9)]
    for number, length in enumerate(lengths, start=1):
        said = bytes((number & 0xFF,)) * length
        fanout.send(StoredPacket(number, 3000, True, "AV1/0", AV1_REST, False, 0.0, descriptor=said))
        fanout.flush()
    packets = player.received()
    assert [len(packet.extensions[3]) for packet in packets] == lengths
    assert {packet.payload for packet in packets} == {AV1_REST}
    assert all(len(group.layouts) <= MAX_KINDS for group in fanout._groups.values())


def test_what_comes_late_keeps_its_place_on_the_line() -> None:
    """Reordered packets, the wrap, and a jump no loss explains."""
    line = FrameLine()
    assert [number_of(line.place(numbered(n))) for n in (0xFFFE, 0xFFFF, 1, 0)] == [1, 2, 4, 3]
    assert number_of(line.place(numbered(2, b"more"))) == 5
    assert line.place(numbered(2, b"more"))[3:] == b"more"
    assert number_of(line.place(numbered(2 + MAX_FRAME_JUMP + 1))) == 6
    line.restart()
    assert number_of(line.place(numbered(9))) == 7
    assert line.place(b"\xc1\x00") == b""


def test_descriptors_are_agreed_on_where_they_serve() -> None:
    """Not with a viewer who cannot take long extensions, nor for layers that are streams of their own."""
    extension = f"a=extmap:12 {DEPENDENCY_DESCRIPTOR}\r\n"
    plain = RawPeer("recvonly", [VP8]).offer() + extension
    mixed = plain.replace("\r\nm=", "\r\na=extmap-allow-mixed\r\nm=", 1)
    for offer, is_agreed in ((plain, False), (mixed, True)):
        answer = build_answer(agree_with_viewer(parse(offer), {}, lambda: 7), LOCAL, 1, sending=True)
        assert (extension in answer) == is_agreed
        assert ("a=extmap-allow-mixed" in answer) == is_agreed
    single = RawPeer("sendonly", [VP8]).offer() + extension
    layered = single + "a=rid:0 send\r\na=rid:1 send\r\na=simulcast:send 0;1\r\n"
    for offer, is_agreed in ((single, True), (layered, False)):
        section = agree_with_publisher(parse(offer)).section("video")
        assert section is not None
        assert bool(section.extension_id(DEPENDENCY_DESCRIPTOR)) == is_agreed
