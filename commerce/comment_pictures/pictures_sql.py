"""Pictures of comments in SQL; every function works in the caller's transaction."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.comment_pictures.tables_sql import comment_pictures
from commerce.moderation.tables_sql import moderation_actions

Row = Any
OF_COMMENT: Final = ("delete", "deny", "expire")
"""Actions that take down the comment that is their target."""
OF_PERSON: Final = ("delete_person", "timeout", "ban")
"""Actions that take down what their target has said so far."""


async def add(sql: AsyncConnection, values: dict[str, Any]) -> None:
    """Write down an upload."""
    await sql.execute(sa.insert(comment_pictures).values(values))


async def waiting_total(sql: AsyncConnection, show: str, person: str) -> int:
    """Count a person's uploads that wait for a comment in a show."""
    query = sa.select(sa.func.count()).where(
        comment_pictures.c.show == show,
        comment_pictures.c.person == person,
        comment_pictures.c.comment.is_(None),
    )
    return int((await sql.execute(query)).scalar_one())


async def bind(
    sql: AsyncConnection, picture: str, show: str, person: str, comment: str, key: str, now_ms: int
) -> Row | None:
    """Bind a person's picture to the comment they say with this key; None when it is not theirs to say."""
    where = (
        comment_pictures.c.id == picture,
        comment_pictures.c.show == show,
        comment_pictures.c.person == person,
        sa.or_(comment_pictures.c.comment.is_(None), comment_pictures.c.key == key),
    )
    change = sa.update(comment_pictures).where(*where)
    bound = change.values(comment=comment, key=key, said_at_ms=now_ms).returning(comment_pictures)
    return (await sql.execute(bound)).first()


async def release(sql: AsyncConnection, picture: str, comment: str) -> None:
    """Let a picture wait again: that comment was not said."""
    where = (comment_pictures.c.id == picture, comment_pictures.c.comment == comment)
    change = sa.update(comment_pictures).where(*where)
    await sql.execute(change.values(comment=None, key=None, said_at_ms=None))


async def is_shown(sql: AsyncConnection, picture: str) -> bool:
    """Tell whether a picture was said with a comment that no action of moderation has taken down.

    The actions are the copy of the rooms' logs, a second or two old; one that was taken back does not count.
    """
    action, undo = moderation_actions, moderation_actions.alias()
    taken_back = sa.exists().where(undo.c.show == action.c.show, undo.c.undo_of == action.c.action_id)
    of_comment = sa.and_(action.c.action.in_(OF_COMMENT), action.c.target == comment_pictures.c.comment)
    of_person = sa.and_(
        action.c.action.in_(OF_PERSON),
        action.c.person == comment_pictures.c.person,
        action.c.at_ms >= comment_pictures.c.said_at_ms,
    )
    taken_down = sa.exists().where(
        action.c.show == comment_pictures.c.show, sa.or_(of_comment, of_person), ~taken_back
    )
    query = sa.select(comment_pictures.c.id).where(
        comment_pictures.c.id == picture, comment_pictures.c.comment.is_not(None), ~taken_down
    )
    return (await sql.execute(query)).first() is not None


async def take_old(sql: AsyncConnection, unsaid_ms: int, said_ms: int, limit: int) -> list[str]:
    """Remove and return pictures from before `unsaid_ms` that were never said, and all before `said_ms`."""
    unsaid = sa.and_(comment_pictures.c.comment.is_(None), comment_pictures.c.created_at_ms < unsaid_ms)
    over = sa.or_(unsaid, comment_pictures.c.created_at_ms < said_ms)
    old = sa.select(comment_pictures.c.id).where(over).order_by(comment_pictures.c.created_at_ms).limit(limit)
    gone = sa.delete(comment_pictures).where(comment_pictures.c.id.in_(old), over)
    return list((await sql.execute(gone.returning(comment_pictures.c.id))).scalars())


async def take_of(sql: AsyncConnection, person: str) -> list[str]:
    """Remove and return all of a person's pictures."""
    gone = sa.delete(comment_pictures).where(comment_pictures.c.person == person)
    return list((await sql.execute(gone.returning(comment_pictures.c.id))).scalars())


async def give_to(sql: AsyncConnection, guest: str, account: str) -> None:
    """Move a guest's pictures to the account they signed in with."""
    change = sa.update(comment_pictures).where(comment_pictures.c.person == guest)
    await sql.execute(change.values(person=account))
