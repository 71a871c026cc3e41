"""Offers of clients that cannot be run here get an answer that keeps the rules of offer and answer."""

import re
from dataclasses import replace

import pytest

from streaming import whep, whip
from streaming.answers import LocalTransport, build_answer
from streaming.errors import UnusableOfferError
from tests.streaming.interop.offers import RECORDED, Recorded

LOCAL = LocalTransport("ufrag", "p" * 24, "AA:BB", (("192.0.2.9", 8189),))
SESSION = 7
LIVE = {"VP8": "VP8", "VP9": "VP9/0", "H264": "H264/42e0/1"}
BY_NAME = {one.name: one for one in RECORDED}
VIEWERS = [one for one in RECORDED if one.side == "viewer"]
PUBLISHERS = [one for one in RECORDED if one.side == "publisher"]
# What a page offers that a WHIP session has no use for; without it each of these offers sound to publish.
NO_WHIP = ("recvonly", "webrtc-datachannel")


def sections(description: str) -> list[list[str]]:
    """Lines of each section."""
    return [part.splitlines() for part in re.split(r"^(?=m=)", description, flags=re.MULTILINE)[1:]]


def values(lines: list[str], name: str) -> list[str]:
    """Values of an attribute, in order."""
    return [line.removeprefix(f"a={name}:") for line in lines if line.startswith(f"a={name}:")]


def assert_rules(offer: str, answer: str, direction: str) -> None:
    """What an answer may say depends on the offer alone (RFC 8829 section 5.3, RFC 9143, RFC 8853)."""
    offered, answered = sections(offer), sections(answer)
    assert len(offered) == len(answered)
    accepted = []
    for asked, told in zip(offered, answered, strict=True):
        assert told[0].split()[0] == asked[0].split()[0]
        assert values(told, "mid") == values(asked, "mid")
        if told[0].split()[1] == "0":
            continue
        accepted += values(told, "mid")
        assert f"a={direction}" in told
        assert "a=rtcp-mux" in told
        assert values(told, "setup") == ["passive"]
        assert set(told[0].split()[3:]) <= set(asked[0].split()[3:])
        for name in ("rtpmap", "extmap", "rtcp-fb"):
            assert {one.lower() for one in values(told, name)} <= {one.lower() for one in values(asked, name)}
        assert values(told, "rid") == [one.replace("send", "recv") for one in values(asked, "rid")]
        assert [one.replace("recv", "send") for one in values(told, "simulcast")] == values(
            asked, "simulcast"
        )
    assert f"a=group:BUNDLE {' '.join(accepted)}" in answer
    assert "a=ice-lite" in answer
    assert accepted


@pytest.mark.parametrize("recorded", PUBLISHERS, ids=lambda one: one.name)
def test_a_recorded_publisher_gets_an_answer_by_the_rules(recorded: Recorded) -> None:
    """Session-level credentials, a ufrag that begins with slashes, telephone events: all are answered."""
    offer = recorded.sdp()
    answer = build_answer(whip.read_offer(offer), LOCAL, SESSION, sending=False)
    assert_rules(offer, answer, "recvonly")
    assert "opus/48000/2" in answer


@pytest.mark.parametrize("live", LIVE)
@pytest.mark.parametrize("recorded", VIEWERS, ids=lambda one: one.name)
def test_a_recorded_viewer_gets_the_live_codec_first(recorded: Recorded, live: str) -> None:
    """Under the number that the client gave it: VP8 is 100 in Safari and 96 in Chrome."""
    offer = recorded.sdp()
    agreed = whep.read_offer(offer, {"video": LIVE[live], "audio": "OPUS"}, lambda: 5)
    answer = build_answer(agreed, LOCAL, SESSION, sending=True)
    assert_rules(offer, answer, "sendonly")
    (video,) = [one for one in sections(answer) if one[0].startswith("m=video")]
    first = video[0].split()[3]
    names = dict(one.split(" ", 1) for one in values(sections(offer)[offer_index(offer, "video")], "rtpmap"))
    wanted = live if f"{live}/90000" in names.values() else names[first].split("/")[0]
    assert names[first] == f"{wanted}/90000"


def offer_index(offer: str, kind: str) -> int:
    """Where the section of this kind stands."""
    return [one[0].split()[0] for one in sections(offer)].index(f"m={kind}")


def test_a_data_channel_is_refused_to_a_viewer_and_the_rest_goes_on() -> None:
    """Port 0 and not in the bundle."""
    offer = BY_NAME["safari_macos"].sdp()
    answer = build_answer(whep.read_offer(offer, {}, lambda: 5), LOCAL, SESSION, sending=True)
    assert sections(answer)[2][0].startswith("m=application 0 ")
    assert "a=group:BUNDLE 0 1\r\n" in answer


@pytest.mark.parametrize("recorded", VIEWERS, ids=lambda one: one.name)
def test_a_viewers_offer_is_no_publishers(recorded: Recorded) -> None:
    """Sent to the wrong address it is refused as unusable, not as broken."""
    with pytest.raises(UnusableOfferError):
        whip.read_offer(recorded.sdp())


def test_a_browsers_sound_can_be_published_without_its_other_sections() -> None:
    """What is left of a Safari offer when only its microphone is added."""
    recorded = BY_NAME["safari_macos"]
    media = [one for one in recorded.media if not set(NO_WHIP) & {*one["lines"], one["formats"]}]
    offer = replace(recorded, session=["group:BUNDLE 1"], media=media).sdp()
    answer = build_answer(whip.read_offer(offer), LOCAL, SESSION, sending=False)
    assert_rules(offer, answer, "recvonly")


def test_every_recorded_offer_names_where_it_was_published() -> None:
    """A repository, and in it a path, an issue or a pull request; or that we ran it, and when."""
    published = r"[\w.-]+/[\w.-]+ (issue \d+|pull request \d+|[\w./-]+\.\w+)"
    for recorded in RECORDED:
        assert re.fullmatch(rf"{published}|run by hand, \w+ \d{{4}}", recorded.source)
