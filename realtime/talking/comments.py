"""Words and names as people write them, made safe to show and to compare."""

import unicodedata

from realtime.errors import BadName, CommentEmpty, CommentTooLong

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
"""Direction marks: they can turn the text that follows around."""
_JOINERS = frozenset("\u200d\u200c")
"""Kept: emoji and several scripts need them; a text of nothing else is empty."""
_LOOKALIKES = str.maketrans("013457@$|авеікмнорстухјѕαεικνορτυχ", "oieastaslabeikmhopctyxjsaeikvoptux")
"""Digits and signs, Cyrillic and Greek letters that pass for Latin ones (the common part of UTS 39)."""


def clean_line(text: str) -> str:
    """Return one line without control, format and direction characters, NFC, spaces collapsed."""
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace()
        or character in _JOINERS
        or (character not in _BIDI and unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    )
    return " ".join(kept.split())


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] not in {"Z", "C", "M"} for character in text)


def clean_comment(text: str, limit_chars: int) -> str:
    """Return a comment's text as it will be shown. Raises `CommentEmpty`, `CommentTooLong`."""
    line = clean_line(text)
    if not _is_visible(line):
        raise CommentEmpty("The comment is empty.")
    if len(line) > limit_chars:
        raise CommentTooLong(f"A comment has at most {limit_chars} characters.", limit_chars=limit_chars)
    return line


def clean_words(text: str, limit_chars: int) -> str:
    """Return the words beside a picture, "" when there are none. Raises `CommentTooLong`."""
    try:
        return clean_comment(text, limit_chars)
    except CommentEmpty:
        return ""


def clean_name(name: str, limit_chars: int) -> str:
    """Return a name as it will be shown. Raises `BadName`."""
    line = clean_line(name)
    if not _is_visible(line) or len(line) > limit_chars:
        raise BadName(f"A name has 1 to {limit_chars} visible characters.", limit_chars=limit_chars)
    return line


def fold_name(name: str) -> str:
    """Return what two names that look or sound the same have in common (for comparing only).

    NFKC and case folding (Unicode Standard Annex 15 and section 3.13), marks and everything but letters and
    digits dropped, digits and signs that pass for letters read as those.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(
        character
        for character in decomposed
        if unicodedata.category(character)[0] in {"L", "N"} or character in "@$|"
    )
    folded = kept.translate(_LOOKALIKES)
    return folded or name.casefold()
