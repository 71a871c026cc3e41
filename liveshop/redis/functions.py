"""All Redis Function libraries of this release, by name."""

from importlib.resources import files

LIBRARIES: tuple[tuple[str, str], ...] = (
    (
        "liveshop_server_1",
        files("liveshop.redis").joinpath("lua/liveshop_server_1.lua").read_text(encoding="utf-8"),
    ),
)


def all_libraries() -> tuple[tuple[str, str], ...]:
    """Return (name, Lua source) of every library this release calls."""
    # Imported here, so that a process that only beats need not know the other floors.
    from commerce.sale.functions import LIBRARIES as COMMERCE
    from realtime.store.functions import LIBRARIES as REALTIME
    from streaming.functions import LIBRARIES as STREAMING

    return (*LIBRARIES, *COMMERCE, *REALTIME, *STREAMING)
