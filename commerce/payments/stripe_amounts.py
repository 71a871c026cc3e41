"""Amounts as Stripe counts them; pure.

Source: docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".
Stripe counts in the currency's smallest unit as ISO 4217 has it, but for:

- MGA, which it counts whole (ISO has two places, in which nobody pays);
- ISK and UGX, which it counts with two places that must be 00 (ISO has none);
- currencies of three places, whose last digit must be 0.
"""

from commerce.money import exponent

_OTHER_PLACES = {"MGA": 0, "ISK": 2, "UGX": 2}


class NotPossible(ValueError):  # noqa: N818 - named for what happened
    """Stripe cannot collect this very amount."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """Return our minor units as Stripe's; raises NotPossible rather than round somebody's money."""
    places = exponent(currency)
    shift = _OTHER_PLACES.get(currency, places) - places
    amount, rest = divmod(amount_minor * 10 ** max(shift, 0), 10 ** max(-shift, 0))
    if rest or (places == 3 and amount % 10):
        raise NotPossible(f"Stripe cannot collect {amount_minor} minor units of {currency}")
    return int(amount)


def from_stripe(amount: int, currency: str) -> int:
    """Return Stripe's units as our minor units; raises NotPossible for a fraction of one."""
    places = exponent(currency)
    shift = places - _OTHER_PLACES.get(currency, places)
    amount_minor, rest = divmod(amount * 10 ** max(shift, 0), 10 ** max(-shift, 0))
    if rest:
        raise NotPossible(f"{amount} of Stripe's units of {currency} are no whole minor units")
    return int(amount_minor)
