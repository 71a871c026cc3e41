"""Where webhooks may go: URLs as people and attackers write them, and addresses of every kind."""

import pytest

from commerce.webhooks.addresses import AddressRules, normal_host, rules_for
from commerce.webhooks.refusals import BadWebhookUrl, UrlReason

RULES = AddressRules()
IDN = "xn--fsqu00a.example.org"
DEVELOPER = rules_for("http://127.0.0.1:8000", ())


@pytest.mark.parametrize(
    ("url", "normal", "authority"),
    [
        ("https://shop.example.org", "https://shop.example.org/", "shop.example.org"),
        ("https://Shop.Example.ORG.:443/a?b=c", "https://shop.example.org/a?b=c", "shop.example.org"),
        ("https://shop.example.org:8443/a", "https://shop.example.org:8443/a", "shop.example.org:8443"),
        ("https://b\u00fccher.example/x", "https://xn--bcher-kva.example/x", "xn--bcher-kva.example"),
        ("https://\u4f8b\u5b50.example\u3002org/", f"https://{IDN}/", IDN),
        ("https://[2606:4700::6810:84e5]/", "https://[2606:4700::6810:84e5]/", "[2606:4700::6810:84e5]"),
        ("https://1.1.1.1/h", "https://1.1.1.1/h", "1.1.1.1"),
        ("https://shop.example.org/\u00fc", "https://shop.example.org/%C3%BC", "shop.example.org"),
    ],
)
def test_a_good_address_has_one_form(url: str, normal: str, authority: str) -> None:
    """Upper case, a final dot, the usual port and international names disappear into it."""
    target = RULES.target(url)
    assert (target.url, target.authority) == (normal, authority)
    assert RULES.target(target.url) == target


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example.org/", UrlReason.SCHEME),
        ("ftp://shop.example.org/", UrlReason.SCHEME),
        ("file:///etc/passwd", UrlReason.MALFORMED),
        ("gopher://shop.example.org:6379/_FLUSHALL", UrlReason.SCHEME),
        ("https://user:secret@shop.example.org/", UrlReason.CREDENTIALS),
        ("https://@shop.example.org/", UrlReason.CREDENTIALS),
        ("https://shop.example.org:22/", UrlReason.PORT),
        ("https://shop.example.org:80/", UrlReason.PORT),
        ("https://shop.example.org:0/", UrlReason.PORT),
        ("https://shop.example.org:99999/", UrlReason.MALFORMED),
        ("https://shop.example.org:/", UrlReason.MALFORMED),
        ("https://shop.example.org/#part", UrlReason.MALFORMED),
        ("https:///path", UrlReason.MALFORMED),
        ("", UrlReason.MALFORMED),
        ("https://shop.example.org/a b", UrlReason.MALFORMED),
        ("https://shop.example.org\\@127.0.0.1/", UrlReason.MALFORMED),
        ("https://shop.example.org/\r\nx: y", UrlReason.MALFORMED),
        ("https://shop.example.org/" + "a" * 1000, UrlReason.MALFORMED),
        ("https://shop..example.org/", UrlReason.MALFORMED),
        ("https://shop.example.org../", UrlReason.MALFORMED),
        ("https://[fe80::1%25eth0]/", UrlReason.MALFORMED),
        ("https://[::1/", UrlReason.MALFORMED),
        ("https://-x.example.org/", UrlReason.MALFORMED),
    ],
)
def test_a_bad_address_is_refused_with_its_reason(url: str, reason: UrlReason) -> None:
    """Nothing of it reaches a resolver."""
    with pytest.raises(BadWebhookUrl) as caught:
        RULES.target(url)
    assert caught.value.facts == {"field": "url", "reason": reason.value}


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "127.0.0.01", "1.2.3.4.5",
     "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "0", "256.1.1.1", "foo.0x1"],
)  # fmt: skip
def test_other_spellings_of_ipv4_are_no_names(host: str) -> None:
    """Each is 127.0.0.1 or nonsense: it is refused as it stands, or in the form that is then checked."""
    try:
        normal = normal_host(host)
    except BadWebhookUrl:
        assert host != "127.0.0.1."
    else:
        assert normal == "127.0.0.1"
        assert not RULES.permits(normal)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
     "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1",
     "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
     "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
     "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
     "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1",
     "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%eth0",
     "localhost", "", "shop.example.org"],
)  # fmt: skip
def test_what_is_not_public_is_not_permitted(address: str) -> None:
    """Loopback, private, link-local, CGNAT, multicast, reserved, metadata, mapped, NAT64, 6to4, Teredo."""
    assert not RULES.permits(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::6810:84e5",
     "2a00:1450:4001::1", "2001:4860:4860::8888"],
)  # fmt: skip
def test_what_is_public_is_permitted(address: str) -> None:
    """The neighbours of closed networks, too."""
    assert RULES.permits(address)


def test_the_operator_may_name_networks() -> None:
    """Those, and not what else looks like them."""
    rules = rules_for("https://shop.example.org", ("10.1.0.0/16", "fd00:1::/32"))
    assert rules.permits("10.1.2.3")
    assert rules.permits("fd00:1::5")
    assert not any(map(rules.permits, ("10.2.0.1", "::ffff:10.1.2.3", "fd00:2::5", "127.0.0.1")))


def test_plain_http_is_for_a_developers_machine() -> None:
    """It does not open private addresses: loopback itself must be named."""
    assert DEVELOPER.target("http://shop.example.org:8080/").authority == "shop.example.org:8080"
    assert DEVELOPER.target("http://shop.example.org/").port == 80
    with pytest.raises(BadWebhookUrl):
        DEVELOPER.target("http://shop.example.org:443/")
    assert not DEVELOPER.permits("127.0.0.1")
    for public_url in ("http://localhost:8000", "http://[::1]:8000"):
        assert rules_for(public_url, ()).http
    for public_url in ("http://shop.example.org", "http://192.168.0.4:8000", "https://127.evil.example"):
        assert not rules_for(public_url, ()).http
