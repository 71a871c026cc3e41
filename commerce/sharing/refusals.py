"""What the doors of sharing refuse.

CommerceError
├── Missing
│   └── NoSuchLink     404 no_such_link
└── Conflict
    └── TooManyLinks   409 too_many_links {limit}: the shop's own links of one show
"""

from commerce import errors


class NoSuchLink(errors.Missing):
    """Nobody shares this code."""

    code = "no_such_link"
    sentence = "There is no such link."


class TooManyLinks(errors.Conflict):
    """A show has so many named links at most."""

    code = "too_many_links"
    sentence = "This show has as many named links as one can."
