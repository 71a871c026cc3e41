"""The settings of payment providers: which are switched on, and what each needs to be."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from commerce.payments.rsa_crypto import certificate_serial, is_private_key, is_public_key
from liveshop.errors import SettingError

PROVIDERS: Final = ("sandbox", "bank_transfer", "cash_on_delivery", "stripe", "alipay", "wechat_pay")
_STRIPE_KEY: Final = re.compile(r"(sk|rk)_[A-Za-z0-9_]{8,250}")
_STRIPE_WEBHOOK: Final = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,250}")


@dataclass(frozen=True, slots=True)
class PaymentKeys:
    """What the providers need; None where it is not set."""

    stripe_secret_key: str | None = field(default=None, repr=False)
    stripe_webhook_secret: str | None = field(default=None, repr=False)
    stripe_url: str | None = None
    alipay_app_id: str | None = None
    alipay_private_key: str | None = field(default=None, repr=False)
    alipay_public_key: str | None = None
    alipay_seller_id: str | None = None
    alipay_url: str | None = None
    wechat_pay_merchant_id: str | None = None
    wechat_pay_app_id: str | None = None
    wechat_pay_private_key: str | None = field(default=None, repr=False)
    wechat_pay_serial: str | None = None
    wechat_pay_api_key: str | None = field(default=None, repr=False)
    wechat_pay_public_key: str | None = None
    wechat_pay_public_key_id: str | None = None
    wechat_pay_url: str | None = None


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


def alipay_number(name: str, text: str) -> str | None:
    """Read the number of an application or a seller."""
    if text and not re.fullmatch(r"\d{16,20}", text):
        raise SettingError(
            name, f"{name} must be the number of 16 digits that Alipay shows, not {text[:40]!r}."
        )
    return text or None


def alipay_private_key(name: str, text: str) -> str | None:
    """Read the application's private key; what is wrong with it is said without showing it."""
    return _key(name, text, "the application's private RSA key", is_private_key)


def alipay_public_key(name: str, text: str) -> str | None:
    """Read Alipay's public key (not the application's own)."""
    return _key(name, text, "Alipay's public RSA key", is_public_key)


def _key(name: str, text: str, what: str, is_one: Callable[[str], bool]) -> str | None:
    if text and not is_one(text):
        raise SettingError(
            name, f"{name} must be {what} of 2048 bits or more, as PEM or as a line of base64."
        )
    return text or None


def wechat_pay_merchant_id(name: str, text: str) -> str | None:
    """Read the merchant's number (商户号)."""
    if text and not re.fullmatch(r"\d{8,10}", text):
        raise SettingError(name, f"{name} must be the merchant's number of 8 to 10 digits.")
    return text or None


def wechat_pay_app_id(name: str, text: str) -> str | None:
    """Read the id of the application that is bound to the merchant."""
    if text and not re.fullmatch(r"wx[0-9a-f]{16}", text):
        raise SettingError(name, f"{name} must look like wx0123456789abcdef.")
    return text or None


def wechat_pay_private_key(name: str, text: str) -> str | None:
    """Read the merchant's private key (apiclient_key.pem)."""
    return _key(name, text, "the merchant's private RSA key", is_private_key)


def wechat_pay_serial(name: str, text: str) -> str | None:
    """Read the serial number of the merchant's certificate, as the console shows it."""
    if text and not re.fullmatch(r"[0-9A-Fa-f]{32,40}", text):
        raise SettingError(
            name, f"{name} must be the serial number of the merchant's certificate, 40 hexadecimal digits."
        )
    return text.upper() or None


def wechat_pay_api_key(name: str, text: str) -> str | None:
    """Read the APIv3 key; what is wrong with it is said without showing it."""
    if text and not re.fullmatch(r"[0-9A-Za-z]{32}", text):
        raise SettingError(name, f"{name} must be the APIv3 key: 32 letters and digits.")
    return text or None


def wechat_pay_public_key(name: str, text: str) -> str | None:
    """Read WeChat Pay's public key (pub_key.pem), or the platform's certificate."""
    return _key(name, text, "WeChat Pay's public RSA key or certificate", is_public_key)


def wechat_pay_public_key_id(name: str, text: str) -> str | None:
    """Read what WeChat Pay's signatures call its key."""
    if text and not re.fullmatch(r"PUB_KEY_ID_\d{8,60}|[0-9A-F]{32,40}", text):
        raise SettingError(
            name,
            f"{name} must be the id of WeChat Pay's public key, PUB_KEY_ID_..., or a certificate's serial.",
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
    for provider, name, value in (
        ("stripe", "LIVESHOP_STRIPE_SECRET_KEY", keys.stripe_secret_key),
        ("stripe", "LIVESHOP_STRIPE_WEBHOOK_SECRET", keys.stripe_webhook_secret),
        ("alipay", "LIVESHOP_ALIPAY_APP_ID", keys.alipay_app_id),
        ("alipay", "LIVESHOP_ALIPAY_PRIVATE_KEY", keys.alipay_private_key),
        ("alipay", "LIVESHOP_ALIPAY_PUBLIC_KEY", keys.alipay_public_key),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_MERCHANT_ID", keys.wechat_pay_merchant_id),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_APP_ID", keys.wechat_pay_app_id),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_PRIVATE_KEY", keys.wechat_pay_private_key),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_SERIAL", keys.wechat_pay_serial),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_API_KEY", keys.wechat_pay_api_key),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_PUBLIC_KEY", keys.wechat_pay_public_key),
        ("wechat_pay", "LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID", keys.wechat_pay_public_key_id),
    ):
        if provider in payments and value is None:
            raise SettingError(name, f"{name} must be set, because LIVESHOP_PAYMENTS names {provider}.")


def payment_keys(of: Callable[[str, Callable[[str, str], str | None]], str | None]) -> PaymentKeys:
    """Read what the providers need; `of` gives a setting's parsed value."""
    return PaymentKeys(
        of("LIVESHOP_STRIPE_SECRET_KEY", stripe_secret_key),
        of("LIVESHOP_STRIPE_WEBHOOK_SECRET", stripe_webhook_secret),
        of("LIVESHOP_STRIPE_URL", provider_url),
        of("LIVESHOP_ALIPAY_APP_ID", alipay_number),
        of("LIVESHOP_ALIPAY_PRIVATE_KEY", alipay_private_key),
        of("LIVESHOP_ALIPAY_PUBLIC_KEY", alipay_public_key),
        of("LIVESHOP_ALIPAY_SELLER_ID", alipay_number),
        of("LIVESHOP_ALIPAY_URL", provider_url),
        of("LIVESHOP_WECHAT_PAY_MERCHANT_ID", wechat_pay_merchant_id),
        of("LIVESHOP_WECHAT_PAY_APP_ID", wechat_pay_app_id),
        of("LIVESHOP_WECHAT_PAY_PRIVATE_KEY", wechat_pay_private_key),
        of("LIVESHOP_WECHAT_PAY_SERIAL", wechat_pay_serial),
        of("LIVESHOP_WECHAT_PAY_API_KEY", wechat_pay_api_key),
        (public_key := of("LIVESHOP_WECHAT_PAY_PUBLIC_KEY", wechat_pay_public_key)),
        of("LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID", wechat_pay_public_key_id) or _serial_in(public_key),
        of("LIVESHOP_WECHAT_PAY_URL", provider_url),
    )


def _serial_in(public_key: str | None) -> str | None:
    """Return what a certificate's signatures are called; a bare key does not say it."""
    return None if public_key is None else certificate_serial(public_key)
