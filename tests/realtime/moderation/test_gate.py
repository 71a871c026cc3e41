"""Each mode refuses with a code of its own and says what the person can do."""

from typing import Any

import pytest

from realtime.errors import (
    AccountTooNew,
    BuyersOnly,
    EmoteOnly,
    FollowersOnly,
    LinkNotApproved,
    LinksOff,
    NewcomersLocked,
    NotUnique,
    RoomError,
    TalkRefused,
)
from realtime.moderation.gate import Speech, check_person, check_text, needs_standing, only_emoji
from realtime.moderation.policy import Modes, Policy, Term
from realtime.moderation.terms import Terms
from realtime.ports import Standing

NOW_MS = 100 * 60_000
NOBODY = Standing(None, None, bought=False)


def _speech(text: str = "hello", joined_ms: int = 0, *, said: bool = False) -> Speech:
    return Speech(text, NOW_MS, joined_ms, lambda: said)


def _minutes_ago(minutes: float) -> int:
    return NOW_MS - int(minutes * 60_000)


@pytest.mark.parametrize(
    ("modes", "standing", "joined_ms", "error", "facts"),
    [
        (
            Modes(followers_only_minutes=10),
            NOBODY,
            0,
            FollowersOnly,
            {"minutes": 10, "follows": False},
        ),
        (
            Modes(followers_only_minutes=10),
            Standing(None, _minutes_ago(4), bought=False),
            0,
            FollowersOnly,
            {"minutes": 10, "follows": True},
        ),
        (Modes(account_age_minutes=5), NOBODY, 0, AccountTooNew, {"minutes": 5, "account": False}),
        (
            Modes(account_age_minutes=5),
            Standing(_minutes_ago(1), None, bought=False),
            0,
            AccountTooNew,
            {"minutes": 5, "account": True},
        ),
        (Modes(buyers_only=True), NOBODY, 0, BuyersOnly, {}),
        (Modes(newcomers_minutes=5), NOBODY, _minutes_ago(4), NewcomersLocked, {"minutes": 5}),
    ],
)
def test_who_may_not_speak_is_told_why(
    modes: Modes, standing: Standing, joined_ms: int, error: type[RoomError], facts: dict[str, Any]
) -> None:
    """With the facts a screen needs."""
    with pytest.raises(error) as refused:
        check_person(modes, standing, _speech(joined_ms=joined_ms))
    assert refused.value.facts == facts


def test_a_wait_is_told_where_waiting_helps() -> None:
    """Until the follow, the account or the visit is old enough."""
    with pytest.raises(FollowersOnly) as young:
        check_person(
            Modes(followers_only_minutes=10), Standing(None, _minutes_ago(4), bought=False), _speech()
        )
    assert young.value.retry_after_ms == 6 * 60_000
    with pytest.raises(FollowersOnly) as stranger:
        check_person(Modes(followers_only_minutes=10), NOBODY, _speech())
    assert stranger.value.retry_after_ms is None


def test_who_stands_well_may_speak_in_every_mode() -> None:
    """Exactly at the limit too."""
    modes = Modes(followers_only_minutes=10, account_age_minutes=20, newcomers_minutes=5, buyers_only=True)
    check_person(
        modes, Standing(_minutes_ago(20), _minutes_ago(10), bought=True), _speech(joined_ms=_minutes_ago(5))
    )
    check_person(Modes(followers_only_minutes=0), Standing(None, NOW_MS, bought=False), _speech())


def test_standing_is_asked_for_only_when_a_mode_needs_it() -> None:
    """Zero minutes of following is a mode, None is not."""
    assert not needs_standing(Modes(links="off", unique=True, emote_only=True, newcomers_minutes=3))
    for modes in (Modes(followers_only_minutes=0), Modes(account_age_minutes=1), Modes(buyers_only=True)):
        assert needs_standing(modes)


@pytest.mark.parametrize(
    ("modes", "text", "said", "error"),
    [
        (Modes(emote_only=True), "nice 👍", False, EmoteOnly),
        (Modes(unique=True), "same", True, NotUnique),
        (Modes(links="off"), "www.shop.example", False, LinksOff),
        (Modes(links="approved"), "www.evil.example", False, LinkNotApproved),
        (Modes(), "a blocked word", False, TalkRefused),
    ],
)
def test_what_may_not_be_said_is_refused(modes: Modes, text: str, said: bool, error: type[RoomError]) -> None:
    """And the same without the mode, or the word, passes."""
    policy = Policy(hosts=("shop.example",))
    with pytest.raises(error) as refused:
        check_text(modes, policy, Terms([Term("blocked")]), _speech(text, said=said))
    assert type(refused.value) is error
    assert check_text(Modes(), policy, Terms(()), _speech(text, said=said)) is None


def test_only_a_public_term_is_named() -> None:
    """A private list stays private."""
    for public, facts in ((True, {"term": "blocked"}), (False, {})):
        with pytest.raises(TalkRefused) as refused:
            check_text(Modes(), Policy(), Terms([Term("blocked", public=public)]), _speech("BL0CKED"))
        assert refused.value.facts == facts


def test_held_terms_are_held() -> None:
    """Let through to the review, not refused."""
    assert check_text(Modes(), Policy(), Terms([Term("maybe", effect="hold")]), _speech("maybe")) == "term"


def test_only_emoji() -> None:
    """Families and flags are one emoji; spaces do not count; letters do."""
    assert only_emoji("👍🏽 👨‍👩‍👧 🇨🇳 ❤️")
    assert not only_emoji("👍 ok")
    assert not only_emoji("7")
