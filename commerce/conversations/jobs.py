"""What a worker does for conversations."""

from commerce.services import CommerceServices


async def sweep_uploads(services: CommerceServices) -> None:
    """Remove uploads that were never sent."""
    await services.conversations.attachments.sweep()
