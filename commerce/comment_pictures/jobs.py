"""What a worker does for pictures of comments."""

from commerce.services import CommerceServices


async def sweep_comment_pictures(services: CommerceServices) -> None:
    """Remove pictures that were never shown, and those of rooms that are gone."""
    await services.comment_pictures.sweep()
