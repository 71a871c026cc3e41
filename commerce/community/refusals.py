"""What the doors of following refuse.

CommerceError
├── Invalid
│   └── BadPushAddress     422 bad_push_address {field}: no push service, or no browser's keys
└── Conflict
    ├── AddressNeeded      409 address_needed: a guest leaves an e-mail first, or signs in
    └── TooManyFollows     409 too_many_follows {limit}
"""

from commerce import errors


class AddressNeeded(errors.Conflict):
    """Nothing could be told to this guest: there is no confirmed address of theirs."""

    code = "address_needed"
    sentence = "Leave an e-mail address, or sign in, so that you can be told."


class TooManyFollows(errors.Conflict):
    """A person follows so many shops at most."""

    code = "too_many_follows"
    sentence = "You follow as many shops as one can."


class BadPushAddress(errors.Invalid):
    """Nothing can be pushed there."""

    status = 422
    code = "bad_push_address"
    sentence = "Nothing can be pushed to this address."
