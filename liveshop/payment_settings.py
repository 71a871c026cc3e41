"""The settings of payment providers: which are switched on, and what each needs to be."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from liveshop.errors import SettingError

PROVIDERS: Final = ("sandbox", "bank_transfer", "cash_on_delivery", "stripe")
_STRIPE_KEY: Final = re.compile(r"(sk|rk)_[A-Za-z0-9_]{8,250}")
_STRIPE_WEBHOOK: Final = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,250}")


@dataclass(frozen=True, slots=True)
class PaymentKeys:
    """What the providers need; None where it is not set."""

    stripe_secret_key: str | None = field(default=None, repr=False)
    stripe_webhook_secret: str | None = field(default=None, repr=False)
    stripe_url: str | None = None


def payment_names(name: str, text: str) -> frozenset[str]:
    """Read the providers that are switched on; raises SettingError for one that does not exist."""
    words = [word for word in re.split(r"[\s,]+", text) if word]
    for word in words:
        if word not in PROVIDERS:
            known = ", ".join(PROVIDERS)
            raise SettingError(name, f"{name} names the unknown provider {word!r}; there is: {known}.")
    return frozenset(words)


def stripe_secret_key(name: str, text: str) -> str | None:
    """Read Stripe's secret key; what is wrong with it is said without showing it."""
    if text and not _STRIPE_KEY.fullmatch(text):
        raise SettingError(name, f"{name} must be a secret or restricted key of Stripe: sk_... or rk_....")
    return text or None


def stripe_webhook_secret(name: str, text: str) -> str | None:
    """Read the secret of the webhook endpoint that Stripe's dashboard shows."""
    if text and not _STRIPE_WEBHOOK.fullmatch(text):
        raise SettingError(
            name, f"{name} must be the signing secret of Stripe's webhook endpoint: whsec_...."
        )
    return text or None


def provider_url(name: str, text: str) -> str | None:
    """Read the address of a provider, or of a proxy before it."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        raise SettingError(name, f"{name} must look like https://api.example.org, not {text[:80]!r}.")
    return text.rstrip("/") or None


def refuse_half_payments(payments: Collection[str], keys: PaymentKeys) -> None:
    """Raise SettingError for a provider that is switched on without its keys."""
    for name, value in (
        ("LIVESHOP_STRIPE_SECRET_KEY", keys.stripe_secret_key),
        ("LIVESHOP_STRIPE_WEBHOOK_SECRET", keys.stripe_webhook_secret),
    ):
        if "stripe" in payments and value is None:
            raise SettingError(name, f"{name} must be set, because LIVESHOP_PAYMENTS names stripe.")
