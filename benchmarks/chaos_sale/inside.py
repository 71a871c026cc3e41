"""What is different in the children of a server under test; the product knows nothing of it.

- Calls of `steps.STEPS` are wrapped: there the child, or Redis, may be killed.
- Holds are short, so that they run out during a run.
- The sandbox provider's book is a SQLite file of its own outside the folders that a power cut reaches: a
  provider's book is elsewhere, and does not forget when the shop's power is cut.
- `--prove`: SQLite with `synchronous=OFF`, to see that the harness notices.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.chaos_sale.kills import Kills
from benchmarks.chaos_sale.steps import STEPS, Step

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Orders:
    """What the harness tells the children, by the environment. Times are seconds."""

    folder: Path
    book: Path
    seed: int
    hold_s: int
    sqlite_off: bool = False

    def environment(self) -> dict[str, str]:
        """Return it as variables."""
        return {
            "CHAOS_FOLDER": str(self.folder),
            "CHAOS_BOOK": str(self.book),
            "CHAOS_SEED": str(self.seed),
            "CHAOS_HOLD_S": str(self.hold_s),
            "CHAOS_SQLITE_OFF": "1" if self.sqlite_off else "",
        }

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Orders":
        """Read it back."""
        return cls(
            Path(environ["CHAOS_FOLDER"]),
            Path(environ["CHAOS_BOOK"]),
            int(environ["CHAOS_SEED"]),
            int(environ["CHAOS_HOLD_S"]),
            bool(environ["CHAOS_SQLITE_OFF"]),
        )


def install(orders: Orders) -> None:
    """Change this process, a fork server, and so its children; before anything of liveshop runs."""
    kills = Kills(orders.folder)
    coin = Random()
    os.register_at_fork(after_in_child=lambda: coin.seed(f"{orders.seed} {os.getpid()}"))
    for step in STEPS:
        _wrap(step, kills, coin)
    _shorten_holds(orders.hold_s)
    _move_book(orders.book)
    if orders.sqlite_off:
        _switch_syncs_off(orders.book)


def owner_of(call: str) -> tuple[Any, str]:
    """Return what holds the attribute that `call` names, and the attribute's name."""
    module, _, path = call.partition(":")
    *outer, name = path.split(".")
    owner: Any = import_module(module)
    for part in outer:
        owner = getattr(owner, part)
    return owner, name


def _wrap(step: Step, kills: Kills, coin: Random) -> None:
    owner, name = owner_of(step.call)
    inner: Call = getattr(owner, name)

    @wraps(inner)
    async def outer(*words: Any, **named: Any) -> Any:
        if step.when == "before":
            kills.reach(step, coin)
            return await inner(*words, **named)
        answer = await inner(*words, **named)
        if step.only(words, answer):
            kills.reach(step, coin)
        return answer

    setattr(owner, name, outer)


def _shorten_holds(hold_s: int) -> None:
    from liveshop import assembly

    inner = assembly._commerce_settings  # noqa: SLF001 - the one place both kinds of start go through

    def outer(*words: Any) -> Any:
        return replace(inner(*words), hold_s=hold_s, pay_extra_s=hold_s)

    setattr(assembly, "_commerce_settings", outer)  # noqa: B010 - mypy forbids to assign to a function


def _move_book(book: Path) -> None:
    from commerce.database_sql import Database
    from commerce.payments.sandbox.bank import SandboxBank

    begin, close = SandboxBank.__init__, SandboxBank.close

    def outer_begin(bank: Any, _database: Any, *words: Any, **named: Any) -> None:
        begin(bank, Database.open(f"sqlite:///{book}"), *words, **named)

    async def outer_close(bank: Any) -> None:
        await close(bank)
        await bank._database.close()  # noqa: SLF001 - opened above

    setattr(SandboxBank, "__init__", outer_begin)  # noqa: B010 - see above
    setattr(SandboxBank, "close", outer_close)  # noqa: B010 - see above


def _switch_syncs_off(book: Path) -> None:
    from commerce import database_sql

    inner = database_sql._sqlite_connect  # noqa: SLF001 - where the product asks for FULL

    def outer(connection: Any, record: object) -> None:
        inner(connection, record)
        cursor = connection.cursor()
        cursor.execute("PRAGMA database_list")
        if str(book) not in {row[2] for row in cursor.fetchall()}:
            cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    setattr(database_sql, "_sqlite_connect", outer)  # noqa: B010 - see above
