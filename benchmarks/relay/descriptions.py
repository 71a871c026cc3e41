"""Offers and answers of the benchmark's ends: the least there is to say, or all that browsers ask for.

The least is what Janus' plugin and this server are compared with: sound, one picture, no extensions, no
reports. `Features.ALL` is what a studio and its viewers agree on: three layers told apart by RID, MID and
transport-wide numbers in the headers, RTX.
"""

import re
from enum import Enum

from benchmarks.relay.peer import MediaPeer
from streaming.negotiation import MID, RID, TRANSPORT_CC

# Sound's everywhere; of pictures each server has its own.
SOUND_TYPE = 111
MID_ID, TRANSPORT_ID, RID_ID = 1, 3, 4
# From the lowest to the highest.
LAYERS = ("l", "m", "h")


class Features(Enum):
    """How much of WebRTC the ends use."""

    LEAST = "least"
    ALL = "all"


def description(
    peer: MediaPeer,
    direction: str,
    *,
    setup: str,
    audio: int,
    video: int,
    features: Features = Features.LEAST,
) -> str:
    """Write an offer or answer with Opus and VP8 under these payload types; RTX goes by the next one."""
    transport = [
        f"a=ice-ufrag:{peer.ufrag}", f"a=ice-pwd:{peer.pwd}",
        f"a=fingerprint:sha-256 {peer.identity.fingerprint}", f"a=setup:{setup}", f"a={direction}",
        "a=rtcp-mux",
    ]  # fmt: skip
    is_all, sends = features is Features.ALL, direction == "sendonly"
    if is_all:
        transport.append(f"a=extmap:{MID_ID} {MID}")
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
    lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {audio}", "c=IN IP4 0.0.0.0", "a=mid:0", *transport]
    lines += [f"a=rtpmap:{audio} opus/48000/2", *(["a=ssrc:1111 cname:source"] if sends else [])]
    formats = f"{video} {video + 1}" if is_all else f"{video}"
    lines += [f"m=video 9 UDP/TLS/RTP/SAVPF {formats}", "c=IN IP4 0.0.0.0", "a=mid:1", *transport]
    lines += [f"a=rtpmap:{video} VP8/90000", f"a=rtcp-fb:{video} nack", f"a=rtcp-fb:{video} nack pli"]
    if is_all:
        lines += _all_of_video(video, sends=sends)
    elif sends:
        lines += ["a=ssrc:2222 cname:source"]
    return "\r\n".join(lines) + "\r\n"


def _all_of_video(video: int, *, sends: bool) -> list[str]:
    lines = [
        f"a=rtcp-fb:{video} transport-cc", f"a=rtpmap:{video + 1} rtx/90000",
        f"a=fmtp:{video + 1} apt={video}", f"a=extmap:{TRANSPORT_ID} {TRANSPORT_CC}",
    ]  # fmt: skip
    if sends:
        lines += [f"a=extmap:{RID_ID} {RID}", *(f"a=rid:{rid} send" for rid in LAYERS)]
        lines.append(f"a=simulcast:send {';'.join(LAYERS)}")
    return lines


def video_ssrcs(answer: str) -> list[int]:
    """Return what the other end sends its picture and its repeats as, in the order it names them."""
    section = answer.partition("m=video")[2]
    return list(dict.fromkeys(int(ssrc) for ssrc in re.findall(r"^a=ssrc:(\d+)", section, re.MULTILINE)))
