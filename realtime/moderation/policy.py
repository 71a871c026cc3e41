"""What a shop decides once about talk in its rooms, and what a moderator switches on for a while.

Pure data. A `Policy` belongs to a shop and rises in `version` with every change; the room reads it in the
shop's snapshot (key `policy`) and hears changes as the ledger's note `policy`. `Modes` belong to one show and
are pinned up on the room's board under `modes`; while they are not, the policy's `modes` hold.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

TERMS_TOTAL = 1000
HOSTS_TOTAL = 200
STEPS_TOTAL = 10

Minutes = Annotated[int, Meta(ge=0, le=527_040, description="Minutes; 0 is off.")]
TermText = Annotated[str, Meta(min_length=1, max_length=200)]
Host = Annotated[
    str, Meta(min_length=1, max_length=253, description='Such as "shop.example"; covers its subdomains.')
]
LinkRule = Literal["on", "approved", "off"]


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """A word, a phrase or a pattern, and what becomes of a comment that has it.

    `exact` is whole words, `wildcard` has * for any letters within a word, `re2` is RE2 syntax (linear time).
    Words are compared as `realtime.moderation.folding` folds them; `re2` sees the folded text too. `allow`
    overrides blocked and held terms inside what it matches. A `public` term is named to who used it; a
    private one never.
    """

    text: TermText
    kind: Literal["exact", "wildcard", "re2"] = "exact"
    effect: Literal["block", "hold", "allow"] = "block"
    public: bool = False


class Modes(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may say what in a room; staff are exempt from all. Slow mode is a message of its own.

    `followers_only_minutes`: follows the shop at least so long, 0 any follower, None everybody.
    `account_age_minutes`: the account is at least so old; guests are refused while it is above 0.
    `newcomers_minutes`: in the room at least so long.
    """

    followers_only_minutes: Minutes | None = None
    account_age_minutes: Minutes = 0
    newcomers_minutes: Minutes = 0
    buyers_only: bool = False
    emote_only: bool = False
    unique: bool = False
    links: LinkRule = "on"


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the automatic strikes; `seconds` is the timeout's (10 s to 24 h), else 0."""

    action: Literal["none", "warn", "timeout", "ban"] = "none"
    seconds: Annotated[int, Meta(ge=0, le=86_400)] = 0


class Strikes(Struct, frozen=True, forbid_unknown_fields=True):
    """What repeated refusals of blocked terms, links and floods lead to; the last step repeats.

    A strike is forgotten `forget_minutes` after the last one.
    """

    on: bool = False
    steps: Annotated[tuple[Step, ...], Meta(max_length=STEPS_TOTAL)] = (
        Step(),
        Step("warn"),
        Step("timeout", 300),
        Step("timeout", 86_400),
    )
    forget_minutes: Annotated[int, Meta(ge=1, le=527_040)] = 60


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """A shop's rules for its rooms.

    `hosts` are those whose links pass while links are "approved". `pictures`: who may send pictures.
    `suspects`: what becomes of comments of suspicious people. `reports_hold`: so many different people's
    reports take a comment down into the review queue, 0 never. `auto_shield` raises the shield at a join
    burst. `classifier` holds comments whose score in a category reaches its threshold (0 to 1).
    """

    version: Annotated[int, Meta(ge=0)] = 0
    terms: Annotated[tuple[Term, ...], Meta(max_length=TERMS_TOTAL)] = ()
    hosts: Annotated[tuple[Host, ...], Meta(max_length=HOSTS_TOTAL)] = ()
    pictures: Literal["off", "buyers", "followers", "all"] = "off"
    modes: Modes = Modes()
    strikes: Strikes = Strikes()
    suspects: Literal["ignore", "flag", "hold"] = "flag"
    reports_hold: Annotated[int, Meta(ge=0, le=1000)] = 0
    auto_shield: bool = False
    classifier: dict[str, Annotated[float, Meta(ge=0, le=1)]] = {}


SHIELD_NEWCOMERS_MINUTES = 10


def shielded(usual: Modes) -> Modes:
    """Return the modes of one press of the shield: the usual ones, and what stops a raid."""
    newcomers = max(usual.newcomers_minutes, SHIELD_NEWCOMERS_MINUTES)
    return replace(usual, newcomers_minutes=newcomers, unique=True, links="off")


class Shield(Struct, frozen=True):
    """The board's value `shield`: these modes hold until `until_ms` (the shop's clock), then the usual ones.

    `began_ms`: who came after it is locked out of talk by `newcomers_minutes`.
    """

    modes: Modes
    began_ms: int
    until_ms: int
