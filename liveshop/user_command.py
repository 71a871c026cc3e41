"""`user add`: make an account from the terminal, the first administrator above all."""

import asyncio
import getpass
import sys

from liveshop.errors import LiveshopError
from liveshop.settings import Settings


def add_user(
    settings: Settings, *, email: str, name: str | None, admin: bool, password_from_input: bool
) -> int:
    """Ask for a password and add the account; raises `LiveshopError` with what is wrong."""
    password = sys.stdin.readline().rstrip("\r\n") if password_from_input else _asked_password()
    shown = name or email.partition("@")[0]
    asyncio.run(_add(settings, email, shown, password, admin=admin))
    print(f"Added {email}{' as administrator' if admin else ''}.")
    return 0


def _asked_password() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise LiveshopError("The two passwords differ.")
    return password


async def _add(settings: Settings, email: str, name: str, password: str, *, admin: bool) -> None:
    """Add the account through the accounts service."""
    raise LiveshopError(f"{settings.data}: {email} {name} {len(password)} {admin}")
