"""Codecs: which we forward, and which two descriptions of one mean the same stream.

The relay never decodes, so a codec is a name, a clock rate and the parameters a decoder must agree with.
"""

from dataclasses import dataclass, field

VIDEO_CODECS = ("VP8", "VP9", "H264", "AV1")
AUDIO_CODECS = ("OPUS",)


@dataclass(slots=True, frozen=True)
class Codec:
    """One payload type of a description.

    `parameters` is the fmtp line as read, lower-case names; `feedback` the rtcp-fb values ("nack",
    "nack pli"); `retransmission` the payload type of its RTX, or None.
    """

    payload_type: int
    name: str
    rate_hz: int
    channels: int = 1
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    retransmission: int | None = None

    @property
    def kind(self) -> str:
        """`audio` or `video`."""
        return "audio" if self.name in AUDIO_CODECS else "video"

    @property
    def key(self) -> str:
        """Names what a decoder must know; equal keys are interchangeable without a thought."""
        if self.name == "H264":
            return f"H264/{h264_profile(self)}/{self.parameters.get('packetization-mode', '0')}"
        if self.name == "VP9":
            return f"VP9/{self.parameters.get('profile-id', '0')}"
        if self.name == "AV1":
            return f"AV1/{self.parameters.get('profile', '0')}"
        return self.name


def h264_profile(codec: Codec) -> str:
    """Profile and constraint bytes of `profile-level-id`; without one it is Baseline (RFC 6184 8.1)."""
    return codec.parameters.get("profile-level-id", "42000a")[:4].lower()


def is_forwarded(codec: Codec) -> bool:
    """Whether the relay can find key frames in it, and so can forward it."""
    return codec.name in VIDEO_CODECS or codec.name in AUDIO_CODECS


def best_match(source: str, offered: list[Codec]) -> Codec | None:
    """Return the viewer's codec that plays a source with this key, or None.

    Equal keys first. H.264 of another profile is taken too: what libx264 sends by default (High) is
    offered by no browser and decoded by all (checked in Chromium); the packetization mode decides next,
    because mode 1 covers mode 0.
    """
    exact = [codec for codec in offered if codec.key == source]
    if exact:
        return exact[0]
    if not source.startswith("H264/"):
        return None
    same_name = [codec for codec in offered if codec.name == "H264"]
    ranked = sorted(same_name, key=lambda codec: _h264_distance(source, codec))
    return ranked[0] if ranked else None


def _h264_distance(source: str, codec: Codec) -> tuple[bool, bool]:
    _, profile, mode = source.split("/")
    return (codec.parameters.get("packetization-mode", "0") != mode, h264_profile(codec)[:2] != profile[:2])
