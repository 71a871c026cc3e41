"""What a quote and its holds become in the columns of an order; pure."""

from typing import Any

import msgspec

from commerce.orders.messages import OrderShipping
from commerce.orders.ports import VariantCard
from commerce.sale.types import Hold, Reservation
from commerce.terms.quote import Quote, QuoteLine

_SUMS = (
    "items_minor", "discount_minor", "shipping_minor", "shipping_tax_minor", "tax_minor", "total_minor",
    "tax_name", "tax_rate_ppm", "tax_inclusive",
)  # fmt: skip


def cost_columns(costs: Quote) -> dict[str, Any]:
    """Return an order's sums, its tax as it was then, and the way it is sent."""
    chosen = costs.chosen
    shipping = None
    if chosen is not None:
        shown = OrderShipping(
            chosen.id, chosen.name, str(chosen.kind), chosen.note, chosen.min_days, chosen.max_days
        )
        shipping = msgspec.json.encode(shown).decode()
    shared = msgspec.json.encode(costs.shipping_taxes).decode()
    return {name: getattr(costs, name) for name in _SUMS} | {"shipping": shipping, "shipping_taxes": shared}


def line_columns(
    reservation: Reservation, hold: Hold, cost: QuoteLine, card: VariantCard | None
) -> dict[str, Any]:
    """Return a line; `card` None: the catalogue does not know the variant any more."""
    picture = None if card is None or card.picture is None else msgspec.json.encode(card.picture).decode()
    return {
        "reservation": reservation.id,
        "pool": hold.pool,
        "product": hold.product or (card.product if card else ""),
        "variant": hold.variant,
        "sale": hold.sale,
        "title": card.title if card else hold.variant,
        "variant_title": card.variant_title if card else "",
        "picture": picture,
        "quantity": hold.quantity,
        "price_minor": hold.price_minor,
        "price_version": hold.price_version,
        "discount_minor": cost.discount_minor,
        "tax_minor": cost.tax_minor,
        "tax_class": cost.tax_class,
        "tax_name": cost.tax_name,
        "tax_rate_ppm": cost.tax_rate_ppm,
    }


def show_at_ms(held_at_ms: int, live_since_ms: int | None) -> int | None:
    """Return when in a show something was held; None when the show was not live yet, or there is none."""
    if live_since_ms is None or held_at_ms < live_since_ms:
        return None
    return held_at_ms - live_since_ms
