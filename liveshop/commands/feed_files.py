"""The file that `import` is given."""

from pathlib import Path

from liveshop.errors import LiveshopError


def read_file(path: Path, most_bytes: int) -> bytes:
    """Read a file of at most so many bytes; raises `LiveshopError` with the reason."""
    try:
        with path.open("rb") as file:
            raw = file.read(most_bytes + 1)
    except OSError as error:
        raise LiveshopError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(raw) > most_bytes:
        raise LiveshopError(f"{path} has more than {most_bytes} bytes; divide it.")
    return raw
