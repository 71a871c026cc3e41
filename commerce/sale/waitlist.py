"""The waitlist's door: wait for units that are all held or sold, see one's place, give it up.

The offers themselves are made inside the Functions, whenever units come free (`lua/waitlist.lua`); the
ledger's copier tells people of them (`commerce.orders.offers`).
"""

import msgspec

from commerce.operations_sql import check_key
from commerce.orders.ports import VariantCard, Wares
from commerce.ports import NewId
from commerce.sale.door import BuyingDoor, converted, whole_number
from commerce.sale.engine_redis import SaleEngine
from commerce.sale.messages import Number
from commerce.sale.types import Line, Place


class Wait(msgspec.Struct, forbid_unknown_fields=True):
    """What is waited for; `sale` None is the ordinary price. The price is the one valid at the offer."""

    variant: str
    quantity: Number = 1
    sale: str | None = None
    show: str | None = None


class PlaceView(msgspec.Struct):
    """A place in the line for one pool; `position` 1 is offered the next units. `title` is the product's."""

    pool: str
    variant: str
    sale: str | None
    show: str | None
    product: str
    title: str
    variant_title: str
    quantity: int
    position: int
    at_ms: int


class PlaceList(msgspec.Struct):
    """A person's places in the shop, oldest first."""

    places: list[PlaceView]


class Left(msgspec.Struct):
    """Whether there was a place to give up."""

    left: bool


class Waitlist:
    """Joins, leaves and shows; an offer stands for `offer_ms`, at most `most` people wait for a pool."""

    def __init__(
        self,
        engine: SaleEngine,
        door: BuyingDoor,
        wares: Wares,
        new_id: NewId,
        *,
        offer_ms: int,
        most: int,
    ) -> None:
        self._engine = engine
        self._door = door
        self._wares = wares
        self._new_id = new_id
        self._offer_ms = offer_ms
        self._most = most

    async def join(
        self, person: str, shop: str, body: Wait, key: str | None, *, language: str = "en"
    ) -> PlaceView:
        """Take the last place; raises what `SaleEngine.wait_join` does, KeyMissing.

        An offer is told by mail in `language` when the person is not there to take it.
        """
        key = check_key(key)
        await self._door.refuse_unpublished(shop, {body.variant})
        place = await self._engine.wait_join(
            shop,
            person=person,
            key=key,
            reservation=self._new_id("rs"),
            line=Line(body.variant, whole_number(body.quantity), 0, body.sale),
            show=body.show,
            offer_ms=self._offer_ms,
            most=self._most,
            language=language,
        )
        return await self.view(shop, place)

    async def leave(self, person: str, shop: str, pool: str) -> Left:
        """Give a place up; repeating it is harmless."""
        return Left(await self._engine.wait_leave(shop, person=person, pool=pool))

    async def mine(self, person: str, shop: str) -> list[PlaceView]:
        """Return a person's places, oldest first."""
        return [await self.view(shop, place) for place in await self._engine.places_of(shop, person)]

    async def view(self, shop: str, place: Place) -> PlaceView:
        """Return a place with titles."""
        cards = await self._wares.variants(shop, {place.variant})
        card = cards.get(place.variant) or VariantCard(place.variant, "", "", "", published=False)
        return PlaceView(
            pool=place.pool,
            variant=place.variant,
            sale=place.sale,
            show=place.show,
            product=card.product,
            title=card.title,
            variant_title=card.variant_title,
            quantity=place.quantity,
            position=place.position,
            at_ms=place.at_ms,
        )


def wait_body(body: object) -> Wait:
    """Read a message of the room as a `Wait`; raises BadRequest."""
    return converted(body, Wait)
