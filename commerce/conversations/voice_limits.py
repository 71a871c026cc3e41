"""What a voice note may be, for the doors that declare it and the converter that judges it."""

MAX_VOICE_BYTES = 2 * 1024 * 1024
MAX_VOICE_S = 60
MIN_VOICE_MS = 300


def is_voice(raw: bytes) -> bool:
    """Tell whether a file begins like one of the containers that browsers record voices in."""
    return voice_format(raw) is not None


def voice_format(raw: bytes) -> str | None:
    """Return FFmpeg's name of a voice note's container by its first bytes, None for anything else."""
    if raw.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if raw.startswith(b"OggS"):
        return "ogg"
    if raw[4:8] == b"ftyp" and raw[8:12] not in {b"avif", b"avis"}:
        return "mp4"
    return None
