"""Rules of rooms are judged where they are saved by what a room can follow."""

import pytest

from liveshop.web.room_policy import checked_policy


def test_rules_come_back_whole() -> None:
    """What is left out has its usual value."""
    whole = checked_policy({"version": 3, "terms": [{"text": "scam", "effect": "hold"}]})
    assert whole["version"] == 3
    assert whole["terms"] == [{"text": "scam", "kind": "exact", "effect": "hold", "public": False}]
    assert whole["modes"]["links"] == "on"


@pytest.mark.parametrize(
    "policy",
    [
        {"no_such_rule": True},
        {"terms": [{"text": ""}]},
        {"terms": [{"text": "(", "kind": "re2"}]},
        {"suspects": "boil"},
        {"modes": {"account_age_minutes": -1}},
    ],
)
def test_rules_that_no_room_can_follow_are_refused(policy: dict[str, object]) -> None:
    """Unknown names, empty words, patterns that are none, values out of range."""
    with pytest.raises(ValueError, match=r"\S"):
        checked_policy(policy)
