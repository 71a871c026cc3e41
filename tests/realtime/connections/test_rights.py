"""Who may do what, in one table."""

import itertools
from typing import get_args

from realtime.connections.rights import BADGES, RANK, RIGHTS, may, outranks, reaches
from realtime.messages import MESSAGES
from realtime.shapes import Role


def test_every_role_has_its_rights_and_its_place() -> None:
    """And no message demands a role that nobody has."""
    assert set(RIGHTS) == set(RANK) == set(get_args(Role))
    assert {row.role for row in MESSAGES} <= set(RANK)


def test_rights_only_grow_with_the_role() -> None:
    """What a lower role may, a higher one may."""
    order = sorted(RANK, key=lambda role: RANK[role])
    for lower, higher in itertools.pairwise(order):
        assert RIGHTS[lower] <= RIGHTS[higher]


def test_money_is_not_the_moderators_to_see() -> None:
    """Nor do those who only see figures moderate, or hear staff."""
    assert not may("moderator", "see_money")
    assert may("producer", "see_money")
    assert RIGHTS["stats"] == {"see_figures"}
    assert "stats" not in BADGES
    assert not reaches("stats", "moderator")
    assert not reaches("host", "owner")


def test_staff_are_sanctioned_from_above_only() -> None:
    """Equals are not below each other."""
    assert outranks("moderator", "viewer")
    assert outranks("moderator", "stats")
    assert not outranks("moderator", "moderator")
    assert not outranks("producer", "host")
    assert outranks("host", "producer")
    assert not outranks("viewer", "viewer")
    assert not outranks("stats", "viewer")
