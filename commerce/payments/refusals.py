# ruff: noqa: N818 - refusals are named for what is refused
"""What payments refuse, below the tree of `commerce/errors.py`.

CommerceError
├── BadWebhook          400 bad_signature
└── NoSuchProvider      404 no_such_provider
"""

from commerce.errors import CommerceError


class BadWebhook(CommerceError):
    """The signature of the webhook is wrong, or it is too old."""

    status = 400
    code = "bad_signature"
    sentence = "The signature of the webhook is wrong, or it is too old."


class NoSuchProvider(CommerceError):
    """There is no such payment provider here."""

    status = 404
    code = "no_such_provider"
    sentence = "There is no such payment provider here."
