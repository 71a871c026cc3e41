"""Top supporters: who does most for a show, of those who let themselves be named."""

from typing import Any

import pytest
import sqlalchemy as sa

from commerce.accounts.tables_sql import guests
from commerce.community.supporters import BOARD, ENTRIES_MOST, points, ranked
from commerce.community.supporters_sql import Did
from commerce.orders.tables_sql import order_lines, orders, payments
from commerce.returns.tables_sql import refund_lines, refunds
from commerce.services import CommerceServices
from commerce.sharing.tables_sql import share_links
from commerce.shops.structs import ShopChange
from tests.commerce.builders import Stall, new_guest, new_stall


class Boards:
    """A room's board, and the names in the room."""

    def __init__(self) -> None:
        self.board: dict[str, Any] = {}
        self.pins = 0
        self.shown: dict[str, str] = {}

    async def pin(self, show: str, name: str, value: Any) -> None:
        """Pin it up."""
        self.pins += 1
        self.board[name] = value

    async def pinned(self, show: str, name: str) -> Any:
        """Read what is pinned."""
        return self.board.get(name)

    async def names(self, show: str, people: list[str]) -> dict[str, str]:
        """Tell names."""
        return {person: self.shown[person] for person in people if person in self.shown}


class Room:
    """A live show, and what people did for it."""

    def __init__(self, commerce: CommerceServices, stall: Stall, boards: Boards) -> None:
        self.commerce, self.stall, self.boards = commerce, stall, boards
        self.orders = 0

    async def guest(self, name: str) -> str:
        """Make a guest."""
        return (await new_guest(self.commerce, name))[0].id

    async def bought(self, person: str, units: int, **columns: Any) -> str:
        """Let somebody have bought."""
        self.orders += 1
        order = f"or_{self.orders}"
        row = {
            "id": order, "number": str(self.orders), "shop": self.stall.shop, "show": self.stall.show,
            "person": person, "token": "t", "state": "paid", "stock": "committed", "currency": "USD",
            "items_minor": 1, "shipping_minor": 0, "tax_minor": 0, "total_minor": 1, "method": "sandbox",
            "return_url": "/", "language": "en", "seller": "{}", "created_at_ms": 1, "deadline_ms": 1,
            "updated_at_ms": 1,
        }  # fmt: skip
        line = {
            "order": order, "position": 0, "reservation": "rs", "pool": "po", "product": "pr",
            "variant": "va", "title": "Tea", "variant_title": "", "quantity": units,
            "price_minor": 1, "price_version": 1,
        }  # fmt: skip
        async with self.commerce.database.write() as sql:
            await sql.execute(sa.insert(orders).values({**row, **columns}))
            await sql.execute(sa.insert(order_lines).values(line))
        return order

    async def shared(self, person: str, entries: int) -> str:
        """Let somebody's link have brought devices; returns the code."""
        mine = await self.commerce.sharing.links.mine(self.stall.show, person, "http://shop.test")
        async with self.commerce.database.write() as sql:
            change = sa.update(share_links).where(share_links.c.code == mine.code)
            await sql.execute(change.values(entries=entries))
        return str(mine.code)

    async def listed(self) -> list[tuple[str, int, int]]:
        """Let the worker look; return who is on the board: name, units, orders brought."""
        await self.commerce.community.supporters.tell_all()
        value = self.boards.board.get(BOARD) or []
        return [(one["name"], one["units"], one["brought"]) for one in value]


@pytest.fixture
async def room(commerce: CommerceServices) -> Room:
    """Go live."""
    stall = await new_stall(commerce)
    await commerce.shows.start(stall.show)
    boards = commerce.community.supporters.boards = Boards()
    return Room(commerce, stall, boards)


def test_devices_never_outweigh_a_purchase() -> None:
    """However many come by a link: they can be made up, a paid unit cannot."""
    assert points(Did(entries=10_000)) == ENTRIES_MOST < points(Did(units=1))
    assert ranked(
        {"bot": Did(entries=10_000), "lin": Did(units=1), "wu": Did(), "bo": Did(orders=2)}, 10
    ) == [
        "bo",
        "lin",
        "bot",
    ]


async def test_who_bought_most_stands_first(room: Room) -> None:
    """By units, orders by one's link with them; no amounts."""
    lin, wu, bo = [await room.guest(name) for name in ("Lin", "Wu", "Bo")]
    await room.bought(lin, 1)
    await room.bought(wu, 2)
    code = await room.shared(bo, 3)
    await room.bought(lin, 1, via=code)
    await room.bought(lin, 1, via=code)
    assert await room.listed() == [("Lin", 3, 0), ("Bo", 0, 2), ("Wu", 2, 0)]
    assert set(room.boards.board[BOARD][0]) == {"person", "name", "units", "brought"}


async def test_the_board_is_written_only_when_the_list_changed(room: Room) -> None:
    """The name is the one shown in the room."""
    lin = await room.guest("Lin")
    await room.bought(lin, 1)
    room.boards.shown[lin] = "Lin the Great"
    assert [await room.listed(), await room.listed()] == [[("Lin the Great", 1, 0)]] * 2
    assert room.boards.pins == 1
    await room.bought(lin, 1)
    assert await room.listed() == [("Lin the Great", 2, 0)]
    assert room.boards.pins == 2


async def test_who_is_not_to_be_named_is_not(room: Room) -> None:
    """Not by a person's setting, not by an order kept quiet, not staff, not who was banned."""
    lin, wu, bo = [await room.guest(name) for name in ("Lin", "Wu", "Bo")]
    for person in (lin, bo, room.stall.owner):
        await room.bought(person, 5)
    await room.bought(wu, 5, announced=False)
    await room.bought(wu, 1)
    async with room.commerce.database.write() as sql:
        await sql.execute(sa.update(guests).where(guests.c.id == lin).values(announce_purchases=False))
    await room.commerce.bans.ban(room.stall.shop, bo, room.stall.owner)
    assert await room.listed() == [("Wu", 1, 0)]


async def test_what_went_back_supports_nobody(room: Room) -> None:
    """Refunded units are taken off; cancelled and refunded orders do not count."""
    lin, wu = await room.guest("Lin"), await room.guest("Wu")
    order = await room.bought(lin, 3)
    await room.bought(wu, 3, state="refunded")
    await room.bought(wu, 3, state="cancelled")
    await room.bought(wu, 3, show=None)
    row = {
        "id": "rf_1", "order": order, "shop": room.stall.shop, "payment": "pa_1", "state": "done",
        "cause": "host", "amount_minor": 1, "currency": "USD", "restock": False, "reason": "",
        "actor": room.stall.owner,
        "created_at_ms": 1, "updated_at_ms": 1,
    }  # fmt: skip
    paid = {
        "id": "pa_1", "order": order, "shop": room.stall.shop, "attempt": 1, "method": "sandbox",
        "state": "captured", "amount_minor": 1, "currency": "USD", "created_at_ms": 1, "updated_at_ms": 1,
    }  # fmt: skip
    units = {"refund": "rf_1", "position": 0, "quantity": 2, "unsent": 2}
    async with room.commerce.database.write() as sql:
        await sql.execute(sa.insert(payments).values(paid))
        await sql.execute(sa.insert(refunds).values(row))
        await sql.execute(sa.insert(refund_lines).values(units))
    assert await room.listed() == [("Lin", 1, 0)]


async def test_a_shop_can_switch_the_list_off(room: Room) -> None:
    """It is taken down at once, and back when it is on again."""
    await room.bought(await room.guest("Lin"), 1)
    assert await room.listed() == [("Lin", 1, 0)]
    changed = await room.commerce.shops.change(room.stall.shop, ShopChange(supporters=False))
    assert (changed.supporters, await room.listed(), room.boards.board) == (False, [], {BOARD: None})
    await room.commerce.shops.change(room.stall.shop, ShopChange(supporters=True))
    assert await room.listed() == [("Lin", 1, 0)]


async def test_only_live_shows_are_told(room: Room) -> None:
    """After the end the last list stays as it is."""
    lin = await room.guest("Lin")
    await room.bought(lin, 1)
    await room.listed()
    await room.commerce.shows.end(room.stall.show)
    await room.bought(lin, 1)
    assert await room.listed() == [("Lin", 1, 0)]
    assert room.boards.pins == 1
