"""Whether a room can follow the rules that a shop wants to set; commerce keeps them and asks here."""

from typing import Any

import msgspec

from realtime.moderation.policy import Policy
from realtime.moderation.terms import BadTerm, check_terms


def checked_policy(policy: dict[str, Any]) -> dict[str, Any]:
    """Return the rules as the room reads them, whole; raises ValueError with a sentence when it cannot."""
    try:
        read = msgspec.convert(policy, type=Policy)
        check_terms(read.terms)
    except (msgspec.ValidationError, BadTerm) as error:
        raise ValueError(str(error)) from error
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(read))
    return whole
