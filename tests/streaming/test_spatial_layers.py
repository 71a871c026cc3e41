"""A scalable stream taken apart into lines."""

from itertools import pairwise

from streaming.rtp.packet import RtpPacket
from streaming.spatial_layers import HOLD_S, Part, SpatialLayers
from tests.streaming import three_by_two
from tests.streaming.scalable import KEY_LAYERS, SIZES, descriptor

DESCRIPTOR = 12
EACH = ((0, 0), (1, 0))


class Encoder:
    """Sends pictures of two spatial layers, two packets a layer."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, RtpPacket]] = []
        self._frame = 0
        self._pictures = 0

    def picture(self, *, key: bool = False, temporal: int = 0, active: int | None = None) -> None:
        """Add the packets of one picture; its layers share a time, and the last packet has the marker."""
        spatial_layers = (0, 1) if active is None or active & 0b1100 else (0,)
        for spatial in spatial_layers:
            self._frame += 1
            for part in (0, 1):
                self._add(
                    spatial, temporal, part, is_last=spatial == spatial_layers[-1], key=key, active=active
                )
                active = None
        self._pictures += 1

    def _add(
        self, spatial: int, temporal: int, part: int, *, is_last: bool, key: bool, active: int | None
    ) -> None:
        data = descriptor(
            KEY_LAYERS, (spatial, temporal), key=key and spatial == part == 0, starts=part == 0,
            ends=part == 1, frame=self._frame, active=active,
        )  # fmt: skip
        number = 1000 + len(self.sent)
        payload = bytes((spatial, self._pictures))
        packet = RtpPacket(
            is_last and part == 1, 98, number, 3000 * self._pictures, 7, payload, {DESCRIPTOR: data}
        )
        self.sent.append((number, packet))


def lines(parts: list[Part]) -> dict[int, list[Part]]:
    """Sort by line."""
    return {layer: [part for part in parts if part.layer == layer] for layer in (0, 1)}


def take_all(layers: SpatialLayers, sent: list[tuple[int, RtpPacket]], now_s: float = 0.0) -> list[Part]:
    """Hand everything in at one moment."""
    return [part for number, packet in sent for part in layers.take(number, packet, now_s)]


def test_each_line_has_its_layers_without_gaps_and_its_frames_ends() -> None:
    """The lower line has the lower layer alone, the upper one everything."""
    encoder = Encoder()
    encoder.picture(key=True)
    encoder.picture(temporal=1)
    encoder.picture()
    found = lines(take_all(SpatialLayers(DESCRIPTOR), encoder.sent))
    assert [part.packet.payload[0] for part in found[0]] == [0] * 6
    assert [part.packet.payload[0] for part in found[1]] == [0, 0, 1, 1] * 3
    for parts in found.values():
        assert {b.number - a.number for a, b in pairwise(parts)} == {1}
    assert [part.packet.marker for part in found[0]] == [False, True] * 3
    assert [part.packet.marker for part in found[1]] == [False, False, False, True] * 3
    assert ({part.size for part in found[0]}, {part.size for part in found[1]}) == ({SIZES[0]}, {SIZES[1]})


def test_a_missing_packet_is_waited_for_and_the_lines_stay_whole() -> None:
    """It comes again, late: what came after it follows it."""
    encoder = Encoder()
    encoder.picture(key=True)
    encoder.picture()
    late, rest = encoder.sent[5], encoder.sent[6:]
    layers = SpatialLayers(DESCRIPTOR)
    before = take_all(layers, encoder.sent[:5])
    assert take_all(layers, rest, 0.01) == []
    after = layers.take(*late, 0.05)
    whole = lines(before + after)
    assert [len(whole[0]), len(whole[1])] == [4, 8]
    assert {b.number - a.number for a, b in pairwise(whole[1])} == {1}


def test_what_never_comes_is_a_gap_of_every_line() -> None:
    """Nobody knows where it belonged: players ask for a key frame, as after any loss."""
    encoder = Encoder()
    encoder.picture(key=True)
    encoder.picture()
    encoder.picture()
    layers = SpatialLayers(DESCRIPTOR)
    before = take_all(layers, encoder.sent[:5])
    assert take_all(layers, encoder.sent[6:11], 0.01) == []
    after = layers.take(*encoder.sent[11], HOLD_S + 0.02)
    for parts in lines(before + after).values():
        assert sorted(b.number - a.number for a, b in pairwise(parts))[-2:] == [1, 2]
    assert layers.take(*encoder.sent[5], HOLD_S + 0.03) == [], "given up is given up"


def test_what_was_left_out_on_purpose_is_not_waited_for() -> None:
    """The key frame that it goes on with would lie here for 150 ms, and all that follows with it."""
    encoder, layers = Encoder(), SpatialLayers(DESCRIPTOR)
    encoder.picture(key=True)
    encoder.picture()
    encoder.picture(key=True)
    take_all(layers, encoder.sent[:4])
    assert take_all(layers, encoder.sent[6:8]) == []
    layers.skip_to(encoder.sent[8][0])
    found = lines(take_all(layers, encoder.sent[8:]))
    assert [len(parts) for parts in found.values()] == [2, 4]
    assert {part.packet.timestamp for part in found[1]} == {encoder.sent[8][1].timestamp}


def test_a_layer_the_sender_leaves_out_pauses_and_goes_on() -> None:
    """Its line gets nothing meanwhile, and has no gap afterwards."""
    encoder = Encoder()
    encoder.picture(key=True)
    encoder.picture(active=0b0011)
    encoder.picture(key=True)
    found = lines(take_all(SpatialLayers(DESCRIPTOR), encoder.sent))
    assert [part.packet.payload[1] for part in found[1]] == [0] * 4 + [2] * 4
    assert {b.number - a.number for a, b in pairwise(found[1])} == {1}
    assert [part.packet.marker for part in found[0]] == [False, True] * 3


def three_by_two_pictures(*masks: int | None) -> list[tuple[int, RtpPacket]]:
    """Return four pictures for each mask of active targets, a packet a frame; the first is a key one."""
    sent: list[tuple[int, RtpPacket]] = []
    for picture in range(4 * len(masks)):
        mask = masks[picture // 4]
        if picture % 2 and mask is not None and not mask & 0b101010:
            continue
        kinds = (0, 3, 6) if picture == 0 else (2, 5, 8) if picture % 2 else (1, 4, 7)
        for spatial, kind in enumerate(kinds):
            told = mask if picture % 4 == spatial == 0 else None
            key = picture == spatial == 0
            data = three_by_two.descriptor(kind, len(sent), key=key, active=told)
            payload = bytes((spatial, picture % 2))
            number = 1000 + len(sent)
            packet = RtpPacket(spatial == 2, 98, number, 3000 * picture, 7, payload, {DESCRIPTOR: data})
            sent.append((number, packet))
    return sent


def test_of_three_by_two_layers_each_line_has_both_temporal_ones() -> None:
    """Line 1 has the two lower spatial layers, marked where its pictures end; every line counts alone."""
    parts = take_all(SpatialLayers(DESCRIPTOR), three_by_two_pictures(None))
    for layer in range(3):
        line = [part for part in parts if part.layer == layer]
        frames = [(spatial, temporal) for temporal in (0, 1, 0, 1) for spatial in range(layer + 1)]
        assert [tuple(part.packet.payload) for part in line] == frames
        assert [part.packet.marker for part in line] == [spatial == layer for spatial, _ in frames]
        assert {b.number - a.number for a, b in pairwise(line)} <= {1}
        assert {part.size for part in line} == {SIZES[layer]}


def test_lines_go_on_when_the_upper_temporal_layer_is_left_out() -> None:
    """The targets that have it are no longer active; those without it are, and are what a line is then."""
    parts = take_all(SpatialLayers(DESCRIPTOR), three_by_two_pictures(None, 0b010101, 0b111111))
    for layer in range(3):
        line = [part for part in parts if part.layer == layer]
        frames = [
            (spatial, temporal) for temporal in (0, 1, 0, 1, 0, 0, 0, 1, 0, 1) for spatial in range(layer + 1)
        ]
        assert [tuple(part.packet.payload) for part in line] == frames
        assert {b.number - a.number for a, b in pairwise(line)} == {1}


def test_a_stream_of_one_layer_passes_through_at_once() -> None:
    """Also out of order, and without any descriptor: nothing is held."""
    layers = SpatialLayers(DESCRIPTOR)
    one = ((0, 0),)
    for number in (5, 9, 7):
        data = descriptor(one, (0, 0), key=number == 5)
        packet = RtpPacket(True, 98, number, 1, 7, b"x", {DESCRIPTOR: data} if number != 9 else {})
        assert layers.take(number, packet, 0.0) == [Part(0, number, packet, None)]


def test_padding_is_in_no_line() -> None:
    """Nor does it leave a gap."""
    encoder = Encoder()
    encoder.picture(key=True)
    layers = SpatialLayers(DESCRIPTOR)
    parts = take_all(layers, encoder.sent)
    number = encoder.sent[-1][0] + 1
    assert layers.take(number, RtpPacket(False, 98, number, 1, 7, b"", {}), 0.0) == []
    data = descriptor(KEY_LAYERS, (0, 0))
    parts += layers.take(number + 1, RtpPacket(False, 98, number + 1, 9, 7, b"x", {DESCRIPTOR: data}), 0.0)
    for line in lines(parts).values():
        assert {b.number - a.number for a, b in pairwise(line)} == {1}
