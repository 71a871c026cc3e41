"""The Function library of this package, to be loaded on each primary at start."""

from importlib.resources import files

LIBRARY = "liveshop_media_1"
LIBRARIES: tuple[tuple[str, str], ...] = (
    (LIBRARY, files(__package__).joinpath(f"lua/{LIBRARY}.lua").read_text(encoding="utf-8")),
)
"""(name, source) of every library."""


def owner_key(show: str) -> str:
    """Return the hash that says who carries a show: fields `process`, `until_ms`, `published`, `ended`."""
    return f"{{show:{show}}}:owner"


def carried_key(process: str) -> str:
    """Return the set of shows that a process carries: a hint for its next start, the owner's hash decides."""
    return f"{{server}}:media:{process}:carried"
