"""Idempotency of SQL work: the answer of an operation, written in the transaction of its effect.

Same person, operation, key and body: the stored answer. Another body: IdempotencyConflict. Only answers
that changed something are stored; a refusal rolls back and a repeat is judged anew. Two repeats at once
meet at the primary key: the second one waits for the first commit, fails, and its caller reads the answer.
"""

import hashlib
import re
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.errors import IdempotencyConflict, KeyMissing, TooManyOperations
from commerce.outbox_tables_sql import operations

KEEP_MS = 24 * 3600 * 1000
MAX_PER_PERSON = 64
_KEY = re.compile(r"[A-Za-z0-9_.~-]{8,64}")

T = TypeVar("T")


def check_key(key: str | None) -> str:
    """Answer the key, or raise KeyMissing when it is absent or misshapen."""
    if key is None or not _KEY.fullmatch(key):
        raise KeyMissing
    return key


def body_hash(body: Any) -> str:
    """Answer a hash that is equal for equal bodies (a Struct or JSON-ready data)."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


async def stored_answer(
    sql: AsyncConnection, person: str, operation: str, key: str, hashed: str, answer_type: type[T]
) -> T | None:
    """Answer what was answered before, or None when this is new; raises IdempotencyConflict."""
    query = sa.select(operations.c.body_hash, operations.c.answer).where(
        operations.c.person == person, operations.c.operation == operation, operations.c.key == key
    )
    row = (await sql.execute(query)).one_or_none()
    if row is None:
        return None
    if row.body_hash != hashed:
        raise IdempotencyConflict
    return msgspec.json.decode(row.answer, type=answer_type)


async def store_answer(
    sql: AsyncConnection, person: str, operation: str, key: str, hashed: str, answer: Any, now_ms: int
) -> None:
    """Keep the answer beside its effect; raises TooManyOperations above 64 in 24 h.

    A rival that stored the same key first makes this raise sqlalchemy's IntegrityError: roll back and
    read `stored_answer` again.
    """
    count = sa.select(sa.func.count()).where(
        operations.c.person == person,
        operations.c.operation == operation,
        operations.c.created_at_ms > now_ms - KEEP_MS,
    )
    if int((await sql.execute(count)).scalar_one()) >= MAX_PER_PERSON:
        raise TooManyOperations(retry_after_s=3600)
    await sql.execute(
        sa.insert(operations).values(
            person=person,
            operation=operation,
            key=key,
            body_hash=hashed,
            answer=msgspec.json.encode(answer).decode(),
            created_at_ms=now_ms,
        )
    )


async def purge_operations(sql: AsyncConnection, now_ms: int) -> int:
    """Forget answers older than 24 h; answers how many."""
    old = sa.delete(operations).where(operations.c.created_at_ms <= now_ms - KEEP_MS)
    return (await sql.execute(old)).rowcount
