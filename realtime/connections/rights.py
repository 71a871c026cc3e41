"""Who may do what in a room: one table, read by the session, the services and the routes.

viewer      watches, talks, buys
stats       a viewer who is not counted as one and sees the show's figures
moderator   keeps the talk in hand; sees money only when the shop allows it
producer    runs the show for the host: all of a moderator's, and the shop's policy
host        everything; owners and administrators are hosts
"""

from typing import Literal

from realtime.shapes import Badge, Role

Right = Literal["moderate", "hear_staff", "talk_freely", "set_policy", "see_figures", "see_money"]

_MODERATOR: frozenset[Right] = frozenset({"moderate", "hear_staff", "talk_freely", "see_figures"})
RIGHTS: dict[Role, frozenset[Right]] = {
    "viewer": frozenset(),
    "stats": frozenset({"see_figures"}),
    "moderator": _MODERATOR,
    "producer": _MODERATOR | {"set_policy", "see_money"},
    "host": _MODERATOR | {"set_policy", "see_money"},
}
RANK: dict[Role, int] = {"viewer": 0, "stats": 1, "moderator": 2, "producer": 3, "host": 4}
BADGES: dict[Role, Badge] = {"moderator": "moderator", "producer": "moderator", "host": "host"}
"""What stands beside the name of who speaks; absent: nothing."""


def may(role: Role, right: Right) -> bool:
    """Whether the role has the right."""
    return right in RIGHTS[role]


def reaches(role: Role, least: str) -> bool:
    """Whether the role is `least` or above; a least role that no room knows is reached by nobody."""
    return least in RANK and RANK[role] >= RANK[least]


def outranks(actor: Role, target: Role) -> bool:
    """Whether `actor` may sanction `target`: viewers (of figures too) by any moderator, staff from above."""
    return RANK[actor] >= RANK["moderator"] and (
        RANK[target] < RANK["moderator"] or RANK[actor] > RANK[target]
    )
