"""Voice notes as files: what is taken, what comes out, and what is refused."""

import io

import av
import pytest

from commerce.conversations.refusals import AttachmentType, BadVoice, VoiceTooLarge, VoiceTooLong
from commerce.conversations.voice_av import voice_note
from commerce.conversations.voice_limits import MAX_VOICE_BYTES, is_voice
from tests.commerce.conversations.talk import picture, recording


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("mp4", "aac")])
def test_every_browsers_recording_becomes_one_kind_of_file(kind: str, codec: str) -> None:
    """MP3, mono, as long as it was, without the tags that were in it."""
    note = voice_note(recording(kind, codec, 2.0))
    assert 1_950 <= note.duration_ms <= 2_150
    with av.open(io.BytesIO(note.content), mode="r", format="mp3") as opened:
        assert len(opened.streams) == 1
        sound = opened.streams.audio[0].codec_context
        assert (sound.name, sound.layout.name) == ("mp3float", "mono")
        heard = sum(frame.samples for frame in opened.decode(opened.streams.audio[0]))
        assert abs(heard / sound.sample_rate - note.duration_ms / 1000) < 0.2
    assert b"secret" not in note.content


def test_a_minute_is_the_limit() -> None:
    """A note of a minute is taken, one of 62 seconds is not, however small its file."""
    assert 59_000 <= voice_note(recording(seconds=60.0)).duration_ms <= 60_500
    with pytest.raises(VoiceTooLong):
        voice_note(recording(seconds=62.0))


def test_what_is_no_voice_note_is_refused() -> None:
    """Too large, of another kind, cut, silent for its shortness, or a film."""
    whole = recording(seconds=2.0)
    with pytest.raises(VoiceTooLarge):
        voice_note(whole + b"\0" * MAX_VOICE_BYTES)
    with pytest.raises(AttachmentType):
        voice_note(picture())
    for broken in (whole[:150], recording(seconds=0.1), film()):
        with pytest.raises(BadVoice):
            voice_note(broken)


def test_containers_are_told_by_their_first_bytes() -> None:
    """Recordings are voices; pictures, also AVIF's that look like MP4, and text are not."""
    assert all(is_voice(recording(kind, codec, 0.5)) for kind, codec in (("webm", "libopus"), ("mp4", "aac")))
    assert not any(is_voice(one) for one in (picture(), picture(kind="AVIF"), b"", b"RIFF....WAVE", b"<svg>"))


def film() -> bytes:
    """Make a WebM with a picture in it."""
    out = io.BytesIO()
    with av.open(out, mode="w", format="webm") as made:
        stream = made.add_stream("libvpx", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(10):
            made.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        made.mux(stream.encode(None))
    return out.getvalue()
