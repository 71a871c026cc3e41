"""The sale's Redis Function library, assembled from the `.lua` files beside it.

Redis knows no `require`, so the parts that several Functions share are put before them in one source. Both
library and function names carry the version: two releases can run side by side on one Redis. A change that
an older release could not work beside needs a new version, not an edit.
"""

from importlib.resources import files

VERSION = 1
LIBRARY = f"liveshop_sale_{VERSION}"

PARTS = (
    "desk",
    "ledger",
    "pools",
    "people",
    "limits",
    "reservations",
    "sales",
    "lines",
    "waitlist",
    "operations",
)
"""Shared local functions, in the order they build on each other."""

FUNCTIONS = (
    "reserve",
    "change",
    "extend",
    "pay_begin",
    "commit",
    "release",
    "expire_due",
    "return_sold",
    "transfer",
    "restock",
    "withdraw",
    "sale_put",
    "price_put",
    "person_merge",
    "note",
    "ban_put",
    "purge_due",
    "audit",
    "wait_join",
    "wait_leave",
    "read",
    "freeze",
    "rebuild",
)
"""One file and one Function each; registered as `sale_1_<name>`."""


def function_name(operation: str) -> str:
    """Answer the registered name of an operation, such as `sale_1_reserve`."""
    return f"sale_{VERSION}_{operation}"


def source() -> str:
    """Answer the library's source as `FUNCTION LOAD` takes it."""
    folder = files(__package__).joinpath("lua")
    texts = [folder.joinpath(f"{name}.lua").read_text("utf-8") for name in (*PARTS, *FUNCTIONS)]
    return "\n".join([f"#!lua name={LIBRARY}", *texts])


LIBRARIES: tuple[tuple[str, str], ...] = ((LIBRARY, source()),)
"""(name, source) of every library to load on each primary at start."""
