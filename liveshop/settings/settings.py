"""Settings: read once from the environment, checked, and handed on as one frozen value.

Every setting stands in the table `KNOWN`, with its default and what it means; `docs/settings.md` says the
same to people, and a test compares the two. Empty values count as not set. An unknown `LIVESHOP_*` name stops
the start, so that a misspelt setting is never silently without effect; names that Kubernetes injects for a
service called "liveshop" are ignored.
"""

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from commerce.redis_address import cluster_hosts, names_cluster
from liveshop.errors import SettingError
from liveshop.settings.durability import Durability, durability, refuse_lonely_replication, replicas
from liveshop.settings.media_limits import BOUNDS, read_limits
from liveshop.settings.payment_settings import (
    PaymentKeys,
    payment_keys,
    payment_names,
    refuse_half_payments,
)
from liveshop.settings.terms_files import common_terms
from liveshop.settings.turn_settings import ice_urls, refuse_half_turn, turn_life_s, turn_secret
from liveshop.watching.log_lines import LEVELS
from realtime.moderation.policy import Term
from streaming.settings import Limits
from streaming.turn import IceServers

SECRET_CHARS_MIN = 32
DEMO_LOG_LEVEL = "warning"
IGNORED_PREFIXES = ("LIVESHOP_PORT", "LIVESHOP_SERVICE_")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """One setting: its name in the environment, its default as text, and what it means."""

    name: str
    default: str
    meaning: str


KNOWN: tuple[Known, ...] = (
    Known("REDIS_URL", "", "Redis or Valkey to use instead of the embedded one"),
    Known("DATABASE_URL", "", "PostgreSQL (or SQLite file) to use instead of SQLite in the data folder"),
    Known(
        "LIVESHOP_DURABILITY", "always", "what an acknowledged sale survives: always, replicated, everysec"
    ),
    Known("LIVESHOP_REPLICAS", "1", "replicas that must have a sale before it is acknowledged"),
    Known("LIVESHOP_HTTP_PORT", "8000", "TCP port of pages, API, websocket, WHIP and WHEP"),
    Known("LIVESHOP_HOST", "127.0.0.1", "address the HTTP port listens on"),
    Known("LIVESHOP_MEDIA_PORT", "8200", "media process i uses this port + i, UDP and TCP"),
    Known("LIVESHOP_DATA", "data", "folder for everything that is kept"),
    Known("LIVESHOP_INSIDE_ADDRESS", "", "address and port at which other machines ask this one's media"),
    Known("LIVESHOP_SPREAD_SESSIONS", "250", "sessions of an owner from which on viewers go elsewhere too"),
    Known("LIVESHOP_PUBLIC_URL", "", "address people type; links in mails and origin checks use it"),
    Known("LIVESHOP_PUBLIC_IP", "", "addresses told to browsers for media, instead of the interfaces'"),
    Known("LIVESHOP_TURN_URLS", "", "STUN and TURN servers told to browsers"),
    Known("LIVESHOP_TURN_SECRET", "", "secret shared with the TURN servers; credentials are made from it"),
    Known("LIVESHOP_TURN_LIFE_S", "43200", "how long TURN credentials are good"),
    *(Known(bound.name, bound.default, bound.meaning) for bound in BOUNDS),
    Known("LIVESHOP_TRUSTED_PROXIES", "", "addresses or networks whose X-Forwarded-* headers are believed"),
    Known("LIVESHOP_SECRET", "", "secret all keys are derived from, instead of the file in the data folder"),
    Known("LIVESHOP_PAYMENTS", "", "payment providers that are switched on"),
    Known("LIVESHOP_STRIPE_SECRET_KEY", "", "Stripe's secret key"),
    Known("LIVESHOP_STRIPE_WEBHOOK_SECRET", "", "signing secret of Stripe's webhook endpoint"),
    Known("LIVESHOP_STRIPE_URL", "", "address of a proxy before Stripe"),
    Known("LIVESHOP_ALIPAY_APP_ID", "", "Alipay's number of the application"),
    Known("LIVESHOP_ALIPAY_PRIVATE_KEY", "", "the application's private RSA key"),
    Known("LIVESHOP_ALIPAY_PUBLIC_KEY", "", "Alipay's public RSA key for the application"),
    Known("LIVESHOP_ALIPAY_SELLER_ID", "", "Alipay's number of the seller, checked in notifications"),
    Known("LIVESHOP_ALIPAY_URL", "", "Alipay's gateway, for its sandbox or a proxy"),
    Known("LIVESHOP_WECHAT_PAY_MERCHANT_ID", "", "WeChat Pay's number of the merchant"),
    Known("LIVESHOP_WECHAT_PAY_APP_ID", "", "the application bound to the merchant"),
    Known("LIVESHOP_WECHAT_PAY_PRIVATE_KEY", "", "the merchant's private RSA key"),
    Known("LIVESHOP_WECHAT_PAY_SERIAL", "", "serial number of the merchant's certificate"),
    Known("LIVESHOP_WECHAT_PAY_API_KEY", "", "the APIv3 key"),
    Known("LIVESHOP_WECHAT_PAY_PUBLIC_KEY", "", "WeChat Pay's public RSA key, or its certificate"),
    Known("LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID", "", "id of WeChat Pay's public key"),
    Known("LIVESHOP_WECHAT_PAY_URL", "", "address of a proxy before WeChat Pay"),
    Known("LIVESHOP_OFFER_S", "180", "seconds an offer of the waitlist stands"),
    Known("LIVESHOP_WAITLIST_MAX", "1000", "people who may wait for one variant or flash sale"),
    Known("LIVESHOP_DRAW_MS", "500", "a sale's first moments, whose presses are put in random order"),
    Known("LIVESHOP_QUEUE_AFTER_MS", "1000", "people stand in line when Redis would take longer than this"),
    Known("LIVESHOP_QUEUE_MAX", "10000", "people in line at one front process and shop"),
    Known("LIVESHOP_SOCKETS_MAX", "15000", "websockets of one front process; the next are sent elsewhere"),
    Known("LIVESHOP_SOCKETS_PER_ADDRESS", "2000", "websockets of one client address at one front process"),
    Known("LIVESHOP_SMTP_URL", "", "mail server; without it mails are files in the data folder"),
    Known("LIVESHOP_MAIL_FROM", "", "sender of mails"),
    Known("LIVESHOP_REMIND_S", "900", "how long before a show's start those who asked are told"),
    Known("LIVESHOP_WEBHOOK_ALLOW", "", "networks that webhooks may reach although they are not public"),
    Known("LIVESHOP_TERMS_FILE", "", "file of words that are blocked, held or allowed in all shops"),
    Known("LIVESHOP_CLASSIFIER_URL", "", "address that scores comments, for shops that use it"),
    Known("LIVESHOP_CLASSIFIER_TOKEN", "", "bearer token for that address"),
    Known("LIVESHOP_TRANSLATE_URL", "", "address that translates comments for viewers"),
    Known("LIVESHOP_TRANSLATE_TOKEN", "", "bearer token for that address"),
    Known("LIVESHOP_LOG_LEVEL", "info", "from which level on lines are logged"),
    Known("LIVESHOP_METRICS_TOKEN", "", "bearer token that may read /metrics from another machine"),
    Known("LIVESHOP_REDIS_SERVER", "", "redis-server or valkey-server program for the embedded Redis"),
    Known("LIVESHOP_FRONTS", "1", "front processes on this machine"),
    Known("LIVESHOP_MEDIAS", "1", "media processes on this machine"),
    Known("LIVESHOP_WORKERS", "1", "worker processes on this machine"),
    Known("LIVESHOP_FIRST_INDEX", "0", "number of this machine's first process of each kind"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. `redis_url` and `database_url` are None for the embedded ones."""

    data: Path
    redis_url: str | None = None
    database_url: str | None = None
    durability: Durability = Durability.ALWAYS
    replicas: int = 1
    http_port: int = 8000
    host: str = "127.0.0.1"
    media_port: int = 8200
    inside: tuple[str, int] | None = None
    spread_sessions: int = 250
    public_url: str | None = None
    public_ips: tuple[str, ...] = ()
    ice: IceServers = field(default_factory=IceServers)
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: tuple[str, ...] = ()
    secret: str | None = None
    payments: frozenset[str] = frozenset()
    payment_keys: PaymentKeys = field(default_factory=PaymentKeys)
    offer_s: int = 180
    waitlist_most: int = 1_000
    draw_ms: int = 500
    queue_after_ms: int = 1_000
    queue_most: int = 10_000
    sockets_most: int = 15_000
    sockets_per_address: int = 2_000
    smtp_url: str | None = None
    mail_from: str = "liveshop@localhost"
    remind_s: int = 900
    webhook_allow: tuple[str, ...] = ()
    common_terms: tuple[Term, ...] = ()
    classifier_url: str | None = None
    classifier_token: str | None = None
    translate_url: str | None = None
    translate_token: str | None = None
    log_level: str = "info"
    metrics_token: str | None = None
    redis_server: str | None = None
    fronts: int = 1
    medias: int = 1
    workers: int = 1
    first_index: int = 0

    def sqlite_url(self) -> str:
        """Address of the SQLite file in the data folder, for SQLAlchemy."""
        return f"sqlite+aiosqlite:///{self.data / 'liveshop.sqlite'}"

    def effective_database_url(self) -> str:
        """Give the address the server connects to: DATABASE_URL, or the SQLite file."""
        return self.database_url or self.sqlite_url()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check all settings; raises `SettingError` for the first that is unknown or wrong."""
    refuse_unknown(environ)

    def of(name: str, parse: Callable[[str, str], T]) -> T:
        return parse(name, environ.get(name, "").strip() or defaults()[name])

    settings = Settings(
        data=of("LIVESHOP_DATA", _folder),
        redis_url=of("REDIS_URL", _redis_url),
        database_url=of("DATABASE_URL", _database_url),
        durability=of("LIVESHOP_DURABILITY", durability),
        replicas=of("LIVESHOP_REPLICAS", replicas),
        http_port=of("LIVESHOP_HTTP_PORT", _port),
        host=of("LIVESHOP_HOST", _host),
        media_port=of("LIVESHOP_MEDIA_PORT", _port),
        inside=of("LIVESHOP_INSIDE_ADDRESS", _inside),
        spread_sessions=of("LIVESHOP_SPREAD_SESSIONS", _sessions),
        public_url=of("LIVESHOP_PUBLIC_URL", _public_url),
        public_ips=of("LIVESHOP_PUBLIC_IP", _addresses),
        ice=IceServers(
            of("LIVESHOP_TURN_URLS", ice_urls),
            of("LIVESHOP_TURN_SECRET", turn_secret),
            of("LIVESHOP_TURN_LIFE_S", turn_life_s),
        ),
        limits=read_limits(of),
        trusted_proxies=of("LIVESHOP_TRUSTED_PROXIES", _networks),
        secret=of("LIVESHOP_SECRET", _secret),
        payments=of("LIVESHOP_PAYMENTS", payment_names),
        payment_keys=payment_keys(of),
        offer_s=of("LIVESHOP_OFFER_S", _offer),
        waitlist_most=of("LIVESHOP_WAITLIST_MAX", _waiting),
        draw_ms=of("LIVESHOP_DRAW_MS", _moments),
        queue_after_ms=of("LIVESHOP_QUEUE_AFTER_MS", _moments),
        queue_most=of("LIVESHOP_QUEUE_MAX", _waiting),
        sockets_most=of("LIVESHOP_SOCKETS_MAX", _waiting),
        sockets_per_address=of("LIVESHOP_SOCKETS_PER_ADDRESS", _waiting),
        smtp_url=of("LIVESHOP_SMTP_URL", _smtp_url),
        mail_from=of("LIVESHOP_MAIL_FROM", _mail_from),
        remind_s=of("LIVESHOP_REMIND_S", _offer),
        webhook_allow=of("LIVESHOP_WEBHOOK_ALLOW", _networks),
        common_terms=of("LIVESHOP_TERMS_FILE", common_terms),
        classifier_url=of("LIVESHOP_CLASSIFIER_URL", _http_url),
        classifier_token=of("LIVESHOP_CLASSIFIER_TOKEN", _optional),
        translate_url=of("LIVESHOP_TRANSLATE_URL", _http_url),
        translate_token=of("LIVESHOP_TRANSLATE_TOKEN", _optional),
        log_level=of("LIVESHOP_LOG_LEVEL", _log_level),
        metrics_token=of("LIVESHOP_METRICS_TOKEN", _optional),
        redis_server=of("LIVESHOP_REDIS_SERVER", _optional),
        fronts=of("LIVESHOP_FRONTS", _count),
        medias=of("LIVESHOP_MEDIAS", _count),
        workers=of("LIVESHOP_WORKERS", _count),
        first_index=of("LIVESHOP_FIRST_INDEX", _count),
    )
    refuse_contradictions(settings)
    return settings


def is_set(environ: Mapping[str, str], name: str) -> bool:
    """Tell whether a setting has a value; an empty one counts as not set."""
    return bool(environ.get(name, "").strip())


def defaults() -> dict[str, str]:
    """Default text of every setting, by name."""
    return {known.name: known.default for known in KNOWN}


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Raise `SettingError` for the first LIVESHOP_* name that does not exist, naming the nearest."""
    names = [known.name for known in KNOWN]
    for name in sorted(environ):
        if not name.startswith("LIVESHOP_") or name in names or name.startswith(IGNORED_PREFIXES):
            continue
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
        raise SettingError(name, f"{name} is not a setting of liveshop; did you mean {near[0]}?")


def refuse_contradictions(settings: Settings) -> None:
    """Raise `SettingError` where two settings do not fit together."""
    refuse_half_turn(settings.ice)
    refuse_half_payments(settings.payments, settings.payment_keys)
    refuse_lonely_replication(settings.durability, settings.redis_url)
    counts = {"front": settings.fronts, "media": settings.medias, "worker": settings.workers}
    absent = [kind for kind, count in counts.items() if count == 0]
    if len(absent) == len(counts):
        raise SettingError(
            "LIVESHOP_FRONTS", "No process is left to start: front, media and worker are all 0."
        )
    if not absent and settings.first_index == 0:
        return
    reason = f"runs no {absent[0]} process" if absent else "is not the first"
    if settings.redis_url is None:
        raise SettingError(
            "REDIS_URL",
            f"REDIS_URL must be set, because this machine {reason} and an embedded Redis serves one only.",
        )
    needs_sql = settings.fronts > 0 or settings.workers > 0
    if needs_sql and settings.effective_database_url().startswith("sqlite"):
        raise SettingError(
            "DATABASE_URL",
            f"DATABASE_URL must name PostgreSQL, because this machine {reason} and SQLite serves one only.",
        )


def normal_database_url(url: str) -> str:
    """Give a database address the asynchronous driver SQLAlchemy needs."""
    scheme, _, rest = url.partition("://")
    drivers = {
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "sqlite": "sqlite+aiosqlite",
    }
    return f"{drivers.get(scheme, scheme)}://{rest}"


def _folder(_name: str, text: str) -> Path:
    return Path(text).expanduser().absolute()


def _optional(_name: str, text: str) -> str | None:
    return text or None


def _port(name: str, text: str) -> int:
    # 0 lets the system choose: tests and several instances on one machine use it.
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 65535:
        raise SettingError(name, f"{name} must be a port number from 0 to 65535, not {text!r}.")
    return int(text)


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text):
        raise SettingError(name, f"{name} must be a whole number from 0 to 999, not {text!r}.")
    return int(text)


def _sessions(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text):
        raise SettingError(name, f"{name} must be a whole number from 0 to 999999, not {text[:20]!r}.")
    return int(text)


def _offer(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not 10 <= int(text) <= 86_400:
        raise SettingError(name, f"{name} must be a number of seconds from 10 to 86400, not {text[:20]!r}.")
    return int(text)


def _waiting(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text) or int(text) < 1:
        raise SettingError(name, f"{name} must be a whole number from 1 to 999999, not {text[:20]!r}.")
    return int(text)


def _moments(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 10_000:
        raise SettingError(name, f"{name} must be a number of milliseconds to 10000, not {text[:20]!r}.")
    return int(text)


def _inside(name: str, text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        address = None
    if address is None or address.is_unspecified or not re.fullmatch(r"\d{1,5}", port):
        raise SettingError(name, f"{name} must look like 10.0.0.1:8300 or [fd00::1]:8300, not {text!r}.")
    return str(address), _fixed_port(name, port)


def _fixed_port(name: str, text: str) -> int:
    if not 0 < _port(name, text) < 65_000:
        raise SettingError(name, f"{name} must name a port from 1 to 64999, not {text}.")
    return int(text)


def _host(name: str, text: str) -> str:
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError as error:
        raise SettingError(name, f"{name} must be an IP address to listen on, not {text!r}.") from error


def _redis_url(name: str, text: str) -> str | None:
    if not text:
        return None
    if urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise SettingError(
            name, f"{name} must begin with redis://, rediss:// or unix://, not {_bare(text)!r}."
        )
    if names_cluster(text):
        try:
            cluster_hosts(text)
        except ValueError as error:
            raise SettingError(name, f"{name} must look like redis://h1:7001,h2:7002/?cluster=1.") from error
    return text


def _database_url(name: str, text: str) -> str | None:
    if not text:
        return None
    url = normal_database_url(text)
    if url.partition("://")[0] not in {"postgresql+asyncpg", "sqlite+aiosqlite"}:
        raise SettingError(name, f"{name} must begin with postgresql:// or sqlite:///, not {_bare(text)!r}.")
    return url


def _bare(url: str) -> str:
    """Cut what may be a password out of an address that goes into a message."""
    return url.partition("://")[0][:20]


def _public_url(name: str, text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.path not in {"", "/"}
        or parts.query
    ):
        raise SettingError(name, f"{name} must look like https://shop.example.org, not {text!r}.")
    return f"{parts.scheme}://{parts.netloc}"


def _http_url(name: str, text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingError(name, f"{name} must begin with http:// or https://, not {_bare(text)!r}.")
    return text


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _addresses(name: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_address(word)) for word in _words(text))
    except ValueError as error:
        raise SettingError(name, f"{name} must be IP addresses with commas between, not {text!r}.") from error


def _networks(name: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(word, strict=False)) for word in _words(text))
    except ValueError as error:
        raise SettingError(
            name,
            f"{name} must be IP addresses or networks like 10.0.0.0/8 with commas between, not {text!r}.",
        ) from error


def _secret(name: str, text: str) -> str | None:
    if text and len(text) < SECRET_CHARS_MIN:
        raise SettingError(
            name, f"{name} must have at least {SECRET_CHARS_MIN} characters; it has {len(text)}."
        )
    return text or None


def _log_level(name: str, text: str) -> str:
    if text.lower() not in LEVELS:
        raise SettingError(name, f"{name} must be one of {', '.join(LEVELS)}, not {text[:20]!r}.")
    return text.lower()


def _smtp_url(name: str, text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise SettingError(
            name,
            f"{name} must look like smtp+starttls://user:password@host:587, and begins with {_bare(text)!r}.",
        )
    return text


def _mail_from(name: str, text: str) -> str:
    if not text:
        return "liveshop@localhost"
    if not re.fullmatch(r"[^\r\n]*[^@\s]+@[^@\s]+[^\r\n]*", text):
        raise SettingError(name, f"{name} must be a mail address, not {text!r}.")
    return text
