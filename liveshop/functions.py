"""All Redis Function libraries of this release, by name."""

from importlib.resources import files

from liveshop.parts import module_or_none

LIBRARIES: tuple[tuple[str, str], ...] = (
    (
        "liveshop_server_1",
        files("liveshop").joinpath("lua/liveshop_server_1.lua").read_text(encoding="utf-8"),
    ),
)
OWNERS = ("commerce.sale.functions", "realtime.functions", "streaming.functions")


def all_libraries() -> tuple[tuple[str, str], ...]:
    """Return (name, Lua source) of every library this release calls."""
    found = list(LIBRARIES)
    for owner in OWNERS:
        module = module_or_none(owner)
        found.extend(module.LIBRARIES if module else ())
    return tuple(found)
