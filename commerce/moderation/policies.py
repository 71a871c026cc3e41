"""The rules of a shop's rooms: kept here, judged by the room, which hears every change through the ledger."""

from collections.abc import Callable
from typing import Any

import msgspec

from commerce.accounts import people_sql as people
from commerce.database_sql import Sql
from commerce.errors import InvalidField, NoSuchShop
from commerce.moderation import files_sql
from commerce.moderation.refusals import PolicyChanged
from commerce.moderation.structs import PolicyRequest, RoomPolicy
from commerce.outbox_sql import Outbox
from commerce.shops import staff_sql

PolicyCheck = Callable[[dict[str, Any]], dict[str, Any]]
"""Answers the rules as the room reads them; raises ValueError with a sentence for rules it cannot follow."""


def as_they_come(policy: dict[str, Any]) -> dict[str, Any]:
    """Take any rules: for a process in which no room reads them."""
    return policy


class Policies:
    """Reads and changes rules. `check` comes from the composition root: it knows what a room can follow."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.check: PolicyCheck = as_they_come

    async def get(self, shop: str) -> RoomPolicy:
        """Answer a shop's rules; raises NoSuchShop."""
        async with self._outbox.database.read() as sql:
            if not await staff_sql.shop_rows(sql, [shop]):
                raise NoSuchShop(shop=shop)
            return await _view(sql, shop)

    async def put(self, shop: str, actor: str, request: PolicyRequest) -> RoomPolicy:
        """Replace the rules and tell the rooms; the same again changes nothing.

        Raises NoSuchShop, InvalidField, and PolicyChanged when `version` is not the one that stands.
        """
        try:
            checked = self.check({**request.policy, "version": request.version + 1})
        except ValueError as error:
            raise InvalidField(str(error), field="policy") from error
        async with self._outbox.write() as unit:
            if not await staff_sql.lock_shop(unit.sql, shop):
                raise NoSuchShop(shop=shop)
            stands = await files_sql.policy_row(unit.sql, shop)
            version = 0 if stands is None else stands.version
            if stands is not None and msgspec.json.decode(stands.policy) == checked:
                return await _view(unit.sql, shop)  # a repeat
            if version != request.version:
                raise PolicyChanged(version=version)
            values = {
                "version": version + 1,
                "policy": msgspec.json.encode(checked).decode(),
                "actor": actor,
                "at_ms": unit.now_ms(),
            }
            await files_sql.put_policy(unit.sql, shop, values)
            note = {"kind": "policy", "body": {"version": version + 1, "policy": checked}}
            await unit.add("note", note, shop=shop)
            return await _view(unit.sql, shop)


async def policy_of(sql: Sql, shop: str) -> dict[str, Any] | None:
    """Answer the rules as the room reads them, None when the shop has none of its own."""
    row = await files_sql.policy_row(sql, shop)
    return None if row is None else msgspec.json.decode(row.policy, type=dict[str, Any])


async def _view(sql: Sql, shop: str) -> RoomPolicy:
    row = await files_sql.policy_row(sql, shop)
    if row is None:
        return RoomPolicy(0, {}, "", None)
    name = await people.name_of(sql, row.actor)
    return RoomPolicy(row.version, msgspec.json.decode(row.policy), name or "", row.at_ms)
