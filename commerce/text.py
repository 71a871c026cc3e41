"""What people type: trimmed, composed, and free of characters that fool the eye or break a line."""

import re
import unicodedata

from commerce.errors import InvalidField

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_JOINERS = "\u200c\u200d"
"""Zero-width joiners hold emoji and some scripts together; other format characters are refused."""

NAME_CHARS = 40
TITLE_CHARS = 120
PARAGRAPH_CHARS = 5000
PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 200


def _clean(text: str, *, keep: str = "") -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        char for char in composed if char in keep + _JOINERS or unicodedata.category(char)[0] != "C"
    )


def line(text: str, field: str, max_chars: int, *, min_chars: int = 1) -> str:
    """Answer one clean line with single spaces; raises InvalidField when too short or too long."""
    cleaned = " ".join(_clean(text, keep="\t\n").split())
    visible = cleaned.strip(_JOINERS)
    if not min_chars <= len(visible) or len(cleaned) > max_chars:
        raise InvalidField(f"{field} needs {min_chars} to {max_chars} characters.", field=field)
    return cleaned


def paragraph(text: str, field: str, max_chars: int = PARAGRAPH_CHARS) -> str:
    """Answer clean text that keeps its line breaks; may be empty; raises InvalidField when too long."""
    cleaned = _clean(text.replace("\r\n", "\n"), keep="\n").strip()
    if len(cleaned) > max_chars:
        raise InvalidField(f"{field} may have {max_chars} characters at most.", field=field)
    return cleaned


def person_name(text: str) -> str:
    """Answer a name to be shown in a room: one line of 1 to 40 characters."""
    return line(text, "name", NAME_CHARS)


def email(text: str) -> str:
    """Answer the e-mail in the one form by which accounts are found: composed, lower case, trimmed.

    Dots and plus-tags are kept: only the mail server knows what they mean.
    """
    normal = unicodedata.normalize("NFKC", text).strip().lower()
    if len(normal) > 254 or not _EMAIL.fullmatch(normal) or _clean(normal) != normal:
        raise InvalidField("This is not an e-mail address.", field="email")
    return normal


def composed(text: str) -> str:
    """Answer the text in Unicode's composed form (NFC), cut where no password can reach."""
    return unicodedata.normalize("NFC", text[: PASSWORD_MAX_CHARS * 4])


def password(text: str) -> str:
    """Answer the password, composed (NFC) so that two keyboards agree; raises InvalidField by length."""
    normal = composed(text)
    if not PASSWORD_MIN_CHARS <= len(normal) <= PASSWORD_MAX_CHARS:
        raise InvalidField(
            f"A password has {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters.", field="password"
        )
    return normal


def slug(text: str) -> str:
    """Answer a shop's address part: 3 to 40 of a-z, 0-9 and inner hyphens."""
    lower = text.strip().lower()
    if not _SLUG.fullmatch(lower):
        raise InvalidField("An address has 3 to 40 characters of a-z, 0-9 and hyphens.", field="slug")
    return lower


def slug_of(name: str) -> str:
    """Propose a slug for a name; `shop` when nothing of it is usable."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:40].strip("-")
    return words if len(words) >= 3 else "shop"


def colour(text: str) -> str:
    """Answer `#rrggbb` in lower case, or raise InvalidField."""
    if not _COLOUR.fullmatch(text):
        raise InvalidField("A colour is written #rrggbb.", field="accent")
    return text.lower()
