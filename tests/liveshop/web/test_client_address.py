from ipaddress import ip_network

import pytest

from liveshop.web.client_address import client_address, scheme

TRUSTED = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("127.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2"),
        ("", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_only_trusted_hops_are_believed(peer: str, forwarded: str | None, expected: str) -> None:
    """The first address from the right that is no trusted proxy is the client."""
    assert client_address(peer, forwarded, TRUSTED) == expected


def test_nobody_is_believed_when_no_proxy_is_named() -> None:
    """Without trusted proxies the header is what a stranger wrote."""
    assert client_address("127.0.0.1", "198.51.100.1", []) == "127.0.0.1"


def test_scheme_follows_a_trusted_proxy_only() -> None:
    """`X-Forwarded-Proto` counts from a trusted proxy, and only with a known value."""
    assert scheme("127.0.0.1", "http", "https", TRUSTED) == "https"
    assert scheme("203.0.113.9", "http", "https", TRUSTED) == "http"
    assert scheme("127.0.0.1", "http", "gopher", TRUSTED) == "http"
    assert scheme("203.0.113.9", "wss", None, TRUSTED) == "https"
