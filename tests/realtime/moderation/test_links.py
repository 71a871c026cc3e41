"""Links as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.moderation.links import hosts_in, not_approved
from tests.realtime.properties import QUICK

CASES = json.loads(Path(__file__).with_name("link_cases.json").read_text("utf-8"))
"""Of a text: the hosts found here; address and words of each of the page (static/lib/words/links.test.js)."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_hosts_are_found(case: dict[str, Any]) -> None:
    """Also when hidden a little; sentences are no links."""
    assert hosts_in(case["text"]) == case["hosts"]


def test_approved_hosts_cover_their_subdomains_only() -> None:
    """A name that merely ends the same is another host."""
    approved = ["shop.example"]
    assert not_approved("https://www.shop.example and https://a.shop.example", approved) is None
    assert not_approved("https://badshop.example", approved) == "badshop.example"
    assert not_approved("https://shop.example.evil.com", approved) == "shop.example.evil.com"


@pytest.mark.parametrize("joint", ["[.]", " dot ", "。", "．"])
def test_a_dot_that_only_this_side_reads_hides_no_host(joint: str) -> None:
    """The page would open what stands before it, so that is judged too."""
    assert not_approved(f"https://evil.com{joint}shop.example", ["shop.example"]) == "evil.com"


@QUICK
@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    """Hosts are never empty."""
    assert all(hosts_in(text))
