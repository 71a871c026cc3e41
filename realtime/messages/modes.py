"""What moderators switch for the whole room."""

from typing import Annotated

from msgspec import Meta

from realtime.messages.base import EXAMPLE_KEY, STAFF_ERRORS, Message
from realtime.messages.moderating import ActionResult, StaffWrite
from realtime.moderation.policy import Modes

SlowSeconds = Annotated[int, Meta(ge=0, le=3600)]
ShieldSeconds = Annotated[int, Meta(ge=0, le=86_400)]


class SlowMode(StaffWrite, frozen=True, tag="slow_mode"):
    """Moderators: one comment per person in this many seconds; 0 is off."""

    seconds: SlowSeconds


class SetModes(StaffWrite, frozen=True, tag="modes"):
    """Moderators: who may say what; the whole of it. `modes` null goes back to the shop's policy.

    Told to everybody as the board's value `modes`.
    """

    modes: Modes | None


class RaiseShield(StaffWrite, frozen=True, tag="shield"):
    """Moderators: one press against a raid, for so many seconds; 0 lowers it.

    Told to everybody as the board's value `shield`.
    """

    seconds: ShieldSeconds = 600


ROWS: tuple[Message, ...] = (
    Message(
        "slow_mode",
        "client",
        SlowMode,
        ActionResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 13, "type": "slow_mode", "seconds": 10, "key": EXAMPLE_KEY},
        "moderate",
    ),
    Message(
        "modes",
        "client",
        SetModes,
        ActionResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 14, "type": "modes", "modes": {"links": "off", "unique": True}, "key": EXAMPLE_KEY},
        "moderate",
    ),
    Message(
        "shield",
        "client",
        RaiseShield,
        ActionResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 15, "type": "shield", "seconds": 600, "key": EXAMPLE_KEY},
        "moderate",
    ),
)
