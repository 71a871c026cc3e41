"""The named steps at which something is killed, and where in the code each one is.

A step is before or after one call. The process that makes the call dies by signal 9, or Redis does and the
process has to live with it. Nothing of this is in the product: `inside.py` wraps the calls in the children of
a server under test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


def _always(_arguments: tuple[Any, ...], _answer: Any) -> bool:
    return True


def _authorised(arguments: tuple[Any, ...], _answer: Any) -> bool:
    return bool(arguments[1].state == "authorised")


def _found_more(_arguments: tuple[Any, ...], answer: Any) -> bool:
    return len(answer) > 1  # the first one is copied already


def _expired_some(_arguments: tuple[Any, ...], answer: Any) -> bool:
    return bool(answer.expired)


@dataclass(frozen=True, slots=True)
class Step:
    """`call` is module and attribute with ':' between; `only` looks at arguments and answer (None before)."""

    name: str
    when: Literal["before", "after"]
    call: str
    victim: Literal["itself", "redis"] = "itself"
    only: Callable[[tuple[Any, ...], Any], bool] = _always


_ENGINE = "commerce.sale.engine_redis:SaleEngine"
_SETTLEMENT = "commerce.orders.settlement:Settlement"
_COPIER = "commerce.orders.ledger_copy:LedgerCopier"
_DESK = "commerce.orders.checkout:CheckoutDesk"
_PROVIDER = "commerce.payments.sandbox_client:SandboxClient"
_INBOX = "commerce.payments.webhooks:WebhookInbox"

STEPS = (
    Step("after_reserve", "after", f"{_ENGINE}.reserve_many"),
    Step("after_pay_begin", "after", f"{_ENGINE}.pay_begin"),
    Step("after_order_written", "after", f"{_DESK}._insert"),
    Step("after_payment_created", "after", f"{_PROVIDER}.create"),
    Step("after_webhook_stored", "before", f"{_INBOX}._apply"),
    Step("after_authorise", "after", f"{_SETTLEMENT}.told", only=_authorised),
    Step("after_claim", "after", f"{_SETTLEMENT}._claim"),
    Step("before_commit", "before", f"{_ENGINE}.commit"),
    Step("after_commit", "after", f"{_ENGINE}.commit"),
    Step("before_capture", "before", f"{_PROVIDER}.capture"),
    Step("after_capture", "after", f"{_PROVIDER}.capture"),
    Step("before_void", "before", f"{_PROVIDER}.void"),
    Step("after_void", "after", f"{_PROVIDER}.void"),
    Step("before_paid", "before", f"{_SETTLEMENT}._finish"),
    Step("after_paid", "after", f"{_SETTLEMENT}._finish"),
    Step("before_sql_copy", "after", f"{_ENGINE}.ledger_from", only=_found_more),
    Step("in_sql_copy", "after", "commerce.orders.ledger_sql:insert"),
    Step("after_sql_copy", "before", f"{_COPIER}._tell_ended"),
    Step("after_expiry", "after", f"{_ENGINE}.expire_due", only=_expired_some),
    Step("after_release", "after", f"{_ENGINE}.release"),
    Step("redis_before_reserve", "before", f"{_ENGINE}.reserve_many", victim="redis"),
    Step("redis_before_commit", "before", f"{_ENGINE}.commit", victim="redis"),
    Step("redis_after_commit", "after", f"{_ENGINE}.commit", victim="redis"),
    Step("redis_in_sql_copy", "before", "commerce.orders.ledger_sql:insert", victim="redis"),
)
"""All of them; the harness kills at each at least once."""
