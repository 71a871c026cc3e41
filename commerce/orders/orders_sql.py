"""Orders and payment attempts in SQL: written, locked, moved and listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from commerce.conversations.tables_sql import conversations
from commerce.errors import NoSuchOrder
from commerce.orders import states
from commerce.orders.states import Fulfilment, OrderState, Stock
from commerce.orders.steps import Attempt, Situation
from commerce.orders.tables_sql import order_lines, order_reservations, orders, payments
from commerce.payments import states as payment_states
from commerce.payments.states import PaymentState
from commerce.returns.states import OPEN_RETURNS
from commerce.returns.tables_sql import returns

Row = Any
"""A SQLAlchemy row with the columns of its table as attributes."""


@dataclass(frozen=True, slots=True)
class Record:
    """An order as SQL has it: its row, lines in order, attempts oldest first, reservations."""

    order: Row
    lines: tuple[Row, ...]
    attempts: tuple[Row, ...]
    reservations: tuple[str, ...]

    @property
    def situation(self) -> Situation:
        """What the next step depends on."""
        return Situation(
            state=OrderState(self.order.state),
            stock=Stock(self.order.stock),
            winner=self.order.winner,
            attempts=tuple(Attempt(one.id, PaymentState(one.state)) for one in self.attempts),
        )

    def attempt(self, payment: str) -> Row:
        """Return one of its attempts."""
        return next(one for one in self.attempts if one.id == payment)


async def load(sql: AsyncConnection, order: str, *, lock: bool = False) -> Record:
    """Return an order; with `lock` nobody else can move it until the transaction ends."""
    return (await _records(sql, [await row(sql, order, lock=lock)]))[0]


async def row(sql: AsyncConnection, order: str, *, lock: bool = False) -> Row:
    """Return an order's row alone; with `lock` nobody else can move it. Raises NoSuchOrder."""
    query = sa.select(orders).where(orders.c.id == order)
    found = (await sql.execute(query.with_for_update() if lock else query)).first()
    if found is None:
        raise NoSuchOrder
    return found


async def exists(sql: AsyncConnection, order: str) -> bool:
    """Tell whether there is an order of this id."""
    query = sa.select(orders.c.id).where(orders.c.id == order)
    return (await sql.execute(query)).first() is not None


async def order_of_payment(sql: AsyncConnection, payment: str) -> str | None:
    """Return the order a payment attempt belongs to, None for an unknown attempt."""
    query = sa.select(payments.c.order).where(payments.c.id == payment)
    found: str | None = (await sql.execute(query)).scalar_one_or_none()
    return found


async def insert(
    sql: AsyncConnection,
    order: dict[str, Any],
    lines: Sequence[dict[str, Any]],
    reservations: Sequence[str],
) -> None:
    """Write a pending order with its lines and reservations."""
    await sql.execute(sa.insert(orders).values(order))
    numbered = [{"order": order["id"], "position": place, **line} for place, line in enumerate(lines)]
    await sql.execute(sa.insert(order_lines), numbered)
    taken = [{"order": order["id"], "reservation": reservation} for reservation in reservations]
    await sql.execute(sa.insert(order_reservations), taken)


async def insert_attempt(
    sql: AsyncConnection, order: Row, payment: str, attempt: int, now_ms: int, **values: object
) -> None:
    """Write a payment attempt before the provider hears of it; `values` are further columns."""
    await sql.execute(
        sa.insert(payments).values(
            id=payment,
            order=order.id,
            shop=order.shop,
            attempt=attempt,
            method=order.method,
            state=PaymentState.CREATED,
            amount_minor=order.total_minor,
            currency=order.currency,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
            **values,
        )
    )


async def change(sql: AsyncConnection, order: Row, now_ms: int, **values: object) -> None:
    """Change columns of an order that is locked; a `state` that may not follow is an error of ours."""
    state = values.get("state")
    if state is not None and not states.may_move(OrderState(order.state), OrderState(str(state))):
        raise ValueError(f"order {order.id}: {order.state} -> {state}")
    await sql.execute(sa.update(orders).where(orders.c.id == order.id).values(updated_at_ms=now_ms, **values))


async def look_again(sql: AsyncConnection, order: str, at_ms: int | None, tries: int) -> None:
    """Say when a worker looks at an order again; None when nothing is left to do."""
    await sql.execute(
        sa.update(orders).where(orders.c.id == order).values(next_step_at_ms=at_ms, tries=tries)
    )


async def move_attempt(
    sql: AsyncConnection, attempt: Row, state: PaymentState, now_ms: int, **values: object
) -> bool:
    """Move an attempt of a locked order; False when the move is not one (a repeat, or old news)."""
    if not payment_states.may_move(PaymentState(attempt.state), state):
        if values:
            await sql.execute(sa.update(payments).where(payments.c.id == attempt.id).values(**values))
        return False
    await sql.execute(
        sa.update(payments)
        .where(payments.c.id == attempt.id)
        .values(state=state, updated_at_ms=now_ms, **values)
    )
    return True


async def due(sql: AsyncConnection, now_ms: int, limit: int) -> list[str]:
    """Return orders somebody must look at, longest waiting first."""
    query = (
        sa.select(orders.c.id)
        .where(orders.c.next_step_at_ms <= now_ms)
        .order_by(orders.c.next_step_at_ms)
        .limit(limit)
    )
    return list((await sql.execute(query)).scalars())


async def of_person(
    sql: AsyncConnection, person: str, *, shop: str | None = None, limit: int = 100
) -> list[Record]:
    """Return a person's orders, newest first, of one shop or of all."""
    query = sa.select(orders).where(orders.c.person == person)
    if shop is not None:
        query = query.where(orders.c.shop == shop)
    newest = query.order_by(orders.c.created_at_ms.desc(), orders.c.id.desc()).limit(limit)
    return await _records(sql, (await sql.execute(newest)).all())


async def of_people(sql: AsyncConnection, people: Sequence[str], shop: str, limit: int) -> list[Record]:
    """Return the newest `limit` orders in a shop of each of these people, newest first."""
    newest = (orders.c.created_at_ms.desc(), orders.c.id.desc())
    place = sa.func.row_number().over(partition_by=orders.c.person, order_by=newest)
    placed = (
        sa.select(orders.c.id, place.label("place"))
        .where(orders.c.person.in_(people), orders.c.shop == shop)
        .subquery()
    )
    query = sa.select(orders).join(placed, placed.c.id == orders.c.id).where(placed.c.place <= limit)
    return await _records(sql, (await sql.execute(query.order_by(*newest))).all())


@dataclass(frozen=True, slots=True)
class Search:
    """Which orders of a shop are wanted; "" and 0 take all.

    `state` may also be "to_send" and "asked"; `words` is the beginning of a number or an e-mail, in lower
    case; `from_ms` is the oldest moment of ordering.
    """

    state: str = ""
    words: str = ""
    from_ms: int = 0


async def search(
    sql: AsyncConnection, shop: str, wanted: Search, before: tuple[int, str] | None, limit: int
) -> list[Record]:
    """Return a shop's orders, newest first, those older than the cursor `before` (created_at_ms, id)."""
    query = sa.select(orders).where(orders.c.shop == shop, orders.c.created_at_ms >= wanted.from_ms)
    if wanted.state:
        query = query.where(_in_state(wanted.state))
    if wanted.words:
        begins = [
            sa.func.lower(column).startswith(wanted.words, autoescape=True)
            for column in (orders.c.number, orders.c.contact_email)
        ]
        query = query.where(sa.or_(*begins))
    if before is not None:
        query = query.where(sa.tuple_(orders.c.created_at_ms, orders.c.id) < sa.tuple_(*before))
    newest = query.order_by(orders.c.created_at_ms.desc(), orders.c.id.desc()).limit(limit)
    return await _records(sql, (await sql.execute(newest)).all())


def _in_state(state: str) -> sa.ColumnElement[bool]:
    if state == "to_send":
        sendable = orders.c.state.in_(states.SENDABLE)
        return sa.and_(sendable, orders.c.fulfilment != Fulfilment.SENT)
    if state == "asked":
        waiting = sa.select(returns.c.order).where(
            returns.c.order == orders.c.id, returns.c.state.in_(OPEN_RETURNS)
        )
        return waiting.exists()
    if state == "unread":
        unread = sa.select(conversations.c.order).where(
            conversations.c.order == orders.c.id, conversations.c.shop_unread > 0
        )
        return unread.exists()
    return orders.c.state == state


async def of_reservation(sql: AsyncConnection, reservation: str) -> str | None:
    """Return the order that pays for a reservation, None when there is none."""
    query = (
        sa.select(order_reservations.c.order)
        .where(order_reservations.c.reservation == reservation)
        .order_by(order_reservations.c.order)
    )
    found: str | None = (await sql.execute(query)).scalars().first()
    return found


async def give_to(sql: AsyncConnection, guest: str, account: str) -> int:
    """Move a guest's orders to the account they signed in with; returns how many."""
    moved = await sql.execute(sa.update(orders).where(orders.c.person == guest).values(person=account))
    return moved.rowcount


async def forget_person(sql: AsyncConnection, person: str) -> int:
    """Remove who and where from a person's orders; figures, country and lines stay for the books."""
    columns = ("contact_name", "contact_email", "contact_phone", "address_line1", "address_line2",
               "address_city", "address_region", "address_postcode")  # fmt: skip
    changed = await sql.execute(
        sa.update(orders).where(orders.c.person == person).values(dict.fromkeys(columns))
    )
    return changed.rowcount


async def _records(sql: AsyncConnection, rows: Sequence[Row]) -> list[Record]:
    ids = [row.id for row in rows]
    if not ids:
        return []

    async def parts(table: sa.Table, *order_by: str) -> dict[str, list[Row]]:
        query = sa.select(table).where(table.c.order.in_(ids)).order_by(*(table.c[name] for name in order_by))
        grouped: dict[str, list[Row]] = {one: [] for one in ids}
        for row in await sql.execute(query):
            grouped[row.order].append(row)
        return grouped

    lines = await parts(order_lines, "position")
    attempts = await parts(payments, "attempt")
    reservations = await parts(order_reservations, "reservation")
    return [
        Record(
            row,
            tuple(lines[row.id]),
            tuple(attempts[row.id]),
            tuple(one.reservation for one in reservations[row.id]),
        )
        for row in rows
    ]
