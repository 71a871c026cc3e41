"""The one buying door: HTTP and websocket both come here, with the same codes and the same answers.

A flash sale is many people in one loop turn. Redis answers a packed call of 100 requests several times
faster than 100 calls, so what arrives while a call of the shop is under way goes together in the next
one; alone, a request waits for nobody. Full calls do not wait for each other: while one is being written to
disk, the next is judged.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from commerce.errors import BadQuantity, Busy, CommerceError, NoSuchVariant
from commerce.operations_sql import check_key
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.ports import Wares
from commerce.ports import NewId
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.refusals import BadRequest
from commerce.sale.types import MAX_LINES, Hold, Line, Reservation, ReserveRequest

T = TypeVar("T")

MAX_PACKED: Final = 100
"""Requests of one call: above that Redis would keep others waiting for longer than it saves."""
MAX_IN_FLIGHT: Final = 4
"""Calls of one shop and process that may be under way at once; one more begins only when a full one waits."""
MAX_WAITING: Final = 5_000
"""Requests of one process that may wait; above that the answer is `busy` at once."""

Number = int | float
"""A quantity as it comes in; anything but a whole number in range is refused as `bad_quantity`."""


class ReserveLine(msgspec.Struct, forbid_unknown_fields=True):
    """What is wanted, at the price version that was shown; `sale` None is the ordinary price."""

    variant: str
    quantity: Number
    price_version: int
    sale: str | None = None


class Reserve(msgspec.Struct, forbid_unknown_fields=True):
    """Hold all of these lines, or none."""

    lines: list[ReserveLine]
    show: str | None = None


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Set the quantity held of one pool (0 drops it), or swap it for another line."""

    pool: str
    quantity: Number
    to: ReserveLine | None = None


class HoldView(msgspec.Struct):
    """Units of one pool at a stamped price. `title` is the product's."""

    pool: str
    variant: str
    sale: str | None
    product: str
    title: str
    variant_title: str
    quantity: int
    price_minor: int
    price_version: int


class ReservationView(msgspec.Struct):
    """A reservation as its person reads it; `deadline_ms` by the shop's clock, `order` what pays for it."""

    id: str
    shop: str
    show: str | None
    person: str
    state: str
    deadline_ms: int
    lines: list[HoldView]
    total_minor: int
    currency: str
    order: str | None = None


class BuyingDoor:
    """Reserve, change, release, and what one holds; `shop` is always the shop's id.

    `hold_ms` is how long a reservation stands.
    """

    def __init__(
        self, engine: SaleEngine, wares: Wares, people: PeopleChannel, new_id: NewId, *, hold_ms: int
    ) -> None:
        self._engine = engine
        self._wares = wares
        self._people = people
        self._new_id = new_id
        self._hold_ms = hold_ms
        self._groups: dict[str, _Group] = {}
        self._waiting = 0
        self.refused_busy_total = 0

    async def shop_id(self, shop: str) -> str:
        """Return the id of a shop named by id or slug; raises NoSuchShop."""
        return (await self._wares.shop(shop)).seller.id

    async def reserve(self, person: str, shop: str, body: Reserve, key: str | None) -> ReservationView:
        """Hold every line or none; raises what `SaleEngine.reserve` does, KeyMissing, Busy."""
        key = check_key(key)
        lines = [_line(line) for line in body.lines[: MAX_LINES + 1]]
        await self._refuse_unpublished(shop, {line.variant for line in lines})
        request = ReserveRequest(person, key, self._new_id("rs"), tuple(lines), body.show, self._hold_ms)
        return await self.view(shop, await self._judged(shop, request))

    async def change(
        self, person: str, shop: str, reservation: str, body: Change, key: str | None
    ) -> ReservationView:
        """Change one hold; raises what `SaleEngine.change` does."""
        key = check_key(key)
        to = None if body.to is None else _line(body.to)
        if to is not None:
            await self._refuse_unpublished(shop, {to.variant})
        changed = await self._engine.change(
            shop,
            person=person,
            key=key,
            reservation=reservation,
            pool=body.pool,
            quantity=_whole(body.quantity),
            to=to,
        )
        return await self._told(shop, changed)

    async def release(self, person: str, shop: str, reservation: str) -> ReservationView:
        """Give all units back; raises what `SaleEngine.release` does."""
        released = await self._engine.release(shop, reservation=reservation, person=person)
        return await self._told(shop, released)

    async def mine(self, person: str, shop: str) -> list[ReservationView]:
        """Return a person's live reservations, oldest first."""
        held = await self._engine.reservations_of(shop, person)
        return [await self.view(shop, one) for one in held]

    async def view(self, shop: str, reservation: Reservation) -> ReservationView:
        """Return a reservation with titles and currency."""
        cards = await self._wares.variants(shop, {hold.variant for hold in reservation.holds})
        card = await self._wares.shop(shop)

        def hold_view(hold: Hold) -> HoldView:
            ware = cards.get(hold.variant)
            return HoldView(
                pool=hold.pool,
                variant=hold.variant,
                sale=hold.sale,
                product=hold.product or (ware.product if ware else ""),
                title=ware.title if ware else "",
                variant_title=ware.variant_title if ware else "",
                quantity=hold.quantity,
                price_minor=hold.price_minor,
                price_version=hold.price_version,
            )

        return ReservationView(
            id=reservation.id,
            shop=shop,
            show=reservation.show,
            person=reservation.person,
            state=str(reservation.state),
            deadline_ms=reservation.deadline_ms,
            lines=[hold_view(hold) for hold in reservation.holds],
            total_minor=reservation.total_minor,
            currency=card.currency,
            order=reservation.order,
        )

    async def _told(self, shop: str, reservation: Reservation) -> ReservationView:
        """Show the change on the person's other screens too."""
        view = await self.view(shop, reservation)
        await self._people.reservation(shop, view.person, view)
        return view

    async def _refuse_unpublished(self, shop: str, variants: set[str]) -> None:
        cards = await self._wares.variants(shop, variants)
        for variant in variants:
            if variant not in cards or not cards[variant].published:
                raise NoSuchVariant(variant=variant)

    async def _judged(self, shop: str, request: ReserveRequest) -> Reservation:
        if self._waiting >= MAX_WAITING:
            self.refused_busy_total += 1
            raise Busy(retry_after_s=1.0)
        group = self._groups.get(shop)
        if group is None:
            group = self._groups[shop] = _Group(shop, self._engine, lambda: self._groups.pop(shop, None))
        self._waiting += 1
        try:
            answer = await group.add(request)
        finally:
            self._waiting -= 1
        if isinstance(answer, CommerceError):
            raise answer
        return answer


_Judgement = Reservation | CommerceError
_Waiting = tuple[ReserveRequest, asyncio.Future[_Judgement]]


class _Group:
    """One shop's requests: packed calls under way, the rest waiting for the next.

    It lives while there is something to send, and says `done` then.
    """

    def __init__(self, shop: str, engine: SaleEngine, done: Callable[[], object]) -> None:
        self._shop = shop
        self._engine = engine
        self._done = done
        self._waiting: deque[_Waiting] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    async def add(self, request: ReserveRequest) -> _Judgement:
        answer: asyncio.Future[_Judgement] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        # The task starts in the next loop turn: whoever is ready in this one is in its first call.
        if len(self._waiting) >= MAX_PACKED * len(self._senders) and len(self._senders) < MAX_IN_FLIGHT:
            self._senders.add(asyncio.create_task(self._send()))
        return await answer

    async def _send(self) -> None:
        try:
            await self._send_all()
        finally:
            self._senders.discard(asyncio.current_task())
            if not self._senders:
                self._done()

    async def _send_all(self) -> None:
        while self._waiting:
            packed = [self._waiting.popleft() for _ in range(min(MAX_PACKED, len(self._waiting)))]
            try:
                answers = await self._engine.reserve_many(self._shop, [request for request, _ in packed])
            except BaseException as error:  # whatever it was, nobody may wait for ever
                self._fail(packed, error)
                if not isinstance(error, Exception):
                    self._fail(self._waiting, error)
                    self._waiting.clear()
                    raise
                continue
            for (_, future), answer in zip(packed, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    @staticmethod
    def _fail(packed: Iterable[_Waiting], error: BaseException) -> None:
        refusal = error if isinstance(error, Exception) else Busy(retry_after_s=1.0)
        for _, future in packed:
            if not future.done():
                future.set_exception(refusal)


def _line(line: ReserveLine) -> Line:
    return Line(line.variant, _whole(line.quantity), line.price_version, line.sale)


def _whole(quantity: Number) -> int:
    """Return the quantity; its range is the engine's to check."""
    if isinstance(quantity, int):
        return quantity
    raise BadQuantity(quantity=repr(quantity)[:40])


def reserve_body(body: object) -> Reserve:
    """Read a message of the room as a `Reserve`; raises BadRequest."""
    return _converted(body, Reserve)


def change_body(body: object) -> Change:
    """Read a message of the room as a `Change`; raises BadRequest."""
    return _converted(body, Change)


def _converted(body: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
