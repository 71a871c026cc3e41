"""When the time to withdraw from or return an order is over; pure.

Directive 2011/83/EU, articles 9 and 11a: fourteen days from the day on which the last goods of an order came
into the buyer's hands, and the online function must be there all that time. Days are counted whole, and to
the end of the last day wherever on earth the buyer is (UTC-12), so nobody loses one to a time zone.
"""

from typing import Final

from commerce.orders.states import Fulfilment, OrderState
from commerce.returns.facts import Facts
from commerce.returns.structs import Rules

DAY_MS: Final = 86_400_000
WITHDRAWAL_DAYS: Final = 14
LAST_ZONE_MS: Final = DAY_MS // 2
_MEMBERS: Final = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK
"""
EU: Final = frozenset(_MEMBERS.split())
"""Member states; Iceland, Liechtenstein and Norway apply the directive, too."""
EEA: Final = EU | {"IS", "LI", "NO"}

_PAID = frozenset({OrderState.PAID, OrderState.FULFILLED, OrderState.PARTLY_REFUNDED})


def delivered_at_ms(facts: Facts, rules: Rules) -> int | None:
    """Return when the last parcel came or is taken to have come; None while something is still to be sent."""
    if facts.fulfilment is not Fulfilment.SENT:
        return None
    return max(
        int(parcel.row.delivered_at_ms or parcel.row.sent_at_ms + rules.delivery_days * DAY_MS)
        for parcel in facts.parcels
    )


def end_of_days_ms(from_ms: int, days: int) -> int:
    """Return the end of the last of `days` days after the day of `from_ms`, everywhere on earth."""
    return (from_ms // DAY_MS + days + 1) * DAY_MS + LAST_ZONE_MS


def withdrawal_until_ms(facts: Facts, rules: Rules) -> int | None:
    """Return until when the buyer may withdraw; None while the period has not begun."""
    delivered_ms = delivered_at_ms(facts, rules)
    return None if delivered_ms is None else end_of_days_ms(delivered_ms, WITHDRAWAL_DAYS)


def return_until_ms(facts: Facts, rules: Rules) -> int | None:
    """Return until when the shop takes goods back by its own rules; None before delivery, 0 for never."""
    if not rules.return_days:
        return 0
    delivered_ms = delivered_at_ms(facts, rules)
    return None if delivered_ms is None else end_of_days_ms(delivered_ms, rules.return_days)


def may_withdraw(facts: Facts, rules: Rules, now_ms: int) -> bool:
    """Tell whether the withdrawal function is there for this order now."""
    row = facts.record.order
    if row.state not in _PAID or not any(line.returnable for line in facts.progress.values()):
        return False
    if rules.withdrawal == "eu" and row.address_country not in EEA:
        return False
    until_ms = withdrawal_until_ms(facts, rules)
    return until_ms is None or now_ms < until_ms


def may_return(facts: Facts, rules: Rules, now_ms: int) -> bool:
    """Tell whether something of the order was sent and can be given back by the shop's rules."""
    row = facts.record.order
    sent = any(line.sent and line.returnable for line in facts.progress.values())
    if row.state not in _PAID or not sent or not rules.return_days:
        return False
    until_ms = return_until_ms(facts, rules)
    return until_ms is None or now_ms < until_ms


def may_call_off(facts: Facts) -> bool:
    """Tell whether nothing was sent of a paid order, so that it can be cancelled."""
    unsent = not any(line.sent for line in facts.progress.values())
    return facts.record.order.state in {OrderState.PAID, OrderState.PARTLY_REFUNDED} and unsent
