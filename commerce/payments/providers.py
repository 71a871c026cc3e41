"""The providers that are switched on, made from the settings. The sandbox is made where its bank is."""

from collections.abc import Callable
from typing import Protocol

from commerce.payments.manual import bank_transfer, cash_on_delivery
from commerce.payments.provider import PaymentProvider
from commerce.payments.redirect import RedirectProvider
from commerce.settings import CommerceSettings


class OpenProvider(PaymentProvider, Protocol):
    """A provider with connections to close."""

    async def close(self) -> None:
        """Close the connections."""


def providers_of(settings: CommerceSettings) -> dict[str, OpenProvider]:
    """Return every provider but the sandbox that `settings.payments` names, by name.

    A provider's library is imported only when it is used: Stripe's alone takes some 15 MB.
    """
    makers: dict[str, Callable[[CommerceSettings], OpenProvider]] = {
        "bank_transfer": lambda _: bank_transfer(),
        "cash_on_delivery": lambda _: cash_on_delivery(),
        "stripe": _stripe,
        "alipay": _alipay,
        "wechat_pay": _wechat_pay,
    }
    return {name: make(settings) for name, make in makers.items() if name in settings.payments}


def _stripe(settings: CommerceSettings) -> OpenProvider:
    from commerce.payments.stripe_client import StripePayments

    keys = settings.stripe
    if keys is None:
        raise ValueError("stripe is switched on without its keys")
    return StripePayments(keys.secret_key, keys.webhook_secret, keys.url)


def _alipay(settings: CommerceSettings) -> OpenProvider:
    from commerce.payments.alipay_client import AlipayGateway
    from commerce.payments.rsa_crypto import RsaKeys

    keys = settings.alipay
    if keys is None:
        raise ValueError("alipay is switched on without its keys")
    gateway = AlipayGateway(
        keys.app_id,
        RsaKeys(keys.private_key, keys.public_key),
        f"{settings.public_url}/api/v1/payments/alipay/webhook",
        url=keys.url,
        seller_id=keys.seller_id,
    )
    return RedirectProvider(gateway)


def _wechat_pay(settings: CommerceSettings) -> OpenProvider:
    from commerce.payments.rsa_crypto import RsaKeys
    from commerce.payments.wechat_pay_client import Merchant, Pages, WechatPayGateway

    keys = settings.wechat_pay
    if keys is None:
        raise ValueError("wechat_pay is switched on without its keys")
    gateway = WechatPayGateway(
        Merchant(keys.merchant_id, keys.app_id, keys.serial, keys.public_key_id),
        RsaKeys(keys.private_key, keys.public_key),
        keys.api_key.encode(),
        Pages(f"{settings.public_url}/api/v1/payments/wechat_pay/webhook", f"{settings.public_url}/pay/scan"),
        url=keys.url,
    )
    return RedirectProvider(gateway)
