"""Settings: what is read, and what stops the start."""

from dataclasses import fields, replace

import pytest

from liveshop.errors import SettingError
from liveshop.settings.media_limits import BOUNDS
from liveshop.settings.settings import read_settings
from streaming.settings import Limits
from tests.doubles.wechat_pay_double import (
    API_KEY,
    APP_ID,
    CERTIFICATE_SERIAL,
    MERCHANT_ID,
    PUBLIC_KEY_ID,
    SERIAL,
    merchant_private,
    platform_certificate,
    wechat_public,
)

GOOD_SECRET = "s" * 32


def test_nothing_set_serves_one_machine() -> None:
    """Without any setting everything is embedded and listens on this machine only."""
    settings = read_settings({})
    assert (settings.redis_url, settings.database_url) == (None, None)
    assert (settings.host, settings.http_port, settings.media_port) == ("127.0.0.1", 8000, 8200)
    assert settings.payments == frozenset()
    assert settings.effective_database_url().endswith("/data/liveshop.sqlite")


def test_everything_can_be_set() -> None:
    """Each setting arrives as what it means."""
    settings = read_settings(
        {
            "REDIS_URL": "redis://h/1",
            "DATABASE_URL": "postgres://u:p@h/d",
            "LIVESHOP_HTTP_PORT": "80",
            "LIVESHOP_HOST": "[::]",
            "LIVESHOP_MEDIA_PORT": "9000",
            "LIVESHOP_PUBLIC_URL": "https://shop.example.org/",
            "LIVESHOP_PUBLIC_IP": "203.0.113.7, 2001:db8::7",
            "LIVESHOP_TRUSTED_PROXIES": "10.0.0.1 172.16.0.0/12",
            "LIVESHOP_WEBHOOK_ALLOW": "10.1.0.0/16, fd00:1::/32",
            "LIVESHOP_SECRET": GOOD_SECRET,
            "LIVESHOP_PAYMENTS": "sandbox",
            "LIVESHOP_FRONTS": "3",
            "LIVESHOP_INSIDE_ADDRESS": "[fd00::7]:8300",
            "LIVESHOP_SPREAD_SESSIONS": "40",
            "LIVESHOP_LOG_LEVEL": "Debug",
        }
    )
    assert settings.log_level == "debug"
    assert settings.database_url == "postgresql+asyncpg://u:p@h/d"
    assert (settings.host, settings.public_url) == ("::", "https://shop.example.org")
    assert settings.public_ips == ("203.0.113.7", "2001:db8::7")
    assert settings.trusted_proxies == ("10.0.0.1/32", "172.16.0.0/12")
    assert settings.webhook_allow == ("10.1.0.0/16", "fd00:1::/32")
    assert settings.payments == {"sandbox"}
    assert settings.fronts == 3
    assert (settings.inside, settings.spread_sessions) == (("fd00::7", 8300), 40)


def test_empty_means_not_set() -> None:
    """Compose files hand on empty values."""
    assert read_settings({"REDIS_URL": "", "LIVESHOP_SMTP_URL": " ", "LIVESHOP_SECRET": ""}) == read_settings(
        {}
    )


@pytest.mark.parametrize("name", ["LIVESHOP_PORT", "LIVESHOP_PORT_80_TCP_ADDR", "LIVESHOP_SERVICE_HOST"])
def test_what_kubernetes_injects_is_ignored(name: str) -> None:
    """A Kubernetes service called liveshop does not stop the start."""
    assert read_settings({name: "tcp://10.0.0.1:80"}) == read_settings({})


def test_an_unknown_setting_is_named_with_the_nearest() -> None:
    """A misspelt name does not go unnoticed."""
    with pytest.raises(SettingError) as caught:
        read_settings({"LIVESHOP_HTPP_PORT": "80"})
    assert (
        str(caught.value)
        == "LIVESHOP_HTPP_PORT is not a setting of liveshop; did you mean LIVESHOP_HTTP_PORT?"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "http://h"),
        ("DATABASE_URL", "mysql://h/d"),
        ("LIVESHOP_HTTP_PORT", "65536"),
        ("LIVESHOP_HTTP_PORT", "-1"),
        ("LIVESHOP_HTTP_PORT", "eighty"),
        ("LIVESHOP_HOST", "shop.example.org"),
        ("LIVESHOP_MEDIA_PORT", "8200.5"),
        ("LIVESHOP_PUBLIC_URL", "shop.example.org"),
        ("LIVESHOP_PUBLIC_URL", "https://shop.example.org/live"),
        ("LIVESHOP_PUBLIC_IP", "1.2.3"),
        ("LIVESHOP_TRUSTED_PROXIES", "everyone"),
        ("LIVESHOP_SECRET", "short"),
        ("LIVESHOP_PAYMENTS", "gold"),
        ("LIVESHOP_LOG_LEVEL", "loud"),
        ("LIVESHOP_SMTP_URL", "mail.example.org"),
        ("LIVESHOP_MAIL_FROM", "nobody"),
        ("LIVESHOP_FRONTS", "two"),
        ("LIVESHOP_INSIDE_ADDRESS", "10.0.0.1"),
        ("LIVESHOP_INSIDE_ADDRESS", "shop.example.org:8300"),
        ("LIVESHOP_INSIDE_ADDRESS", "0.0.0.0:8300"),
        ("LIVESHOP_INSIDE_ADDRESS", "10.0.0.1:0"),
        ("LIVESHOP_SPREAD_SESSIONS", "many"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(name: str, value: str) -> None:
    """The sentence begins with the setting and ends with a full stop."""
    with pytest.raises(SettingError) as caught:
        read_settings({name: value})
    assert caught.value.name == name
    assert str(caught.value).startswith(name)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["REDIS_URL", "DATABASE_URL", "LIVESHOP_SMTP_URL", "LIVESHOP_SECRET"])
def test_a_secret_is_never_repeated(name: str) -> None:
    """What may hold a password does not go into the message."""
    with pytest.raises(SettingError) as caught:
        read_settings({name: "ftp://user:hunter2@host" if name != "LIVESHOP_SECRET" else "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"LIVESHOP_FRONTS": "0", "LIVESHOP_MEDIAS": "0", "LIVESHOP_WORKERS": "0"}, "LIVESHOP_FRONTS"),
        ({"LIVESHOP_FRONTS": "0"}, "REDIS_URL"),
        ({"LIVESHOP_FIRST_INDEX": "1"}, "REDIS_URL"),
        ({"LIVESHOP_MEDIAS": "0", "REDIS_URL": "redis://h"}, "DATABASE_URL"),
        ({"LIVESHOP_FIRST_INDEX": "1", "REDIS_URL": "redis://h"}, "DATABASE_URL"),
    ],
)
def test_several_machines_need_shared_stores(environ: dict[str, str], name: str) -> None:
    """A process with siblings elsewhere refuses what serves one machine only."""
    with pytest.raises(SettingError) as caught:
        read_settings(environ)
    assert caught.value.name == name


def test_a_media_machine_needs_redis_only() -> None:
    """Media processes know no database."""
    settings = read_settings({"LIVESHOP_FRONTS": "0", "LIVESHOP_WORKERS": "0", "REDIS_URL": "redis://h"})
    assert settings.medias == 1


def test_turn_servers_are_read_with_their_secret() -> None:
    """Commas or spaces between; the life of credentials has a default."""
    urls = "turn:t.test:3478?transport=udp, turns:[2001:db8::1] stun:s.test"
    settings = read_settings({"LIVESHOP_TURN_URLS": urls, "LIVESHOP_TURN_SECRET": "long enough"})
    assert settings.ice.urls == ("turn:t.test:3478?transport=udp", "turns:[2001:db8::1]", "stun:s.test")
    assert (settings.ice.secret, settings.ice.life_s) == ("long enough", 43_200)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"LIVESHOP_TURN_URLS": "https://t.test"}, "LIVESHOP_TURN_URLS"),
        ({"LIVESHOP_TURN_URLS": "turn:t.test:99999", "LIVESHOP_TURN_SECRET": "x" * 9}, "LIVESHOP_TURN_URLS"),
        ({"LIVESHOP_TURN_URLS": "stun:s.test?transport=tcp"}, "LIVESHOP_TURN_URLS"),
        ({"LIVESHOP_TURN_URLS": 'turn:t.test"'}, "LIVESHOP_TURN_URLS"),
        ({"LIVESHOP_TURN_URLS": "turn:t.test"}, "LIVESHOP_TURN_SECRET"),
        ({"LIVESHOP_TURN_URLS": "turn:t.test", "LIVESHOP_TURN_SECRET": "short"}, "LIVESHOP_TURN_SECRET"),
        ({"LIVESHOP_TURN_SECRET": "x" * 9}, "LIVESHOP_TURN_URLS"),
        ({"LIVESHOP_TURN_LIFE_S": "59"}, "LIVESHOP_TURN_LIFE_S"),
    ],
)
def test_half_a_turn_server_stops_the_start(environ: dict[str, str], named: str) -> None:
    """A server without the secret would tell viewers of one that turns them away."""
    with pytest.raises(SettingError) as caught:
        read_settings(environ)
    assert caught.value.name == named


def test_bounds_of_media_are_read() -> None:
    """Each setting fills the field of its name; the rest keep their defaults."""
    environ = {"LIVESHOP_MAX_SESSIONS_PER_ADDRESS": "7", "LIVESHOP_MAX_TCP": "0", "LIVESHOP_TCP_SLOW_S": "3"}
    limits = read_settings(environ).limits
    assert (limits.sessions_per_address, limits.tcp_connections, limits.tcp_slow_s) == (7, 0, 3)
    assert limits == replace(Limits(), sessions_per_address=7, tcp_connections=0, tcp_slow_s=3)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1000000", "1.5"])
def test_a_bound_that_makes_no_sense_stops_the_start(text: str) -> None:
    """The sentence says which values do."""
    with pytest.raises(SettingError, match="LIVESHOP_MAX_SESSIONS must be a whole number from 1 to 100000"):
        read_settings({"LIVESHOP_MAX_SESSIONS": text})


def test_every_bound_is_a_setting() -> None:
    """No field of `Limits` is out of an operator's reach."""
    assert {bound.field for bound in BOUNDS} == {field.name for field in fields(Limits)}


@pytest.mark.parametrize(
    ("missing", "environ"),
    [
        ("LIVESHOP_STRIPE_SECRET_KEY", {}),
        ("LIVESHOP_STRIPE_WEBHOOK_SECRET", {"LIVESHOP_STRIPE_SECRET_KEY": "sk_test_12345678"}),
    ],
)
def test_stripe_without_its_keys_does_not_start(missing: str, environ: dict[str, str]) -> None:
    """One sentence names what is missing."""
    with pytest.raises(SettingError, match=f"{missing} must be set, because LIVESHOP_PAYMENTS names stripe"):
        read_settings({"LIVESHOP_PAYMENTS": "stripe", **environ})


def test_alipay_without_its_keys_does_not_start() -> None:
    """The first that is missing is named."""
    with pytest.raises(SettingError, match="LIVESHOP_ALIPAY_APP_ID must be set"):
        read_settings({"LIVESHOP_PAYMENTS": "alipay"})
    with pytest.raises(SettingError, match="LIVESHOP_ALIPAY_PRIVATE_KEY must be set"):
        read_settings({"LIVESHOP_PAYMENTS": "alipay", "LIVESHOP_ALIPAY_APP_ID": "2021000000000001"})


def test_wechat_pay_without_its_keys_does_not_start() -> None:
    """The first that is missing is named; with all of them it starts; a certificate brings its own id."""
    has = {"LIVESHOP_PAYMENTS": "wechat_pay"}
    for name, value in (
        ("MERCHANT_ID", MERCHANT_ID), ("APP_ID", APP_ID), ("PRIVATE_KEY", merchant_private()),
        ("SERIAL", SERIAL.lower()), ("API_KEY", API_KEY), ("PUBLIC_KEY", wechat_public()),
        ("PUBLIC_KEY_ID", PUBLIC_KEY_ID),
    ):  # fmt: skip
        with pytest.raises(SettingError, match=f"LIVESHOP_WECHAT_PAY_{name} must be set"):
            read_settings(has)
        has[f"LIVESHOP_WECHAT_PAY_{name}"] = value
    keys = read_settings(has).payment_keys
    assert (keys.wechat_pay_serial, keys.wechat_pay_api_key) == (SERIAL, API_KEY)
    assert API_KEY not in repr(keys)
    del has["LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID"]
    has["LIVESHOP_WECHAT_PAY_PUBLIC_KEY"] = platform_certificate()
    assert read_settings(has).payment_keys.wechat_pay_public_key_id == CERTIFICATE_SERIAL


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIVESHOP_STRIPE_SECRET_KEY", "pk_live_not_a_secret_one"),
        ("LIVESHOP_STRIPE_WEBHOOK_SECRET", "sk_live_the_wrong_one"),
        ("LIVESHOP_STRIPE_URL", "ftp://example.org"),
        ("LIVESHOP_ALIPAY_PRIVATE_KEY", "MIIBnotakey"),
        ("LIVESHOP_ALIPAY_PUBLIC_KEY", "MIIBnotakey"),
        ("LIVESHOP_ALIPAY_URL", "alipay"),
        ("LIVESHOP_WECHAT_PAY_MERCHANT_ID", "wx0123456789abcdef"),
        ("LIVESHOP_WECHAT_PAY_APP_ID", "1900000001"),
        ("LIVESHOP_WECHAT_PAY_PRIVATE_KEY", "MIIBnotakey"),
        ("LIVESHOP_WECHAT_PAY_SERIAL", "not a serial number"),
        ("LIVESHOP_WECHAT_PAY_API_KEY", "31-letters-and-a-secret-in-them"),
        ("LIVESHOP_WECHAT_PAY_PUBLIC_KEY", "MIIBnotakey"),
        ("LIVESHOP_WECHAT_PAY_PUBLIC_KEY_ID", "0119000000012026"),
        ("LIVESHOP_WECHAT_PAY_URL", "weixin://pay"),
    ],
)
def test_a_wrong_key_of_a_provider_is_named_and_not_shown(name: str, value: str) -> None:
    """What people paste by mistake is often a key, too."""
    with pytest.raises(SettingError, match=name) as refused:
        read_settings({name: value})
    assert name.endswith("URL") or value not in str(refused.value)


def test_keys_are_read_and_never_printed() -> None:
    """The settings' own text does not carry them."""
    settings = read_settings(
        {
            "LIVESHOP_PAYMENTS": "stripe, bank_transfer",
            "LIVESHOP_STRIPE_SECRET_KEY": "sk_test_12345678",
            "LIVESHOP_STRIPE_WEBHOOK_SECRET": "whsec_12345678",
        }
    )
    assert settings.payments == {"stripe", "bank_transfer"}
    assert settings.payment_keys.stripe_secret_key == "sk_test_12345678"
    assert "12345678" not in repr(settings)
