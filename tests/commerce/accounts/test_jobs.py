"""What the worker forgets of accounts, and what it brings to an end of shows."""

from commerce.accounts.jobs import purge_people
from commerce.accounts.revocations_redis import HASH
from commerce.services import CommerceServices
from commerce.shows.jobs import close_ended_sales
from tests.commerce.builders import new_guest, new_stall


async def test_devices_and_revocations_go_when_nobody_needs_them(commerce: CommerceServices) -> None:
    """Right after signing out all is kept; later the device, the link and the revocation are gone."""
    _, cookie = await new_guest(commerce)
    _, staying = await new_guest(commerce, "Wu")
    await commerce.sessions.sign_out(None, cookie)
    await purge_people(commerce)
    assert await commerce.redis.hlen(HASH) == 1
    at_ms = commerce.now_ms() + 8 * 86400 * 1000
    commerce.now_ms = lambda: at_ms
    await purge_people(commerce)
    assert await commerce.redis.hlen(HASH) == 0
    async with commerce.database.read() as sql:
        left = (await sql.exec_driver_sql("SELECT id FROM devices")).scalars().all()
    assert list(left) == [staying.partition(".")[0]]


async def test_closing_asks_only_shops_whose_sales_just_ended(commerce: CommerceServices) -> None:
    """Without a sale there is nothing to do."""
    await new_stall(commerce)
    assert await close_ended_sales(commerce) == 0
