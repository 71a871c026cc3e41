"""Puts conversations together."""

from dataclasses import dataclass

from commerce.accounts.accounts import ForgetHook
from commerce.accounts.throttle_redis import Throttle
from commerce.conversations import attachments, attachments_sql, conversations_sql, notices
from commerce.conversations.attachments import Attachments
from commerce.conversations.conversations import Conversations
from commerce.conversations.files import Addresses, blobs_of
from commerce.conversations.notices import Notices
from commerce.database_sql import Sql
from commerce.outbox_sql import Outbox
from commerce.services import CommerceServices


@dataclass(slots=True)
class ConversationParts:
    """What conversations consist of."""

    desk: Conversations
    attachments: Attachments


def fill_conversations(services: CommerceServices) -> None:
    """Set `services.conversations`, and let forgotten people's words and files go."""
    outbox, now_ms = services.outbox, services.now_ms
    addresses = Addresses(services.keys)
    tell = Notices(outbox, now_ms, services.settings.public_url)
    files = Attachments(outbox, services.blobs, services.pictures, addresses, now_ms, services.new_id)
    gate = Throttle(services.redis, services.new_id)
    services.conversations = ConversationParts(Conversations(outbox, gate, addresses, tell, now_ms), files)
    outbox.handle(notices.OUTBOX_KIND, tell.send)
    outbox.handle(attachments.OUTBOX_KIND, files.forget)
    services.accounts.forget_hooks.append(_forgetting(outbox))


def _forgetting(outbox: Outbox) -> ForgetHook:
    async def forget(sql: Sql, person: str) -> None:
        theirs = await conversations_sql.orders_of(sql, person)
        if not theirs:
            return
        await conversations_sql.forget_words(sql, theirs)
        gone = await attachments_sql.take_of_buyers(sql, theirs)
        if gone:
            await outbox.add(sql, attachments.OUTBOX_KIND, {"blobs": blobs_of(gone)})

    return forget
