"""The file of terms that hold in all shops of the server: a JSON list of terms as a policy has them."""

from pathlib import Path

import msgspec

from liveshop.errors import SettingError
from realtime.moderation.policy import TERMS_TOTAL, Term
from realtime.moderation.terms import BadTerm, check_terms

FILE_BYTES_MAX = 1_000_000


def common_terms(name: str, path: str) -> tuple[Term, ...]:
    """Read the file that the setting `name` names; "" is none. Raises `SettingError` for a bad one."""
    if not path:
        return ()
    try:
        with Path(path).open("rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise SettingError(name, f"{name}: {path} cannot be read ({error.strerror}).") from error
    try:
        terms = msgspec.json.decode(text, type=tuple[Term, ...])
        check_terms(terms)
    except msgspec.DecodeError as error:
        raise SettingError(name, f"{name}: {path} is no list of terms: {error}.") from error
    except BadTerm as error:
        raise SettingError(name, f"{name}: {path}: {error} ({error.facts['text']!r})") from error
    if len(terms) > TERMS_TOTAL:
        raise SettingError(name, f"{name}: {path} has {len(terms)} terms; {TERMS_TOTAL} are the most.")
    return terms
