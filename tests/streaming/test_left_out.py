"""Pictures that were dropped because they would have come too late: what each kind of stream goes on with."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from streaming.rtp.packet import RtpPacket
from streaming.source import Source
from tests.streaming.key_frames import key_frame
from tests.streaming.scalable import KEY_LAYERS, descriptor
from tests.streaming.studio import DELTA, FRAME_S, VP8, Studio, one_layer
from tests.streaming.test_held_viewers import (
    DELIMITER,
    DELTA_SLICE,
    KEY_SLICE,
    PARAMETER_SETS,
)
from tests.streaming.test_held_viewers import (
    Show as H264Show,
)
from tests.streaming.test_scalable_viewers import AV1, AV1_REST, Show
from tests.streaming.test_spatial_layers import DESCRIPTOR

LATE_S = 1.0


@pytest.fixture
def scalable() -> Iterator[Show]:
    """A scalable stream, and two viewers in its upper layer."""
    made = Show()
    for _ in range(2):
        made.seat(describes=True)
    for _ in range(8):
        for player in made.players:
            made.picture.take_estimate(player.track, 5e6, made.now_s)
        made.play(0.5)
    assert [len(stream.fanout) for stream in made.picture.layers] == [0, 2]
    yield made
    made.close()


@pytest.fixture
def studio() -> Iterator[Studio]:
    """A publisher of two layers."""
    made = Studio(320, 1280)
    yield made
    made.close()


def numbers_step_by_one(packets: list[RtpPacket]) -> bool:
    """Whether no number is missing that a player would ask for."""
    return {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)} == {1}


def leave_out(show: Show, seconds: float, *, spatial_layers: tuple[int, ...] = (0, 1)) -> None:
    """Let a scalable stream's pictures of so long be dropped as they come."""
    for _ in range(round(seconds / FRAME_S)):
        for spatial in spatial_layers:
            show.picture.leave_out(*packet_of(show, spatial), AV1, show.now_s)
            show.sent += 1
        show.now_s += FRAME_S


def packet_of(show: Show, spatial: int) -> tuple[Source, int, RtpPacket]:
    """A scalable stream's next packet, which begins nothing."""
    data = descriptor(KEY_LAYERS, (spatial, 0), frame=show.frame)
    timestamp = round(show.now_s * 90_000) & 0xFFFFFFFF
    packet = RtpPacket(
        spatial == 1, 45, show.sent & 0xFFFF, timestamp, 7, AV1_REST + bytes(100), {DESCRIPTOR: data}
    )
    return show.source, show.sent, packet


def test_all_layers_of_a_scalable_stream_wait_and_nobody_is_moved(scalable: Show) -> None:
    """A second in the queue and more until the key frame: no layer has ended for that, or reads as less."""
    before = [layer.bits_per_s for _, layer in scalable.picture.metered(scalable.now_s)]
    leave_out(scalable, LATE_S)
    for _ in range(round(2 * LATE_S / FRAME_S)):
        for spatial in (0, 1):
            scalable.picture.push(*packet_of(scalable, spatial), AV1, scalable.now_s)
            scalable.sent += 1
        scalable.picture.tick(scalable.now_s)
        scalable.now_s += FRAME_S
        assert [len(stream.fanout) for stream in scalable.picture.layers] == [0, 2]
        meanwhile = [layer.bits_per_s for _, layer in scalable.picture.metered(scalable.now_s)]
        assert meanwhile == pytest.approx(before, rel=0.3)
    assert scalable.players[0].received()
    # Its key frame does not wait for what was left out, nor what follows it.
    scalable.play(FRAME_S)
    packets = scalable.players[0].received()
    assert len(packets) == 2
    scalable.play(0.5)
    packets += scalable.players[0].received()
    assert len(packets) == 2 + 2 * round(0.5 / FRAME_S)
    assert numbers_step_by_one(packets)
    after = [layer.bits_per_s for _, layer in scalable.picture.metered(scalable.now_s)]
    assert after == pytest.approx(before, rel=0.3)


def test_a_layer_that_had_ended_does_not_come_back_by_what_is_left_out(scalable: Show) -> None:
    """The host stopped its upper layer long ago."""
    for _ in range(round(3 / FRAME_S)):
        data = descriptor(KEY_LAYERS, (0, 0), frame=scalable.frame, active=0b11)
        source, number, packet = packet_of(scalable, 0)
        packet.extensions[DESCRIPTOR] = data
        scalable.picture.push(source, number, packet, AV1, scalable.now_s)
        scalable.sent, scalable.frame = scalable.sent + 1, (scalable.frame + 1) & 0xFFFF
        scalable.picture.tick(scalable.now_s)
        scalable.now_s += FRAME_S
    assert not scalable.picture.is_layered
    leave_out(scalable, FRAME_S, spatial_layers=(0,))
    scalable.picture.tick(scalable.now_s)
    assert not scalable.picture.is_layered


def test_one_layer_waits_and_the_others_go_on(studio: Studio) -> None:
    """Who is on the way to it comes over with the key frame that it goes on with."""
    low, high, going = (studio.seat() for _ in range(3))
    studio.play(0, 1, seconds=2.5)
    for player, layer in ((low, 0), (high, 1), (going, 0)):
        studio.wish(player, layer)
    studio.frame(0, 1, key=True)
    seat = studio.wish(going, 1)
    for player in studio.players:
        player.received()
    rate = studio.picture.metered(studio.now_s)[1][1].bits_per_s
    for _ in range(15):
        studio.leave_out(1)
        studio.frame(0)
    for _ in range(15):
        studio.frame(0, 1)
    assert [len(player.received()) for player in studio.players] == [30, 0, 30]
    assert studio.picture.metered(studio.now_s)[1][1].bits_per_s == pytest.approx(rate, rel=0.3)
    assert [source.layer for source in studio.picture.key_frames_due(studio.now_s)] == [1]
    studio.frame(1, key=True)
    studio.frame(0, 1)
    assert seat.at is studio.picture.layers[1]
    assert [len(player.received()) for player in studio.players] == [1, 2, 2]


@pytest.mark.parametrize("what", ["another publisher", "another stream"])
def test_who_had_not_begun_is_asked_for_a_key_frame(what: str) -> None:
    """Its first packets were left out: there is no line yet that could go on."""
    studio = Studio(640)
    player = studio.seat()
    studio.play(0, seconds=1)
    if what == "another publisher":
        studio.picture.drop_source()
    source = Source(one_layer(), 99)
    player.received()

    def push(number: int, payload: bytes) -> None:
        timestamp = round(studio.now_s * 90_000) & 0xFFFFFFFF
        packet = RtpPacket(True, 96, number, timestamp, 99, payload, {})
        studio.picture.push(source, number, packet, VP8, studio.now_s)
        studio.picture.flush()
        studio.now_s += FRAME_S

    for number in range(3):
        packet = RtpPacket(True, 96, number, 7, 99, DELTA, {})
        studio.picture.leave_out(source, number, packet, VP8, studio.now_s)
    push(3, DELTA)
    studio.now_s += 1.0
    assert studio.picture.key_frames_due(studio.now_s) == [source]
    push(4, key_frame(640))
    assert [packet.payload for packet in player.received()] == [key_frame(640)]
    studio.close()


def test_a_beginning_that_is_repeated_late_is_none(studio: Studio) -> None:
    """The rest of that key frame was dropped, and nobody could ask for it: the next one is waited for."""
    player = studio.seat()
    studio.play(0, seconds=1)
    player.received()
    studio.leave_out(0)
    number = studio.lose(0)
    studio.now_s += FRAME_S
    studio.packet(0, b"\x00rest", marker=True)
    studio.packet(0, key_frame(320), marker=False, number=number)
    studio.picture.flush()
    assert player.received() == []
    assert studio.picture.key_frames_due(studio.now_s) == [studio.sources[0]]
    studio.now_s += FRAME_S
    studio.frame(0, key=True)
    assert [packet.payload for packet in player.received()] == [key_frame(320)]


def test_numbers_that_begin_anew_are_no_repeats_from_before(studio: Studio) -> None:
    """Nor does what was left out of one publisher concern the next."""
    player = studio.seat()
    studio.play(0, seconds=1)
    player.received()
    studio.leave_out(0)
    studio.picture.began_anew(studio.sources[0])
    studio.sources[0].sequence_offset = None
    studio.sent[0] = 0
    studio.frame(0, key=True)
    assert [packet.payload for packet in player.received()] == [key_frame(320)]
    studio.leave_out(0)
    studio.picture.drop_source()
    assert studio.sources[0] not in studio.picture._left_out


@pytest.mark.parametrize("begun", [True, False])
def test_a_slice_without_its_parameter_sets_is_no_beginning(*, begun: bool) -> None:
    """H264 in packets of one part each: what of a key frame was left out is missed, but for its delimiter."""
    show = H264Show(delimiters=True)
    show.frame()
    if not begun:
        show.studio.picture.drop_source()
        show.start_anew()
    show.player.received()
    show.leave_out(DELTA_SLICE)
    # Two parts of a key frame left out, and its slice comes.
    show.leave_out(DELIMITER, PARAMETER_SETS[0])
    show.push(PARAMETER_SETS[1], KEY_SLICE)
    assert show.player.received() == []
    show.studio.now_s += 1.0
    assert show.studio.picture.key_frames_due(show.studio.now_s) == [show.source]
    parts = show.frame(key=True)
    # Of the next one the delimiter is dropped, which is not missed.
    assert [packet.payload for packet in show.player.received()] == parts[1:]
    show.studio.close()


@pytest.mark.parametrize("is_left_out", [False, True])
def test_a_former_stream_is_asked_for_nothing(*, is_left_out: bool) -> None:
    """The host goes on under another SSRC, and sends no key frame of the one that waits for it."""
    show = H264Show(delimiters=False)
    former = show.source
    show.leave_out(DELTA_SLICE)
    show.start_anew()
    if is_left_out:
        show.leave_out(DELTA_SLICE)
    show.push(DELTA_SLICE)
    show.studio.now_s += 1.0
    asked = show.studio.picture.key_frames_due(show.studio.now_s)
    assert asked == [show.source] != [former]
    show.frame(key=True)
    assert len(show.studio.picture._left_out) == 0
    show.studio.picture.viewer_wants_key_frame()
    show.studio.now_s += 2.0
    assert show.studio.picture.key_frames_due(show.studio.now_s) == [show.source]
    show.studio.close()


def test_repeats_are_no_rate_while_something_is_left_out(studio: Studio) -> None:
    """A browser repeats old packets to probe its line; a peak would keep viewers from the layer."""
    studio.seat()
    studio.play(0, seconds=2.5)
    rate = studio.picture.metered(studio.now_s)[0][1].peak_bits_per_s
    studio.leave_out(0)
    old = studio.sent[0] - 5
    for _ in range(15):
        for _ in range(100):
            studio.packet(0, DELTA, number=old)
        studio.now_s += FRAME_S
    assert studio.picture.metered(studio.now_s)[0][1].peak_bits_per_s == pytest.approx(rate, rel=0.3)
