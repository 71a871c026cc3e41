"""The room's Redis Function library, assembled from the `.lua` files beside it.

Library and function names carry the version: two releases can run side by side on one Redis.
"""

from importlib.resources import files

VERSION = 1
LIBRARY = f"liveshop_room_{VERSION}"
PARTS = ("prelude", "asking", "here", "suspects")
FUNCTIONS = (
    "open",
    "append",
    "check",
    "new_epoch",
    "comment",
    "expire",
    "recall",
    "name",
    "name_all",
    "people",
    "moderate",
    "report",
    "ask_unban",
    "strike",
    "sign",
    "board",
    "vote",
    "poll_open",
    "poll_end",
    "presence",
    "retain",
)
"""One file and one Function each; registered as `room_1_<name>`."""
READ_ONLY = frozenset({"check", "people", "recall"})


def function_name(operation: str) -> str:
    """Return the registered name of an operation, such as `room_1_comment`."""
    return f"room_{VERSION}_{operation}"


def source() -> str:
    """Return the library's source as `FUNCTION LOAD` takes it."""
    folder = files(__package__).joinpath("lua")
    texts = [folder.joinpath(f"{name}.lua").read_text("utf-8") for name in (*PARTS, *FUNCTIONS)]
    return "\n".join([f"#!lua name={LIBRARY}", *texts])


LIBRARIES: tuple[tuple[str, str], ...] = ((LIBRARY, source()),)
"""(name, source) of every library to load on each primary at start."""
