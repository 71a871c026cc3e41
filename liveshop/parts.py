"""Finding the modules of other floors by name, so that a process imports only what its kind needs."""

from importlib import import_module
from types import ModuleType


def module_or_none(name: str) -> ModuleType | None:
    """Import a module; None if it (or a package above it) does not exist."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            return None
        raise
