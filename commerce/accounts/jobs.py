"""What a worker forgets of accounts; each job is idempotent."""

from commerce.accounts import people_sql
from commerce.services import CommerceServices

DEVICE_KEEP_MS = 7 * 86400 * 1000
REVOCATION_SPARE_MS = 60_000


async def purge_people(services: CommerceServices) -> None:
    """Forget devices signed out a week ago, links that expired, and revocations no token is left for."""
    now_ms = services.now_ms()
    async with services.database.write() as sql:
        await people_sql.purge_devices(sql, now_ms - DEVICE_KEEP_MS)
        await people_sql.purge_links(sql, now_ms)
    tokens_live_ms = services.settings.access_token_s * 1000
    await services.sessions.revocations.forget(now_ms - tokens_live_ms - REVOCATION_SPARE_MS)
