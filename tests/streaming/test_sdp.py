"""Reading offers and writing answers, as browsers, FFmpeg and OBS write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.answers import LocalTransport, build_answer
from streaming.codecs import Codec, best_match
from streaming.errors import UnusableOfferError
from streaming.negotiation import TRANSPORT_CC, agree_with_publisher, agree_with_viewer
from streaming.sdp import MalformedSdpError, parse
from streaming.sdpfrag import parse_fragment
from tests.streaming.raw_peer import H264, ORIENTATION_URI, VP8, RawPeer

LOCAL = LocalTransport("abcd", "0123456789abcdefghijkl", "AB:CD", (("192.0.2.1", 8200), ("127.0.0.1", 8200)))
FFMPEG = """v=0
o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1
s=FFmpegPublishSession
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:a1b2c3d4
a=ice-pwd:a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6
a=fingerprint:sha-256 AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99
a=setup:passive
a=mid:0
a=sendonly
a=msid:FFmpeg audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ssrc:2741431064 cname:FFmpeg
a=ssrc:2741431064 msid:FFmpeg audio
m=video 9 UDP/TLS/RTP/SAVPF 106 105
c=IN IP4 0.0.0.0
a=ice-ufrag:a1b2c3d4
a=ice-pwd:a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6
a=fingerprint:sha-256 AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99
a=setup:passive
a=mid:1
a=sendonly
a=msid:FFmpeg video
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64000d
a=rtcp-fb:106 nack
a=rtpmap:105 rtx/90000
a=fmtp:105 apt=106
a=ssrc-group:FID 3471842109 2000000001
a=ssrc:3471842109 cname:FFmpeg
a=ssrc:2000000001 cname:FFmpeg
"""


def test_ffmpegs_offer_is_answered_as_its_client() -> None:
    """It is passive, so we begin; its RTX and its High profile are kept; no feedback it did not offer."""
    agreed = agree_with_publisher(parse(FFMPEG))
    assert agreed.dtls_client
    video = agreed.section("video")
    assert video is not None
    assert video.codecs[0].key == "H264/6400/1"
    assert video.codecs[0].retransmission == 105
    assert video.offer.retransmission_ssrcs == {3471842109: 2000000001}
    assert video.offer.ssrcs == [3471842109]
    answer = build_answer(agreed, LOCAL, 1, sending=False)
    assert "a=setup:active\r\n" in answer
    assert "a=rtcp-fb:106 nack\r\n" in answer
    assert "nack pli" not in answer
    assert "a=candidate:1 1 udp 2130706431 192.0.2.1 8200 typ host\r\n" in answer


def codec(text: str, payload_type: int, parameters: dict[str, str]) -> Codec:
    """A codec as an offer has it."""
    return Codec(payload_type, text, 90_000, 1, parameters)


CHROMIUM = [
    codec("VP8", 96, {}),
    codec("H264", 103, {"profile-level-id": "42001f", "packetization-mode": "1"}),
    codec("H264", 107, {"profile-level-id": "42001f", "packetization-mode": "0"}),
    codec("H264", 109, {"profile-level-id": "42e01f", "packetization-mode": "1"}),
    codec("H264", 117, {"profile-level-id": "4d001f", "packetization-mode": "1"}),
    codec("AV1", 45, {"level-idx": "5", "profile": "0", "tier": "0"}),
    codec("VP9", 98, {"profile-id": "0"}),
    codec("VP9", 100, {"profile-id": "2"}),
]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("VP8", 96),
        ("H264/42e0/1", 109),
        ("H264/4200/0", 107),
        ("H264/6400/1", 103),
        ("H264/4d00/1", 117),
        ("H264/4d40/1", 117),
        ("VP9/0", 98),
        ("VP9/2", 100),
        ("VP9/1", None),
        ("AV1/0", 45),
        ("H265/1", None),
    ],
)
def test_the_viewers_codec_that_plays_a_source(source: str, expected: int | None) -> None:
    """Equal profiles first; H.264 of another profile is decoded by everybody, VP9 of another is not."""
    found = best_match(source, CHROMIUM)
    assert (found.payload_type if found else None) == expected


def test_a_viewer_gets_every_codec_with_the_live_one_first() -> None:
    """So the host may come back with another."""
    offer = parse(RawPeer("recvonly", [VP8, H264]).offer())
    agreed = agree_with_viewer(offer, {"video": "H264/4200/1"}, lambda: 7)
    video = agreed.section("video")
    assert video is not None
    assert [one.name for one in video.codecs] == ["H264", "VP8"]


def test_viewers_are_asked_for_bandwidth_feedback_on_the_picture_only() -> None:
    """The numbers are the picture's own; sound has none."""
    offer = parse(RawPeer("recvonly", [VP8]).offer())
    answer = build_answer(agree_with_viewer(offer, {}, lambda: 7), LOCAL, 1, sending=True)
    sound, picture = answer.split("m=video")
    assert "transport" not in sound
    assert "a=rtcp-fb:96 transport-cc" in picture
    assert f"a=extmap:3 {TRANSPORT_CC}" in picture
    assert "a=rtcp-fb:96 nack pli" in picture


def test_more_layers_than_anybody_sends_are_refused() -> None:
    """Each would cost a ring and a fan-out."""
    offer = RawPeer("sendonly", [VP8]).offer()
    four, five = ("".join(f"a=rid:{n} send\r\n" for n in range(count)) for count in (4, 5))
    assert agree_with_publisher(parse(offer + four)).sections[-1].offer.rids == ["0", "1", "2", "3"]
    with pytest.raises(UnusableOfferError, match="at most 4 layers"):
        agree_with_publisher(parse(offer + five))


def test_two_lite_ends_are_refused() -> None:
    """Neither would ever send a check."""
    offer = RawPeer("sendonly", [VP8]).offer().replace("t=0 0", "t=0 0\r\na=ice-lite")
    with pytest.raises(UnusableOfferError, match="ICE-lite"):
        agree_with_publisher(parse(offer))


def test_session_level_attributes_serve_every_section() -> None:
    """Firefox writes the fingerprint once."""
    offer = RawPeer("sendonly", [VP8]).offer()
    line = next(line for line in offer.splitlines() if line.startswith("a=fingerprint"))
    moved = offer.replace(line + "\r\n", "").replace("t=0 0\r\n", f"t=0 0\r\n{line}\r\n")
    assert all(media.fingerprints for media in parse(moved).media)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("apt=96", "apt=²"),
        ("apt=96", "apt=" + "9" * 5000),
        ("VP8/90000", "VP8/0"),
        ("opus/48000/2", "opus/0/2"),
    ],
)
def test_numbers_that_are_none_are_refused(line: str, broken: str) -> None:
    """A superscript is a digit to some, and a clock that stands still divides by zero later."""
    offer = RawPeer("sendonly", [VP8]).offer()
    assert line in offer
    with pytest.raises(MalformedSdpError):
        parse(offer.replace(line, broken))


offers = st.sampled_from(
    [FFMPEG, RawPeer("sendonly", [VP8, H264]).offer(), RawPeer("recvonly", [VP8]).offer()]
)


@given(offers, st.randoms(use_true_random=False), st.integers(1, 12))
def test_mangled_offers_are_answered_or_refused(offer: str, random: object, changes: int) -> None:
    """Lines lost, doubled, swapped or cut never raise anything else."""
    lines = offer.splitlines()
    for _ in range(changes):
        at = random.randrange(len(lines))  # type: ignore[attr-defined] # hypothesis' random
        what = random.randrange(4)  # type: ignore[attr-defined] # hypothesis' random
        if what == 0 and len(lines) > 1:
            lines.pop(at)
        elif what == 1:
            lines.insert(at, random.choice(lines))  # type: ignore[attr-defined] # hypothesis' random
        elif what == 2:
            lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]  # type: ignore[attr-defined] # hypothesis' random
        else:
            lines[at] = lines[at].replace(":", ":9999999999 ", 1)
    text = "\r\n".join(lines)
    for agree in (agree_with_publisher, lambda described: agree_with_viewer(described, {}, lambda: 7)):
        try:
            agreed = agree(parse(text))
            build_answer(agreed, LOCAL, 1, sending=False)
        except (MalformedSdpError, UnusableOfferError):
            continue


@given(st.text(max_size=400))
def test_any_text_is_sdp_or_refused(text: str) -> None:
    """And any fragment too."""
    for read in (parse, parse_fragment):
        for body in (text, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" + text):
            try:
                read(body)
            except MalformedSdpError:
                continue


@pytest.mark.parametrize(
    "line",
    [
        "a=fmtp:96 " + ";".join(f"p{n}=1" for n in range(200)),
        "a=x-long:" + "y" * 5000,
        "\n".join(f"a=rtcp-fb:* kind{n}" for n in range(200)),
        "\n".join(f"a=rtcp-fb:96 kind{n}" for n in range(200)),
    ],
)
def test_an_offer_that_would_be_kept_for_long_is_bounded(line: str) -> None:
    """Parameters and feedback stay in memory as long as the session, and go into its answer."""
    with pytest.raises(MalformedSdpError, match=r"too many|longer"):
        parse(FFMPEG + line + "\n")


@pytest.mark.parametrize("end", ["\r", "\x0b", "\u2028", "\x00"])
def test_nothing_of_an_offer_can_add_lines_to_the_answer(end: str) -> None:
    """What is echoed must not smuggle in what some reader takes for a line end."""
    offer = RawPeer("sendonly", [VP8]).offer().replace("minptime=10", f"minptime=10{end}a=inactive")
    with pytest.raises(MalformedSdpError, match="control"):
        parse(offer)


def test_phones_turn_their_pictures_themselves() -> None:
    """One that has the extension agreed sends them as its sensor lies, and not everybody reads it."""
    agreed = [
        agree_with_publisher(parse(RawPeer("sendonly", [VP8]).offer())),
        agree_with_viewer(parse(RawPeer("recvonly", [VP8]).offer()), {}, iter(range(1, 9)).__next__),
    ]
    assert ORIENTATION_URI in RawPeer("sendonly", [VP8]).offer()
    assert not any(
        ORIENTATION_URI in section.extensions.values() for one in agreed for section in one.sections
    )
