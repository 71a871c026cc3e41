"""The doors of what a buyer lets us remember."""

from typing import Protocol

from commerce.buyers.buyers import Buyers
from commerce.buyers.structs import SaveBuyer, SavedBuyer
from commerce.errors import InvalidField
from commerce.routing import Call, Route
from commerce.sale.routes import caller


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def buyers(self) -> Buyers:
        """Remembered buyers."""


async def read(services: Services, call: Call) -> SavedBuyer:
    """Show what is remembered of the caller."""
    return await services.buyers.of(caller(call).person)


async def put(services: Services, call: Call) -> SavedBuyer:
    """Remember other details."""
    return await services.buyers.put(caller(call).person, call.body)


async def forget(services: Services, call: Call) -> None:
    """Forget all of it."""
    await services.buyers.forget(caller(call).person)


async def forget_means(services: Services, call: Call) -> SavedBuyer:
    """Forget one means of payment."""
    return await services.buyers.forget_means(caller(call).person, call.path["means"])


ROUTES: tuple[Route, ...] = (
    Route("GET", "/me/buying", read, None, SavedBuyer, (), "person",
          summary="What is remembered for the next purchase"),
    Route("PUT", "/me/buying", put, SaveBuyer, SavedBuyer, (InvalidField,), "person",
          summary="Remember another contact and address", max_body_bytes=4096),
    Route("DELETE", "/me/buying", forget, None, None, (), "person", 204,
          "Forget contact, address, shipping and means of payment"),
    Route("DELETE", "/me/buying/means/{means}", forget_means, None, SavedBuyer, (), "person",
          summary="Forget one means of payment, at its provider too"),
)  # fmt: skip
