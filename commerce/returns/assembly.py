"""Puts together what follows a sale."""

from collections.abc import Mapping
from dataclasses import dataclass

from commerce.fulfilment.packing import Packing
from commerce.invoices.invoices import Invoices
from commerce.orders.people_redis import PeopleChannel
from commerce.payments.provider import PaymentProvider
from commerce.returns.desk import ReturnDesk
from commerce.returns.notices import OUTBOX_KIND, ReturnNotices
from commerce.returns.reader import AfterSales
from commerce.returns.refunds import Refunds
from commerce.services import CommerceServices


@dataclass(slots=True)
class AfterParts:
    """What follows a sale."""

    refunds: Refunds
    returns: ReturnDesk
    packing: Packing
    invoices: Invoices
    reader: AfterSales


def after_sale(
    services: CommerceServices, providers: Mapping[str, PaymentProvider], people: PeopleChannel
) -> AfterParts:
    """Put it together on the other services."""
    outbox, public_url = services.outbox, services.settings.public_url
    refunds = Refunds(
        outbox, services.engine, providers, people, services.now_ms, services.new_id, public_url
    )
    notices = ReturnNotices(outbox, services.now_ms, public_url)
    outbox.handle(OUTBOX_KIND, notices.send)
    returns = ReturnDesk(outbox, refunds, notices, services.now_ms, services.new_id, public_url)
    packing = Packing(outbox, services.now_ms, services.new_id, public_url)
    invoices = Invoices(services.database, services.now_ms)
    return AfterParts(refunds, returns, packing, invoices, AfterSales(services.database, services.now_ms))
