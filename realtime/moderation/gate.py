"""May this person say this now? From cheap to dear: who they are, what it is, which words it has. Pure.

Bans, timeouts, warnings and slow mode are judged by Redis in the same call that says the comment; here is
what needs no store: a refusal raises, anything else is let through or held for review.

A picture without words is judged as what it is. Who may speak is asked as always (newcomers, followers,
buyers, account age), and a suspicious person's is held as their words would be. `emote_only` wants emoji and
nothing else: every picture is refused, with words or without (`realtime.talking.showing`). `unique` forbids
saying the same again: a picture can be shown once only, and no words are nobody's words, so it passes and is
no echo of another. `links`, terms and the classifier read words, and find none. Whether pictures may be sent
at all, and by whom, is the shop's `pictures`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import emoji

from realtime.errors import (
    AccountTooNew,
    BuyersOnly,
    EmoteOnly,
    FollowersOnly,
    LinkNotApproved,
    LinksOff,
    NewcomersLocked,
    NotUnique,
    TalkRefused,
)
from realtime.moderation.links import hosts_in, not_approved
from realtime.moderation.policy import Modes, Policy
from realtime.moderation.terms import Terms
from realtime.ports import Standing

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Speech:
    """What somebody is about to say; `said_before` tells whether the room heard the same a moment ago."""

    text: str
    now_ms: int
    joined_ms: int
    said_before: Callable[[], bool]


def needs_standing(modes: Modes) -> bool:
    """Whether these modes ask who follows, has bought, or how old an account is."""
    return modes.buyers_only or modes.account_age_minutes > 0 or modes.followers_only_minutes is not None


def check_person(modes: Modes, standing: Standing | None, speech: Speech) -> None:
    """Refuse who may not speak now.

    Raises `NewcomersLocked`, `FollowersOnly`, `AccountTooNew`, `BuyersOnly`. `standing` None asks for none.
    """
    if modes.newcomers_minutes:
        wait_ms = speech.joined_ms + modes.newcomers_minutes * MINUTE_MS - speech.now_ms
        if wait_ms > 0:
            minutes = modes.newcomers_minutes
            sentence = f"Only who has been here for {minutes} minutes may speak now."
            raise NewcomersLocked(sentence, retry_after_ms=wait_ms, minutes=minutes)
    if standing is None:
        return
    _check_follower(modes, standing, speech.now_ms)
    _check_account(modes, standing, speech.now_ms)
    if modes.buyers_only and not standing.bought:
        raise BuyersOnly("Only who has bought here may speak now.")


def _check_follower(modes: Modes, standing: Standing, now_ms: int) -> None:
    minutes, since_ms = modes.followers_only_minutes, standing.followed_at_ms
    if minutes is None:
        return
    if since_ms is None:
        raise FollowersOnly("Only who follows the shop may speak now.", minutes=minutes, follows=False)
    wait_ms = since_ms + minutes * MINUTE_MS - now_ms
    if wait_ms > 0:
        sentence = f"Only who has followed the shop for {minutes} minutes may speak now."
        raise FollowersOnly(sentence, retry_after_ms=wait_ms, minutes=minutes, follows=True)


def _check_account(modes: Modes, standing: Standing, now_ms: int) -> None:
    minutes, created_ms = modes.account_age_minutes, standing.account_created_at_ms
    if not minutes:
        return
    if created_ms is None:
        raise AccountTooNew("Only who has an account may speak now.", minutes=minutes, account=False)
    wait_ms = created_ms + minutes * MINUTE_MS - now_ms
    if wait_ms > 0:
        sentence = f"Only accounts of {minutes} minutes' age may speak now."
        raise AccountTooNew(sentence, retry_after_ms=wait_ms, minutes=minutes, account=True)


def check_text(modes: Modes, policy: Policy, terms: Terms, speech: Speech) -> str | None:
    """Refuse what may not be said; returns why it is held ("term"), None to let it through.

    Raises `EmoteOnly`, `NotUnique`, `LinksOff`, `LinkNotApproved`, `TalkRefused`.
    """
    text = speech.text
    if not text:
        return None  # a picture without words
    if modes.emote_only and not only_emoji(text):
        raise EmoteOnly("Only emoji for now.")
    if modes.unique and speech.said_before():
        raise NotUnique("Somebody said the same a moment ago; say it differently.")
    _check_links(modes, policy, text)
    hit = terms.judge(text)
    if hit is None:
        return None
    if hit.term.effect == "hold":
        return "term"
    if hit.term.public:
        raise TalkRefused("This word may not be said here.", term=hit.term.text)
    raise TalkRefused("This may not be said here.")


def _check_links(modes: Modes, policy: Policy, text: str) -> None:
    if modes.links == "off" and hosts_in(text):
        raise LinksOff("No links for now.")
    if modes.links == "approved":
        host = not_approved(text, policy.hosts)
        if host is not None:
            raise LinkNotApproved("Links only to pages that the shop approved.", host=host)


def only_emoji(text: str) -> bool:
    """Whether a text is nothing but emoji and spaces."""
    return not emoji.replace_emoji(text, "").replace("\u200d", "").replace("\ufe0f", "").strip()
