"""Links as people write them in a comment, also when they hide them a little. Pure.

A link is what has a scheme or begins with "www.", or a host name under a common top-level domain. "shop [dot]
example" and full stops of other scripts count as dots. What is found wrongly costs its author another try.
The page makes fewer of them clickable (static/lib/words/links.js): those with "http://", "https://" or "www."
whose host can be read in one way only. The host of each of these is found here as the page reads it, beside
what it becomes when hidden dots are joined, so that nothing can be opened that was not judged. Both sides'
tests read tests/realtime/moderation/link_cases.json.
"""

import unicodedata
from collections.abc import Collection

import re2

_TOP_LEVEL = (
    "com|net|org|info|biz|shop|store|online|site|live|app|dev|xyz|top|vip|club|link|page|me|io|co|tv|gg|ly|to|cc|"
    "cn|de|uk|fr|es|it|nl|pl|ru|jp|kr|br|in|us|ca|au|eu|ch|at|be|se|hk|tw|sg|my|id|th|vn|ph|example"
)
# What cannot stand in a host's label, rather than what can: RE2 needs little memory for it.
_LABEL = r"""[^\s./:?#@,;!()\[\]{}<>"'|]+"""
_LINK = re2.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}://|\bwww\.)(?:[^\s/@]*@)?({_LABEL}(?:\.{_LABEL})*)"
    rf"|((?:{_LABEL}\.)+(?:{_TOP_LEVEL}))(?:[/:?#,;!)]|\s|\.\s|\.?$)"
)
_CLICKABLE = re2.compile(r"(?i)(?:https?://|www\.)[\pL\pN\pM-]+(?:\.[\pL\pN\pM-]+)+")
_HIDDEN_DOT = re2.compile(
    r"\s*(?:\[\s*(?:\.|dot)\s*\]|\(\s*(?:\.|dot)\s*\)|\{\s*(?:\.|dot)\s*\}|\s+dot\s+)\s*"
)
_DOTS = str.maketrans("。․‧﹒．｡", "......")


def hosts_in(text: str) -> list[str]:
    """Return the hosts of all links in a text, lower case: in order, then those only the page would read."""
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS)).casefold()
    shown = _HIDDEN_DOT.sub(".", plain)
    hosts = [_bare(found.group(1) or found.group(2)) for found in _LINK.finditer(shown)]
    return hosts + [host for host in _hosts_on_the_page(text) if host not in hosts]


def _hosts_on_the_page(text: str) -> list[str]:
    """Return the hosts the page may make clickable, in the small letters a browser makes ("ß" stays)."""
    found = (match.group().partition("://")[2] or match.group() for match in _CLICKABLE.finditer(text))
    return [_bare(unicodedata.normalize("NFKC", host).lower()) for host in found]


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def not_approved(text: str, approved: Collection[str]) -> str | None:
    """Return the first host that is neither approved nor under an approved one, None when there is none."""
    for host in hosts_in(text):
        if not any(host == known or host.endswith(f".{known}") for known in approved):
            return host
    return None
