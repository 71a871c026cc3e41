"""What a worker does for the community; each job is idempotent."""

from commerce.services import CommerceServices


async def purge_community(services: CommerceServices) -> None:
    """Forget links that have expired."""
    await services.community.follows.purge()


async def tell_of_shows(services: CommerceServices) -> None:
    """Tell followers, and those who asked, of shows that begin or are live."""
    await services.community.notices.send_due()


async def rank_supporters(services: CommerceServices) -> None:
    """Tell live rooms who supports their show most."""
    await services.community.supporters.tell_all()
