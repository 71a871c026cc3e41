"""Work of the webhooks' doors that a client may repeat: done once for each (person, operation, key)."""

from collections.abc import Awaitable, Callable
from typing import Any

from commerce.database_sql import AlreadyThere
from commerce.operations_sql import body_hash, check_key, store_answer, stored_answer
from commerce.outbox_sql import Outbox, Unit

Effect = Callable[[Unit], Awaitable[str]]
"""What is done; returns the id by which the answer is found again. It locks a row of its endpoint or shop."""


async def once(
    outbox: Outbox, person: str, operation: str, key: str | None, body: Any, effect: Effect
) -> str:
    """Return what `effect` returned, now or when the key was first used.

    Raises KeyMissing, IdempotencyConflict, TooManyOperations, and what `effect` raises.
    """
    checked, hashed = check_key(key), body_hash(body)
    try:
        return await _try(outbox, person, operation, checked, hashed, effect)
    except AlreadyThere:  # the same request at the same time was first: answer with what it did
        return await _try(outbox, person, operation, checked, hashed, effect)


async def _try(outbox: Outbox, person: str, operation: str, key: str, hashed: str, effect: Effect) -> str:
    async with outbox.write() as unit:
        known = await stored_answer(unit.sql, person, operation, key, hashed, str)
        if known is not None:
            return known
        answer = await effect(unit)
        await store_answer(unit.sql, person, operation, key, hashed, answer, unit.now_ms())
    return answer
