"""Shows: planning one, running it, and letting its encoder in."""

from collections.abc import Awaitable, Callable
from typing import Any

from commerce import text
from commerce.errors import BadTimes, NoSuchShop, NoSuchShow, WrongState, WrongStreamKey
from commerce.keys_crypto import Keys
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.ports import Clock, NewId
from commerce.shops import staff_sql
from commerce.shows import shows_sql, stream_keys
from commerce.shows.run import add_to_run, put_run
from commerce.shows.sales import FlashSales
from commerce.shows.states import ShowState, step
from commerce.shows.structs import ShowChange, ShowRequest, StreamKey
from commerce.webhooks import outgoing_sql as webhooks
from commerce.webhooks.events import EventType, ShowData

MAX_TIME_MS = 4_102_444_800_000  # 2100-01-01: later starts are slips of the hand
DESCRIPTION_CHARS = 4_000

Watcher = Callable[[str, str], Awaitable[None]]
"""Called with (event, show) after `ended` and `key_rotated`, so that media can be told."""


class Shows:
    """What hosts do with shows. Doors check roles before."""

    def __init__(
        self, outbox: Outbox, engine: Any, sales: FlashSales, keys: Keys, now_ms: Clock, new_id: NewId
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._engine = engine
        self._sales = sales
        self._keys = keys
        self._now_ms = now_ms
        self._new_id = new_id
        self.watchers: list[Watcher] = []
        outbox.handle("note", self._note)

    async def create(self, shop: str, request: ShowRequest) -> str:
        """Plan a show and answer its id; raises NoSuchShop, InvalidField, BadTimes."""
        show = self._new_id("sh")
        values = {
            "id": show,
            "shop": shop,
            "title": text.line(request.title, "title", text.TITLE_CHARS),
            "description": text.paragraph(request.description, "description", DESCRIPTION_CHARS),
            "state": ShowState.SCHEDULED.value,
            "starts_at_ms": _start(request.starts_at_ms),
            "outside_players": request.outside_players,
            "created_at_ms": self._now_ms(),
        } | stream_keys.columns(self._keys, show, stream_keys.new_stream_key())
        async with self._outbox.write() as unit:
            if not await staff_sql.lock_shop(unit.sql, shop):
                raise NoSuchShop(shop=shop)
            await shows_sql.add_show(unit.sql, values)
            await unit.add("show_bans", {"show": show}, shop=shop)
        return show

    async def change(self, show: str, change: ShowChange) -> None:
        """Change text, time or who may watch from outside; raises NoSuchShow, InvalidField, BadTimes."""
        values: dict[str, Any] = {}
        if change.title is not None:
            values["title"] = text.line(change.title, "title", text.TITLE_CHARS)
        if change.description is not None:
            values["description"] = text.paragraph(change.description, "description", DESCRIPTION_CHARS)
        if change.starts_at_ms is not None:
            values["starts_at_ms"] = _start(change.starts_at_ms)
        if change.outside_players is not None:
            values["outside_players"] = change.outside_players
        async with self._outbox.write() as unit:
            row = await self._locked(unit, show)
            if change.starts_at_ms is not None and row.state != ShowState.SCHEDULED:
                raise WrongState("The show has started already.", state=row.state)
            if values:
                await shows_sql.change_show(unit.sql, show, values)
                await self._tell(unit, row, row.state, values)

    async def set_poster(self, show: str, picture: str) -> None:
        """Show a stored picture before the show and while the host is away."""
        async with self._outbox.write() as unit:
            await self._locked(unit, show)
            await shows_sql.change_show(unit.sql, show, {"poster": picture})

    async def start(self, show: str) -> None:
        """Go live; harmless when it is live already. Raises NoSuchShow, WrongState."""
        async with self._outbox.write() as unit:
            row = await self._locked(unit, show)
            if step(ShowState(row.state), ShowState.LIVE):
                change = {"state": ShowState.LIVE.value, "started_at_ms": self._now_ms()}
                await shows_sql.change_show(unit.sql, show, change)
                await self._tell(unit, row, ShowState.LIVE, change)
                await webhooks.emit(unit, row.shop, EventType.SHOW_LIVE, _show_data(row, change))

    async def end(self, show: str) -> None:
        """End for good, with its flash sales; harmless when it has ended. Raises NoSuchShow."""
        async with self._outbox.write() as unit:
            row = await self._locked(unit, show)
            ends = step(ShowState(row.state), ShowState.ENDED)
            if ends:
                change = {"state": ShowState.ENDED.value, "ended_at_ms": self._now_ms()}
                await shows_sql.change_show(unit.sql, show, change)
                await self._sales.end_all(unit, row.shop, show)
                await self._tell(unit, row, ShowState.ENDED, change)
                await webhooks.emit(unit, row.shop, EventType.SHOW_ENDED, _show_data(row, change))
        if ends:
            await self._announce("ended", show)

    async def put_run_of_show(self, show: str, products: tuple[str, ...]) -> None:
        """Replace the products and their order; raises NoSuchShow, NoSuchProduct, InvalidField."""
        async with self._outbox.write() as unit:
            row = await self._locked(unit, show)
            await put_run(unit, row, products)
            if row.pinned is not None and row.pinned not in products:
                await self._pin(unit, row, None)

    async def pin(self, show: str, product: str | None) -> None:
        """Pin a product, or none; one not in the run joins it. Raises NoSuchShow, NoSuchProduct."""
        async with self._outbox.write() as unit:
            row = await self._locked(unit, show)
            if product is not None:
                await add_to_run(unit, row, product)
            if product != row.pinned:
                await self._pin(unit, row, product)

    async def stream_key(self, show: str, base_url: str) -> StreamKey:
        """Answer the key for the host to copy; one that cannot be opened any more is replaced."""
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
        if row is None:
            raise NoSuchShow(show=show)
        key = self._keys.unseal(stream_keys.PURPOSE, row.stream_key_sealed, show)
        if key is None:
            return await self.rotate_stream_key(show, base_url)
        return _stream_key(show, key, base_url)

    async def rotate_stream_key(self, show: str, base_url: str) -> StreamKey:
        """Make a new key; the old one lets nobody in from now on. Raises NoSuchShow."""
        key = stream_keys.new_stream_key()
        async with self._outbox.write() as unit:
            await self._locked(unit, show)
            await shows_sql.change_show(unit.sql, show, stream_keys.columns(self._keys, show, key))
        await self._announce("key_rotated", show)
        return _stream_key(show, key, base_url)

    async def stream_key_check(self, show: str, key: str) -> str:
        """Answer the shop of a show whose encoder shows the right key.

        Raises NoSuchShow, WrongStreamKey; WrongState {state: "ended"} when the show is over.
        """
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
        if row is None:
            raise NoSuchShow(show=show)
        if not stream_keys.fits(row.stream_key_hash, key):
            raise WrongStreamKey
        if row.state == ShowState.ENDED:
            raise WrongState("The show has ended.", state=row.state)
        return str(row.shop)

    async def outside_players(self, show: str) -> bool:
        """Tell whether players without a watch token may show this show; raises NoSuchShow."""
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
        if row is None:
            raise NoSuchShow(show=show)
        return bool(row.outside_players)

    async def _locked(self, unit: Unit, show: str) -> Any:
        row = await shows_sql.show_row(unit.sql, show, lock=True)
        if row is None:
            raise NoSuchShow(show=show)
        return row

    async def _pin(self, unit: Unit, row: Any, product: str | None) -> None:
        await shows_sql.change_show(unit.sql, row.id, {"pinned": product})
        note = {"kind": "pin", "body": {"product": product}, "show": row.id}
        await unit.add("note", note, shop=row.shop)

    async def _tell(self, unit: Unit, row: Any, state: str, change: dict[str, Any]) -> None:
        body = {"state": str(state), "show": row.id} | {
            name: value for name, value in change.items() if name != "state"
        }
        await unit.add("note", {"kind": "show", "body": body, "show": row.id}, shop=row.shop)

    async def _announce(self, event: str, show: str) -> None:
        for watcher in self.watchers:
            await watcher(event, show)

    async def _note(self, row: OutboxRow) -> None:
        """Carry out `note`: a ledger entry and nothing else."""
        assert row.shop is not None
        await self._engine.note(
            row.shop,
            operation=row.id,
            kind=row.payload["kind"],
            body=row.payload["body"],
            show=row.payload.get("show"),
        )


def _show_data(row: Any, change: dict[str, Any]) -> ShowData:
    """Answer a show as webhooks tell of it once `change` is made."""
    names = ShowData.__struct_fields__
    return ShowData(**{name: change.get(name, getattr(row, name)) for name in names})


def _start(starts_at_ms: int) -> int:
    if not 0 < starts_at_ms < MAX_TIME_MS:
        raise BadTimes("The start is not a time of this century.", starts_at_ms=starts_at_ms)
    return starts_at_ms


def _stream_key(show: str, key: str, base_url: str) -> StreamKey:
    whip_url = f"{base_url}/whip/{show}"
    return StreamKey(key, whip_url, whip_url)
