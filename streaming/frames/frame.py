"""What leaves a tap: encoded frames."""

from dataclasses import dataclass


class BrokenFrameError(ValueError):
    """The payloads are not one whole frame of their codec; the frame is left out and counted."""


@dataclass(slots=True, frozen=True)
class EncodedFrame:
    """One frame as its codec knows it, put together from the payloads of its packets.

    `data` is a VP8 frame, a VP9 frame or superframe, an H.264 access unit with Annex B start codes, an AV1
    temporal unit of OBUs with sizes and without a temporal delimiter, or an Opus packet. It is empty when
    the packets had parameter sets and no picture.

    `parameter_sets` are those found in this frame: SPS and PPS without start codes, or the AV1 sequence
    header OBU. `duration_ticks` is in ticks of the RTP clock, 0 when the frame does not tell.
    """

    data: bytes
    is_key_frame: bool
    parameter_sets: tuple[bytes, ...] = ()
    duration_ticks: int = 0


@dataclass(slots=True, frozen=True)
class MediaFrame:
    """One frame of a show, in order.

    `kind` is "audio" or "video", `codec` a name of `streaming.codecs`. `timestamp` counts ticks of the RTP
    clock (90 kHz or 48 kHz) on the show's line and does not wrap. `capture_s` is when the frame was
    captured, in seconds of one clock for sound and picture. `data` and `duration_ticks` are as in
    `EncodedFrame`; `parameter_sets` are those in force for this frame, also when it brought none.

    `is_discontinuity` marks a frame that does not continue the one before: the first, the first of another
    publisher or source, the first of another codec. Pictures begin with a key frame there, and after a loss.
    """

    kind: str
    codec: str
    timestamp: int
    capture_s: float
    is_key_frame: bool
    is_discontinuity: bool
    data: bytes
    parameter_sets: tuple[bytes, ...] = ()
    duration_ticks: int = 0
