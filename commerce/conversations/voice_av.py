"""Voice notes: recognised, measured, and written anew as one kind of MP3 that every browser plays.

Browsers record what they like: Chromium Opus in WebM, Firefox Opus in Ogg or WebM, Safari AAC in MP4. None
of these plays everywhere (Safari before 18.4 takes no Opus in WebM or Ogg; Chromium builds without licensed
codecs take no AAC), MP3 does. Decoding to samples and encoding them again leaves nothing of the file but its
sound: no tags, no second track, nothing hidden between. The reader is named and bounded: it never guesses a
format, opens no second file, and stops at the first sample past the limit.

Measured: a minute of Opus takes 1.2 s of one core (in a thread) and becomes 352 KiB.
"""

import io
from dataclasses import dataclass
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from commerce.conversations.refusals import AttachmentType, BadVoice, VoiceTooLarge, VoiceTooLong
from commerce.conversations.voice_limits import MAX_VOICE_BYTES, MAX_VOICE_S, MIN_VOICE_MS, voice_format

RATE_HZ: Final = 24_000
BIT_RATE: Final = 48_000
SLACK_S: Final = 1.0
"""Recorders stop a moment late."""
PACKETS_MOST: Final = 20_000
"""A minute has 3,000 packets of Opus; a file of empty ones must end as well."""
CODECS: Final = frozenset({"opus", "vorbis", "aac"})


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A voice note as MP3, mono."""

    content: bytes
    duration_ms: int


def voice_note(raw: bytes) -> VoiceNote:
    """Write an upload anew. Blocks for up to two seconds: call it in a thread.

    Raises VoiceTooLarge, AttachmentType, VoiceTooLong, BadVoice.
    """
    if len(raw) > MAX_VOICE_BYTES:
        raise VoiceTooLarge(max_bytes=MAX_VOICE_BYTES)
    kind = voice_format(raw)
    if kind is None:
        raise AttachmentType
    out = io.BytesIO()
    try:
        with (
            av.open(io.BytesIO(raw), mode="r", format=kind, metadata_errors="ignore") as source,
            av.open(out, mode="w", format="mp3", options={"id3v2_version": "0", "write_xing": "0"}) as target,
        ):
            samples = _write_anew(source, target)
    except (av.FFmpegError, ValueError, IndexError, MemoryError) as error:
        raise BadVoice from error
    duration_ms = samples * 1000 // RATE_HZ
    if duration_ms < MIN_VOICE_MS:
        raise BadVoice("Nothing is to be heard.", min_ms=MIN_VOICE_MS)
    return VoiceNote(out.getvalue(), duration_ms)


def _write_anew(source: InputContainer, target: OutputContainer) -> int:
    """Copy the sound; returns how many samples it has."""
    voice = _only_voice(source)
    made = target.add_stream("libmp3lame", rate=RATE_HZ, layout="mono", bit_rate=BIT_RATE)
    resampler = AudioResampler(format="s16p", layout="mono", rate=RATE_HZ)
    samples = 0
    for place, packet in enumerate(source.demux(voice)):
        if place >= PACKETS_MOST:
            raise BadVoice
        for frame in packet.decode():
            frame.pts = None  # gaps of a recorder are closed; what counts is what is to be heard
            for part in resampler.resample(frame):
                samples += part.samples
                if samples > (MAX_VOICE_S + SLACK_S) * RATE_HZ:
                    raise VoiceTooLong(max_s=MAX_VOICE_S)
                target.mux(made.encode(part))
    for part in resampler.resample(None):
        samples += part.samples
        target.mux(made.encode(part))
    target.mux(made.encode(None))
    return samples


def _only_voice(source: InputContainer) -> AudioStream:
    """Return the one stream of a voice note; raises BadVoice for others beside it and other codecs."""
    streams = source.streams
    if len(streams) != 1 or len(streams.audio) != 1:
        raise BadVoice("A voice note has one sound track and nothing else.")
    voice = streams.audio[0]
    if voice.codec_context.name not in CODECS:
        raise BadVoice("A voice note is Opus, Vorbis or AAC.", codec=voice.codec_context.name)
    return voice
