"""The waitlist's half of the engine: who waits for units of a pool; offers are made inside the Functions."""

from commerce.sale import checks
from commerce.sale.calls_redis import FunctionCaller
from commerce.sale.hashes import body_hash
from commerce.sale.types import OFFER_MS, WAITLIST_MOST, Line, Place

_DAY_MS = 24 * 3600_000
MAX_PLACES = 1_000_000


class SaleWaits(FunctionCaller):
    """Joining and leaving. `SaleReads.places_of` reads a person's places."""

    async def wait_join(
        self,
        shop: str,
        *,
        person: str,
        key: str,
        reservation: str,
        line: Line,
        show: str | None = None,
        offer_ms: int = OFFER_MS,
        most: int = WAITLIST_MOST,
        language: str = "en",
    ) -> Place:
        """Take the last place in the line for a pool; `reservation` is a fresh `rs_` id for the offer.

        When units of the pool come free, the first in line gets as many as wanted or as there are, as an open
        reservation with `offered` True that stands for `offer_ms`, at the price then valid. The line's
        `price_version` does not matter. Who waits already keeps the place, whatever the key. `most` bounds
        the line; `language` is carried to the offer's ledger entry. Raises UnitsFree {available} (reserve
        them), AlreadyHeld, LimitReached, Banned, PayFirst, WaitlistFull {waiting}, SaleNotOpen, SaleEnded,
        NoSuchVariant, NoSuchSale, NoSuchPool, BadQuantity, IdempotencyConflict, TooManyOperations.
        """
        checks.check_id("shop", shop, "sp")
        checks.check_person(person)
        checks.check_key("key", key)
        checks.check_id("reservation", reservation, "rs")
        checks.check_whole("offer_ms", offer_ms, 1, _DAY_MS)
        checks.check_whole("most", most, 1, MAX_PLACES)
        if show is not None:
            checks.check_id("show", show, "sh")
        checks.check_line(line)
        argument = {
            "person": person,
            "key": key,
            "hash": body_hash(show, line.pool, line.quantity),
            "reservation": reservation,
            "show": show,
            "language": language,
            "offer_ms": offer_ms,
            "most": most,
            "line": {
                "pool": line.pool,
                "variant": line.variant,
                "sale": line.sale,
                "quantity": line.quantity,
            },
        }
        place: Place = await self.done(shop, "wait_join", argument, Place)
        return place

    async def wait_leave(self, shop: str, *, person: str, pool: str) -> bool:
        """Give up a place; False when there was none (any more). An offer made before stands."""
        checks.check_id("shop", shop, "sp")
        checks.check_person(person)
        checks.check_id("pool", pool, "po")
        left: bool = await self.done(shop, "wait_leave", {"person": person, "pool": pool}, bool)
        return left
