"""What commerce is told at start; liveshop reads it from the environment and names what is wrong."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StripeKeys:
    """What Stripe needs. `url` None is Stripe itself, else a proxy before it."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    url: str | None = None


@dataclass(frozen=True, slots=True)
class AlipayKeys:
    """What Alipay needs: keys as PEM or as one line of base64. `url` None is Alipay itself."""

    app_id: str
    private_key: str = field(repr=False)
    public_key: str
    seller_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class WechatPayKeys:
    """What WeChat Pay's API v3 needs. `serial` is our certificate's; `api_key` the APIv3 key, 32 characters.

    `public_key` is WeChat Pay's, or the platform's certificate, and `public_key_id` what its signatures call
    it (`PUB_KEY_ID_...`, or the certificate's serial number). `url` None is WeChat Pay itself.
    """

    merchant_id: str
    app_id: str
    private_key: str = field(repr=False)
    serial: str
    api_key: str = field(repr=False)
    public_key: str
    public_key_id: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class CommerceSettings:
    """Everything that differs between installations.

    `database_url`: `sqlite:////path` or `postgresql://…`. `data_folder`: where blobs and mail files go.
    `secret`: at least 32 bytes; every key is derived from it. `public_url`: without a final slash.
    `payments`: providers that are on; `stripe`, `alipay` and `wechat_pay` are there when they are.
    `smtp_url`: None writes mails to files in the data folder. `replicas`: how many must have what is sold
    before it is told, 0 for none.
    `remind_s`: how long before a show's start those who asked are told.
    `webhook_allow`: networks that webhooks may reach although they are not public.
    """

    database_url: str
    data_folder: str
    secret: bytes
    public_url: str = "http://127.0.0.1:8000"
    payments: tuple[str, ...] = ()
    stripe: StripeKeys | None = None
    alipay: AlipayKeys | None = None
    wechat_pay: WechatPayKeys | None = None
    smtp_url: str | None = None
    mail_from: str = "liveshop@localhost"
    webhook_allow: tuple[str, ...] = ()
    hold_s: int = 300
    pay_extra_s: int = 300
    offer_s: int = 180
    waitlist_most: int = 1_000
    draw_ms: int = 500
    queue_after_ms: int = 1_000
    queue_most: int = 10_000
    remind_s: int = 900
    access_token_s: int = 900
    session_s: int = 90 * 86400
    password_memory_kib: int = 65_536
    replicas: int = 0
