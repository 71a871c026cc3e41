"""Links as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.moderation.links import hosts_in, not_approved
from tests.realtime.properties import QUICK


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://shop.example/x?y", ["shop.example"]),
        ("www.foo.bar", ["foo.bar"]),
        ("evil[.]com or evil (dot) com", ["evil.com", "evil.com"]),
        ("evil dot com", ["evil.com"]),
        ("https://good.example@evil.com/", ["evil.com"]),
        ("ＥＶＩＬ．ｃｏｍ evil。com", ["evil.com", "evil.com"]),
        ("foo.com,bar.net.", ["foo.com", "bar.net"]),
        ("http://1.2.3.4/x", ["1.2.3.4"]),
        ("nice tea. me too", []),
        ("hello.how are you, 3.5 eur, e.g. this", []),
    ],
)
def test_hosts_are_found(text: str, hosts: list[str]) -> None:
    """Also when hidden a little; sentences are no links."""
    assert hosts_in(text) == hosts


def test_approved_hosts_cover_their_subdomains_only() -> None:
    """A name that merely ends the same is another host."""
    approved = ["shop.example"]
    assert not_approved("https://www.shop.example and https://a.shop.example", approved) is None
    assert not_approved("https://badshop.example", approved) == "badshop.example"
    assert not_approved("https://shop.example.evil.com", approved) == "shop.example.evil.com"


@QUICK
@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    """Hosts are never empty."""
    assert all(hosts_in(text))
