"""The HTTP doors of buying: hold, change, give back, look."""

from typing import Protocol

import msgspec

from commerce import errors
from commerce.language import preferred_language
from commerce.routing import Call, Identity, Route
from commerce.sale.door import BuyingDoor
from commerce.sale.messages import Change, ReservationView, Reserve
from commerce.sale.refusals import (
    AllHeld,
    AlreadyHeld,
    AlreadyPaying,
    BadRequest,
    LimitReached,
    NoSuchReservation,
    NoSuchSale,
    PayFirst,
    PriceChanged,
    Queued,
    ReservationEnded,
    SaleEnded,
    SaleNotOpen,
    SoldOut,
    UnitsFree,
    WaitlistFull,
)
from commerce.sale.waitlist import Left, PlaceList, PlaceView, Wait, Waitlist


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door."""

    @property
    def waitlist(self) -> Waitlist:
        """The waitlist's door."""


class ReservationList(msgspec.Struct):
    """A person's live reservations in the shop, oldest first."""

    reservations: list[ReservationView]


def caller(call: Call) -> Identity:
    """Return who calls; the role of these routes sees to it that somebody does."""
    if call.identity is None:
        raise errors.Unauthorised
    return call.identity


async def reserve(services: Services, call: Call) -> ReservationView:
    """Hold all lines or none."""
    shop = await services.door.shop_id(call.path["shop"])
    return await services.door.reserve(caller(call).person, shop, call.body, call.operation_key)


async def mine(services: Services, call: Call) -> ReservationList:
    """Show what the caller holds."""
    shop = await services.door.shop_id(call.path["shop"])
    return ReservationList(await services.door.mine(caller(call).person, shop))


async def change(services: Services, call: Call) -> ReservationView:
    """Change one hold."""
    shop = await services.door.shop_id(call.path["shop"])
    reservation = call.path["reservation"]
    person = caller(call).person
    return await services.door.change(person, shop, reservation, call.body, call.operation_key)


async def release(services: Services, call: Call) -> ReservationView:
    """Give everything back."""
    shop = await services.door.shop_id(call.path["shop"])
    return await services.door.release(caller(call).person, shop, call.path["reservation"])


async def wait(services: Services, call: Call) -> PlaceView:
    """Wait for units."""
    shop = await services.door.shop_id(call.path["shop"])
    language = preferred_language(call.headers.get("accept-language", ""))
    person = caller(call).person
    return await services.waitlist.join(person, shop, call.body, call.operation_key, language=language)


async def places(services: Services, call: Call) -> PlaceList:
    """Show what the caller waits for."""
    shop = await services.door.shop_id(call.path["shop"])
    return PlaceList(await services.waitlist.mine(caller(call).person, shop))


async def leave(services: Services, call: Call) -> Left:
    """Give a place up."""
    shop = await services.door.shop_id(call.path["shop"])
    return await services.waitlist.leave(caller(call).person, shop, call.path["pool"])


_RESERVE = (
    AllHeld, SoldOut, LimitReached, PriceChanged, SaleNotOpen, SaleEnded, errors.Banned, AlreadyHeld,
    errors.NoSuchShop, errors.NoSuchVariant, NoSuchSale, errors.NoSuchPool, errors.BadQuantity, BadRequest,
    errors.KeyMissing, errors.IdempotencyConflict, errors.TooManyOperations, errors.Busy, PayFirst, Queued,
)  # fmt: skip
_OWN = (NoSuchReservation, errors.NotYours, ReservationEnded, AlreadyPaying)
_WAIT = (
    UnitsFree, WaitlistFull, PayFirst, LimitReached, SaleNotOpen, SaleEnded, errors.Banned, AlreadyHeld,
    errors.NoSuchShop, errors.NoSuchVariant, NoSuchSale, errors.NoSuchPool, errors.BadQuantity, BadRequest,
    errors.KeyMissing, errors.IdempotencyConflict, errors.TooManyOperations, errors.Busy,
)  # fmt: skip
_ALL = "/shops/{shop}/reservations"
_ONE = "/shops/{shop}/reservations/{reservation}"

ROUTES: tuple[Route, ...] = (
    Route("POST", _ALL, reserve, Reserve, ReservationView, _RESERVE, role="person", status=201,
          summary="Hold units at the price shown; needs an Idempotency-Key", max_body_bytes=16384),
    Route("GET", _ALL, mine, None, ReservationList, (errors.NoSuchShop,), role="person",
          summary="What the caller holds"),
    Route("PATCH", _ONE, change, Change, ReservationView, (*_RESERVE, *_OWN), role="person",
          summary="Change the quantity of one hold; needs an Idempotency-Key", max_body_bytes=4096),
    Route("DELETE", _ONE, release, None, ReservationView, (errors.NoSuchShop, *_OWN), role="person",
          summary="Give a reservation back"),
    Route("POST", "/shops/{shop}/waitlist", wait, Wait, PlaceView, _WAIT, role="person", status=201,
          summary="Wait for units that are held or sold; needs an Idempotency-Key", max_body_bytes=4096),
    Route("GET", "/shops/{shop}/waitlist", places, None, PlaceList, (errors.NoSuchShop,), role="person",
          summary="What the caller waits for, and how many are before them"),
    Route("DELETE", "/shops/{shop}/waitlist/{pool}", leave, None, Left, (errors.NoSuchShop, BadRequest),
          role="person", summary="Give a place up; repeating it is harmless"),
)  # fmt: skip
