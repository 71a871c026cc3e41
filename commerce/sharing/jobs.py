"""What a worker does for sharing; idempotent."""

from commerce.services import CommerceServices


async def purge_sharing(services: CommerceServices) -> None:
    """Forget which devices came by links."""
    await services.sharing.counter.purge()
