"""What refunds and returns refuse.

CommerceError
├── Missing
│   ├── NoSuchReturn        404 no_such_return
│   └── NoSuchRefund        404 no_such_refund
└── Conflict
    ├── TooMuch             409 refund_too_much {left_minor}: more than is left of the payment
    ├── NothingLeft         409 nothing_left: neither money nor units are left to give back
    ├── AlreadySent         409 already_sent: what was sent cannot be called off, only returned
    └── PeriodOver          409 period_over {until_ms}: the time to return or withdraw is over
"""

from commerce import errors


class NoSuchReturn(errors.Missing):
    """There is no such return of this order."""

    code = "no_such_return"
    sentence = "There is no such return of this order."


class NoSuchRefund(errors.Missing):
    """There is no such refund of this order."""

    code = "no_such_refund"
    sentence = "There is no such refund of this order."


class TooMuch(errors.Conflict):
    """More than is left of the payment."""

    code = "refund_too_much"
    sentence = "There is not that much left of the payment."


class NothingLeft(errors.Conflict):
    """Neither money nor units are left to give back."""

    code = "nothing_left"
    sentence = "There is nothing left to give back."


class AlreadySent(errors.Conflict):
    """What was sent cannot be called off, only returned."""

    code = "already_sent"
    sentence = "A part of the order was sent already; it can be returned, not cancelled."


class PeriodOver(errors.Conflict):
    """The time to return or withdraw is over."""

    code = "period_over"
    sentence = "The time for this is over."
