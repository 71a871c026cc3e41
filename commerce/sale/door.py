"""The one buying door: HTTP and websocket both come here, with the same codes and the same answers.

A flash sale is many people in one loop turn. Redis answers a packed call of 100 requests several times
faster than 100 calls, so what arrives while a call of the shop is under way goes together in the next
one; alone, a request waits for nobody. Full calls do not wait for each other: while one is being written to
disk, the next is judged.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from commerce.errors import BadQuantity, Busy, CommerceError, NoSuchVariant
from commerce.operations_sql import check_key
from commerce.orders.people_redis import PeopleChannel
from commerce.orders.ports import Wares
from commerce.ports import NewId
from commerce.sale.admission import Admission, Judgement, QueueSettings, Rate, Told
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.line import Line as LineBefore
from commerce.sale.messages import Change, HoldView, Number, ReservationView, Reserve, ReserveLine
from commerce.sale.refusals import BadRequest
from commerce.sale.sold_out import SoldOutPools
from commerce.sale.starts import SaleStarts
from commerce.sale.types import MAX_LINES, Hold, Line, Reservation, ReserveRequest

T = TypeVar("T")

MAX_PACKED: Final = 100
"""Requests of one call: above that Redis would keep others waiting for longer than it saves."""
MAX_IN_FLIGHT: Final = 4
"""Calls of one shop and process that may be under way at once; one more begins only when a full one waits."""
MAX_WAITING: Final = 5_000
"""Requests of one process that may wait; above that the answer is `busy` at once."""


class BuyingDoor:
    """Reserve, change, release, and what one holds; `shop` is always the shop's id.

    `hold_ms` is how long a reservation stands, `queue` how an overrun sale is met. `sold_out` is for whoever
    reads ledgers in this process.
    """

    def __init__(
        self,
        engine: SaleEngine,
        wares: Wares,
        people: PeopleChannel,
        new_id: NewId,
        *,
        hold_ms: int,
        queue: QueueSettings | None = None,
    ) -> None:
        self._engine = engine
        self._wares = wares
        self._people = people
        self._new_id = new_id
        self._hold_ms = hold_ms
        self.sold_out = SoldOutPools(time.monotonic)
        self._groups: dict[str, _Group] = {}
        self._waiting = 0
        self._queue = queue or QueueSettings()
        self._admissions: dict[str, Admission] = {}
        self._rate = Rate()
        self._starts = SaleStarts(engine, time.monotonic)
        self.refused_busy_total = 0

    @property
    def in_line_total(self) -> int:
        """How many stand in line at this process, over all shops."""
        return sum(admission.waiting_total for admission in self._admissions.values())

    async def shop_id(self, shop: str) -> str:
        """Return the id of a shop named by id or slug; raises NoSuchShop."""
        return (await self._wares.shop(shop)).seller.id

    async def reserve(
        self, person: str, shop: str, body: Reserve, key: str | None, told: Told | None = None
    ) -> ReservationView:
        """Hold every line or none; raises what `SaleEngine.reserve` does, KeyMissing, Busy.

        When the sale is overrun the person stands in line and `told` hears of their place; without `told` it
        raises Queued {position, estimate_ms} after a while, and the same call again waits on.
        """
        key = check_key(key)
        lines = await self.lines(shop, body.lines)
        self.sold_out.refuse(shop, lines)
        request = ReserveRequest(person, key, self._new_id("rs"), lines, body.show, self._hold_ms)
        answer = await self._admitted(shop, request, told)
        if isinstance(answer, CommerceError):
            raise answer
        return await self.view(shop, answer)

    async def change(
        self, person: str, shop: str, reservation: str, body: Change, key: str | None
    ) -> ReservationView:
        """Change one hold; raises what `SaleEngine.change` does."""
        key = check_key(key)
        to = None if body.to is None else _line(body.to)
        if to is not None:
            await self.refuse_unpublished(shop, {to.variant})
        changed = await self._engine.change(
            shop,
            person=person,
            key=key,
            reservation=reservation,
            pool=body.pool,
            quantity=whole_number(body.quantity),
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
            offered=reservation.offered,
        )

    async def _told(self, shop: str, reservation: Reservation) -> ReservationView:
        """Show the change on the person's other screens too."""
        view = await self.view(shop, reservation)
        await self._people.reservation(shop, view.person, view)
        return view

    async def lines(self, shop: str, wanted: list[ReserveLine]) -> tuple[Line, ...]:
        """Return lines as the engine takes them; raises BadQuantity, NoSuchVariant."""
        lines = tuple(_line(line) for line in wanted[: MAX_LINES + 1])
        await self.refuse_unpublished(shop, {line.variant for line in lines})
        return lines

    async def refuse_unpublished(self, shop: str, variants: set[str]) -> None:
        """Raise NoSuchVariant unless every variant is the shop's and published."""
        cards = await self._wares.variants(shop, variants)
        for variant in variants:
            if variant not in cards or not cards[variant].published:
                raise NoSuchVariant(variant=variant)

    async def _admitted(self, shop: str, request: ReserveRequest, told: Told | None) -> Judgement:
        """Have a request judged at once, or when its turn comes."""
        draw_at_s = await self._draw_at_s(shop, request)
        admission = self._admissions.get(shop)
        nobody_waits = admission is None or admission.empty
        if draw_at_s is None and nobody_waits and self._backlog(shop) < self._rate.room(self._queue.after_ms):
            return await self._judged(shop, request)
        if admission is None:
            admission = self._admissions[shop] = self._admission(shop)
        if admission.full(request.person):
            self.refused_busy_total += 1
            raise Busy(retry_after_s=2.0)
        return await admission.wait(request, draw_at_s, told)

    async def _draw_at_s(self, shop: str, request: ReserveRequest) -> float | None:
        """Return when a request that came in a sale's first moments is drawn, None for any other."""
        sale = request.lines[0].sale if len(request.lines) == 1 else None
        if sale is None or not self._queue.draw_ms:
            return None
        began_s, now_s = await self._starts.began_s(shop, sale), time.monotonic()
        if began_s is None or not began_s <= now_s < began_s + self._queue.draw_ms / 1000:
            return None
        return began_s + self._queue.draw_ms / 1000

    def _admission(self, shop: str) -> Admission:
        return Admission(
            shop,
            self._queue,
            LineBefore(self._queue.most, secrets.SystemRandom().shuffle),
            send=self._judged,
            backlog=lambda: self._backlog(shop),
            rate=self._rate,
            stock=self.sold_out,
            now_s=time.monotonic,
            done=lambda: self._admissions.pop(shop, None),
        )

    def _backlog(self, shop: str) -> int:
        group = self._groups.get(shop)
        return 0 if group is None else group.backlog

    async def _judged(self, shop: str, request: ReserveRequest) -> Judgement:
        if self._waiting >= MAX_WAITING:
            self.refused_busy_total += 1
            raise Busy(retry_after_s=1.0)
        group = self._groups.get(shop)
        if group is None:
            group = self._groups[shop] = _Group(
                shop, self._engine, self._rate, lambda: self._groups.pop(shop, None)
            )
        self._waiting += 1
        try:
            return await group.add(request)
        finally:
            self._waiting -= 1


_Waiting = tuple[ReserveRequest, asyncio.Future[Judgement]]


class _Group:
    """One shop's requests: packed calls under way, the rest waiting for the next.

    It lives while there is something to send, and says `done` then.
    """

    def __init__(self, shop: str, engine: SaleEngine, rate: Rate, done: Callable[[], object]) -> None:
        self._shop = shop
        self._engine = engine
        self._rate = rate
        self._done = done
        self._waiting: deque[_Waiting] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    @property
    def backlog(self) -> int:
        """How many wait for a call."""
        return len(self._waiting)

    async def add(self, request: ReserveRequest) -> Judgement:
        answer: asyncio.Future[Judgement] = asyncio.get_running_loop().create_future()
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
            began_s = time.monotonic()
            try:
                answers = await self._engine.reserve_many(self._shop, [request for request, _ in packed])
            except BaseException as error:  # whatever it was, nobody may wait for ever
                self._fail(packed, error)
                if not isinstance(error, Exception):
                    self._fail(self._waiting, error)
                    self._waiting.clear()
                    raise
                continue
            self._rate.measured(len(packed) * len(self._senders), time.monotonic() - began_s)
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
    return Line(line.variant, whole_number(line.quantity), line.price_version, line.sale)


def whole_number(quantity: Number) -> int:
    """Return the quantity; its range is the engine's to check."""
    if isinstance(quantity, int):
        return quantity
    raise BadQuantity(quantity=repr(quantity)[:40])


def reserve_body(body: object) -> Reserve:
    """Read a message of the room as a `Reserve`; raises BadRequest."""
    return converted(body, Reserve)


def change_body(body: object) -> Change:
    """Read a message of the room as a `Change`; raises BadRequest."""
    return converted(body, Change)


def converted(body: object, kind: type[T]) -> T:
    """Read a message of the room as `kind`; raises BadRequest."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
