"""The codes of share links: short enough to be read out, too many to be tried; pure.

Eight of 31 letters and digits are 39 bits: with ten thousand links, every 85 millionth guess finds one, and
what it finds is the way to a public show. What looks or sounds like another (i, l, o, 0, 1) is not used.
"""

import secrets
from typing import Final

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_CHARS: Final = 8


def new_code() -> str:
    """Return a fresh code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))


def typed_code(text: str) -> str | None:
    """Return the code somebody typed (case, spaces and hyphens do not matter), None when it is none."""
    plain = text.replace("-", "").replace(" ", "").lower()
    return plain if len(plain) == CODE_CHARS and set(plain) <= set(ALPHABET) else None
