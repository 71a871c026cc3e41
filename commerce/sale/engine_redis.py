"""The sale's one way to stock: every write is one Redis Function call, atomic, and harmless when repeated.

Each method raises a `CommerceError` (see `refusals.py`) and has then changed nothing, except
`AnswerLost`: then nobody knows, and the same call with the same key or operation settles it.

Buyers' calls (`reserve`, `change`, `pay_begin`, `wait_join`) carry the client's idempotency `key`, scoped to
(person, operation); staff and system calls carry `operation`, their outbox row's id. `commit`, `release`,
`wait_leave`, `expire_due`, `extend`, `price_put`, `ban_put` need none: they name an end or an absolute value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from commerce.errors import CommerceError
from commerce.sale import checks
from commerce.sale.calls_redis import load_libraries
from commerce.sale.hashes import body_hash
from commerce.sale.reads_redis import SaleReads
from commerce.sale.rebuild_redis import SaleRebuild
from commerce.sale.refusals import refusal
from commerce.sale.stock_redis import SaleStock
from commerce.sale.types import (
    HOLD_MS,
    PAY_EXTRA_MS,
    Audit,
    Line,
    PaymentBegun,
    Purged,
    Reservation,
    ReserveRequest,
    Swept,
)
from commerce.sale.waits_redis import SaleWaits

_DAY_MS = 24 * 3600_000
_TAKEN = ("lines", "reservation", "show", "hold_ms")
"""What `pay_begin` needs of the request whose lines it holds itself."""


class SaleEngine(SaleReads, SaleStock, SaleRebuild, SaleWaits):
    """Pools, reservations and ledger of every shop on one Redis, or one cluster.

    `redis` is a client from `commerce.sale.calls_redis.write_client` (retries off).
    """

    async def load(self) -> None:
        """Load the Function library on this Redis; called at start, and by itself when it is missing."""
        await load_libraries(self.redis)

    async def reserve(
        self,
        shop: str,
        *,
        person: str,
        key: str,
        reservation: str,
        lines: Sequence[Line],
        show: str | None = None,
        hold_ms: int = HOLD_MS,
    ) -> Reservation:
        """Hold every line or none until now + `hold_ms`; `reservation` is a fresh `rs_` id for it.

        A repeat with the same key answers the first answer. One line of a pool the person holds already
        answers that reservation, unchanged, whatever the key. Raises AllHeld or SoldOut {pool, available,
        held}, LimitReached {sale, limit, count}, PriceChanged {variant, price_minor, price_version},
        SaleNotOpen {starts_at_ms}, SaleEnded, Banned, AlreadyHeld {line, pool, reservation},
        NoSuchVariant, NoSuchSale, NoSuchPool, BadQuantity, IdempotencyConflict, TooManyOperations, PayFirst
        {sale}. While others wait for a pool, its units are theirs: AllHeld or SoldOut {waiting}.
        """
        request = ReserveRequest(person, key, reservation, tuple(lines), show, hold_ms)
        (answer,) = await self.reserve_many(shop, [request])
        if isinstance(answer, CommerceError):
            raise answer
        return answer

    async def reserve_many(
        self, shop: str, requests: Sequence[ReserveRequest]
    ) -> list[Reservation | CommerceError]:
        """Judge many buyers' requests in one call, in order, each by itself; answers stand in the same order.

        A request that cannot be right in itself is answered here and not sent. See `reserve`.
        """
        answers: list[Reservation | CommerceError | None] = [None] * len(requests)
        packed: list[dict[str, object]] = []
        places: list[int] = []
        for place, request in enumerate(requests):
            try:
                packed.append(_packed_request(request))
                places.append(place)
            except CommerceError as error:
                answers[place] = error
        if packed:
            checks.check_id("shop", shop, "sp")
            replies = await self.done(shop, "reserve", {"requests": packed}, list[_Single])
            for place, reply in zip(places, replies, strict=True):
                answers[place] = reply.settled()
        return [answer for answer in answers if answer is not None]

    async def change(
        self,
        shop: str,
        *,
        person: str,
        key: str,
        reservation: str,
        pool: str,
        quantity: int,
        to: Line | None = None,
    ) -> Reservation:
        """Set one hold's quantity (0 drops it; dropping the last releases), or swap it for the line `to`.

        More units are only given at the price now valid (PriceChanged), within the limit, while its sale is
        open, and not to a banned person. With `to`, `quantity` is ignored. Raises as `reserve`, and
        NoSuchReservation, NotYours, ReservationEnded {state}, AlreadyPaying {order}, NoSuchPool.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_person(person)
        checks.check_key("key", key)
        checks.check_id("reservation", reservation, "rs")
        checks.check_id("pool", pool, "po")
        checks.check_line_quantity(quantity, low=0)
        if to is not None:
            checks.check_line(to)
        argument = {
            "person": person,
            "key": key,
            "hash": body_hash(reservation, pool, quantity, to),
            "reservation": reservation,
            "pool": pool,
            "quantity": quantity,
            "to": None if to is None else _packed_line(to),
        }
        changed: Reservation = await self.done(shop, "change", argument, Reservation)
        return changed

    async def extend(self, shop: str, *, reservation: str, until_ms: int) -> Reservation:
        """Move a live reservation's deadline to `until_ms` (shop's clock) if that is later; never earlier.

        Raises NoSuchReservation, ReservationEnded {state}.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_id("reservation", reservation, "rs")
        checks.check_time("until_ms", until_ms)
        argument = {"reservation": reservation, "until_ms": until_ms}
        extended: Reservation = await self.done(shop, "extend", argument, Reservation)
        return extended

    async def pay_begin(
        self,
        shop: str,
        *,
        person: str,
        key: str,
        order: str,
        reservations: Sequence[str] = (),
        announce: bool,
        marks: Sequence[str] = (),
        extra_ms: int = PAY_EXTRA_MS,
        items_minor: int | None = None,
        hold: ReserveRequest | None = None,
    ) -> PaymentBegun:
        """Make open reservations of one person one order that is being paid; adds `extra_ms` once.

        With `hold`, and then no reservations, its lines are held in this same call, all or none, as `reserve`
        judges them (its errors too), also in a sale that is paid first; person and key are this call's.

        `marks` are HMACs of the normalised e-mail and address: units of a sale with a limit are counted under
        each until the reservation ends unpaid. `announce` is carried to the commit's ledger entry. A
        reservation that is being paid under the same `order` is taken as it is, so another payment attempt
        of one order may call this again with a new key. `items_minor` is what the buyer was shown for all
        holds together; another sum is refused, None takes any. Raises
        ItemsChanged {items_minor}, LimitReached {sale, limit, count, mark},
        NoSuchReservation, NotYours, ReservationEnded {reservation, state}, AlreadyPaying {order},
        IdempotencyConflict, TooManyOperations.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_person(person)
        checks.check_key("key", key)
        checks.check_id("order", order, "or")
        checks.check_whole("extra_ms", extra_ms, 0, _DAY_MS)
        ids = [] if hold is not None and not reservations else _reservation_ids(reservations)
        unique = checks.check_marks(marks)
        taken = None if hold is None else _packed_request(hold)
        argument = {
            **({} if taken is None else {name: taken[name] for name in _TAKEN}),
            "person": person,
            "key": key,
            "hash": body_hash(sorted(ids), announce, unique, None if taken is None else taken["hash"]),
            "order": order,
            "reservations": ids,
            "announce": announce,
            "marks": unique,
            "extra_ms": extra_ms,
            "items_minor": items_minor,
        }
        begun: PaymentBegun = await self.done(shop, "pay_begin", argument, PaymentBegun)
        return begun

    async def commit(
        self, shop: str, *, order: str, reservations: Sequence[str], fingerprint: str | None = None
    ) -> tuple[Reservation, ...]:
        """Sell everything an authorised order holds, all of its reservations or none.

        `fingerprint` is an HMAC of the provider's fingerprint of the card: LimitReached here means **void**.
        A committed reservation of this order is answered again. One that expired meanwhile is taken anew in
        this call if all its units are free and its limits allow (late success), else ReservationEnded
        {reservation, state: "expired"}: void too. A released one is ReservationEnded {state: "released"}.
        Also NoSuchReservation (later than 24 h after the copy to SQL: ask SQL), NotYours (another order's).
        """
        checks.check_id("shop", shop, "sp")
        checks.check_id("order", order, "or")
        argument = {
            "order": order,
            "reservations": _reservation_ids(reservations),
            "marks": checks.check_marks([] if fingerprint is None else [fingerprint]),
        }
        sold: tuple[Reservation, ...] = await self.done(shop, "commit", argument, tuple[Reservation, ...])
        return sold

    async def release(
        self, shop: str, *, reservation: str, person: str | None = None, while_paying: bool = False
    ) -> Reservation:
        """Give every unit back; one released or expired before is answered as it ended.

        `person` None is the system. `while_paying` True also ends one that is being paid (order cancelled,
        payment declined for good), else AlreadyPaying {order}. Raises NoSuchReservation, NotYours,
        ReservationEnded {state: "committed"}.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_id("reservation", reservation, "rs")
        if person is not None:
            checks.check_person(person)
        argument = {"reservation": reservation, "person": person, "while_paying": while_paying}
        released: Reservation = await self.done(shop, "release", argument, Reservation)
        return released

    async def expire_due(self, shop: str, *, limit: int = 100) -> Swept:
        """End reservations past their deadline and drain ended sales, at most `limit` of each."""
        checks.check_id("shop", shop, "sp")
        checks.check_whole("limit", limit, 1, 1000)
        swept: Swept = await self.done(shop, "expire_due", {"limit": limit}, Swept)
        return swept

    async def person_merge(self, shop: str, *, operation: str, guest: str, account: str) -> bool:
        """Move a guest's holds, counts and operation records to an account; False when there was nothing.

        Counts add, also above a limit; if both hold one pool both stand until paid or expired.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_key("operation", operation)
        checks.check_id("guest", guest, "gu")
        checks.check_id("account", account, "ac")
        argument = {"operation": operation, "guest": guest, "account": account}
        merged: bool = await self.done(shop, "person_merge", argument, bool)
        return merged

    async def purge_due(self, shop: str, *, copied_to: str, limit: int = 200) -> Purged:
        """Remove what nobody needs any more, at most `limit` things.

        `copied_to` is the ledger id up to which SQL has everything ("0-0": nothing): ended reservations go
        24 h after this passed their last entry; operation records after 24 h (staff's and system's after
        7 days, since an outbox may be stuck longer than a day), counts 24 h after their sale ended, a sale
        and its pool when nothing is held, its sold units then joining the main pool's.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_whole("limit", limit, 1, 1000)
        purged: Purged = await self.done(shop, "purge_due", {"copied_to": copied_to, "limit": limit}, Purged)
        return purged

    async def audit(self, shop: str) -> Audit:
        """Check every pool against its invariant and the live reservations, in one atomic read.

        Costs Redis about 3 µs a live reservation: for reconcilers and tests, not for a page.
        """
        checks.check_id("shop", shop, "sp")
        audit: Audit = await self.done(shop, "audit", {}, Audit)
        return audit


class _Single(msgspec.Struct, frozen=True):
    """One request's own answer within a `reserve`."""

    done: Reservation | None = None
    refused: str | None = None
    facts: dict[str, Any] = msgspec.field(default_factory=dict)

    def settled(self) -> Reservation | CommerceError:
        """Answer the reservation, or the refusal as an error that is not raised."""
        if self.done is not None:
            return self.done
        return refusal(str(self.refused), self.facts)


def _packed_line(line: Line) -> dict[str, object]:
    return {**msgspec.structs.asdict(line), "pool": line.pool}


def _packed_request(request: ReserveRequest) -> dict[str, object]:
    checks.check_person(request.person)
    checks.check_key("key", request.key)
    checks.check_id("reservation", request.reservation, "rs")
    checks.check_whole("hold_ms", request.hold_ms, 0, _DAY_MS)
    if request.show is not None:
        checks.check_id("show", request.show, "sh")
    lines = checks.check_lines(request.lines)
    packed: Mapping[str, object] = msgspec.structs.asdict(request)
    return {**packed, "hash": body_hash(request.show, lines), "lines": [_packed_line(line) for line in lines]}


def _reservation_ids(reservations: Sequence[str]) -> list[str]:
    ids = list(dict.fromkeys(reservations))
    checks.check_whole("reservations", len(ids), 1, 20)
    for reservation in ids:
        checks.check_id("reservation", reservation, "rs")
    return ids
