"""What the relay benchmark's ends say is what the relay understands."""

import datetime as dt

import pytest

from benchmarks.relay.descriptions import LAYERS, RID_ID, TRANSPORT_ID, Features, description, video_ssrcs
from benchmarks.relay.peer import MediaPeer
from benchmarks.relay.reports import HEAD_BYTES, transport_number
from benchmarks.relay.source import LOWER_LAYERS, Source
from streaming.negotiation import RID, TRANSPORT_CC, agree_with_publisher, agree_with_viewer
from streaming.rtp.packet import RtpPacket, build_rtp, parse_rtp
from streaming.sdp import parse
from streaming.transport.dtls_crypto import DtlsIdentity

TYPES = {"audio": 111, "video": 96}


def offer(direction: str, features: Features) -> str:
    """An end's offer."""
    peer = MediaPeer(DtlsIdentity(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)))
    try:
        return description(peer, direction, setup="actpass", features=features, **TYPES)
    finally:
        peer.close()


def test_with_all_features_a_host_offers_three_layers_and_a_viewer_takes_numbers_and_rtx() -> None:
    """As a studio and its viewers do."""
    host = agree_with_publisher(parse(offer("sendonly", Features.ALL))).section("video")
    viewer = agree_with_viewer(parse(offer("recvonly", Features.ALL)), {}, lambda: 7).section("video")
    assert host is not None
    assert viewer is not None
    assert tuple(host.offer.rids) == LAYERS
    assert (host.extension_id(RID), host.extension_id(TRANSPORT_CC)) == (RID_ID, TRANSPORT_ID)
    assert viewer.extension_id(TRANSPORT_CC) == TRANSPORT_ID
    assert [codec.retransmission for codec in viewer.codecs] == [TYPES["video"] + 1]


def test_with_the_least_nothing_is_agreed_that_janus_has_not() -> None:
    """No extensions, no RTX."""
    viewer = agree_with_viewer(parse(offer("recvonly", Features.LEAST)), {}, lambda: 7)
    assert [section.extensions for section in viewer.sections] == [{}, {}]
    assert [codec.retransmission for codec in viewer.sections[1].codecs] == [None]


@pytest.mark.parametrize("features", list(Features))
def test_a_source_sends_each_layers_frames_whole(features: Features) -> None:
    """A key frame of each, then frames; numbers go on, and markers end them."""
    seen: list[RtpPacket] = []
    source = Source((lambda _: None, lambda data: seen.append(parse_rtp(data))), (111, 96), features)
    for _ in range(2):
        source._send_lower_layers()
        source._send_frame()
    shapes = [(40, 4), *((one.key_frame_packets, one.frame_packets) for one in LOWER_LAYERS)]
    assert len(seen) == sum(map(sum, shapes if features is Features.ALL else shapes[:1]))
    for ssrc in {packet.ssrc for packet in seen}:
        layer = [packet for packet in seen if packet.ssrc == ssrc]
        assert [packet.sequence for packet in layer] == list(range(len(layer)))
        assert sum(packet.marker for packet in layer) == 2
    rids = {packet.extensions.get(RID_ID) for packet in seen}
    assert rids == ({rid.encode() for rid in LAYERS} if features is Features.ALL else {None})


def test_a_viewer_finds_a_packets_number_wherever_it_stands() -> None:
    """Behind another extension, before one; what has none, and RTCP, has no number."""
    for extensions, number in (
        ({1: b"1", TRANSPORT_ID: b"\x12\x34"}, 0x1234),
        ({TRANSPORT_ID: b"\x00\x07", 1: b"video"}, 7),
        ({1: b"1"}, None),
    ):
        packet = RtpPacket(False, 96, 1, 2, 3, bytes(100), extensions)
        assert transport_number(build_rtp(packet)[:HEAD_BYTES]) == number
    assert transport_number(b"\x90\xc9" + bytes(30)) is None
    assert transport_number(b"\x80\x60" + bytes(30)) is None


def test_a_servers_streams_are_named_in_its_answer() -> None:
    """The picture's and its repeats', not the sound's."""
    answer = "m=audio 9\r\na=ssrc:1 cname:x\r\nm=video 9\r\na=ssrc:2 cname:x\r\na=ssrc:3 cname:x\r\n"
    assert video_ssrcs(answer) == [2, 3]
