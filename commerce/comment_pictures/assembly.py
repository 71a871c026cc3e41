"""Puts pictures of comments together."""

from commerce.accounts.throttle_redis import Throttle
from commerce.comment_pictures import pictures_sql
from commerce.comment_pictures.comment_pictures import CommentPictures, blobs_of
from commerce.conversations.attachments import OUTBOX_KIND
from commerce.database_sql import Sql
from commerce.services import CommerceServices


def fill_comment_pictures(services: CommerceServices) -> None:
    """Set `services.comment_pictures`, and let forgotten people's pictures go."""
    outbox = services.outbox
    services.comment_pictures = CommentPictures(
        outbox,
        services.blobs,
        services.pictures,
        Throttle(services.redis, services.new_id),
        services.moderation.standing,
        services.staff,
        services.bans,
        services.now_ms,
        services.new_id,
    )

    async def forget(sql: Sql, person: str) -> None:
        gone = await pictures_sql.take_of(sql, person)
        if gone:
            await outbox.add(sql, OUTBOX_KIND, {"blobs": blobs_of(gone)})

    services.sessions.merge_hooks.append(pictures_sql.give_to)
    services.accounts.forget_hooks.append(forget)
