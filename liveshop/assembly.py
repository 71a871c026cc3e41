"""From a run to what the floors below want to be told."""

from commerce.settings import AlipayKeys, CommerceSettings, StripeKeys, WechatPayKeys
from liveshop.keys import MEDIA_GRANT
from liveshop.run import Run
from liveshop.settings.addresses import public_address
from liveshop.settings.durability import Durability
from liveshop.settings.payment_settings import PaymentKeys
from liveshop.settings.settings import Settings
from streaming.settings import MediaSettings


def commerce_settings(run: Run) -> CommerceSettings:
    """Say to commerce what it needs to know of this start."""
    return _commerce_settings(run.settings, run.database_url, run.secret)


def media_settings(run: Run) -> MediaSettings:
    """Say to a media process what it needs to know of this start."""
    return MediaSettings(
        grant_key=run.key_for(MEDIA_GRANT),
        index=run.index,
        media_port=run.settings.media_port,
        public_ips=run.settings.public_ips,
        ice=run.settings.ice,
        limits=run.settings.limits,
    )


def commerce_settings_at_rest(settings: Settings, secret: bytes) -> CommerceSettings:
    """Say to commerce what it needs to know when no server runs, as for a command."""
    return _commerce_settings(settings, settings.effective_database_url(), secret)


def _commerce_settings(settings: Settings, database_url: str, secret: bytes) -> CommerceSettings:
    return CommerceSettings(
        database_url=database_url,
        data_folder=str(settings.data),
        secret=secret,
        public_url=public_address(settings),
        payments=tuple(sorted(settings.payments)),
        stripe=_stripe_keys(settings.payment_keys),
        alipay=_alipay_keys(settings.payment_keys),
        wechat_pay=_wechat_pay_keys(settings.payment_keys),
        offer_s=settings.offer_s,
        waitlist_most=settings.waitlist_most,
        draw_ms=settings.draw_ms,
        queue_after_ms=settings.queue_after_ms,
        queue_most=settings.queue_most,
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        replicas=settings.replicas if settings.durability is Durability.REPLICATED else 0,
        remind_s=settings.remind_s,
        webhook_allow=settings.webhook_allow,
    )


def _stripe_keys(keys: PaymentKeys) -> StripeKeys | None:
    if keys.stripe_secret_key is None or keys.stripe_webhook_secret is None:
        return None
    return StripeKeys(keys.stripe_secret_key, keys.stripe_webhook_secret, keys.stripe_url)


def _alipay_keys(keys: PaymentKeys) -> AlipayKeys | None:
    app_id, private_key, public_key = keys.alipay_app_id, keys.alipay_private_key, keys.alipay_public_key
    if app_id is None or private_key is None or public_key is None:
        return None
    return AlipayKeys(app_id, private_key, public_key, keys.alipay_seller_id, keys.alipay_url)


def _wechat_pay_keys(keys: PaymentKeys) -> WechatPayKeys | None:
    merchant_id, app_id = keys.wechat_pay_merchant_id, keys.wechat_pay_app_id
    private_key, serial = keys.wechat_pay_private_key, keys.wechat_pay_serial
    api_key, public_key = keys.wechat_pay_api_key, keys.wechat_pay_public_key
    public_key_id = keys.wechat_pay_public_key_id
    if merchant_id is None or app_id is None or private_key is None or serial is None:
        return None
    if api_key is None or public_key is None or public_key_id is None:
        return None
    return WechatPayKeys(
        merchant_id, app_id, private_key, serial, api_key, public_key, public_key_id, keys.wechat_pay_url
    )
