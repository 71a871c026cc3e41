"""What a worker does for the community; each job is idempotent."""

from commerce.services import CommerceServices


async def purge_community(services: CommerceServices) -> None:
    """Forget links that have expired."""
    await services.community.follows.purge()
