"""What both ends of a trunk agree on, without sockets."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.codecs import best_match
from streaming.negotiation import MAX_RIDS
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.packet import RtpPacket
from streaming.source import Source
from streaming.trunk.keys_crypto import derive
from streaming.trunk.terms import (
    CODEC_KEYS,
    LAST_PAYLOAD_TYPE,
    Accepted,
    agree_as_edge,
    agree_as_owner,
    codec_of,
    number_streams,
    read_accepted,
    read_nonce,
)

STREAMS = number_streams((11, 21, 22, 23, 24))
ACCEPTED = Accepted("00" * 16, "ufrag", (("127.0.0.1", 8200),), STREAMS, {"audio": "OPUS"})


@pytest.mark.parametrize("key", CODEC_KEYS)
def test_a_codec_keeps_its_key_over_the_trunk(key: str) -> None:
    """What the owner's packets are is what the edge's viewers are told."""
    codec = codec_of(100, key)
    assert codec is not None
    assert (codec.key, codec.payload_type) == (key, 100)


def test_every_codec_has_a_payload_type_that_is_none_of_rtcps() -> None:
    """From 96 on: 64 to 95 with the marker set would be taken for RTCP (RFC 5761)."""
    assert set(STREAMS.codecs.values()) == set(CODEC_KEYS)
    assert 96 <= min(STREAMS.codecs) <= max(STREAMS.codecs) <= LAST_PAYLOAD_TYPE


@pytest.mark.parametrize("source", ["H264/58a0/1", "H264/4de0/0", "H264/64ff/1"])
def test_an_unusual_profile_goes_under_a_near_one(source: str) -> None:
    """The packetization mode stays; any decoder takes any profile here."""
    picture = agree_as_owner(STREAMS).sections[1]
    codec = best_match(source, picture.codecs)
    assert codec is not None
    assert codec.key.split("/")[2] == source.split("/")[2]


@pytest.mark.parametrize("key", ["", "H265", "VP8/1", "H264/42e0", "OPUS/2/3", "VP9"])
def test_an_unknown_codec_is_passed_over(key: str) -> None:
    """An owner of a later release may know more."""
    assert codec_of(100, key) is None


def test_both_ends_describe_the_same_streams() -> None:
    """The edge's sources are what the owner's tracks are."""
    owner, edge = agree_as_owner(STREAMS), agree_as_edge(STREAMS)
    assert [section.ssrc for section in owner.sections] == [11, 21, 22, 23, 24]
    assert [ssrc for section in edge.sections for ssrc in section.offer.ssrcs] == [11, 21, 22, 23, 24]
    assert len(edge.sections[1].offer.rids) == MAX_RIDS
    for mine, theirs in ((owner.sections[0], edge.sections[0]), (owner.sections[1], edge.sections[1])):
        assert (mine.codecs, mine.extensions) == (theirs.codecs, theirs.extensions)


def test_the_edge_passes_descriptors_on_and_takes_nothing_apart() -> None:
    """The owner has: each layer is a stream of its own, which says of its frames what the publisher said."""
    picture = agree_as_edge(STREAMS).sections[1]
    source, said = Source(picture, 21, 0), b"\xc1\x00\x05"
    packet = RtpPacket(True, 96, 1, 0, 21, b"\x18\x0a", {picture.extension_id(DEPENDENCY_DESCRIPTOR): said})
    assert source.spatial is None
    assert source.descriptor(packet) == said


def test_both_ends_derive_mirrored_keys() -> None:
    """What one sends with the other receives with; another nonce, show or secret gives other keys."""
    one, two = b"1" * 16, b"2" * 16
    edge, owner = (derive(b"key", "s1", one, two, is_edge=side) for side in (True, False))
    assert (edge.keys, edge.password) == (owner.keys[::-1], owner.password)
    assert edge.keys[0] != edge.keys[1]
    others = [
        derive(b"key", "s1", two, one, is_edge=True),
        derive(b"key", "s2", one, two, is_edge=True),
        derive(b"other", "s1", one, two, is_edge=True),
    ]
    assert len({edge.keys, *(other.keys for other in others)}) == 4


def test_an_answer_is_read_as_it_was_written() -> None:
    """JSON there and back."""
    assert read_accepted(msgspec.json.encode(ACCEPTED)) == ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        {"streams": number_streams((11, 21, 22, 23, 23))},
        {"streams": number_streams((11, 21, 22, 23))},
        {"streams": number_streams((0, 21, 22, 23, 24))},
        {"streams": msgspec.structs.replace(STREAMS, codecs={64: "VP8"})},
        {"candidates": ()},
        {"candidates": (("127.0.0.1", 1),) * 17},
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(change: dict[str, object]) -> None:
    """Numbers that collide or cannot be, no address, or far too many."""
    with pytest.raises(ValueError, match=r"."):
        read_accepted(msgspec.json.encode(msgspec.structs.replace(ACCEPTED, **change)))


@given(st.binary(max_size=300))
def test_whatever_comes_as_an_answer_is_read_or_refused(body: bytes) -> None:
    """Nothing but `ValueError` leaves the reader."""
    try:
        read_accepted(body)
    except ValueError:
        return


@given(st.text(max_size=40))
def test_a_nonce_is_sixteen_bytes_or_refused(text: str) -> None:
    """Whatever the edge says."""
    try:
        assert len(read_nonce(text)) == 16
    except ValueError:
        return
