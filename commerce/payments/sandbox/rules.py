"""The sandbox provider's states and what it refuses; pure."""

from enum import StrEnum

from commerce.errors import CommerceError


class BookState(StrEnum):
    """A payment in the provider's book."""

    OPEN = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"
    REFUNDED = "refunded"


class SandboxRefused(CommerceError):  # noqa: N818 - named for what happened
    """The payment's state does not allow this."""

    status = 409
    code = "wrong_state"
    sentence = "The payment's state does not allow this."


class SandboxKeyReused(CommerceError):  # noqa: N818 - named for what happened
    """This Idempotency-Key was used for another call."""

    status = 409
    code = "idempotency_conflict"
    sentence = "This Idempotency-Key was used for another call."


class SandboxKeyWrong(CommerceError):  # noqa: N818 - named for what happened
    """The API key is missing or wrong."""

    status = 401
    code = "wrong_api_key"
    sentence = "The API key is missing or wrong."


class NoSuchPayment(CommerceError):  # noqa: N818 - named for what happened
    """The provider has no such payment."""

    status = 404
    code = "no_such_payment"
    sentence = "The provider has no such payment."


class CaptureRefused(SandboxRefused):
    """The bank refused the capture."""

    code = "capture_refused"
    sentence = "The bank refused the capture."


class NoSuchMeans(SandboxRefused):
    """The provider keeps no such card (any more)."""

    code = "no_such_means"
    sentence = "The provider keeps no such card (any more)."


PLAIN_CARD = "card"
"""What a card is called that the buyer gave no name."""
CARD_FOR_ONCE = "once"
"""How the name of a card begins that is declined when it is charged again."""


def after_charge(card: str) -> BookState:
    """Return the state of a payment that charges a kept card."""
    return BookState.DECLINED if card.startswith(CARD_FOR_ONCE) else BookState.AUTHORISED


OUTCOME = {
    "approve": BookState.AUTHORISED,
    "decline": BookState.DECLINED,
    "time_out": BookState.TIMED_OUT,
}

_ALLOWED: dict[str, tuple[frozenset[BookState], BookState]] = {
    "capture": (frozenset({BookState.AUTHORISED}), BookState.CAPTURED),
    "void": (frozenset({BookState.OPEN, BookState.AUTHORISED, BookState.TIMED_OUT}), BookState.VOIDED),
    "refund": (frozenset({BookState.CAPTURED, BookState.REFUNDED}), BookState.REFUNDED),
}


def after(verb: str, state: BookState) -> BookState:
    """Return the state after the merchant's `verb`, or raise `SandboxRefused`."""
    allowed, following = _ALLOWED[verb]
    if state not in allowed:
        raise SandboxRefused(state=str(state))
    return following


def after_act(action: str, state: BookState) -> BookState | None:
    """Return the state after the buyer's `action`; None when a second click repeats the first.

    Raises `SandboxRefused` when the payment is not open for the buyer any more.
    """
    wanted = OUTCOME[action]
    if state is BookState.OPEN:
        return wanted
    if state is wanted or (wanted is BookState.AUTHORISED and state is BookState.CAPTURED):
        return None  # a second click
    raise SandboxRefused(state=str(state))


RETRY_AFTER_MS = (5_000, 30_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000)
"""Waits between the tries of a webhook, after the Standard Webhooks recommendation."""


def next_try_at_ms(tries: int, now_ms: int) -> int | None:
    """Return when to try again after `tries` failures; None to give up."""
    if tries > len(RETRY_AFTER_MS):
        return None
    return now_ms + RETRY_AFTER_MS[tries - 1]
