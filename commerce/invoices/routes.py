"""The HTTP doors of invoices and credit notes."""

from typing import Protocol

from commerce import errors
from commerce.invoices.invoices import Invoices
from commerce.invoices.refusals import NoSuchDocument
from commerce.language import Language, preferred_language
from commerce.routing import Call, Reply, Route
from commerce.sale.door import BuyingDoor


class Parts(Protocol):
    """What follows a sale, as far as these doors see it."""

    @property
    def invoices(self) -> Invoices:
        """Invoices."""


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def door(self) -> BuyingDoor:
        """The buying door, which knows shops by id and slug."""

    @property
    def after(self) -> Parts:
        """What follows a sale."""


def _language(call: Call) -> Language:
    return preferred_language(call.headers.get("accept-language", ""))


def _reply(number: str, content: bytes) -> Reply:
    name = f'attachment; filename="{number}.pdf"'
    return Reply(content, content_type="application/pdf", headers=(("content-disposition", name),))


async def for_buyer(services: Services, call: Call) -> Reply:
    """Draw a document for the order's buyer."""
    order, subject = call.path["order"], call.path["subject"]
    token = call.query.get("token")
    draw = services.after.invoices.pdf_for_buyer
    return _reply(*await draw(call.identity, token, order, subject, _language(call)))


async def for_host(services: Services, call: Call) -> Reply:
    """Draw a document for the shop's host."""
    shop = await services.door.shop_id(call.path["shop"])
    draw = services.after.invoices.pdf_for_host
    return _reply(*await draw(shop, call.path["order"], call.path["subject"], _language(call)))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/orders/{order}/documents/{subject}", for_buyer, None, bytes,
          (errors.NoSuchOrder, errors.NotYours, NoSuchDocument),
          summary="Invoice (subject: the order) or credit note (the refund) as PDF, for owner or link",
          query=(("token", "of the link in the order's mail"),)),
    Route("GET", "/shops/{shop}/orders/{order}/documents/{subject}", for_host, None, bytes,
          (errors.NoSuchShop, errors.NoSuchOrder, NoSuchDocument), role="host",
          summary="Invoice (subject: the order) or credit note (the refund) as PDF, for the host"),
)  # fmt: skip
