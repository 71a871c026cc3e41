"""`user add`: make an account from the terminal, the first administrator above all.

It writes to the database beside a running server, or without one.
"""

import asyncio
import getpass
import sys

from commerce.errors import CommerceError, EmailTaken
from commerce.migrations.migrate import DataTooNew, migrate
from commerce.services import CommerceServices, open_commerce
from liveshop.assembly import commerce_settings_at_rest
from liveshop.errors import LiveshopError
from liveshop.folders.data_folder_files import make_folder, read_secret
from liveshop.redis.connections_redis import open_redis
from liveshop.settings.settings import Settings


def add_user(
    settings: Settings, *, email: str, name: str | None, admin: bool, password_from_input: bool
) -> int:
    """Ask for a password and add the account; raises `LiveshopError` with what is wrong.

    With `admin`, an account that is there already is made an administrator and keeps its password.
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_from_input else _asked_password()
    shown = name or email.partition("@")[0]
    try:
        print(asyncio.run(_add(settings, email, shown, password, admin=admin)))
    except (CommerceError, DataTooNew) as error:
        raise LiveshopError(f"{email} was not added: {error}") from error
    except OSError as error:
        raise LiveshopError(f"The database cannot be reached: {error}.") from error
    return 0


def _asked_password() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise LiveshopError("The two passwords differ; nothing was changed.")
    return password


async def _add(settings: Settings, email: str, name: str, password: str, *, admin: bool) -> str:
    make_folder(settings.data)
    secret = settings.secret.encode() if settings.secret else read_secret(settings.data)
    await migrate(settings.effective_database_url())
    # Nothing here speaks to Redis: a new account has nothing there yet.
    redis = open_redis(settings.redis_url or "unix:///nonexistent")
    told = commerce_settings_at_rest(settings, secret)
    try:
        async with open_commerce(told, redis, follow=False) as services:
            return await _added(services, email, name, password, admin=admin)
    finally:
        await redis.aclose()


async def _added(services: CommerceServices, email: str, name: str, password: str, *, admin: bool) -> str:
    try:
        await services.accounts.create(email, password, name, admin=admin, confirmed=True)
    except EmailTaken:
        there = await services.accounts.find(email)
        if not admin or there is None:
            raise
        await services.accounts.make_admin(there.id)
        return f"{email} was there already and is now an administrator; the password is unchanged."
    return f"Added {email}{' as administrator' if admin else ''}."
